"""What holds for services."""

from collections.abc import Collection, Sequence

from broker.assurance import Level
from broker.claims import NEVER_FROM_ABROAD
from broker.settings.rules.addresses import host_of, wrong
from broker.settings.rules.partner import Partner


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
            if reason := wrong(uri, sandbox, app):
                service.document.report("E030", f"fs.{key}", f"{uri} {reason}")
    home = service.table.get("home")
    if home and (reason := wrong(home, sandbox)):
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
    if address and (reason := wrong(address, sandbox)):
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
