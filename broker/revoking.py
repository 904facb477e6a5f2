"""Lists of revoked certificates: fetched from where the certificates of a proven path say, kept while they count.

They come over plain HTTP (RFC 5280 4.2.1.13) and prove themselves by their issuer's signature: one that does not is as if
none had come, so that whoever sits on the way cannot make a country unusable. What could not be checked is a remark.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from broker.fetch import FetchFailed
from broker.ports import DuplicateRow, Fetch
from broker.vault import Drawer, Vault
from eidas.certificates import Certificate
from metadata.trust.revocation import addresses, proves_itself
from oidc.messages import HttpRequest

LARGEST = 1_048_576
"""Octets of a list: larger ones are read and not kept."""
AGAIN = 3_600
"""Seconds until an address is asked again that gave nothing usable."""
AT_MOST = 86_400
"""Seconds that a list is kept, however long it says that it counts."""
_MOST_ADDRESSES = 4


@dataclass(frozen=True, slots=True)
class Came:
    """What came from an address: a list in DER, b"" for nothing usable."""

    octets: bytes


_CAME: Drawer[Came] = Drawer("crl", Came)


class Revocations:
    """The lists for one instance. `fetch` is a way out over which plain HTTP may pass; `clock` gives Unix seconds."""

    def __init__(self, vault: Vault, fetch: Fetch, clock: Callable[[], int]) -> None:
        self._vault = vault
        self._fetch = fetch
        self._clock = clock

    def lists(self, chain: Sequence[Certificate], private: bool) -> list[bytes]:
        """The lists that the certificates of a proven path name, in DER; `private`: they may lie in a private network."""
        named = list(dict.fromkeys(one for one in addresses(chain) if urlsplit(one).scheme in ("http", "https")))
        return [octets for address in named[:_MOST_ADDRESSES] if (octets := self._list(address, chain, private))]

    def _list(self, address: str, chain: Sequence[Certificate], private: bool) -> bytes:
        # What came is kept for one anchor: a country that names another's address must not say what is known of it there.
        name = hashlib.sha256(chain[-1].der).digest() + address.encode()
        if held := self._vault.find(_CAME, name):
            return held.value.octets
        octets = self._ask(address, private)
        now = self._clock()
        until = proves_itself(octets, chain, now) if octets else None
        if until is None:
            self._keep(name, b"", now + AGAIN)
            return b""
        if len(octets) <= LARGEST:
            self._keep(name, octets, min(until, now + AT_MOST))
        return octets

    def _ask(self, address: str, private: bool) -> bytes:
        request = HttpRequest("GET", address, {"Accept": "application/pkix-crl"}, b"")
        try:
            answer = self._fetch(request, allow_private=private)
        except FetchFailed:
            return b""
        return answer.body if answer.status == 200 else b""

    def _keep(self, name: bytes, octets: bytes, until: int) -> None:
        # Another worker may have kept it just now, which is as well.
        with suppress(DuplicateRow), self._vault.change() as change:
            change.take(_CAME, name)
            change.put(_CAME, name, Came(octets), until)
