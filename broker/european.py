"""A citizen of another country, as far as the identité pivot can say it of somebody whom a country's eIDAS node identified.

Nothing is guessed: a claim that the country did not give, or that cannot be told surely, is missing. Both spellings of a
name are kept, so that citizens recognise themselves; services receive the Latin one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from broker.identity import Gender, Identity, Person


@dataclass(frozen=True, slots=True)
class Spelling:
    """A name in Latin script, and as its country writes it ("" when that is the same)."""

    latin: str
    original: str = ""


@dataclass(frozen=True, slots=True)
class EuropeanIdentity(Person):
    """One person identified through eIDAS.

    `country` is the code of the country that vouched ("EL"), `identifier` its PersonIdentifier, which never leaves but in
    the form of a `sub`. `birth_name` is the family name at birth, None when the country stated none (`birth_name_known`
    is False then) or when it cannot be told surely from what was stated. `birthdate` is YYYY-MM-DD; `birthcountry` an
    INSEE code.
    """

    country: str
    identifier: str = field(repr=False)
    given_names: Spelling
    current_name: Spelling
    birthdate: str
    birth_name: Spelling | None = None
    birth_name_known: bool = False
    gender: Gender | None = None
    birthcountry: str | None = None
    email: str | None = None
    phone_number: str | None = None
    address: Mapping[str, str] | None = None

    def claim(self, name: str) -> object:
        """The value of a claim as services receive it; None when this person has none.

        A country that states one family name only states the current one: it then stands for `family_name` as well.
        """
        match name:
            case "given_name":
                return self.given_names.latin
            case "given_name_array":
                return self.given_names.latin.split()
            case "family_name":
                return None if self.family_name is None else self.family_name.latin
            case "preferred_username":
                return self.current_name.latin
            case "address":
                return None if self.address is None else dict(self.address)
            case "birthplace":
                return None  # an INSEE code of a commune: no country states one
            case _:
                return getattr(self, name)

    @property
    def family_name(self) -> Spelling | None:
        """The birth name; the current name where the country states no other; None when it states one that is unclear."""
        return self.birth_name if self.birth_name_known else self.current_name


PERSONS: tuple[type[Person], ...] = (Identity, EuropeanIdentity)
"""Every kind of person there is: what a sealed row may hold where its type says Person."""
