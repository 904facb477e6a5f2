"""What holds for data providers, and for what services may ask them."""

import difflib
from collections.abc import Iterator, Mapping, Sequence

from broker.claims import SCOPES
from broker.settings.places import entry
from broker.settings.reader import Accepted
from broker.settings.rules.addresses import is_loopback, wrong
from broker.settings.rules.partner import Partner
from oidc.address import normalised

SHORTEST, LONGEST = 60, 1800
"""Seconds for which a data provider may be asked."""
OWN_SECTOR = "fd:"
"""How the sector of each data provider begins, and that of no service."""
_TAKEN = frozenset((*SCOPES, "offline_access"))  # OpenID Connect Core 11
_UNITS: Mapping[str, int] = {"s": 1, "m": 60}


def seconds_of(lifetime: str) -> int:
    """10m, 90s: in seconds."""
    return int(lifetime[:-1]) * _UNITS[lifetime[-1]]


def check_lifetime(data_provider: Partner) -> None:
    """A token is short, and lives long enough to be used: whoever finds one can use it until it ends (RFC 9700 4.10)."""
    if not SHORTEST <= seconds_of(data_provider.table["lifetime"]) <= LONGEST:
        sentence = f"must be from {SHORTEST} seconds to {LONGEST // 60} minutes"
        data_provider.document.report("E030", "fd.lifetime", sentence, 'lifetime = "10m"')


def check_resource(data_provider: Partner, sandbox: bool) -> None:
    """RFC 8707 2: an absolute address without fragment; https, and only in the sandbox on this very machine."""
    resource = data_provider.table["resource"]
    reason = wrong(resource, sandbox) if resource else ""
    if resource and not reason and not sandbox and is_loopback(resource):
        reason = "is a loopback (only the sandbox may use one)"
    if reason:
        data_provider.document.report(
            "E030", "fd.resource", f"{resource} {reason}", 'resource = "https://fd.example.fr/api"'
        )


def check_resources_shared(data_providers: Sequence[Partner]) -> None:
    """RFC 8707 3: a token for one is of no use at another, so no two have one address, or nearly the same."""
    seen: dict[tuple[object, ...], str] = {}
    for one in data_providers:
        if resource := one.table.get("resource"):
            other = seen.setdefault(_told_apart(resource), one.document.shown)
            if other != one.document.shown:
                one.document.report("E030", "fd.resource", f"{resource} is also the address of {other}")


def _told_apart(address: str) -> tuple[object, ...]:
    """What two addresses must differ in (RFC 3986 6.2.2, 6.2.3): by more than case, port, encoding or last slash."""
    one = normalised(address)
    return (*one[:3], one[3].rstrip("/"), address.partition("?")[2]) if one else (address,)


def check_scope_names(data_provider: Partner) -> None:
    """OpenID Connect Core 5.4, 11: the names that are ours already open claims of the identity, or mean something else."""
    for key, scope in _entries(data_provider, "scope"):
        if scope.get("name") in _TAKEN:
            sentence = f'"{scope["name"]}" is a scope of our own'
            data_provider.document.report("E030", f"{key}.name", sentence, "a name that says whose data it is")


def check_scopes_shared(data_providers: Sequence[Partner]) -> None:
    """A scope is of one data provider: what citizens agree to must say who delivers."""
    seen: dict[str, str] = {}
    for one in data_providers:
        for key, scope in _entries(one, "scope"):
            name = scope.get("name")
            if name is not None and name in seen:
                one.document.report("E030", f"{key}.name", f'"{name}" is also a scope of {seen[name]}')
            elif name is not None:
                seen[name] = one.document.shown


# -- what services may ask them ---------------------------------------------------------------------------------------


def check_granted_scopes(service: Partner, data_providers: Sequence[Partner]) -> None:
    """A scope that is granted is one that somebody delivers."""
    known = [scope["name"] for one in data_providers for scope in one.table["scope"]]
    for key, grant in _entries(service, "data"):
        if grant.get("scope", "") not in ("", *known):
            near = difflib.get_close_matches(grant["scope"], known, 1, 0.5)
            hint = f'did you mean "{near[0]}"?' if near else "the scopes that there are: passerelle fd list"
            service.document.report("E012", f"{key}.scope", f'no data provider has the scope "{grant["scope"]}"', hint)


def check_granted_once(service: Partner) -> None:
    """A scope is granted once: two grants of one could disagree about the law, or whether it is required."""
    seen: set[str] = set()
    for key, grant in _entries(service, "data"):
        scope = grant.get("scope", "")
        if scope in seen:
            service.document.report("E030", f"{key}.scope", f'"{scope}" stands twice', "remove one of them")
        seen.update([scope] if scope else [])


def check_granted_to_known(service: Partner) -> None:
    """RFC 6749 10.2: who has no secret and no key cannot prove who it is, so anybody could ask for data in its name."""
    if service.table["auth"] == "none" and service.table["data"]:
        hint = "a server of the service's own, with keys (private_key_jwt) or a secret, asks for the data"
        service.document.report("E030", "fs.data", "a public client gets no data of data providers", hint)


def check_sector_of_services(service: Partner) -> None:
    """OpenID Connect Core 8.1: no service shares a sub with a data provider."""
    if service.table["sector"].startswith(OWN_SECTOR):
        sentence = f"{OWN_SECTOR}… are the sectors of data providers"
        service.document.report("E030", "fs.sector", sentence, 'sector = "example.fr"')


def _entries(partner: Partner, name: str) -> Iterator[tuple[str, Accepted]]:
    """The entries of a list of tables, each with its key."""
    entries: Sequence[Accepted] = partner.table.get(name, ())
    for place, one in enumerate(entries):
        yield entry(f"{partner.kind}.{name}", place), one
