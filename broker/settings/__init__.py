"""The configuration: one `passerelle.toml`, one file a partner, secrets in files beside; read and checked as a whole.

`load` either gives settings that can be used or raises every problem at once. Nothing is repaired, nothing ignored.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from broker.parties import Parties, Text
from broker.settings import rules, secrets
from broker.settings.partners import provider_of, service_of
from broker.settings.reader import Document, Problem
from broker.settings.schema import MAIN, PROVIDER, SERVICE

ENVIRONMENT = {
    "PASSERELLE_DATABASE_URL": "broker.database",
    "PASSERELLE_MODE": "broker.mode",
    "PASSERELLE_SECRETS_DIR": "the folder of the secrets",
    "PASSERELLE_CONFIG": "the folder of the instance",
}


class SettingsInvalid(ValueError):
    """The configuration cannot be used. `problems` has every error and warning."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{sum(problem.is_error for problem in problems)} errors in the configuration")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Support:
    """Whom citizens ask."""

    mail: str = ""
    tel: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Accessibility:
    """What the accessibility statement says."""

    state: Literal["none", "partial", "full"] = "none"
    audited: str = ""
    auditor: str = ""
    rate: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """A configuration that can be used. `peppers` are newest first; `sub_keys` by generation; lengths in their names."""

    folder: Path
    secrets_folder: Path
    mode: Literal["production", "sandbox"]
    public_url: str
    name: Text
    support: Support
    database: str
    sso_minutes: int
    step_minutes: int
    journal_days: int
    peppers: tuple[bytes, ...] = field(repr=False)
    sub_keys: Mapping[int, bytes] = field(repr=False)
    client_secret_key: bytes = field(repr=False)
    parties: Parties
    accessibility: Accessibility = Accessibility()
    theme: Path | None = None
    fingerprint: str = ""
    warnings: tuple[Problem, ...] = ()


def load(folder: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of an instance's folder. Raises SettingsInvalid with every problem at once."""
    main = Document(folder / "passerelle.toml", "passerelle.toml")
    services = _partners(folder, "fs")
    providers = _partners(folder, "fi")
    values = _overridden(main.read(MAIN), environ)
    fs = [(document, document.read(SERVICE).get("fs", {})) for document in services]
    fi = [(document, document.read(PROVIDER).get("fi", {})) for document in providers]
    documents = [main, *services, *providers]
    _stop_on_errors(documents)
    sandbox = values["broker"]["mode"] == "sandbox"
    rules.check_all(main, values["broker"], fs, fi, sandbox)
    secrets_folder = Path(environ.get("PASSERELLE_SECRETS_DIR") or folder / "secrets")
    keys = _keys(main, secrets_folder)
    parties = Parties(
        {table["id"]: service for document, table in fs if (service := service_of(document, table, secrets_folder, keys))},
        {table["id"]: provider for document, table in fi if (provider := provider_of(document, table, folder))},
    )
    _stop_on_errors(documents)
    return _settings(folder, secrets_folder, values, keys, parties, documents)


def load_values(folder: Path, environ: Mapping[str, str] = os.environ) -> list[tuple[str, object, str]]:
    """(key, value, where it comes from) of the main file: a line, `default`, or `environment`."""
    main = Document(folder / "passerelle.toml", "passerelle.toml")
    shown: list[tuple[str, object, str]] = []
    for table, values in main.read(MAIN).items():
        for key, value in values.items():
            variable = next((name for name, full in ENVIRONMENT.items() if full == f"{table}.{key}"), "")
            if variable and environ.get(variable):
                shown.append((f"{table}.{key}", environ[variable], "environment"))
            else:
                shown.append((f"{table}.{key}", value, main.place(table, key)))
    return shown


def _partners(folder: Path, kind: str) -> list[Document]:
    files = sorted((folder / "partners" / kind).glob("*.toml"))
    return [Document(path, f"partners/{kind}/{path.name}") for path in files]


def _overridden(values: dict[str, dict[str, Any]], environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    for variable, key in (("PASSERELLE_DATABASE_URL", "database"), ("PASSERELLE_MODE", "mode")):
        if values and environ.get(variable):
            values["broker"][key] = environ[variable]
    return values


def _keys(main: Document, folder: Path) -> dict[str, Any]:
    """The keys of the instance; what is wrong with them is a problem of the main file."""
    readers: dict[str, Callable[[], Any]] = {
        "peppers": lambda: tuple(secrets.generations(folder, "pepper").values())[:-3:-1],
        "sub_keys": lambda: secrets.generations(folder, "sub"),
        "client_secret_key": lambda: secrets.read_key(folder / secrets.CLIENT_SECRETS),
    }
    found: dict[str, Any] = {}
    for name, read in readers.items():
        try:
            found[name] = read()
        except secrets.SecretRefused as refused:
            main.report("E021", "broker", "", refused.reason, refused.hint)
    return found


def _stop_on_errors(documents: list[Document]) -> None:
    problems = tuple(problem for document in documents for problem in document.problems)
    if any(problem.is_error for problem in problems):
        raise SettingsInvalid(problems)


def _settings(
    folder: Path,
    secrets_folder: Path,
    values: dict[str, dict[str, Any]],
    keys: dict[str, Any],
    parties: Parties,
    documents: list[Document],
) -> Settings:
    broker = values["broker"]
    return Settings(
        folder=folder,
        secrets_folder=secrets_folder,
        mode=broker["mode"],
        public_url=broker["public_url"].rstrip("/"),
        name=Text(**broker["name"]),
        support=Support(**broker["support"]),
        database=_absolute(broker["database"], folder),
        sso_minutes=values["session"]["sso_minutes"],
        step_minutes=values["session"]["step_minutes"],
        journal_days=values["journal"]["days"],
        parties=parties,
        accessibility=Accessibility(**values["accessibility"]),
        theme=folder / broker["theme"] if broker["theme"] else None,
        fingerprint=_fingerprint([values, *(document.tables for document in documents)]),
        warnings=tuple(problem for document in documents for problem in document.problems),
        **keys,
    )


def _absolute(database: str, folder: Path) -> str:
    """A relative SQLite path is one below the instance's folder, wherever the program was started."""
    prefix = "sqlite:///"
    if not database.startswith(prefix) or database.startswith(f"{prefix}/"):
        return database
    return f"{prefix}{folder.absolute() / database.removeprefix(prefix)}"


def _fingerprint(content: object) -> str:
    """SHA-256 over what the files say, whatever their layout; secrets do not stand in them."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:16]
