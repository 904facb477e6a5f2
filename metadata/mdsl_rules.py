"""What a list of metadata, and each entry of it, must be to be used, one rule a function."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from eidas.xml import SERVICE_LIST, Element
from metadata.errors import MetadataRefused

WHOLE, BARE = f"{{{SERVICE_LIST}}}MetadataServiceList", f"{{{SERVICE_LIST}}}MetadataList"
_AHEAD = 300


def check_list_root(root: Element) -> None:
    """Message Format 1.4, appendix A: a whole list, or one country's part of one, as some are published."""
    if root.tag not in (WHOLE, BARE):
        raise MetadataRefused("the document is no list of metadata")


def check_dated(root: Element) -> None:
    """Message Format 1.4, appendix A: a list says when it was issued."""
    if "IssueDate" not in root.attrib:
        raise MetadataRefused("the list does not say when it was issued")


def check_issued(issued: int, now: int) -> None:
    """A list of the future was not made by a right clock; five minutes are given."""
    if issued > now + _AHEAD:
        raise MetadataRefused("the list is of the future")


def check_territory(territory: str) -> None:
    """Message Format 1.4, appendix A: each part is of one country, by two letters."""
    if not re.fullmatch("[A-Z]{2}", territory):
        raise MetadataRefused("the territory is not two letters")


def check_address(address: str) -> None:
    """Interoperability Architecture 1.4, 6.4: metadata is published by https."""
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme != "https" or not parts.hostname:
        raise MetadataRefused("the address is not https")


def check_kind(kind: str, known: Collection[str]) -> None:
    """Message Format 1.4, appendix A: an endpoint is a Connector or a Proxy-Service."""
    if kind not in known:
        raise MetadataRefused("an endpoint is neither a Connector nor a Proxy-Service")


def check_entity_id(entity_id: str) -> None:
    """Message Format 1.4, appendix A: an endpoint is known by its entity ID."""
    if not entity_id:
        raise MetadataRefused("an endpoint has no entity ID")
