"""The identité pivot: who a person is, in FranceConnect's formats, checked field by field when a provider states it.

Sources: FranceConnect's claim formats and its rules for identities received from a provider (see docs/fs/claims.md);
INSEE's Code officiel géographique for places. What a provider sends beyond these claims is never read.
"""

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from broker.geography import UnknownPlace, check_birth_code, check_country_code

Gender = Literal["male", "female", "unspecified"]
FRANCE = "99100"

_LETTERS = "A-Za-zÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸàâäçéèêëîïôöùûüÿÆŒæœ"
_NAME = re.compile(f"[{_LETTERS} '-]*[{_LETTERS}][{_LETTERS} '-]*")
_BIRTHDATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s.\x00-\x1f\x7f]+(?:\.[^@\s.\x00-\x1f\x7f]+)+")
_PHONE = re.compile(r"\+?[0-9 ().-]{4,32}")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")  # all of Unicode's category Cc
_NO_BREAKS = {ord("\r"): None, ord("\n"): None}
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONGEST = 256


class FieldRefused(ValueError):
    """One field of an identity is missing or wrong. `missing` tells which; the value itself is never kept."""

    def __init__(self, field: str, missing: bool = False) -> None:
        super().__init__(f"{field} is missing" if missing else f"{field} is wrong")
        self.field = field
        self.missing = missing


class Person(ABC):
    """Somebody who was identified: by a French provider (`Identity`), or by another country (`european`)."""

    __slots__ = ()

    @abstractmethod
    def claim(self, name: str) -> object:
        """The value of a claim as services receive it; None when this person has none."""


@dataclass(frozen=True, slots=True)
class Identity(Person):
    """One person's identité pivot with usual name, e-mail, and phone and address where they are wanted.

    `given_names` are in civil-register order; `family_name` is the birth name in upper case; `birthdate` is YYYY-MM-DD
    with `00` for what is not known (`YYYY-MM-00`, `YYYY-00-00`); `birthplace` is an INSEE code, empty when born abroad;
    `birthcountry` is 99100 for France and 99xxx elsewhere.
    """

    given_names: tuple[str, ...]
    family_name: str
    gender: Gender
    birthdate: str
    birthplace: str
    birthcountry: str
    email: str
    preferred_username: str | None = None
    phone_number: str | None = None
    address: Mapping[str, str] | None = None

    def claim(self, name: str) -> object:
        """The value of a claim as services receive it; None when this person has none."""
        match name:
            case "given_name":
                return " ".join(self.given_names)
            case "given_name_array":
                return list(self.given_names)
            case "address":
                return None if self.address is None else dict(self.address)
            case "country":
                return None  # the country of an eIDAS node: nobody's who comes from a French provider
            case _:
                return getattr(self, name)


def read_identity(claims: Mapping[str, object], today: date) -> Identity:
    """The identity that a French provider states in `claims` (its userinfo).

    `today` bounds the birth date. Raises FieldRefused with the field's name; nothing is repaired but white space,
    typographic apostrophes and the case of the birth name.
    """
    stated = {name: _text(claims, name) for name in _MANDATORY}
    birthplace = _optional(claims, "birthplace") or ""
    check_name("given_name", stated["given_name"])
    check_name("family_name", stated["family_name"])
    check_gender(stated["gender"])
    check_birthdate(stated["birthdate"])
    check_born(stated["birthdate"], today)
    check_birthcountry(stated["birthcountry"])
    if stated["birthcountry"] == FRANCE:
        check_birthplace(birthplace)
    check_email(stated["email"])
    return Identity(
        given_names=_given_names(claims, stated["given_name"]),
        family_name=stated["family_name"].upper(),
        gender=stated["gender"],  # type: ignore[arg-type]  # check_gender has just said so
        birthdate=stated["birthdate"],
        birthplace=birthplace if stated["birthcountry"] == FRANCE else "",
        birthcountry=stated["birthcountry"],
        email=stated["email"],
        preferred_username=_optional(claims, "preferred_username"),
        phone_number=_phone(claims),
        address=_address(claims),
    )


_MANDATORY = ("given_name", "family_name", "gender", "birthdate", "birthcountry", "email")


def check_name(field: str, name: str) -> None:
    """FranceConnect's format of given names and birth name: French letters, space, hyphen, apostrophe."""
    if not _NAME.fullmatch(name):
        raise FieldRefused(field)


def check_gender(gender: str) -> None:
    """FranceConnect: male, female or unspecified."""
    if gender not in ("male", "female", "unspecified"):
        raise FieldRefused("gender")


def check_birthdate(birthdate: str) -> None:
    """FranceConnect: a real date, or one whose day, or day and month, are not known; never a day without its month."""
    if not _BIRTHDATE.fullmatch(birthdate) or birthdate.startswith("0000"):
        raise FieldRefused("birthdate")
    year, month, day = birthdate.split("-")
    if month == "00" and day != "00":
        raise FieldRefused("birthdate")
    try:
        date(int(year), int(month) or 1, int(day) or 1)
    except ValueError:
        raise FieldRefused("birthdate") from None


def check_born(birthdate: str, today: date) -> None:
    """Nobody is born after today, nor more than 130 years ago (a mistyped century would give a new person)."""
    if birthdate > today.isoformat() or int(birthdate[:4]) < today.year - 130:
        raise FieldRefused("birthdate")


def check_birthcountry(code: str) -> None:
    """INSEE: 99100 is France, every other country 99xxx."""
    try:
        check_country_code(code)
    except UnknownPlace:
        raise FieldRefused("birthcountry") from None


def check_birthplace(code: str) -> None:
    """INSEE: born in France means a commune that existed at some date."""
    if not code:
        raise FieldRefused("birthplace", missing=True)
    try:
        check_birth_code(code)
    except UnknownPlace:
        raise FieldRefused("birthplace") from None


def check_email(email: str) -> None:
    """FranceConnect demands an address; RFC 5321 bounds its parts."""
    if not _EMAIL.fullmatch(email):
        raise FieldRefused("email")


def check_text(field: str, value: object) -> None:
    """Texts are strings of at most 256 characters without control characters, and without marks that turn the direction of
    what stands beside them (UAX 9): on the page of the consent the next words would read otherwise.
    """
    if not isinstance(value, str) or len(value) > _LONGEST or _CONTROL.search(value) or _TURNING.search(value):
        raise FieldRefused(field)


def _text(claims: Mapping[str, object], field: str) -> str:
    text = _optional(claims, field)
    if text is None:
        raise FieldRefused(field, missing=True)
    return text


def _optional(claims: Mapping[str, object], field: str) -> str | None:
    value = claims.get(field)
    if value is None:
        return None
    check_text(field, value)
    return tidy(str(value)) or None


def tidy(text: str) -> str:
    """NFC, one space between words, and plain apostrophe and hyphen for their typographic forms."""
    plain = text if text.isascii() else unicodedata.normalize("NFC", text).translate(_PLAIN)
    return " ".join(plain.split())


_PLAIN = str.maketrans({"’": "'", "ʼ": "'", "‐": "-", "‑": "-"})


def _given_names(claims: Mapping[str, object], joined: str) -> tuple[str, ...]:
    listed = claims.get("given_name_array")
    if listed is None:
        return tuple(joined.split())
    if not isinstance(listed, list):
        raise FieldRefused("given_name_array")
    for name in listed:
        check_text("given_name_array", name)
    names = tuple(tidy(name) for name in listed)
    check_same_names(names, joined)
    return names


def check_same_names(names: tuple[str, ...], joined: str) -> None:
    """The list of given names says what `given_name` says: two different answers are none."""
    if " ".join(names) != joined or not all(names):
        raise FieldRefused("given_name_array")


def _phone(claims: Mapping[str, object]) -> str | None:
    phone = _optional(claims, "phone_number")
    if phone is not None:
        check_phone(phone)
    return phone


def check_phone(phone: str) -> None:
    """OpenID Connect Core 5.1: digits in the form of E.164, with the usual separators."""
    if not _PHONE.fullmatch(phone):
        raise FieldRefused("phone_number")


_ADDRESS = ("formatted", "street_address", "locality", "region", "postal_code", "country")


def _address(claims: Mapping[str, object]) -> Mapping[str, str] | None:
    address = claims.get("address")
    if address is None:
        return None
    if not isinstance(address, Mapping):
        raise FieldRefused("address")
    parts = {}
    for name in _ADDRESS:
        if (part := address.get(name)) is not None:
            check_lines(part)
            parts[name] = part
    return parts or None


def check_lines(part: object) -> None:
    """OpenID Connect Core 5.1.1: address parts are strings; only line breaks may stand among control characters."""
    if not isinstance(part, str) or len(part) > _LONGEST or _TURNING.search(part):
        raise FieldRefused("address")
    if _CONTROL.search(part.translate(_NO_BREAKS)):
        raise FieldRefused("address")
