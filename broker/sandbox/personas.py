"""The test people: `personas.toml` as values, and what a provider states of one of them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources

from broker.parties import Text

THEMES: Mapping[str, Text] = {
    "plain": Text("Cas courants", "Ordinary cases"),
    "names": Text("Noms et prénoms", "Names"),
    "gender": Text("Sexe", "Gender"),
    "dates": Text("Dates de naissance et âges", "Birth dates and ages"),
    "places": Text("Lieux de naissance", "Birthplaces"),
    "account": Text("Comptes et personnes qui se ressemblent", "Accounts, and people who are alike"),
    "faults": Text("Pannes du fournisseur", "Failures of the provider"),
}
LOGIN = "login"
_STATED = (
    "family_name",
    "preferred_username",
    "gender",
    "birthplace",
    "birthcountry",
    "email",
    "phone_number",
    "address",
)


@dataclass(frozen=True, slots=True)
class Persona:
    """One invented person. `facts` are the person's members in personas.toml, or a composed identity's."""

    id: str
    theme: str
    case: Text
    expect: str
    facts: Mapping[str, object]
    providers: frozenset[str] | None = None
    level: str | None = None
    refused: bool = False
    fault: str | None = None

    @property
    def name(self) -> str:
        """How the card calls this person; the names that are missing are missing here, too."""
        family = self.facts.get("preferred_username") or self.facts.get("family_name", "")
        return f"{' '.join(self._given())} {family}".strip()

    def known_to(self, provider: str) -> bool:
        """Whether this provider has an account of the person."""
        return self.providers is None or provider in self.providers

    def claims(self, today: date, login: int) -> dict[str, object]:
        """What a provider states at this person's login number `login`: only the claims that the person has."""
        stated = {name: _numbered(self.facts[name], login) for name in _STATED if name in self.facts}
        if given := self._given():
            stated |= {"given_name": " ".join(given), "given_name_array": given}
        return {**stated, "birthdate": self._birthdate(today)}

    def _given(self) -> list[str]:
        given = self.facts.get("given_names", [])
        return [str(name) for name in given] if isinstance(given, list) else []

    def _birthdate(self, today: date) -> object:
        if "age" not in self.facts:
            return self.facts["birthdate"]
        years, birthday = int(str(self.facts["age"]).removesuffix("y")), str(self.facts["birthday"])
        had_birthday = today.strftime("%m-%d") >= birthday
        return f"{today.year - years - (not had_birthday):04}-{birthday}"


def _numbered(value: object, login: int) -> object:
    return value.replace("{n}", str(login)) if isinstance(value, str) else value


def load_personas() -> dict[str, Persona]:
    """Every test person by id, in the order of the file."""
    document = tomllib.loads(resources.files("broker.sandbox").joinpath("personas.toml").read_text("utf-8"))
    return {key: _persona(key, table) for key, table in document.items()}


def _persona(key: str, table: Mapping[str, object]) -> Persona:
    facts = dict(table)
    case = facts.pop("case")
    assert isinstance(case, dict)  # noqa: S101 - the file is ours, and a test reads all of it
    providers = facts.pop("providers", None)
    return Persona(
        id=key,
        theme=str(facts.pop("theme")),
        case=Text(**case),
        expect=str(facts.pop("expect")),
        providers=frozenset(providers) if isinstance(providers, list) else None,
        level=_text(facts.pop("level", None)),
        refused=bool(facts.pop("refused", False)),
        fault=_text(facts.pop("fault", None)),
        facts=facts,
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
