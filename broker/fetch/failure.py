"""What a caller learns when a fetch fails."""


class FetchFailed(Exception):
    """Nothing usable came back. `kind` is timeout, refused, dns, tls, too-large, private-address, scheme or protocol."""

    def __init__(self, kind: str, host: str) -> None:
        super().__init__(f"{kind} at {host}")  # nothing else of the address: a query may hold a secret
        self.kind = kind
        self.host = host
