"""What holds for services."""

from collections.abc import Sequence

from broker.assurance import Level
from broker.claims import NEVER_FROM_ABROAD
from broker.settings.rules.addresses import host_of, wrong
from broker.settings.rules.partner import Partner


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


def check_logout_address(service: Partner, sandbox: bool) -> None:
    """OpenID Connect Back-Channel Logout 2.2: absolute, without fragment, and https: the token is for nobody else."""
    address = service.table["backchannel_logout_uri"]
    if address and (reason := wrong(address, sandbox)):
        service.document.report("E030", "fs.backchannel_logout_uri", f"{address} {reason}")


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
    usable = [one.table["levels"] for one in providers if one.table["active"] and _may_use(service, one.table["id"])]
    strongest = max((Level.of_acr(acr) for levels in usable for acr in levels), default=None)
    if strongest is not None and Level.of_word(service.table["min_loa"]) > strongest:
        sentence = f"no provider of this service reaches it: the strongest is {strongest.word}"
        service.document.report("E030", "fs.min_loa", sentence)


def _may_use(service: Partner, provider: str) -> bool:
    only = service.table["providers"]
    return (not only or provider in only) and provider not in service.table["hidden_providers"]


def check_levels_in_order(service: Partner) -> None:
    """A service that needs more than it may ask for could ask nothing."""
    low, high = (Level.of_word(service.table[key]) for key in ("min_loa", "max_loa"))
    if low > high:
        service.document.report("E030", "fs.max_loa", f"it is below min_loa, which is {low.word}")


def check_hints_usable(service: Partner) -> None:
    """A provider that the service may name is one that it may use."""
    for name in service.table["idp_hints"]:
        if not _may_use(service, name):
            sentence = f"{name} may not be used by this service: see providers and hidden_providers"
            service.document.report("E030", "fs.idp_hints", sentence)


def check_named_providers(service: Partner, providers: Sequence[Partner]) -> None:
    """A provider that is named exists."""
    known = {provider.table["id"] for provider in providers}
    for key in ("idp_hints", "providers", "hidden_providers"):
        for name in service.table[key]:
            if name not in known:
                service.document.report("E030", f"fs.{key}", f'there is no provider "{name}"')
