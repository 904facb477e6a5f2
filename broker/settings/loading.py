"""From the files of an instance to its settings: all problems at once, or settings that can be used."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from broker.parties import ConsoleProvider, Country, HeldSecret, Parties, Text
from broker.settings import secrets
from broker.settings.anchors import Anchors, read_anchors
from broker.settings.files import Files, read_files
from broker.settings.key_sets import key_sets
from broker.settings.model import Accessibility, Announcement, Node, Settings, SettingsInvalid, Support, Trust
from broker.settings.partners import (
    Pinned,
    compatibility_of,
    contacts_of,
    country_of,
    data_provider_of,
    provider_of,
    service_of,
)
from broker.settings.reader import Refused, SettingProblem, without_credentials
from broker.settings.rules import COUNTERPARTS, Partner, check_generation, check_own_country, check_pin, is_fetched

LIST_COUNTRY = "EU"
"""Whose anchors those of the lists are."""
WITHOUT_SECRET = ("none", "private_key_jwt")
"""How services and data providers authenticate that have no secret with us."""


@dataclass(frozen=True, slots=True)
class _Beside:
    """What was read beside the TOML files: secrets of the instance by their field in Settings; secrets, keys and metadata
    of partners by their id.
    """

    own: Mapping[str, Any]
    held: Mapping[str, tuple[HeldSecret, ...]]
    key_sets: Mapping[str, bytes]
    at_providers: Mapping[str, str]
    countries: Mapping[str, Country]
    trust: Trust
    console: ConsoleProvider | None


def load(folder: Path, environ: Mapping[str, str] = os.environ, now: int | None = None) -> Settings:
    """The settings of an instance's folder. Raises SettingsInvalid with every problem at once.

    `now` (Unix seconds, else the clock) is for the certificates of countries.
    """
    files = read_files(folder, environ)
    moment = int(time.time()) if now is None else now
    found = _Beside(
        own=_own(files),
        held=_held(files),
        key_sets=key_sets(files),
        at_providers=_at_providers(files),
        countries=_countries(files, moment),
        trust=_trust(files),
        console=_console(files),
    )
    if "sub_keys" in found.own:
        for partner in (*files.readable("fs"), *files.readable("fd"), *files.readable("countries")):
            with suppress(Refused):
                check_generation(partner, found.own["sub_keys"])
    if any(problem.is_error for problem in files.problems):
        raise SettingsInvalid(files.problems)
    return _settings(files, found)


# -- secrets ----------------------------------------------------------------------------------------------------------


def _own(files: Files) -> dict[str, Any]:
    """The keys of the instance, by their field in Settings."""
    folder = files.secrets_folder
    readers: dict[str, Callable[[], Any]] = {
        "peppers": lambda: tuple(reversed(secrets.generations(folder, "pepper").values()))[:2],
        "sub_keys": lambda: secrets.generations(folder, "sub"),
        "client_secret_key": lambda: secrets.read_key(folder / secrets.CLIENT_SECRETS),
        "": lambda: secrets.check_keys_differ(folder, _symmetric(folder)),
    }
    found: dict[str, Any] = {}
    for name, read in readers.items():
        try:
            found[name] = read()
        except secrets.SecretRefused as refused:
            shown = f"secrets/{refused.path.name}"
            problem = SettingProblem(shown, 0, 0, "E021", "", refused.reason, refused.hint)
            if problem not in files.strays:
                files.strays.append(problem)
    found.pop("", None)
    return found


def _symmetric(folder: Path) -> dict[str, bytes]:
    kinds = {name: secrets.generations(folder, name) for name in ("pepper", "sub")}
    keys = {f"{name}-{number}": key for name, found in kinds.items() for number, key in found.items()}
    return keys | {secrets.CLIENT_SECRETS: secrets.read_key(folder / secrets.CLIENT_SECRETS)}


def _held(files: Files) -> dict[str, tuple[HeldSecret, ...]]:
    """The secrets of services and data providers, by id."""
    found: dict[str, tuple[HeldSecret, ...]] = {}
    for client in (*files.readable("fs"), *files.readable("fd")):
        with suppress(Refused):
            found[client.table["id"]] = _held_by(client, files)
    return found


def _held_by(client: Partner, files: Files) -> tuple[HeldSecret, ...]:
    if client.table["auth"] in WITHOUT_SECRET:
        return ()
    name = f"{client.kind}-{client.table['id']}"
    try:
        return secrets.held_secrets(files.secrets_folder / name)
    except secrets.SecretRefused as refused:
        hint = refused.hint.replace("fs rotate-secret ID", f"{client.kind} rotate-secret {client.table['id']}")
        client.document.report("E021", f"{client.kind}.auth", refused.reason, hint)
        return ()


def _at_providers(files: Files) -> dict[str, str]:
    found: dict[str, str] = {}
    for provider in files.readable("fi"):
        with suppress(Refused):
            found[provider.table["id"]] = _at_provider(provider, files)
    return found


def _at_provider(provider: Partner, files: Files) -> str:
    stated = provider.table["client_secret_file"]
    if not stated:
        return ""
    try:
        return secrets.read_secret(files.secret_path(stated))
    except secrets.SecretRefused as refused:
        hint = f"put our secret there into {stated} (mode 0600)" if "cannot be read" in refused.reason else refused.hint
        provider.document.report("E021", "fi.client_secret_file", refused.reason, hint)
        return ""


def _console(files: Files) -> ConsoleProvider | None:
    """The provider of the console; None where there is none, or its secret cannot be used, which is reported then."""
    stated = files.main.values.get("console")
    if not stated or not (stated["issuer"] and stated["client_secret_file"]):
        return None
    try:
        secret = secrets.read_secret(files.secret_path(stated["client_secret_file"]))
    except secrets.SecretRefused as refused:
        hint = f"put our secret there into {stated['client_secret_file']} (mode 0600)"
        files.main.report("E021", "console.client_secret_file", refused.reason, hint)
        return None
    return ConsoleProvider(
        issuer=stated["issuer"],
        client_id=stated["client_id"],
        client_secret=secret,
        authentication=stated["auth"],
        algorithms=frozenset(stated["algorithms"]),
        scope=stated["scope"],
        claim=stated["claim"],
        operators=frozenset(stated["operators"]),
        auditors=frozenset(stated["auditors"]),
        name_claim=stated["name_claim"],
        private_addresses=stated["private_addresses"],
    )


# -- metadata of countries ----------------------------------------------------------------------------------------------


def _countries(files: Files, now: int) -> dict[str, Country]:
    found: dict[str, Country] = {}
    for country in files.readable("countries"):
        with suppress(Refused):
            found[country.id] = _country(country, files, now)
    return found


def _country(country: Partner, files: Files, now: int) -> Country:
    """Raises Refused when something of it cannot be used, which is reported then."""
    anchors = Anchors(country, files.folder, now) if country.table["anchors"] else None
    stated = {role: country.table[f"{role}_metadata"] for role in COUNTERPARTS}
    sources = {role: place for role, place in stated.items() if is_fetched(place)}
    pinned = {role: _pinned(country, files, role, anchors) for role in stated if role not in sources and stated[role]}
    return country_of(country.table, pinned, sources, anchors.all if anchors else ())


def _pinned(country: Partner, files: Files, role: str, anchors: Anchors | None) -> Pinned:
    """The node that a trusted file describes."""
    from eidas.errors import Refused as Unreadable
    from metadata.trust.nodes import READERS

    key = f"{role}_metadata"
    octets = _octets(country, files, key)
    # Whether it has expired is asked at each login: a country must not keep the others from starting.
    read = partial(READERS[role], now=0, compatibility=compatibility_of(country.table), sandbox=files.sandbox)
    try:
        node, anchor = anchors.node(octets, key, read) if anchors else (read(octets), "")
    except Unreadable as unreadable:
        hint = "see the reference of the rules: docs/node/integrate.md"
        country.document.report("E031", f"country.{key}", f"the metadata is not used: {unreadable.detail}", hint)
        raise Refused(key) from None
    check_own_country(country, key, node.node_country)
    return Pinned(node, octets, anchor)


def _octets(country: Partner, files: Files, key: str) -> bytes:
    try:
        octets: bytes = (files.folder / country.table[key]).read_bytes()
    except (OSError, ValueError) as absent:
        hint = "put the metadata that the country published there; its pin is the file's SHA-256"
        country.document.report("E031", f"country.{key}", f"the file cannot be read: {_reason(absent)}", hint)
        raise Refused(key) from None
    check_pin(country, key, octets)
    return octets


def _reason(absent: Exception) -> str:
    return absent.strerror or "" if isinstance(absent, OSError) else "not a path"


def _trust(files: Files) -> Trust:
    """How trust changes; as if nothing were said of it where something about it is wrong, which is reported then."""
    with suppress(Refused, KeyError):
        return _trust_of(files, files.main.values["trust"])
    return Trust()


def _trust_of(files: Files, stated: Mapping[str, Any]) -> Trust:
    trust = Trust(stated["approvals"], stated["refresh_minutes"], stated["overlap_minutes"])
    if not stated["lists"]:
        return trust
    from metadata.trust.links import Policy

    anchors = read_anchors(files.main, "trust.list_anchors", stated["list_anchors"], LIST_COUNTRY, files.folder)
    policy = Policy(LIST_COUNTRY, compatibility_of({"compat": stated["list_compat"]}))
    return replace(trust, lists=stated["lists"], list_anchors=anchors, list_policy=policy)


# -- settings ---------------------------------------------------------------------------------------------------------


def _settings(files: Files, found: _Beside) -> Settings:
    values = files.main.values
    broker = values["broker"]
    services = [service_of(fs.table, found.held[fs.id], found.key_sets[fs.id]) for fs in files.sound("fs")]
    data = [data_provider_of(fd.table, found.held[fd.id], found.key_sets[fd.id]) for fd in files.sound("fd")]
    providers = [provider_of(fi.table, found.at_providers[fi.table["id"]]) for fi in files.sound("fi")]
    return Settings(
        folder=files.folder,
        secrets_folder=files.secrets_folder,
        mode=broker["mode"],
        public_url=broker["public_url"].rstrip("/"),
        name=Text(**broker["name"]),
        support=Support(**broker["support"]),
        database=_absolute(broker["database"], files.folder),
        sso_minutes=values["session"]["sso_minutes"],
        step_minutes=values["session"]["step_minutes"],
        journal_days=values["journal"]["days"],
        parties=Parties(
            {one.id: one for one in services},
            {one.id: one for one in providers},
            found.countries,
            {one.id: one for one in data},
        ),
        accessibility=Accessibility(**values["accessibility"]),
        node=_node(values["eidas"], files.folder),
        trust=found.trust,
        console=found.console,
        theme=files.folder / broker["theme"] if broker["theme"] else None,
        fingerprint=_fingerprint(files),
        warnings=files.problems,
        **found.own,
    )


def _node(eidas: Mapping[str, Any], folder: Path) -> Node:
    return Node(
        country=eidas["country"],
        roles=eidas["roles"],
        organisation=eidas["organisation"]["name"],
        site=eidas["organisation"]["url"],
        contacts=contacts_of(eidas),
        valid_days=eidas["metadata_valid_days"],
        announcements=tuple(
            Announcement(one["announced"], one["date"], Text(**one["title"]), Text(**one["text"]))
            for one in eidas["announcements"]
        ),
        offline=_offline(eidas, folder),
    )


def _offline(eidas: Mapping[str, Any], folder: Path) -> bytes:
    """The certificate of an offline key; a rule has seen that it can be read."""
    if eidas["metadata_key"] != "offline":
        return b""
    from certs.importing import read_certificates

    return read_certificates((folder / eidas["metadata_certificate"]).read_bytes())[0]


def _absolute(database: str, folder: Path) -> str:
    """A relative SQLite path is one below the instance's folder, wherever the program was started."""
    prefix = "sqlite:///"
    if not database.startswith(prefix) or database.startswith(f"{prefix}/"):
        return database
    return f"{prefix}{folder.absolute() / database.removeprefix(prefix)}"


def _fingerprint(files: Files) -> str:
    """SHA-256 over what is in force, whatever the layout of the files; without secrets."""
    content = {kind: {one.id: one.table for one in files.sound(kind)} for kind in files.partners}
    text = json.dumps({"main": files.main.values, **content}, sort_keys=True)
    return hashlib.sha256(without_credentials(text).encode()).hexdigest()
