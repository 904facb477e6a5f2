"""The certificates that vouch for a country: files in the instance's folder, read when its entry names some."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from broker.settings.partners import compatibility_of
from broker.settings.reader import Refused
from broker.settings.rules import Partner

if TYPE_CHECKING:
    from metadata.nodes import Node
    from metadata.trust import Vouched
    from metadata.trust.links import Anchor

N = TypeVar("N", bound="Node")
_HINT = "it holds the certificates that the country handed over, in PEM"


class Anchors:
    """One country's. Raises broker.settings.reader.Refused, having reported it, when a file cannot be read."""

    def __init__(self, country: Partner, folder: Path, now: int) -> None:
        self._country = country
        self._now = now
        self._anchors = [anchor for name in country.table["anchors"] for anchor in self._read(folder / name, name)]

    def node(self, octets: bytes, key: str, read: Callable[[bytes], N]) -> N:
        """The node of a document that an anchor vouches for. Raises eidas.errors.Refused.

        It counts no longer than the certificates behind it, unless the country's entry says otherwise.
        """
        vouched = self._vouched(octets)
        for warning in vouched.warnings:
            self._country.document.report(
                "W032", f"country.{key}", warning, "ask the country for its new certificate or list"
            )
        node = read(vouched.octets)
        strict = self._country.table["expired_certificates"] == "refuse"
        until = min(node.valid_until, vouched.until) if strict else node.valid_until
        return replace(node, valid_until=until, sha256=hashlib.sha256(octets).hexdigest())

    def _vouched(self, octets: bytes) -> "Vouched":
        from metadata.trust import vouched
        from metadata.trust.links import Policy

        # What has expired ends the node's own time: it must not keep the other countries from starting.
        policy = Policy(self._country.table["code"], compatibility_of(self._country.table), "warn")
        return vouched(octets, self._anchors, policy, self._now)

    def _read(self, path: Path, shown: str) -> "list[Anchor]":
        from certs.importing import read_certificates
        from eidas.errors import CertificateRefused
        from metadata.trust.links import read_anchor

        try:
            return [read_anchor(self._country.table["code"], der) for der in read_certificates(path.read_bytes())]
        except (OSError, ValueError, CertificateRefused) as wrong:
            reason = wrong.strerror if isinstance(wrong, OSError) else str(wrong)
            self._country.document.report("E031", "country.anchors", f"{shown} cannot be used: {reason}", _HINT)
            raise Refused("anchors") from None
