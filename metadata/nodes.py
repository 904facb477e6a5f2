"""A country's node as its metadata describes it: what a login needs to know, read once."""

from collections.abc import Mapping
from dataclasses import dataclass

from eidas.certificates import Certificate
from eidas.messages import SpType


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to write to. `kind` is technical, support or another of SAML's; what is not stated is ""."""

    kind: str
    mail: str = ""
    tel: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """What both roles say. `valid_until` is Unix seconds, `sha256` the digest of the octets that were read.

    `node_country` is as eIDAS writes it ("EL"), "" where it is not stated. `protocol_versions` are empty where none is.
    """

    entity_id: str
    node_country: str
    signing: tuple[Certificate, ...]
    name_id_formats: tuple[str, ...]
    protocol_versions: tuple[str, ...]
    application: str
    valid_until: int
    organisation: str
    contacts: tuple[Contact, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class ProxyService(Node):
    """The role that identifies a country's citizens: addresses by binding (URI), levels and attributes by URI."""

    sso: Mapping[str, str]
    levels: frozenset[str]
    attributes: frozenset[str]
    wants_requester_id: bool


@dataclass(frozen=True, slots=True)
class Connector(Node):
    """The role that asks: where answers go, and its keys for encryption with the methods that it offers for each.

    `recipient` is the first of them that we can use, and how the content is encrypted for it (a URI). `sp_type` is None
    where requests say it.
    """

    acs: str
    encryption: tuple[tuple[Certificate, frozenset[str]], ...]
    recipient: tuple[Certificate, str]
    sp_type: SpType | None
