"""From the checked table of a partner file to the partner."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from broker.assurance import Level
from broker.parties import Contact, Provider, Service, Text
from broker.settings import secrets
from broker.settings.reader import Document
from oidc.discovery import ProviderMetadata

_BOTH = frozenset(("client_secret_basic", "client_secret_post"))
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


def service_of(document: Document, table: dict[str, Any], secrets_folder: Path, keys: dict[str, Any]) -> Service | None:
    """The service of a file; None when its secret cannot be read, which is reported."""
    held: tuple[Any, ...] = ()
    if table["auth"] != "none":
        try:
            held = secrets.held_secrets(secrets_folder / f"fs-{table['id']}")
        except secrets.SecretRefused as refused:
            hint = f"passerelle fs rotate-secret {table['id']}" if "cannot be read" in refused.reason else refused.hint
            document.report("E021", "fs", "auth", refused.reason, hint)
            return None
    if table["sub_generation"] not in keys.get("sub_keys", {}):
        document.report("E022", "fs", "sub_generation", "there is no such generation", "the generations are secrets/sub-N")
        return None
    return Service(
        id=table["id"],
        name=Text(**table["name"]),
        client_id=table["client_id"] or table["id"],
        public=table["public"],
        redirect_uris=table["redirect_uris"],
        post_logout_redirect_uris=table["post_logout_redirect_uris"],
        home=table["home"],
        sector=table["sector"] or urlsplit(table["redirect_uris"][0]).hostname or "",
        scopes=frozenset(table["scopes"]),
        minimum=Level.of_word(table["min_loa"]),
        authentication=_BOTH if table["auth"] == "client_secret" else frozenset((table["auth"],)),
        secrets=held,
        algorithm=table["signed_response_alg"],
        sub_generation=table["sub_generation"],
        require=table["require"],
        idp_hints=frozenset(table["idp_hints"]),
        hidden_providers=frozenset(table["hidden_providers"]),
        contacts=_contacts(table),
        purpose=table["purpose"],
    )


def provider_of(document: Document, table: dict[str, Any], folder: Path) -> Provider | None:
    """The provider of a file; None when our secret there cannot be read, which is reported."""
    try:
        secret = secrets.read_secret(folder / table["client_secret_file"]).decode()
    except secrets.SecretRefused as refused:
        document.report("E021", "fi", "client_secret_file", refused.reason, refused.hint)
        return None
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
        logout=table["logout"],
        order=table["order"],
        visible=table["visible"],
        active=table["active"],
        private_addresses=table["private_addresses"],
        contacts=_contacts(table),
    )


def _static(table: dict[str, Any]) -> ProviderMetadata | None:
    if not table["authorization_endpoint"]:
        return None
    endpoints = {name: table[name] for name in _ENDPOINTS}
    return ProviderMetadata(table["issuer"], **endpoints, end_session_endpoint=table["end_session_endpoint"] or None)


def _contacts(table: dict[str, Any]) -> tuple[Contact, ...]:
    return tuple(Contact(entry.get("type", ""), entry.get("mail", ""), entry.get("tel", "")) for entry in table["contacts"])
