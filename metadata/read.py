"""What others publish, read into what a login needs. The caller trusts the octets: by a pin, or by who signed them.

Fetching is not here; anchors are in `trust`, lists in `mdsl`. Real metadata has much that is unknown or odd: that is left
out, never a failure.
"""

import hashlib
from typing import Any

from eidas.algorithms import STRICT, Compatibility
from metadata import parts
from metadata import read_rules as rules
from metadata.nodes import Connector, ProxyService
from metadata.parts import LIMITS, NORMAL, Found

__all__ = ["LIMITS", "NORMAL", "read_connector", "read_proxy_service"]


def read_proxy_service(
    octets: bytes, *, now: int, compatibility: Compatibility = STRICT, sandbox: bool = False
) -> ProxyService:
    """The Proxy-Service in a document. Raises Refused; MetadataExpired when it counts no longer at `now`."""
    found = parts.find(octets, "proxy")
    common = _common(octets, found, now, compatibility)
    sso = parts.addresses(found, sandbox)
    return ProxyService(
        **common,
        sso=sso,
        levels=parts.levels(found),
        attributes=parts.attributes(found),
        wants_requester_id=parts.wants_requester_id(found),
    )


def read_connector(octets: bytes, *, now: int, compatibility: Compatibility = STRICT, sandbox: bool = False) -> Connector:
    """The Connector in a document. Raises Refused; MetadataExpired when it counts no longer at `now`."""
    found = parts.find(octets, "connector")
    common = _common(octets, found, now, compatibility)
    acs = parts.default_acs(found, sandbox)
    keys = parts.encryption(found, common["signing"], compatibility)
    return Connector(**common, acs=acs, encryption=keys, recipient=parts.recipient(keys), sp_type=parts.sp_type(found))


def _common(octets: bytes, found: Found, now: int, compatibility: Compatibility) -> dict[str, Any]:
    until = parts.valid_until(found)
    rules.check_not_expired(until, now)
    common = {
        "entity_id": found.entity_id,
        "node_country": parts.country(found, compatibility),
        "signing": parts.signing_keys(found, compatibility),
        "name_id_formats": parts.name_id_formats(found),
        "protocol_versions": parts.versions(found),
        "application": parts.application(found),
        "valid_until": until,
        "organisation": parts.organisation(found),
        "contacts": parts.contacts(found),
        "sha256": hashlib.sha256(octets).hexdigest(),
    }
    parts.check_promise(found)
    return common
