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
from broker.settings.rules.data_providers import (
    OWN_SECTOR,
    check_granted_once,
    check_granted_scopes,
    check_granted_to_known,
    check_lifetime,
    check_resource,
    check_resources_shared,
    check_scope_names,
    check_scopes_shared,
    check_sector_of_services,
    seconds_of,
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
from broker.settings.rules.keys import ENCRYPTION, check_encryption_key_named, check_keys_address, check_keys_named
from broker.settings.rules.partner import Partner
from broker.settings.rules.partners import check_client_ids, check_contacts, check_generation, check_ids
from broker.settings.rules.providers import (
    ENDPOINTS,
    OFFERED_ENDPOINTS,
    check_endpoints_together,
    check_provider_addresses,
    check_secret_named,
)
from broker.settings.rules.services import (
    check_hints_usable,
    check_levels_in_order,
    check_logout_address,
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
    """What the rules look at. `whole` are the kinds of which every file could be read: of others nobody knows them all."""

    main: Document
    services: Sequence[Partner]
    providers: Sequence[Partner]
    data_providers: Sequence[Partner]
    countries: Sequence[Partner]
    whole: frozenset[str]
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
    _partners(instance)
    for service in instance.services:
        _service(service, instance)
    for provider in instance.providers:
        check_provider_addresses(provider, instance.sandbox)
        _apply(check_endpoints_together, provider)
        _apply(check_secret_named, provider)
    for one in instance.data_providers:
        _apply(check_resource, one, instance.sandbox)
        _apply(check_lifetime, one)
        _apply(check_scope_names, one)
    for country in instance.countries:
        _apply(check_country_known, country)
        _apply(check_some_role, country)
        _apply(check_pins_there, country)
        _apply(check_fetched, instance.main, country, instance.sandbox)


def _partners(instance: Instance) -> None:
    """What holds for partners of several kinds."""
    clients = (*instance.services, *instance.data_providers)
    for partners in (clients, instance.providers, instance.countries):
        check_ids(partners)
    for partner in (*clients, *instance.providers):
        _apply(check_contacts, partner)
    check_client_ids(clients)
    check_redirects_shared(instance.services)
    check_resources_shared(instance.data_providers)
    check_scopes_shared(instance.data_providers)
    for client in clients:
        _apply(check_keys_named, client)
        _apply(check_encryption_key_named, client)
        _apply(check_keys_address, client, instance.sandbox)


def _service(service: Partner, instance: Instance) -> None:
    check_service_addresses(service, instance.sandbox)
    _apply(check_logout_address, service, instance.sandbox)
    _apply(check_sector, service)
    _apply(check_sector_of_services, service)
    _apply(check_openid, service)
    _apply(check_levels_in_order, service)
    _apply(check_hints_usable, service)
    _apply(check_possible_abroad, service)
    _apply(check_granted_once, service)
    _apply(check_granted_to_known, service)
    if "fi" in instance.whole:
        _apply(check_reachable_level, service, instance.providers)
        _apply(check_named_providers, service, instance.providers)
    if "fd" in instance.whole:
        _apply(check_granted_scopes, service, instance.data_providers)


def _apply(rule: Callable[..., None], *given: object) -> None:
    """A rule that needs a refused value has nothing to add."""
    with suppress(Refused):
        rule(*given)


__all__ = [
    "COUNTERPARTS",
    "ENCRYPTION",
    "ENDPOINTS",
    "LISTED",
    "OFFERED_ENDPOINTS",
    "OWN_SECTOR",
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
    "seconds_of",
]
