"""What no single value shows: rules between keys and between files. Each reports; all of them run."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from broker.assurance import Level
from broker.settings.reader import Document

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
Partner = tuple[Document, dict[str, Any]]


def check_all(main: Document, broker: dict[str, Any], fs: Sequence[Partner], fi: Sequence[Partner], sandbox: bool) -> None:
    """Every rule, in order. Problems are reported on the documents; none is raised."""
    check_public_url(main, broker, sandbox)
    for kind, partners in (("fs", fs), ("fi", fi)):
        check_ids(kind, partners)
        for document, table in partners:
            check_contacts(kind, document, table)
    check_client_ids(fs)
    check_redirects_shared(fs)
    strongest = max((Level.of_acr(acr) for _, table in fi for acr in table["levels"]), default=None)
    for document, table in fs:
        check_service_addresses(document, table, sandbox)
        check_sector(document, table)
        check_openid(document, table)
        check_reachable_level(document, table, strongest)
        check_named_providers(document, table, {other["id"] for _, other in fi})
    for document, table in fi:
        check_provider_addresses(document, table, sandbox)
        check_endpoints_together(document, table)


def is_loopback(url: str) -> bool:
    """RFC 6761 6.3 and RFC 8252 7.3: this very machine, by name or address."""
    host = urlsplit(url).hostname or ""
    return host in _LOOPBACK or host.endswith(".localhost")


def check_public_url(main: Document, broker: dict[str, Any], sandbox: bool) -> None:
    """The issuer is an https origin without a path (OpenID Connect Discovery 3); the sandbox may use loopback."""
    parts = urlsplit(broker["public_url"])
    if not parts.netloc or parts.path.strip("/") or parts.query or parts.fragment:
        main.report(
            "E011",
            "broker",
            "public_url",
            "must be an origin: scheme and host",
            'public_url = "https://connexion.example.fr"',
        )
    elif not _allowed(broker["public_url"], sandbox):
        main.report("E030", "broker", "public_url", "must be https (only the sandbox may use http on localhost)")


def check_ids(kind: str, partners: Sequence[Partner]) -> None:
    """An id is short, in lower case, and of one partner."""
    seen: dict[str, str] = {}
    for document, table in partners:
        name = table["id"]
        if not _ID.fullmatch(name):
            document.report("E011", kind, "id", "must be 1 to 63 of a-z, 0-9 and -")
        if name in seen:
            document.report("E030", kind, "id", f"also the id of {seen[name]}")
        seen[name] = document.shown


def check_contacts(kind: str, document: Document, table: dict[str, Any]) -> None:
    """Somebody can be reached."""
    if not any(entry.get("mail") or entry.get("tel") for entry in table["contacts"]):
        document.report(
            "W031", kind, "contacts", "nobody can be reached", 'contacts = [{ type = "technical", mail = "…" }]'
        )


def check_client_ids(fs: Sequence[Partner]) -> None:
    """A client_id is of one service (RFC 6749 2.2)."""
    seen: dict[str, str] = {}
    for document, table in fs:
        client_id = table["client_id"] or table["id"]
        if client_id in seen:
            document.report("E030", "fs", "client_id", f"also the client_id of {seen[client_id]}")
        seen[client_id] = document.shown


def check_redirects_shared(fs: Sequence[Partner]) -> None:
    """An address is of one service: two services at one address could read each other's answers."""
    seen: dict[str, str] = {}
    for document, table in fs:
        for uri in table["redirect_uris"]:
            if seen.setdefault(uri, document.shown) != document.shown:
                document.report("E030", "fs", "redirect_uris", f"{uri} is also an address of {seen[uri]}")


def check_service_addresses(document: Document, table: dict[str, Any], sandbox: bool) -> None:
    """RFC 6749 3.1.2, RFC 9700 4.1.3: absolute, https, without fragment, user or wildcard."""
    keys = {"redirect_uris": table["redirect_uris"], "post_logout_redirect_uris": table["post_logout_redirect_uris"]}
    if not table["redirect_uris"]:
        document.report("E013", "fs", "redirect_uris", "must have at least one address")
    for key, uris in {**keys, "home": (table["home"],)}.items():
        for uri in uris:
            if reason := _wrong(uri, sandbox):
                document.report("E030", "fs", key, f"{uri} {reason}")


def check_sector(document: Document, table: dict[str, Any]) -> None:
    """OpenID Connect Core 8.1: with several hosts the sector must be said."""
    hosts = {urlsplit(uri).hostname for uri in table["redirect_uris"]}
    if len(hosts) > 1 and not table["sector"]:
        document.report(
            "E030", "fs", "sector", "the addresses have several hosts: say which sector they share", 'sector = "example.fr"'
        )


def check_openid(document: Document, table: dict[str, Any]) -> None:
    """Without openid a service could ask nothing (OpenID Connect Core 3.1.2.1)."""
    if "openid" not in table["scopes"]:
        document.report("E012", "fs", "scopes", "openid is missing: without it the service could ask nothing")


def check_reachable_level(document: Document, table: dict[str, Any], strongest: Level | None) -> None:
    """Somebody can vouch at the level that the service needs."""
    if strongest is not None and Level.of_word(table["min_loa"]) > strongest:
        document.report("E030", "fs", "min_loa", f"no provider reaches it: the strongest is {strongest.word}")


def check_named_providers(document: Document, table: dict[str, Any], known: set[str]) -> None:
    """A provider that is named exists."""
    for key in ("idp_hints", "hidden_providers"):
        for name in table[key]:
            if name not in known:
                document.report("E030", "fs", key, f'there is no provider "{name}"')


def check_provider_addresses(document: Document, table: dict[str, Any], sandbox: bool) -> None:
    """OpenID Connect Discovery 3: issuer and endpoints are https."""
    keys = ("issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")
    for key in keys:
        if table[key] and (reason := _wrong(table[key], sandbox)):
            document.report("E030", "fi", key, f"{table[key]} {reason}")


def check_endpoints_together(document: Document, table: dict[str, Any]) -> None:
    """Endpoints written by hand replace discovery as a whole."""
    keys = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
    written = [key for key in keys if table[key]]
    if written and len(written) < len(keys):
        missing = ", ".join(key for key in keys if key not in written)
        document.report("E013", "fi", written[0], f"endpoints stand here together, or not at all: {missing} missing")


def _wrong(uri: str, sandbox: bool) -> str:
    """Why an address must not be used; "" when it may."""
    parts = urlsplit(uri)
    if not parts.scheme or not (parts.netloc or "." in parts.scheme):
        return "is not an absolute address"
    if parts.fragment or "#" in uri:
        return "has a fragment"
    if parts.username or parts.password:
        return "names a user"
    if "*" in uri:
        return "has a wildcard"
    if not _allowed(uri, sandbox):
        return "is not https (only the sandbox may use http on localhost)"
    return ""


def _allowed(uri: str, sandbox: bool) -> bool:
    """The one rule that lets the sandbox use plain http, and only towards this very machine."""
    scheme = urlsplit(uri).scheme
    if scheme == "http":
        return sandbox and is_loopback(uri)
    return scheme == "https" or "." in scheme  # com.example.app:/back is an app's own scheme (RFC 8252 7.1)
