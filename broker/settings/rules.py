"""What no single value shows: rules between keys and between files. Each reports on the documents; all of them run."""

import hashlib
import re
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from broker.assurance import Level
from broker.claims import NEVER_FROM_ABROAD
from broker.countries import COUNTRIES
from broker.settings.reader import Accepted, Document, Refused

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ADDRESS = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")  # RFC 3986 2; urlsplit would drop line breaks unsaid
COUNTERPARTS = {"connector": "proxy", "proxy": "connector"}
"""Whom each role of a node meets in other countries."""
LISTED = "list"
"""What an entry says of metadata whose address a list gives."""
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
OFFERED_ENDPOINTS = ("end_session_endpoint", "pushed_authorization_request_endpoint")


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner's file: the document, and what is in order of its one table."""

    document: Document
    table: Accepted

    @property
    def id(self) -> str:
        """What it is called in commands. Raises Refused when that is wrong."""
        name: str = self.table["code" if "code" in self.table else "id"]
        return name


@dataclass(frozen=True, slots=True)
class Instance:
    """What the rules look at. `complete` is False when a provider's file could not be read: then nobody knows them all."""

    main: Document
    services: Sequence[Partner]
    providers: Sequence[Partner]
    countries: Sequence[Partner]
    complete: bool
    sandbox: bool


def examine(folder: Path, instance: Instance) -> None:
    """Every rule, in order. Problems are reported on the documents; none is raised."""
    if instance.main.values:
        _apply(check_public_url, instance.main, instance.sandbox)
        _apply(check_database_password, instance.main)
        _apply(check_theme, instance.main, folder)
        _apply(check_roles, instance.main, instance.countries)
        _apply(check_node_described, instance.main)
        _apply(check_lists, instance.main, instance.sandbox)
        _apply(check_console_whole, instance.main)
        _apply(check_console_issuer, instance.main, instance.sandbox)
        _apply(check_announced_days, instance.main)
        _apply(check_offline_certificate, instance.main, folder)
    for kind, partners in (("fs", instance.services), ("fi", instance.providers)):
        check_ids(kind, partners)
        for partner in partners:
            _apply(check_contacts, kind, partner)
    check_client_ids(instance.services)
    check_redirects_shared(instance.services)
    for service in instance.services:
        check_service_addresses(service, instance.sandbox)
        _apply(check_keys_named, service)
        _apply(check_encryption_key_named, service)
        _apply(check_keys_address, service, instance.sandbox)
        _apply(check_sector, service)
        _apply(check_openid, service)
        _apply(check_possible_abroad, service)
        if instance.complete:
            _apply(check_reachable_level, service, instance.providers)
            _apply(check_named_providers, service, instance.providers)
    for provider in instance.providers:
        check_provider_addresses(provider, instance.sandbox)
        _apply(check_endpoints_together, provider)
        _apply(check_secret_named, provider)
    check_ids("country", instance.countries)
    for country in instance.countries:
        _apply(check_country_known, country)
        _apply(check_some_role, country)
        _apply(check_pins_there, country)
        _apply(check_fetched, instance.main, country, instance.sandbox)


def _apply(rule: Callable[..., None], *given: object) -> None:
    """A rule that needs a refused value has nothing to add."""
    with suppress(Refused):
        rule(*given)


# -- the instance -----------------------------------------------------------------------------------------------------


def check_public_url(main: Document, sandbox: bool) -> None:
    """The issuer is an https origin without a path (OpenID Connect Discovery 3); the sandbox may use loopback."""
    url = main.values["broker"]["public_url"]
    parts = _parts(url)
    if reason := _wrong(url, sandbox):
        main.report("E030", "broker.public_url", f"{url} {reason}", 'public_url = "https://connexion.example.fr"')
    elif parts and (parts.path.strip("/") or parts.query):
        main.report("E030", "broker.public_url", "must be scheme and host alone", f"{parts.scheme}://{parts.netloc}")


def check_database_password(main: Document) -> None:
    """A password does not stand in a file under version control."""
    stated = main.stated("broker.database")  # what the environment says in its place may hold one
    parts = _parts(stated) if isinstance(stated, str) else None
    if parts and parts.password:
        hint = "leave it out: peer authentication, a password file (PGPASSFILE), or PASSERELLE_DATABASE_URL"
        main.report("E020", "broker.database", "password written in clear", hint)


def check_theme(main: Document, folder: Path) -> None:
    """A theme that is named is there."""
    theme = main.values["broker"]["theme"]
    if theme and ("\0" in theme or not (folder / theme).is_dir()):
        main.report("E030", "broker.theme", f"there is no folder {theme}", "its place is in the instance's folder")


def check_roles(main: Document, countries: Sequence[Partner]) -> None:
    """Countries are met in a role of ours: their Proxy-Service by our Connector, their Connector by our Proxy-Service."""
    for role, counterpart in COUNTERPARTS.items():
        needed = any(country.table.get(f"{counterpart}_metadata") for country in countries)
        if needed and role not in main.values["eidas"]["roles"]:
            sentence = f"there are countries with a {counterpart}_metadata, but this node is no {role}"
            main.report("E030", "eidas.roles", sentence, f'roles = ["{role}"]')


def check_node_described(main: Document) -> None:
    """Message Format 1.4, 2.1: a node's metadata says who it is."""
    eidas = main.values["eidas"]
    if eidas["roles"] and not (eidas["organisation"]["name"] and eidas["organisation"]["url"] and eidas["contacts"]):
        hint = 'organisation = { name = "…", url = "https://…" } and contacts = [{ type = "technical", mail = "…" }]'
        main.report("E013", "eidas.organisation", "our metadata must say who runs this node, and whom to write to", hint)


def check_console_whole(main: Document) -> None:
    """A provider of the console is known whole or not at all: half of one would let nobody in, or not say why."""
    console = main.values["console"]
    needed = ("issuer", "client_id", "client_secret_file", "claim", "name_claim")
    missing = [name for name in needed if not console[name]]
    if not (console["operators"] or console["auditors"]):
        missing.append("operators")
    begun = any(console[name] for name in ("issuer", "client_id", "client_secret_file", "operators", "auditors"))
    if begun and missing:
        hint = "leave out the whole table: people come by one-time links then"
        main.report("E013", f"console.{missing[0]}", f"missing: {', '.join(missing)}", hint)


def check_console_issuer(main: Document, sandbox: bool) -> None:
    """OpenID Connect Discovery 3: the issuer is https."""
    issuer = main.values["console"]["issuer"]
    if issuer and (reason := _wrong(issuer, sandbox)):
        main.report("E030", "console.issuer", f"{issuer} {reason}", 'issuer = "https://sso.example.fr"')


def check_announced_days(main: Document) -> None:
    """Announcements are of days that exist, and each is of its own: what says the same on the same days stands once."""
    seen: set[tuple[str, str, str]] = set()
    for one in main.values["eidas"]["announcements"]:
        for key in ("announced", "date"):
            if not _exists(one[key]):
                main.report("E011", "eidas.announcements", f"there is no day {one[key]}", f'{key} = "2026-12-07"')
        name = (one["announced"], one["date"], one["title"]["en"])
        if name in seen:
            main.report("E030", "eidas.announcements", f'"{name[2]}" stands twice', "remove one of them")
        seen.add(name)


def check_offline_certificate(main: Document, folder: Path) -> None:
    """A key that is elsewhere is known here by its certificate: nothing else could say whose document is published."""
    from certs.importing import ImportRefused, read_certificates

    eidas = main.values["eidas"]
    if eidas["metadata_key"] != "offline":
        return
    hint = 'metadata_certificate = "certs/metadata.pem", with the certificate of the offline key in PEM'
    try:
        read_certificates((folder / eidas["metadata_certificate"]).read_bytes())
    except (OSError, ValueError, ImportRefused) as wrong:
        reason = wrong.strerror if isinstance(wrong, OSError) else str(wrong)
        main.report("E031", "eidas.metadata_certificate", f"the certificate cannot be read: {reason}", hint)


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


# -- all partners -----------------------------------------------------------------------------------------------------


def check_ids(kind: str, partners: Sequence[Partner]) -> None:
    """An id is of one partner."""
    seen: dict[str, str] = {}
    for partner in partners:
        key = "code" if kind == "country" else "id"
        other = seen.setdefault(partner.table.get(key, partner.document.shown), partner.document.shown)
        if other != partner.document.shown:
            partner.document.report("E030", f"{kind}.{key}", f"also the {key} of {other}")


def check_contacts(kind: str, partner: Partner) -> None:
    """Somebody can be reached."""
    if not any(entry["mail"] or entry["tel"] for entry in partner.table["contacts"]):
        use = "technical" if kind == "fs" else "support"
        hint = f'contacts = [{{ type = "{use}", mail = "…" }}]'
        partner.document.report("W031", f"{kind}.contacts", "nobody can be reached", hint)


# -- services ---------------------------------------------------------------------------------------------------------


def check_client_ids(services: Sequence[Partner]) -> None:
    """A client_id is of one service (RFC 6749 2.2)."""
    seen: dict[str, str] = {}
    for service in services:
        client_id = service.table.get("client_id") or service.table.get("id", service.document.shown)
        other = seen.setdefault(client_id, service.document.shown)
        if other != service.document.shown:
            service.document.report("E030", "fs.client_id", f"also the client_id of {other}")


def check_redirects_shared(services: Sequence[Partner]) -> None:
    """An address is of one service: two services at one address could read each other's answers."""
    seen: dict[str, str] = {}
    for service in services:
        for uri in service.table.get("redirect_uris", ()):
            other = seen.setdefault(uri, service.document.shown)
            if other != service.document.shown:
                service.document.report("E030", "fs.redirect_uris", f"{uri} is also an address of {other}")


def check_service_addresses(service: Partner, sandbox: bool) -> None:
    """RFC 6749 3.1.2, RFC 9700 4.1.3: absolute, https, without fragment, user or wildcard."""
    app = service.table.get("auth") == "none"
    for key in ("redirect_uris", "post_logout_redirect_uris"):
        for uri in service.table.get(key, ()):
            if reason := _wrong(uri, sandbox, app):
                service.document.report("E030", f"fs.{key}", f"{uri} {reason}")
    home = service.table.get("home")
    if home and (reason := _wrong(home, sandbox)):
        service.document.report("E030", "fs.home", f"{home} {reason}")


def check_keys_named(service: Partner) -> None:
    """RFC 7591 2: the keys of a service stand in one place, and somewhere when it must sign."""
    table = service.table
    if table["jwks_uri"] and table["jwks_file"]:
        service.document.report("E030", "fs.jwks_file", "the keys are in one place: jwks_uri or jwks_file, not both")
    needing = [name for name in ("require_signed_request_object",) if table[name]]
    needing += ["auth"] if table["auth"] == "private_key_jwt" else []
    if needing and not (table["jwks_uri"] or table["jwks_file"]):
        hint = 'jwks_uri = "https://…", where it publishes them, or jwks_file = "certs/…"'
        service.document.report("E013", f"fs.{needing[-1]}", "it signs with keys that nobody knows", hint)


def check_encryption_key_named(service: Partner) -> None:
    """RFC 7591 2: who is to be encrypted for has a key somewhere."""
    table = service.table
    if table["encrypt"] != "none" and not (table["jwks_uri"] or table["jwks_file"]):
        hint = 'jwks_uri = "https://…", where it publishes it, or jwks_file = "certs/…"'
        service.document.report("E013", "fs.encrypt", "its tokens are encrypted for a key that nobody knows", hint)


def check_keys_address(service: Partner, sandbox: bool) -> None:
    """RFC 7591 2: whoever could change the keys on their way would be the service."""
    address = service.table["jwks_uri"]
    if address and (reason := _wrong(address, sandbox)):
        service.document.report("E030", "fs.jwks_uri", f"{address} {reason}")


def check_sector(service: Partner) -> None:
    """OpenID Connect Core 8.1: unless all addresses have one host, the sector must be said."""
    hosts = {host_of(uri) for uri in service.table["redirect_uris"]}
    unnamed = hosts == {""} and service.table["auth"] == "none"  # elsewhere such an address is wrong itself
    if not service.table["sector"] and (len(hosts) > 1 or unnamed):
        sentence = "the addresses have not one host: say of which sector the service is"
        service.document.report("E030", "fs.sector", sentence, 'sector = "example.fr"')


def check_openid(service: Partner) -> None:
    """Without openid a service could ask nothing (OpenID Connect Core 3.1.2.1)."""
    if "openid" not in service.table["scopes"]:
        service.document.report("E013", "fs.scopes", "openid is missing: without it the service could ask nothing")


def check_possible_abroad(service: Partner) -> None:
    """What no country states cannot be required of its citizens."""
    impossible = sorted(NEVER_FROM_ABROAD.intersection(service.table["require"]))
    if service.table["europe"] and impossible:
        sentence = f"no citizen of another country has: {', '.join(impossible)}"
        service.document.report("W030", "fs.require", sentence, "the service must do without, or europe = false")


def check_reachable_level(service: Partner, providers: Sequence[Partner]) -> None:
    """Somebody can vouch at the level that the service needs."""
    usable = [
        provider.table["levels"]
        for provider in providers
        if provider.table["active"] and provider.table["id"] not in service.table["hidden_providers"]
    ]
    strongest = max((Level.of_acr(acr) for levels in usable for acr in levels), default=None)
    if strongest is not None and Level.of_word(service.table["min_loa"]) > strongest:
        sentence = f"no provider of this service reaches it: the strongest is {strongest.word}"
        service.document.report("E030", "fs.min_loa", sentence)


def check_named_providers(service: Partner, providers: Sequence[Partner]) -> None:
    """A provider that is named exists."""
    known = {provider.table["id"] for provider in providers}
    for key in ("idp_hints", "hidden_providers"):
        for name in service.table[key]:
            if name not in known:
                service.document.report("E030", f"fs.{key}", f'there is no provider "{name}"')


def check_generation(partner: Partner, kind: str, known: Collection[int]) -> None:
    """The key behind the identifiers that the partner receives is there."""
    wanted = partner.table["sub_generation"]
    if wanted not in known:
        hint = f"there are: {', '.join(f'secrets/sub-{number}' for number in known)}"
        partner.document.report("E030", f"{kind}.sub_generation", f"there is no secrets/sub-{wanted}", hint)


# -- providers --------------------------------------------------------------------------------------------------------


def check_provider_addresses(provider: Partner, sandbox: bool) -> None:
    """OpenID Connect Discovery 3: issuer and endpoints are https."""
    for key in ("issuer", *ENDPOINTS, *OFFERED_ENDPOINTS):
        url = provider.table.get(key)
        if url and (reason := _wrong(url, sandbox)):
            provider.document.report("E030", f"fi.{key}", f"{url} {reason}")


def check_endpoints_together(provider: Partner) -> None:
    """Endpoints written by hand replace discovery as a whole."""
    written = [key for key in (*ENDPOINTS, *OFFERED_ENDPOINTS) if provider.table[key]]
    missing = [key for key in ENDPOINTS if key not in written]
    if written and missing:
        sentence = f"endpoints stand here together, or not at all: {', '.join(missing)} missing"
        provider.document.report("E030", f"fi.{written[0]}", sentence)


def check_secret_named(provider: Partner) -> None:
    """RFC 6749 2.3: we prove who we are by a secret, or by a key and no secret."""
    by_key, named = provider.table["auth"] == "private_key_jwt", provider.table["client_secret_file"]
    if not by_key and not named:
        hint = f'client_secret_file = "secrets/fi-{provider.table["id"]}", or auth = "private_key_jwt"'
        provider.document.report("E013", "fi.client_secret_file", "missing: our secret there", hint)
    if by_key and named:
        sentence = "with private_key_jwt there is no secret"
        provider.document.report("E030", "fi.client_secret_file", sentence, "remove the line and the file")


# -- countries --------------------------------------------------------------------------------------------------------


def check_some_role(country: Partner) -> None:
    """A country that can do nothing here is a mistake."""
    if not any(country.table[f"{role}_metadata"] for role in COUNTERPARTS):
        hint = "proxy_metadata lets its citizens log in here, connector_metadata ours there"
        country.document.report("E013", "country.proxy_metadata", "the country has no metadata", hint)


def is_fetched(stated: str) -> bool:
    """Whether what an entry names as metadata is no file: an address, or where a list says."""
    return stated == LISTED or "://" in stated


def check_fetched(main: Document, country: Partner, sandbox: bool) -> None:
    """Interoperability Architecture 1.4, 6: what is fetched comes by https, and an anchor vouches for it, never a pin."""
    for role in COUNTERPARTS:
        key, stated = f"country.{role}_metadata", country.table[f"{role}_metadata"]
        if not is_fetched(stated):
            continue
        if country.table[f"{role}_metadata_sha256"]:
            sentence = "a pin is for a file; what is fetched changes with each signature"
            country.document.report("E030", f"{key}_sha256", sentence, 'anchors = ["certs/anchors/…"]')
        if stated == LISTED and not main.values["trust"]["lists"]:
            country.document.report("E030", key, "no list is named", '[trust] lists = ["https://…"]')
        if stated != LISTED and (reason := _wrong(stated, sandbox)):
            country.document.report("E030", key, f"{stated} {reason}")
        if stated != LISTED and not country.table["anchors"]:
            hint = 'anchors = ["certs/anchors/…"]: certificates that the country handed over'
            country.document.report("E013", "country.anchors", "no anchor vouches for what is fetched", hint)


def check_lists(main: Document, sandbox: bool) -> None:
    """Interoperability Architecture 1.4, 6.4: lists are published by https, and signed."""
    trust = main.values["trust"]
    for address in trust["lists"]:
        if reason := _wrong(address, sandbox):
            main.report("E030", "trust.lists", f"{address} {reason}")
    if trust["lists"] and not trust["list_anchors"]:
        main.report("E013", "trust.list_anchors", "no anchor vouches for the lists", 'list_anchors = ["certs/anchors/…"]')


def check_pins_there(country: Partner) -> None:
    """Nothing is trusted without a pin, or an anchor that vouches for it."""
    for role in COUNTERPARTS:
        if is_fetched(country.table[f"{role}_metadata"]):
            continue
        vouched = country.table[f"{role}_metadata_sha256"] or country.table["anchors"]
        if country.table[f"{role}_metadata"] and not vouched:
            hint = f'sha256sum {country.table[f"{role}_metadata"]}, or anchors = ["certs/anchors/…"]'
            sentence = "the pin is missing, and no anchor is named: nothing else is trusted"
            country.document.report("E013", f"country.{role}_metadata_sha256", sentence, hint)


def check_country_known(country: Partner) -> None:
    """A country that citizens choose has a name and a flag."""
    code = country.table["code"]
    if code not in COUNTRIES:
        hint = "Greece is EL" if code == "GR" else "the countries of the eIDAS network, without our own"
        country.document.report("E030", "country.code", f"{code} is not a country that is known here", hint)


def check_pin(country: Partner, key: str, octets: bytes) -> None:
    """The pinned octets, and no others, are what is trusted. `key` is proxy_metadata or connector_metadata."""
    found, pinned = hashlib.sha256(octets).hexdigest(), country.table[f"{key}_sha256"].lower()
    if pinned and found != pinned:
        hint = f"the file has {found}: ask the country whether that is what it published"
        country.document.report("E031", f"country.{key}_sha256", "the file is not the one that was pinned", hint)
        raise Refused(key)


def check_own_country(country: Partner, key: str, stated: str) -> None:
    """Message Format 1.4, 4.2: metadata says of which country it is; one country's must not stand for another's."""
    code = country.table["code"]
    if stated and stated != code:
        country.document.report("E031", f"country.{key}", f"the metadata is of {stated}, not of {code}")
        raise Refused(key)


# -- addresses --------------------------------------------------------------------------------------------------------


def host_of(url: str) -> str:
    """The host of an address; "" when it has none."""
    parts = _parts(url)
    return (parts.hostname or "") if parts else ""


def is_loopback(url: str) -> bool:
    """RFC 6761 6.3 and RFC 8252 7.3: this very machine, by name or address."""
    host = host_of(url)
    return host in _LOOPBACK or host.endswith(".localhost")


def _parts(url: str) -> SplitResult | None:
    """The parts of an address; None when it is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading a port that is no number raises
    except ValueError:
        return None
    return parts


def _wrong(url: str, sandbox: bool, app: bool = False) -> str:
    """Why an address must not be used; "" when it may. `app`: a program's own scheme may pass."""
    parts = _parts(url)
    if not _ADDRESS.fullmatch(url) or parts is None or not parts.scheme:
        return "is not an absolute address"
    if app and _is_apps_own(parts):
        return ""
    if not parts.hostname:
        return "is not an absolute address"
    if "#" in url:
        return "has a fragment"
    if "@" in parts.netloc:
        return "names a user"
    if "*" in url:
        return "has a wildcard"
    if parts.scheme != "https" and not (sandbox and _is_plain_loopback(url)):
        return "is not https (only the sandbox may use http, on localhost)"
    return ""


def _is_plain_loopback(url: str) -> bool:
    """The one rule that lets the sandbox use plain http, and only towards this very machine."""
    return url.startswith("http://") and is_loopback(url)


def _is_apps_own(parts: SplitResult) -> bool:
    """RFC 8252 7.1: a scheme made from the program's domain, such as com.example.app:/back."""
    return "." in parts.scheme and not parts.netloc and not parts.fragment and "*" not in parts.path
