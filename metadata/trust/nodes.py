"""A node as a document describes it that an anchor of its country vouches for."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, TypeVar

from metadata.errors import MetadataRefused
from metadata.nodes import Connector, Node, ProxyService
from metadata.read import read_connector, read_proxy_service
from metadata.trust import Vouched, vouched
from metadata.trust.links import Anchor, Policy

N = TypeVar("N", bound=Node)
READERS: dict[str, Callable[..., ProxyService | Connector]] = {
    "proxy": read_proxy_service,
    "connector": read_connector,
}
"""How the document of each role is read."""


@dataclass(frozen=True, slots=True)
class VouchedNode(Generic[N]):
    """The node of a document, and who vouches for it. `node.sha256` is the digest of the octets that were handed in.

    `node.valid_until` is that of the document, or when the first certificate behind it ends, if that counts and is sooner.
    """

    node: N
    vouched: Vouched

    @property
    def anchor(self) -> str:
        """The SHA-256 of the anchor's certificate, in hex."""
        return hashlib.sha256(self.vouched.anchor.der).hexdigest()


def vouched_node(
    octets: bytes,
    anchors: Sequence[Anchor],
    policy: Policy,
    read: Callable[[bytes], N],
    now: int,
    crls: Sequence[bytes] = (),
) -> VouchedNode[N]:
    """The node of a document at `now` (Unix seconds), read from the root that was verified. Raises Refused.

    `crls` are lists of revoked certificates in DER.

    What has expired between the signature and the anchor ends the node's own time where `policy` refuses it: so one
    country's dates keep no other from being read.
    """
    found = vouched(octets, anchors, replace(policy, expired="warn"), now, crls)
    node = read(found.octets)
    until = min(node.valid_until, found.until) if policy.expired == "refuse" else node.valid_until
    return VouchedNode(replace(node, valid_until=until, sha256=hashlib.sha256(octets).hexdigest()), found)


def fetched_node(
    octets: bytes,
    role: str,
    anchors: Sequence[Anchor],
    policy: Policy,
    now: int,
    sandbox: bool,
    name: str = "",
    crls: Sequence[bytes] = (),
) -> VouchedNode[ProxyService | Connector]:
    """The node of a document that was fetched: of its country, and named as it must be. Raises Refused.

    `role` is proxy or connector; `name` the entity ID that is expected ("" for any). Whether it has expired is asked at
    each login.
    """
    read = partial(READERS[role], now=0, compatibility=policy.compatibility, sandbox=sandbox)
    found = vouched_node(octets, anchors, policy, read, now, crls)
    check_country(found.node.node_country, policy.country)
    if name:
        check_name(found.node.entity_id, name)
    return found


def check_country(stated: str, country: str) -> None:
    """Message Format 1.4, 4.2: metadata says of which country it is; one country's must not stand for another's."""
    if stated and stated != country:
        raise MetadataRefused(f"the metadata is of {stated}, not of {country}")


def check_name(stated: str, name: str) -> None:
    """Message Format 1.4, 2.1.1: a node is named by the address of its metadata, or as the list says beside that."""
    if stated != name:
        raise MetadataRefused("the entityID is not the name that the node has here")
