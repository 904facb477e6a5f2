"""Between the identité pivot and eIDAS: tables, and pure functions on them (Attribute Profile 1.4).

Nothing is guessed. PlaceOfBirth and TownOfBirth are never asked for: a place's name says no INSEE code surely, so nothing
could be released from them, and what cannot be used is not asked.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable, Mapping

from broker.assurance import Level
from broker.european import EuropeanIdentity, Spelling
from broker.geography import country_of_iso
from broker.identity import Gender
from eidas import attributes as names
from eidas.address import Address, read_address
from eidas.attributes import MANDATORY, Attribute, Kind
from eidas.errors import Refused
from eidas.messages import Comparison, RequestedAttribute
from eidas.vocabulary import LOA_PREFIX, NOT_NOTIFIED_LEVELS, NOTIFIED_LEVELS

# -- levels: one to one (Message Format 1.4, 3.1) ----------------------------------------------------------------------

_LEVELS = {
    **dict(zip(NOTIFIED_LEVELS, Level, strict=True)),
    **dict(zip(NOT_NOTIFIED_LEVELS, Level, strict=True)),
}

KNOWN_LEVELS = frozenset(_LEVELS)
"""The levels of eIDAS, by URI."""


def level_of(uri: str) -> Level:
    """The level that a URI names: a foreign low stays low. LookupError for another URI."""
    return _LEVELS[uri]


def strongest(published: frozenset[str], not_notified: bool) -> Level | None:
    """The highest level that a country publishes and that counts here; None for none."""
    return max((level for uri, level in _counting(published, not_notified)), default=None)


def levels_to_ask(level: Level, published: frozenset[str], not_notified: bool) -> tuple[tuple[str, ...], Comparison]:
    """What a country is asked for a level (2.4.1): the notified one at least; or, where means that are not notified count
    as well, exactly those that are enough, the lowest first.

    With `exact` every notified level that is enough is listed, published or not: one that is left out would be refused.
    """
    others = [uri for uri in NOT_NOTIFIED_LEVELS if not_notified and uri in published and _LEVELS[uri] >= level]
    if not others:
        return (NOTIFIED_LEVELS[level - 1],), "minimum"
    return tuple(sorted((*NOTIFIED_LEVELS[level - 1 :], *others), key=_LEVELS.__getitem__)), "exact"


def _counting(published: frozenset[str], not_notified: bool) -> list[tuple[str, Level]]:
    return [
        (uri, level) for uri, level in _LEVELS.items() if uri in published and (not_notified or uri.startswith(LOA_PREFIX))
    ]


# -- claims and attributes ---------------------------------------------------------------------------------------------

# What a claim needs beyond the minimum data set. BirthName, so that birth name and current name are not confused.
_NEEDS = {
    "family_name": names.BIRTH_NAME,
    "preferred_username": names.BIRTH_NAME,
    "gender": names.GENDER,
    "birthcountry": names.COUNTRY_OF_BIRTH,
    "email": names.EMAIL_ADDRESS,
    "phone_number": names.PHONE_NUMBER,
    "address": names.CURRENT_ADDRESS,
}
_CLAIMS = {
    names.PERSON_IDENTIFIER: "identifier",
    names.FAMILY_NAME: "family_name",
    names.GIVEN_NAME: "given_name",
    names.DATE_OF_BIRTH: "birthdate",
}


def attributes_to_ask(claims: Iterable[str], published: frozenset[str]) -> tuple[RequestedAttribute, ...]:
    """The minimum data set, and what these claims need of what the country publishes (Message Format 1.4, 2.3.2)."""
    wanted = dict.fromkeys(_NEEDS[claim] for claim in claims if claim in _NEEDS)
    minimum = (RequestedAttribute(name, required=True) for name in MANDATORY[Kind.NATURAL])
    optional = (RequestedAttribute(name, required=False) for name in wanted if name in published)
    return (*minimum, *optional)


def attribute_for(claim: str) -> str:
    """The last part of the name of the attribute that a claim needs beyond the minimum data set; "" for none."""
    return _NEEDS.get(claim, "").rpartition("/")[2]


def claim_of(attribute: str) -> str:
    """The claim that people know a mandatory attribute by."""
    return _CLAIMS.get(attribute, attribute.rpartition("/")[2])


# -- a person ---------------------------------------------------------------------------------------------------------


def identity_of(stated: Mapping[str, Attribute], country: str) -> EuropeanIdentity:
    """The person whose attributes these are. `stated` holds at least the minimum data set, every rule of it checked."""

    def text(name: str) -> str | None:
        return stated[name].latin if name in stated else None

    given, current = _spelling(stated[names.GIVEN_NAME]), _spelling(stated[names.FAMILY_NAME])
    born = stated.get(names.BIRTH_NAME)
    return EuropeanIdentity(
        country=country,
        identifier=stated[names.PERSON_IDENTIFIER].latin,
        given_names=given,
        current_name=current,
        birthdate=stated[names.DATE_OF_BIRTH].latin,
        birth_name=None if born is None else _family_name_at_birth(_spelling(born), given, current),
        birth_name_known=born is not None,
        gender=_gender(text(names.GENDER)),
        birthcountry=country_of_iso(text(names.COUNTRY_OF_BIRTH) or ""),
        email=text(names.EMAIL_ADDRESS),
        phone_number=text(names.PHONE_NUMBER),
        address=_address(text(names.CURRENT_ADDRESS)),
    )


def _spelling(attribute: Attribute) -> Spelling:
    return Spelling(_tidy(attribute.latin), _tidy(attribute.original))


def _family_name_at_birth(born: Spelling, given: Spelling, current: Spelling) -> Spelling | None:
    """BirthName holds given and family names in one text (2.2.4): the family name, if it can be told surely.

    It is what the given names leave; or the current family name, where the text begins or ends with that. Both spellings
    are cut in the same way: one of them must not tell another name than the other.
    """
    for cut, known in ((_without, given), (_within, current)):
        if latin := cut(born.latin, known.latin):
            return Spelling(latin, cut(born.original, known.original))
    return None


def _without(whole: str, part: str) -> str:
    """What is left when some words at the beginning or the end are taken away; "" when they are not there, or when either
    end can be taken away and another name is left.
    """
    words, count = whole.split(), len(part.split())
    ends = ((words[:count], words[count:]), (words[-count:], words[:-count]))
    left = [rest for taken, rest in ends if count and rest and _folded(taken) == _folded(part.split())]
    return " ".join(left[0]) if left and all(_folded(rest) == _folded(left[0]) for rest in left) else ""


def _within(whole: str, part: str) -> str:
    """The part as the whole writes it, if it stands at the beginning or the end of it; else ""."""
    words, wanted = whole.split(), part.split()
    ends = (words[-len(wanted) :], words[: len(wanted)])
    return next((" ".join(end) for end in ends if _folded(end) == _folded(wanted)), "")


def _folded(words: list[str]) -> list[str]:
    return [unicodedata.normalize("NFC", word.casefold()) for word in words]


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _gender(stated: str | None) -> Gender | None:
    genders: Mapping[str, Gender] = {"Male": "male", "Female": "female", "Unspecified": "unspecified"}
    return genders.get(stated or "")


def _address(encoded: str | None) -> Mapping[str, str] | None:
    """OpenID Connect Core 5.1.1; an address that cannot be read is missing."""
    try:
        address = read_address(encoded) if encoded else None
    except Refused:
        return None
    return _parts(address) if address and address.lines() else None


def _parts(address: Address) -> Mapping[str, str]:
    house = f"{address.locator_designator} {address.thoroughfare}".strip()
    street = (address.po_box, address.locator_name, house, address.cv_address_area)
    parts = {
        "formatted": "\n".join(address.lines()),
        "street_address": "\n".join(line for line in street if line),
        "locality": address.post_name,
        "region": address.admin_unit_second_line,
        "postal_code": address.post_code,
        "country": address.admin_unit_first_line,
    }
    return {name: text for name, text in parts.items() if text}


# -- how a service is called where a country insists -------------------------------------------------------------------


def requester_id(public_url: str, service_id: str, key: bytes) -> str:
    """Interoperability Architecture 1.4, 5.3: unique in this country, and opaque: only who has the key can trace it."""
    digest = hmac.digest(key, f"requester:{service_id}".encode(), hashlib.sha256)
    return f"{public_url}/eidas/requester/{digest.hex()}"
