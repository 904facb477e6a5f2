"""Who vouches for a country's metadata: its signature must lead to an anchor of that country.

Interoperability Architecture 1.4, 6: countries hand each other certificates; such an anchor signs metadata itself, or
issues the certificates of those who do. What comes back is the root as it was verified: read that, and not the document, in
whose signature anybody may have put something.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from eidas import signature, xml
from eidas.algorithms import Deviation
from eidas.certificates import Certificate
from eidas.errors import CertificateRefused, Refused, XmlRefused
from eidas.schema import check_schema
from eidas.xml import DS, Element
from metadata.read import LIMITS
from metadata.trust import rules
from metadata.trust.links import Anchor, Link, Path, Policy, paths, read_link
from metadata.trust.revocation import RevokedList, read_revoked, remarks


@dataclass(frozen=True, slots=True)
class Vouched:
    """A document that a country vouches for.

    `octets` are the root as it was verified, without its signature, and `sha256` their digest in hex. `chain` leads from
    the signer to the anchor, both included. `until` is when the first of these certificates ends (Unix seconds);
    `deviations` are those that were needed, `warnings` sentences for the operator.
    """

    octets: bytes
    sha256: str
    chain: tuple[Certificate, ...]
    until: int
    deviations: frozenset[Deviation]
    warnings: tuple[str, ...]

    @property
    def signer(self) -> Certificate:
        """Whose key signed."""
        return self.chain[0]

    @property
    def anchor(self) -> Certificate:
        """On what the trust stands."""
        return self.chain[-1]


@dataclass(frozen=True, slots=True)
class _Trusted:
    """A path that was found to be in order, and what is to be told of it."""

    path: Path
    warnings: tuple[str, ...]

    @property
    def until(self) -> int:
        return min(link.until for link in self.path)


@dataclass(frozen=True, slots=True)
class _Court:
    """By what a path is judged."""

    anchors: Sequence[Link]
    policy: Policy
    lists: Sequence[RevokedList]
    now: int


def vouched(octets: bytes, anchors: Sequence[Anchor], policy: Policy, now: int, crls: Sequence[bytes] = ()) -> Vouched:
    """A metadata document that one of its country's anchors vouches for at `now` (Unix seconds).

    `crls` are lists of revoked certificates in DER. Raises Refused; CertificateExpired where only a date is wrong.
    """
    root = xml.parse(octets, LIMITS)
    check_schema(root)
    rules.check_root(root)
    return proven(root, anchors, policy, now, crls)


def proven(root: Element, anchors: Sequence[Anchor], policy: Policy, now: int, crls: Sequence[bytes] = ()) -> Vouched:
    """A document of any kind whose root is signed, as `vouched` does it. Raises Refused."""
    rules.check_only_signature(root)
    own = [anchor.link for anchor in anchors if anchor.country == policy.country]
    rules.check_some_anchor(own, policy.country)
    court = _Court(own, policy, [read_revoked(der) for der in crls], now)
    trusted = _trusted(beside(root), court)
    by_signer = {one.path[0].certificate: one for one in trusted}
    verified = signature.verify(root, list(by_signer), policy.compatibility)
    found = by_signer[verified.certificate]
    alone = xml.write(verified.element)
    return Vouched(
        octets=alone,
        sha256=hashlib.sha256(alone).hexdigest(),
        chain=tuple(link.certificate for link in found.path),
        until=found.until,
        deviations=verified.deviations | _deviations(found.path),
        warnings=found.warnings,
    )


def beside(root: Element) -> list[Link]:
    """The certificates beside the signature that can be read. They are hints: an anchor alone gives them weight.

    Raises MetadataRefused for too many.
    """
    found = [
        one for info in root.iterfind(f"{{{DS}}}Signature/{{{DS}}}KeyInfo") for one in info.iter(f"{{{DS}}}X509Certificate")
    ]
    rules.check_few_certificates(found)
    links = []
    for element in found:
        try:
            links.append(read_link(xml.octets(element)))
        except (CertificateRefused, XmlRefused):
            continue  # the path may do without it
    return list(dict.fromkeys(links))


def _trusted(bundle: Sequence[Link], court: _Court) -> list[_Trusted]:
    """Those who may have signed, each with its best path. Raises what was wrong with the first when nobody may."""
    found, wrong = [], []
    for leaf in _ends(bundle) or court.anchors:
        try:
            found.append(_best(leaf, bundle, court))
        except Refused as refused:
            wrong.append(refused)
    if not found:
        raise wrong[0]
    return found


def _ends(bundle: Sequence[Link]) -> Sequence[Link]:
    """Those that issued no other certificate of the bundle; all of them where each issued one."""
    return [one for one in bundle if not any(other != one and other.names(one) for other in bundle)] or bundle


def _best(leaf: Link, bundle: Sequence[Link], court: _Court) -> _Trusted:
    """The path of a certificate that counts longest. Raises what was wrong with the first when none is in order."""
    ways = list(paths(leaf, bundle, court.anchors))
    rules.check_some_path(ways, court.policy.country)
    good, wrong = [], []
    for path in ways:
        try:
            good.append(_judged(path, court))
        except Refused as refused:
            wrong.append(refused)
    if not good:
        raise wrong[0]
    return max(good, key=lambda one: one.until)


def _judged(path: Path, court: _Court) -> _Trusted:
    """A path that keeps every rule. Raises MetadataRefused."""
    compatibility = court.policy.compatibility
    rules.check_signer_usage(path[0])
    rules.check_purpose(path)
    for below, issuer in pairwise(path):
        rules.check_authority(issuer)
        rules.check_issuer_usage(issuer)
        rules.check_hash_known(below)
        rules.check_signature_strong(below, compatibility)
        rules.check_issued(below, issuer)
    rules.check_path_length(path)
    for link in path:
        rules.check_key_strong(link, compatibility)
        rules.check_extensions(link)
        rules.check_begun(link, court.now)
        rules.check_not_over(link, court.policy, court.now)
    over = (f"the certificate {link.name} has expired" for link in path if link.until < court.now)
    return _Trusted(path, (*over, *remarks(path, court.lists, court.now)))


def _deviations(path: Path) -> frozenset[Deviation]:
    signatures = (rules.signature_deviations(link) for link in path[:-1])
    return frozenset().union(*signatures, *(link.certificate.deviations for link in path))
