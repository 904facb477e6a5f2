"""HTTP/1.1 as octets: a request that is written, and an answer that is read piece by piece.

llhttp reads the answer, the parser of Node.js, as strictly as it can; what it takes for one is bounded here.
"""

import re
from collections.abc import Mapping

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from broker.fetch.failure import FetchFailed
from oidc.messages import HttpRequest, HttpResponse

_LARGEST_HEAD = 65_536
_MOST_HEADERS = 100
_OURS = {"User-Agent": "Passerelle", "Accept-Encoding": "identity"}
_LINE = re.compile(r"[A-Z]+ [!-~]+ HTTP/1\.1")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t -~\x80-\xff]*")


def written(request: HttpRequest, host: str, authority: str, target: str) -> bytes:
    """A request for `target`, a path with its query, of `authority`, a host with its port.

    Raises FetchFailed, and ValueError for a host that is none.
    """
    named = authority if authority.isascii() else authority.encode("idna").decode()
    headers = {"Host": named, **request.headers, **_OURS}
    if request.method != "GET":
        headers["Content-Length"] = str(len(request.body))
    lines = [f"{request.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    check_lines(lines, host)
    return "\r\n".join((*lines, "", "")).encode("latin-1") + request.body


class Answer:
    """What comes back, until it is `whole`; `host` is named in failures, and its content has `largest` octets at most."""

    def __init__(self, host: str, largest: int) -> None:
        self.whole = False
        self.lasting = False
        """Whether the connection can carry another request."""
        self._host = host
        self._largest = largest
        self._parser = HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._lines = 0
        self._head = True
        self._body: list[bytes] = []
        self._heard = 0
        self._size = 0

    def hear(self, piece: bytes) -> None:
        """Take the next octets; none at all are the end of the connection. Raises FetchFailed, ConnectionResetError."""
        if not piece:
            self._end()
            return
        self._heard += len(piece)
        try:
            self._parser.feed_data(piece)
        except (HttpParserError, HttpParserUpgrade) as none:
            raise FetchFailed("protocol", self._host) from none
        most = _LARGEST_HEAD if self._head else _LARGEST_HEAD + self._largest
        check_frame(self._heard - self._size, most, self._lines, self._host)
        if not self._head:
            check_plain(self._headers, self._host)
            check_size(self._size, self._largest, self._host)

    def read(self) -> HttpResponse:
        """The answer, once it is whole; can be read once."""
        status = self._parser.get_status_code()
        del self._parser  # it refers to this object: neither would go before garbage is looked for
        return HttpResponse(status, self._headers, b"".join(self._body))

    def _end(self) -> None:
        if not self._heard:
            raise ConnectionResetError("the connection ended before it was answered")
        check_may_end(self._head, self._headers, self._host)
        self.whole = True

    # -- what the parser calls ----------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """An answer begins: a second one, which nobody asked for, ends the reading."""
        if self.whole:
            raise ValueError("an answer that nobody asked for")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; those of one name are one list (RFC 9110 5.3). Trailers are dropped (6.5.1)."""
        self._lines += 1
        if not self._head:
            return
        key, text = name.decode("latin-1").lower(), value.decode("latin-1").strip(" \t")
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        """The head is over."""
        self._head = False

    def on_body(self, piece: bytes) -> None:
        """Some of the content."""
        self._size += len(piece)
        self._body.append(piece)

    def on_message_complete(self) -> None:
        """That was all; but an interim answer (RFC 9110 15.2) is followed by the one that counts."""
        if self._parser.get_status_code() < 200:
            self._head, self._headers = True, {}
            return
        self.whole = True
        self.lasting = self._parser.should_keep_alive()


def check_lines(lines: list[str], host: str) -> None:
    """RFC 9112 2.2, 3: what we write is one request, with the headers that were meant, whatever a value or address has."""
    if not _LINE.fullmatch(lines[0]) or not all(_HEADER.fullmatch(line) for line in lines[1:]):
        raise FetchFailed("protocol", host)


def check_frame(size: int, largest: int, lines: int, host: str) -> None:
    """What is no content has an end as well: interim answers, the head, the sizes of pieces, trailers."""
    if size > largest or lines > _MOST_HEADERS:
        raise FetchFailed("protocol", host)


def check_plain(headers: Mapping[str, str], host: str) -> None:
    """We ask for no compression: an answer that is compressed all the same, as a whole or on its way, could be a bomb."""
    coded = headers.get("content-encoding", "identity"), headers.get("transfer-encoding", "chunked")
    if coded[0].lower() != "identity" or coded[1].lower() != "chunked":
        raise FetchFailed("protocol", host)


def check_size(size: int, largest: int, host: str) -> None:
    """No message of a login has a quarter of a megabyte; lists of metadata may be larger."""
    if size > largest:
        raise FetchFailed("too-large", host)


def check_may_end(in_head: bool, headers: Mapping[str, str], host: str) -> None:
    """RFC 9112 6.3: only an answer that does not say how long it is ends with its connection."""
    if in_head or not headers.keys().isdisjoint(("content-length", "transfer-encoding")):
        raise FetchFailed("protocol", host)
