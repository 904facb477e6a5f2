"""What no single value shows: rules between keys and between files. Each reports on the documents; all of them run."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from broker.settings.reader import Document, Refused
from broker.settings.rules.addresses import host_of, is_loopback
from broker.settings.rules.countries import (
    COUNTERPARTS,
    LISTED,
    check_country_known,
    check_fetched,
    check_lists,
    check_own_country,
    check_pin,
    check_pins_there,
    check_some_role,
    is_fetched,
)
from broker.settings.rules.instance import (
    check_announced_days,
    check_console_issuer,
    check_console_whole,
    check_database_password,
    check_node_described,
    check_offline_certificate,
    check_public_url,
    check_roles,
    check_theme,
)
from broker.settings.rules.partner import Partner
from broker.settings.rules.partners import check_contacts, check_ids
from broker.settings.rules.providers import (
    ENDPOINTS,
    OFFERED_ENDPOINTS,
    check_endpoints_together,
    check_provider_addresses,
    check_secret_named,
)
from broker.settings.rules.services import (
    check_client_ids,
    check_encryption_key_named,
    check_generation,
    check_keys_address,
    check_keys_named,
    check_named_providers,
    check_openid,
    check_possible_abroad,
    check_reachable_level,
    check_redirects_shared,
    check_sector,
    check_service_addresses,
)


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


__all__ = [
    "COUNTERPARTS",
    "ENDPOINTS",
    "LISTED",
    "OFFERED_ENDPOINTS",
    "Instance",
    "Partner",
    "check_generation",
    "check_own_country",
    "check_pin",
    "check_public_url",
    "examine",
    "host_of",
    "is_fetched",
    "is_loopback",
]
