"""The certificates that vouch for others' metadata: files in the instance's folder, read when an entry names some."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from broker.settings.partners import policy_of
from broker.settings.reader import Document, Refused
from broker.settings.rules import Partner

if TYPE_CHECKING:
    from metadata.nodes import Node
    from metadata.trust.links import Anchor

N = TypeVar("N", bound="Node")
_HINT = "it holds the certificates that were handed over, in PEM"


class Anchors:
    """One country's, `all` of them. Raises broker.settings.reader.Refused, having reported it, when a file is no use."""

    def __init__(self, country: Partner, folder: Path, now: int) -> None:
        self._country = country
        self._now = now
        self.all = read_anchors(
            country.document, "country.anchors", country.table["anchors"], country.table["code"], folder
        )

    def node(self, octets: bytes, key: str, read: Callable[[bytes], N]) -> tuple[N, str]:
        """The node of a document that an anchor vouches for, and that anchor's SHA-256. Raises eidas.errors.Refused.

        It counts no longer than the certificates behind it, unless the country's entry says otherwise.
        """
        from metadata.trust.nodes import vouched_node

        found = vouched_node(octets, self.all, policy_of(self._country.table), read, self._now)
        for warning in found.vouched.warnings:
            hint = "ask the country for its new certificate or list"
            self._country.document.report("W032", f"country.{key}", warning, hint)
        return found.node, found.anchor


def read_anchors(document: Document, key: str, names: Sequence[str], country: str, folder: Path) -> "tuple[Anchor, ...]":
    """The certificates of files, as anchors of a country. Raises Refused, having reported under `key` which is no use."""
    return tuple(anchor for name in names for anchor in _read(document, key, name, country, folder))


def _read(document: Document, key: str, name: str, country: str, folder: Path) -> "list[Anchor]":
    from certs.importing import read_certificates
    from eidas.errors import CertificateRefused
    from metadata.trust.links import read_anchor

    try:
        return [read_anchor(country, der) for der in read_certificates((folder / name).read_bytes())]
    except (OSError, ValueError, CertificateRefused) as wrong:
        reason = wrong.strerror if isinstance(wrong, OSError) else str(wrong)
        document.report("E031", key, f"{name} cannot be used: {reason}", _HINT)
        raise Refused("anchors") from None
