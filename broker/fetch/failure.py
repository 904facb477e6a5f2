"""What a caller learns when a fetch fails."""


class FetchFailed(Exception):
    """Nothing usable came back. `kind` is timeout, refused, dns, tls, too-large, private-address, scheme or protocol.

    `detail` is what our own TLS library says of the peer's certificate or handshake, "" where nothing was said.
    """

    def __init__(self, kind: str, host: str, detail: str = "") -> None:
        super().__init__(f"{kind} at {host}")  # nothing else of the address: a query may hold a secret
        self.kind = kind
        self.host = host
        self.detail = detail
