"""How a simulated party calls another: every host of the simulated world is a port of this machine.

Python's resolver does not know `*.localhost` (RFC 6761 6.3), so the connection goes to 127.0.0.1 and the name to `Host`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from urllib3 import HTTPConnectionPool
from urllib3.exceptions import HTTPError

SECONDS = 10
AGENT = "Simulated-party "
"""The start of a party's User-Agent; its host name follows. The recorder reads it."""


class CallFailed(Exception):
    """The other party did not answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `kind` is the media type, `challenge` why a resource was not given (WWW-Authenticate), or ""."""

    status: int
    kind: str
    body: bytes
    challenge: str = ""


class Caller:
    """Calls in the name of the party at `host`, in any number of threads."""

    def __init__(self, host: str) -> None:
        self._agent = AGENT + host

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Raises CallFailed."""
        return self._call("GET", url, dict(headers or {}), None)

    def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Reply:
        """A form. Raises CallFailed."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._call("POST", url, {**kind, **(headers or {})}, urlencode(form).encode())

    def _call(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> Reply:
        parts = urlsplit(url)
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        try:
            with HTTPConnectionPool("127.0.0.1", parts.port or 80, timeout=SECONDS) as pool:
                sent = {**headers, "Host": parts.netloc, "User-Agent": self._agent}
                response = pool.request(method, path, body=body, headers=sent, redirect=False, retries=False)
        except HTTPError as failed:
            raise CallFailed(f"no answer from {parts.netloc}") from failed
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
        return Reply(response.status, kind, response.data, response.headers.get("WWW-Authenticate", ""))
