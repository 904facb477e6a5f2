"""An identity that the developer types himself: what is wrong with it, field by field, and the person it makes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from broker.parties import Text
from broker.sandbox.personas import LOGIN, Persona

FRANCE = "99100"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form; `pattern` is what the civil register would accept, empty for what may be left out."""

    name: str
    label: Text
    hint: Text
    pattern: str
    example: str = ""


_LETTERS = "A-Za-zÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸàâäçéèêëîïôöùûüÿÆŒæœ '-"
_NAME = f"[{_LETTERS}]{{1,256}}"
_LETTERS_ONLY = Text("Lettres, espace, trait d’union, apostrophe", "French letters, space, hyphen, apostrophe")

FIELDS = (
    Field("given_names", Text("Prénoms", "Given names"), _LETTERS_ONLY, _NAME, "Zoé Jeanne"),
    Field("family_name", Text("Nom de naissance", "Birth name"), _LETTERS_ONLY, _NAME, "MARTIN"),
    Field(
        "preferred_username", Text("Nom d’usage", "Used name"), Text("Peut rester vide", "May stay empty"), f"(?:{_NAME})?"
    ),
    Field(
        "gender",
        Text("Sexe", "Gender"),
        Text("female, male ou unspecified", "female, male or unspecified"),
        "female|male|unspecified",
        "female",
    ),
    Field(
        "birthdate",
        Text("Date de naissance", "Date of birth"),
        Text("AAAA-MM-JJ ; 00 pour ce qui est inconnu", "YYYY-MM-DD; 00 for what is not known"),
        r"[0-9]{4}-(?:00-00|(?:0[1-9]|1[0-2])-(?:0[0-9]|[12][0-9]|3[01]))",
        "1990-01-31",
    ),
    Field(
        "birthplace",
        Text("Commune de naissance (code INSEE)", "Commune of birth (INSEE code)"),
        Text("Cinq caractères ; vide pour une naissance à l’étranger", "Five characters; empty for a birth abroad"),
        "(?:(?:[0-9]{2}|2[AB])[0-9]{3})?",
        "75107",
    ),
    Field(
        "birthcountry",
        Text("Pays de naissance (code INSEE)", "Country of birth (INSEE code)"),
        Text("99100 pour la France", "99100 for France"),
        "99[0-9]{3}",
        FRANCE,
    ),
    Field(
        "email",
        Text("Adresse électronique", "E-mail address"),
        Text("N’employez pas une adresse réelle", "Do not use a real address"),
        r"[^@\s]+@[^@\s]+\.[^@\s]+",
        "zoe.martin@courriel.example",
    ),
)  # fmt: skip


def problems(form: Mapping[str, str]) -> dict[str, Text]:
    """What a civil register would object to, by field; empty when nothing."""
    wrong = {field.name: field.hint for field in FIELDS if not re.fullmatch(field.pattern, form.get(field.name, ""))}
    if form.get("birthcountry") == FRANCE and not form.get("birthplace"):
        wrong["birthplace"] = Text("Une naissance en France a une commune", "A birth in France has a commune")
    return wrong


def compose(form: Mapping[str, str], level: str) -> Persona:
    """The person of a form, as it was typed; what is empty is missing."""
    facts: dict[str, object] = {field.name: form[field.name] for field in FIELDS if form.get(field.name)}
    if given := form.get("given_names", "").split():
        facts["given_names"] = given
    facts.setdefault("birthdate", "")
    case = Text("Identité composée", "Composed identity")
    return Persona("composed", "plain", case, LOGIN, facts, level=level)
