"""What `passerelle check` finds, and what it looks at of partners."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from broker.commands.tools import now

if TYPE_CHECKING:
    from broker.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what must be mended, what should be decided, or what is fine."""

    verdict: Literal["fix", "decide", "fine"]
    code: str
    what: str
    todo: str = ""


def keys_at_providers(settings: "Settings") -> Iterator[Finding]:
    """The keys that say at providers who we are, and those that providers encrypt to."""
    from broker.providers.keys import keys_at
    from certs.keyring import KeyRefused, load_keyring

    needing = [one for one in settings.parties.providers.values() if one.active]
    with suppress(KeyRefused):  # said above
        ring = load_keyring(settings.secrets_folder / "keys")
        for provider in needing:
            try:
                if any(keys_at(provider, ring)):
                    yield Finding("fine", "K04", f"the keys that {provider.id} knows us by are there")
            except LookupError as missing:
                what, _, todo = str(missing.args[0]).partition(": ")
                yield Finding("fix", "K04", f"for the provider {provider.id} there is {what}", todo)


def partners(settings: "Settings") -> Iterator[Finding]:
    """Whether there is anybody to serve, and to vouch."""
    for kind, partners in (("fs", settings.parties.services), ("fi", settings.parties.choosable())):
        what = "service" if kind == "fs" else "provider on the page"
        if partners:
            yield Finding("fine", "N01", f"there is a {what}")
        else:
            yield Finding("decide", "N01", f"there is no {what} yet", f"passerelle {kind} new")


def data_providers(settings: "Settings") -> Iterator[Finding]:
    """Whether anybody may ask them, and whether they can still say who they are."""
    granted = {scope for service in settings.parties.services.values() for scope in service.data}
    for one in settings.parties.data.values():
        if one.secrets and all(held.until is not None and held.until <= now() for held in one.secrets):
            yield Finding("fix", "K05", f"the secret of {one.id} counts no more", f"passerelle fd rotate-secret {one.id}")
        asked = sum(scope.name in granted for scope in one.scopes)
        if asked:
            yield Finding("fine", "N03", f"{asked} of {len(one.scopes)} scopes of {one.id} are granted to services")
        else:
            yield Finding("decide", "N03", f"no service may ask {one.id} for anything", "[[fs.data]] in a service's file")


def published_keys(settings: "Settings") -> Iterator[Finding]:
    """The keys of services and data providers, where they publish them."""
    from broker.delivering import keyed
    from broker.fetch import Fetcher, localhost_resolver, system_resolver

    sandbox = settings.mode == "sandbox"
    fetch = Fetcher(localhost_resolver if sandbox else system_resolver, allow_http=sandbox)
    for caller in settings.parties.callers:
        if caller.keys and caller.keys.address:
            for point in keyed(caller, f"{settings.public_url}/api/v2", fetch):
                yield Finding(point.verdict, "K06", f"the keys of {caller.id}: {point.what}", point.todo)
