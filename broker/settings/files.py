"""The files of an instance, read and checked together. Every problem of every file is found in one run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from broker.settings.reader import REFUSED, Document, SettingProblem
from broker.settings.rules import Instance, Partner, examine
from broker.settings.schema import DATA, FOREIGN, MAIN, PROVIDER, SERVICE, Schema, every_key

KINDS: Mapping[str, Schema] = {"fs": SERVICE, "fi": PROVIDER, "fd": DATA, "countries": FOREIGN}
"""The folders under `partners/`; the files of each have one table."""

TABLES: Mapping[str, str] = {table: folder for folder, schema in KINDS.items() for table in schema}
"""From the table of a partner's file to its folder."""

OVERRIDES = {"PASSERELLE_DATABASE_URL": "broker.database", "PASSERELLE_MODE": "broker.mode"}
"""Environment variables that stand for one key each."""

SECRETS_DIR = "PASSERELLE_SECRETS_DIR"


@dataclass(frozen=True, slots=True)
class Files:
    """What was read. `overridden`: key → the variable whose value is in force; `strays`: problems without a document."""

    folder: Path
    secrets_folder: Path
    main: Document
    partners: Mapping[str, Sequence[Document]]
    overridden: dict[str, str] = field(default_factory=dict)
    strays: list[SettingProblem] = field(default_factory=list)
    sandbox: bool = False

    @property
    def problems(self) -> tuple[SettingProblem, ...]:
        """Every problem so far, file by file."""
        documents = [self.main, *(document for documents in self.partners.values() for document in documents)]
        return (*(problem for document in documents for problem in document.problems), *self.strays)

    def readable(self, kind: str) -> list[Partner]:
        """The partners of a kind whose files are TOML, whatever else is wrong with them."""
        (table,) = KINDS[kind]
        return [Partner(document, document.values[table]) for document in self.partners[kind] if document.values]

    def sound(self, kind: str) -> list[Partner]:
        """The partners of a kind whose files have no error."""
        return [partner for partner in self.readable(kind) if partner.document.sound]

    def secret_path(self, stated: str) -> Path:
        """Where a secret file lies: `secrets/` is the folder of the secrets, other places are below the instance."""
        path = Path(stated)
        return self.secrets_folder / path.relative_to("secrets") if path.parts[:1] == ("secrets",) else self.folder / path


def read_files(folder: Path, environ: Mapping[str, str], added: Mapping[str, Document] | None = None) -> Files:
    """Read an instance, check each file against the schema, then all together. Secrets are not looked at.

    `added`: kind → a document that is to stand beside those on disk.
    """
    partners = {kind: [*_documents(folder, kind), *_added(kind, added)] for kind in KINDS}
    main = Document.of_file(folder / "passerelle.toml", "passerelle.toml")
    main.read(MAIN)
    files = Files(folder, secrets_folder(folder, environ), main, partners, sandbox=_sandbox(main, environ))
    for kind, schema in KINDS.items():
        for document in partners[kind]:
            document.read(schema)
    files.strays.extend(_strays(folder))
    _override(files, environ)
    services, providers, data, countries = (files.readable(kind) for kind in KINDS)
    whole = frozenset(kind for kind in KINDS if len(files.readable(kind)) == len(partners[kind]))
    examine(folder, Instance(main, services, providers, data, countries, whole, files.sandbox))
    return files


def secrets_folder(folder: Path, environ: Mapping[str, str]) -> Path:
    """Where the secrets of an instance lie."""
    return Path(environ.get(SECRETS_DIR) or folder / "secrets")


def _documents(folder: Path, kind: str) -> list[Document]:
    files = sorted((folder / "partners" / kind).glob("*.toml"))
    return [Document.of_file(path, f"partners/{kind}/{path.name}") for path in files]


def _added(kind: str, added: Mapping[str, Document] | None) -> list[Document]:
    return [added[kind]] if added and kind in added else []


def _strays(folder: Path) -> Iterator[SettingProblem]:
    """A partner's file in a folder of another name would be ignored without a word."""
    for path in sorted((folder / "partners").glob("**/*.toml")):
        inner = path.relative_to(folder)
        if len(inner.parts) != 3 or inner.parts[1] not in KINDS:
            sentence, hint = (
                "no partner's file belongs here",
                "partners lie in partners/fs, partners/fi, partners/fd and partners/countries",
            )
            yield SettingProblem(str(inner), 0, 0, "E010", "", sentence, hint)


def _override(files: Files, environ: Mapping[str, str]) -> None:
    keys = dict(every_key())
    for variable, name in OVERRIDES.items():
        if value := environ.get(variable):
            judge = Document(variable, b"")
            table, key = name.split(".")
            if (judged := judge.judged(name, keys[name], value)) is not REFUSED and files.main.values:
                files.main.values[table][key] = judged
            files.overridden[name] = variable
            files.strays.extend(judge.problems)


def _sandbox(main: Document, environ: Mapping[str, str]) -> bool:
    """Whether plain http may pass. When the mode cannot be read, nothing else is made to look wrong by it."""
    stated = environ.get("PASSERELLE_MODE") or main.stated("broker.mode")
    return stated != "production" and (stated is not None or not main.values)
