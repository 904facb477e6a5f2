"""From the checked table of a partner file to the partner. Nothing can go wrong here any more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from broker.assurance import Level
from broker.claims import ORDER
from broker.parties import (
    Contact,
    Country,
    DataGrant,
    DataProvider,
    DataScope,
    HeldSecret,
    Provider,
    Service,
    ServiceKeys,
    Text,
)
from broker.settings.rules import ENCRYPTION, ENDPOINTS, OFFERED_ENDPOINTS, OWN_SECTOR, host_of, seconds_of
from oidc.discovery import ProviderMetadata

if TYPE_CHECKING:
    from eidas.algorithms import Compatibility
    from metadata.nodes import Node
    from metadata.trust.links import Anchor, Policy

_BOTH = frozenset(("client_secret_basic", "client_secret_post"))


def service_of(table: Mapping[str, Any], held: tuple[HeldSecret, ...], key_set: bytes) -> Service:
    """The service of a file, with the secrets that it may use and what its `jwks_file` holds (b"" for none)."""
    return Service(
        id=table["id"],
        name=Text(**table["name"]),
        client_id=table["client_id"] or table["id"],
        public=table["public"],
        redirect_uris=table["redirect_uris"],
        post_logout_redirect_uris=table["post_logout_redirect_uris"],
        home=table["home"],
        sector=table["sector"] or host_of(table["redirect_uris"][0]),
        scopes=frozenset(table["scopes"]),
        minimum=Level.of_word(table["min_loa"]),
        maximum=Level.of_word(table["max_loa"]),
        authentication=_authentication(table),
        secrets=held,
        keys=_keys(table, key_set),
        only_pushed=table["require_pushed_authorization_requests"],
        only_signed=table["require_signed_request_object"],
        algorithm=table["signed_response_alg"],
        encrypt="" if table["encrypt"] == "none" else table["encrypt"],
        sub_generation=table["sub_generation"],
        require=table["require"],
        idp_hints=frozenset(table["idp_hints"]),
        only_providers=frozenset(table["providers"]),
        hidden_providers=frozenset(table["hidden_providers"]),
        europe=table["europe"],
        tell_at=table["backchannel_logout_uri"],
        private_addresses=table["private_addresses"],
        contacts=contacts_of(table),
        purpose=table["purpose"],
        data={one["scope"]: DataGrant(one["scope"], one["legal_basis"], one["required"]) for one in table["data"]},
    )


def data_provider_of(table: Mapping[str, Any], held: tuple[HeldSecret, ...], key_set: bytes) -> DataProvider:
    """The data provider of a file, with the secrets that it may use and what its `jwks_file` holds (b"" for none)."""
    encryption = table[ENCRYPTION["fd"]]
    return DataProvider(
        id=table["id"],
        name=Text(**table["name"]),
        client_id=table["client_id"] or table["id"],
        resource=table["resource"],
        scopes=tuple(DataScope(one["name"], Text(**one["label"]), one["legal_basis"]) for one in table["scope"]),
        authentication=_authentication(table),
        secrets=held,
        keys=_keys(table, key_set),
        identity=tuple(claim for claim in ORDER if claim in table["identity"]),
        lifetime=seconds_of(table["lifetime"]),
        sector=f"{OWN_SECTOR}{table['sector'] or table['id']}",
        sub_generation=table["sub_generation"],
        algorithm=table["signed_response_alg"],
        encrypt="" if encryption == "none" else encryption,
        checks=table["checks_per_minute"],
        active=table["active"],
        contacts=contacts_of(table),
    )


def _authentication(table: Mapping[str, Any]) -> frozenset[str]:
    return _BOTH if table["auth"] == "client_secret" else frozenset((table["auth"],))


def _keys(table: Mapping[str, Any], key_set: bytes) -> ServiceKeys | None:
    if not (table["jwks_uri"] or key_set):
        return None
    return ServiceKeys(frozenset(table["algorithms"]), table["jwks_uri"], key_set, table["private_addresses"])


def provider_of(table: Mapping[str, Any], secret: str) -> Provider:
    """The provider of a file, with our secret there."""
    return Provider(
        id=table["id"],
        name=Text(**table["name"]),
        issuer=table["issuer"],
        client_id=table["client_id"],
        client_secret=secret,
        authentication=table["auth"],
        levels=frozenset(Level.of_acr(acr) for acr in table["levels"]),
        algorithms=frozenset(table["algorithms"]),
        static=_static(table),
        assertion_audience=table["assertion_audience"],
        assertion_algorithm=table["assertion_alg"],
        encrypted=frozenset(table["encrypted"]),
        key_algorithms=frozenset(table["encryption_algs"]),
        content_algorithms=frozenset(table["encryption_encs"]),
        userinfo_signed=table["userinfo_signed"],
        audiences=frozenset(table["audiences"]),
        pushed=table["par"],
        logout=table["logout"],
        order=table["display"]["order"],
        visible=table["display"]["visible"],
        active=table["active"],
        private_addresses=table["private_addresses"],
        contacts=contacts_of(table),
    )


@dataclass(frozen=True, slots=True)
class Pinned:
    """A node that a file describes, its octets, and the anchor (SHA-256 in hex) that vouches for them, "" for none."""

    node: "Node"
    octets: bytes
    anchor: str


def country_of(
    table: Mapping[str, Any], pinned: Mapping[str, Pinned], sources: Mapping[str, str], anchors: "tuple[Anchor, ...]"
) -> Country:
    """The country of a file, with what its pinned metadata says by role, and where the rest is fetched."""
    nodes: dict[str, Any] = {"proxy": None} | {role: one.node for role, one in pinned.items()}
    return Country(
        code=table["code"],
        **nodes,
        compatibility=compatibility_of(table),
        sub_generation=table["sub_generation"],
        redirects=table["binding"] == "redirect",
        not_notified=table["not_notified"],
        active=table["active"],
        sources=sources,
        anchors=anchors,
        policy=policy_of(table),
        updates=table["updates"],
        private_addresses=table["private_addresses"],
        documents={role: one.octets for role, one in pinned.items()},
        stands_on={role: one.anchor for role, one in pinned.items() if one.anchor},
    )


def compatibility_of(table: Mapping[str, Any]) -> "Compatibility":
    """The deviations that a country's file names."""
    from eidas.algorithms import Compatibility, Deviation

    return Compatibility(frozenset(Deviation(name) for name in table["compat"]))


def policy_of(table: Mapping[str, Any]) -> "Policy":
    """How a country's certificates and metadata are judged."""
    from metadata.trust.links import Policy

    return Policy(table["code"], compatibility_of(table), table["expired_certificates"])


def _static(table: Mapping[str, Any]) -> ProviderMetadata | None:
    if not table["authorization_endpoint"]:
        return None
    endpoints = {name: table[name] for name in ENDPOINTS}
    offered: dict[str, Any] = {name: table[name] or None for name in OFFERED_ENDPOINTS}
    return ProviderMetadata(table["issuer"], **endpoints, **offered)


def contacts_of(table: Mapping[str, Any]) -> tuple[Contact, ...]:
    """Whom to write to."""
    return tuple(Contact(entry["type"], entry["mail"], entry["tel"]) for entry in table["contacts"])
