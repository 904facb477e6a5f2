"""What claims, their values and levels are called, in the citizen's language."""

from collections.abc import Callable, Iterable, Mapping

from broker import countries
from broker.european import EuropeanIdentity
from broker.identity import FRANCE, Identity, Person
from broker.parties import Asker, ForeignService, Service
from broker.relying.trial import Tester
from broker.web import dates, i18n
from broker.web.i18n import Language, mark
from broker.web.models import ClaimRow, ForeignAsker

# In reading order. `given_name_array` says the same as `given_name`; `sub` and `amr` are named in a sentence of the page.
CLAIMS: Mapping[str, str] = {
    "family_name": mark("Birth name"),
    "given_name": mark("First names"),
    "preferred_username": mark("Usual name"),
    "gender": mark("Sex"),
    "birthdate": mark("Date of birth"),
    "birthplace": mark("Place of birth"),
    "birthcountry": mark("Country of birth"),
    "email": mark("E-mail address"),
    "phone_number": mark("Phone number"),
    "address": mark("Postal address"),
    "country": mark("Country that confirmed your identity"),
}
_IDENTIFIER = {"identifier": mark("Identifier")}  # no claim, but a country may fail to state it
_ONLY_NAME = mark("Family name (your country did not give a birth name)")
_LEVELS = {"low": mark("low"), "substantial": mark("substantial"), "high": mark("high")}
GENDERS = {"female": mark("Female"), "male": mark("Male"), "unspecified": mark("Not specified")}
_ABROAD = mark("Outside France")
_TEST = mark("a test")
_SERVICE_ABROAD = mark("a service %(in_country)s")
_THE = ("Netherlands",)
_VOWELS = "AEIOÉÎ"
_ARTICLES = {
    "Chypre": "",
    "Danemark": "le",
    "Liechtenstein": "le",
    "Luxembourg": "le",
    "Malte": "",
    "Pays-Bas": "les",
    "Portugal": "le",
}  # the others are feminine

Place = Callable[[str, str], str]
"""From an INSEE code and a birth date (YYYY-MM-DD) to the name that the commune had then."""
Country = Callable[[str, Language], str]
"""From an INSEE country code and a language to the country's name."""


def claim_label(name: str) -> str:
    """What people call this claim, or a country's `identifier`; a claim without a label keeps its name."""
    label = CLAIMS.get(name) or _IDENTIFIER.get(name)
    return i18n.translator()(label) if label else name


def level_word(word: str) -> str:
    """The word for the level `low`, `substantial` or `high`; another word stays as it is."""
    return i18n.translator()(_LEVELS[word]) if word in _LEVELS else word


def with_article(country: str) -> str:
    """A country's name as a sentence takes it after "to" or "vers": "la Grèce", "l’Italie"; "the Netherlands"."""
    if i18n.language() == "en":
        return f"the {country}" if country in _THE else country
    if country[:1] in _VOWELS:
        return f"l’{country}"
    article = _ARTICLES.get(country, "la")
    return f"{article} {country}" if article else country


def in_country(country: str) -> str:
    """A country's name as a sentence takes it after "a service": "de Grèce", "d’Italie", "du Portugal"; "in Italy"."""
    named = with_article(country)
    if i18n.language() == "en":
        return f"in {named}"
    if country[:1] in _VOWELS:
        return f"d’{country}"
    return {"le": f"du {country}", "les": f"des {country}"}.get(_ARTICLES.get(country, ""), f"de {country}")


def country_name(code: str) -> str:
    """The name of a country of the network by its code; "" for none."""
    return countries.country(code).name[i18n.language()] if code in countries.COUNTRIES else ""


def asker_name(asker: Asker) -> str:
    """What citizens read of whoever asks: the name of a service here, or what is known of one abroad."""
    match asker:
        case Service():
            return asker.name[i18n.language()]
        case ForeignService():
            country = country_name(asker.country)
            unnamed = i18n.translator()(_SERVICE_ABROAD) % {"in_country": in_country(country)}
            return f"{asker.name} ({country})" if asker.name else unnamed
        case Tester():
            return i18n.translator()(_TEST)
    raise TypeError("an asker of another kind")


def foreign_asker(asker: ForeignService) -> ForeignAsker:
    """A service abroad, for the pages that say who asks."""
    return ForeignAsker(asker_name(asker), country_name(asker.country), asker.name, asker.requester)


def claim_rows(claims: Iterable[str], person: Person, place: Place, country: Country) -> tuple[ClaimRow, ...]:
    """The values of a release as people read them: one row for each claim that has a label, in reading order."""
    match person:
        case EuropeanIdentity():
            return _european_rows(claims, person, country)
        case Identity():
            return _french_rows(claims, person, place, country)
    raise TypeError("a person of another kind")


def _european_rows(claims: Iterable[str], person: EuropeanIdentity, country: Country) -> tuple[ClaimRow, ...]:
    asked, translate, language = frozenset(claims), i18n.translator(), i18n.language()
    spelt = {
        "given_name": person.given_names,
        "family_name": person.family_name,
        "preferred_username": person.current_name,
    }
    land = countries.country(person.country)

    def value(name: str) -> str | None:
        match name:
            case "gender":
                return translate(GENDERS[person.gender]) if person.gender else None
            case "birthdate":
                return dates.date_words(person.birthdate, language)
            case "birthcountry":
                return country(person.birthcountry, language) if person.birthcountry else None
            case "address":
                return None if person.address is None else _address(person.address)
            case "country":
                return land.name[language]
            case _:
                stated = person.claim(name)
                return str(stated) if stated else None

    def row(name: str, label: str) -> ClaimRow:
        spelling = spelt.get(name)
        original = spelling.original if spelling else ""
        return ClaimRow(
            name,
            translate(_ONLY_NAME if name == "family_name" and not person.birth_name_known else label),
            value(name),
            original,
            land.language if original else "",
            unclear=name == "family_name" and person.family_name is None,
        )

    return tuple(row(name, label) for name, label in CLAIMS.items() if name in asked)


def _french_rows(claims: Iterable[str], identity: Identity, place: Place, country: Country) -> tuple[ClaimRow, ...]:
    asked, translate, language = frozenset(claims), i18n.translator(), i18n.language()

    def value(name: str) -> str | None:
        match name:
            case "gender":
                return translate(GENDERS[identity.gender])
            case "birthdate":
                return dates.date_words(identity.birthdate, language)
            case "birthplace" if identity.birthcountry != FRANCE:
                return translate(_ABROAD)
            case "birthplace":
                return _named(place(identity.birthplace, identity.birthdate), identity.birthplace)
            case "birthcountry":
                return country(identity.birthcountry, language)
            case "address":
                return None if identity.address is None else _address(identity.address)
            case _:
                stated = identity.claim(name)
                return str(stated) if stated else None

    rows = ((name, label) for name, label in CLAIMS.items() if name in asked and name != "country")
    return tuple(ClaimRow(name, translate(label), value(name)) for name, label in rows)


def _named(name: str, code: str) -> str:
    """The place with its code, which is what is sent; a code without a name stands alone."""
    return code if name == code else f"{name} ({code})"


def _address(address: Mapping[str, str]) -> str:
    """The address as it is sent: as formatted by the account, or its parts line by line."""
    if "formatted" in address:
        return address["formatted"]
    town = " ".join(address[part] for part in ("postal_code", "locality") if part in address)
    lines = (address.get("street_address"), town, address.get("region"), address.get("country"))
    return "\n".join(line for line in lines if line)
