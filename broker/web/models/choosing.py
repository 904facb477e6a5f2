"""Where the citizen chooses: an account, a country; and the way there."""

from dataclasses import dataclass
from typing import Literal

from broker.web.models.parts import ForeignAsker, StepForm

# -- /choisir ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """An account that can be used here. `level` is the highest level it vouches for; `logo` an address or ""."""

    id: str
    name: str
    level: str
    logo: str = ""


@dataclass(frozen=True, slots=True)
class NotOffered:
    """An account that cannot be used here now: its level is too low, or it is down `since` (Unix seconds)."""

    name: str
    reason: Literal["level", "down"]
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Banner:
    """Why the last attempt failed: the code, the account ("" when unknown) and the catalogue's sentence.

    `contact` is the support of the country that failed: a mail address or a phone number, "" for an account or when it is
    not known. Made by `wording.banner`.
    """

    code: str
    account: str
    message: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class ChoosePage:
    """Choose an account. The form posts `provider=<id>`, `action=continue` (single sign-on) or `action=cancel`.

    `level` is what the service asks; `person` is who is already signed in ("Angela DUBOIS"), or "" without a session.
    `foreign` is who asks, where that is a service in another country.
    """

    service_name: str
    level: str
    offers: tuple[Offer, ...]
    form: StepForm
    valid_until: int
    not_offered: tuple[NotOffered, ...] = ()
    failure: Banner | None = None
    person: str = ""
    europe: bool = False
    foreign: ForeignAsker | None = None


# -- /eidas/pays, /aller ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Endonym:
    """What a country is called in one of its own languages (`lang` is a BCP 47 tag)."""

    lang: str
    name: str


@dataclass(frozen=True, slots=True)
class CountryOffer:
    """A country that can identify its citizens here. `flag` is the address of a picture, or "".

    `requester` says that the country insists on an identifier of the service, which only we can trace to it.
    """

    code: str
    name: str
    endonyms: tuple[Endonym, ...]
    flag: str
    requester: bool = False


@dataclass(frozen=True, slots=True)
class CountryMissing:
    """A country that cannot be used here now: its level is too low, its metadata expired `since`, its node is down
    `since`, or we stopped it.
    """

    name: str
    reason: Literal["level", "expired", "absent", "down", "off"]
    since: int | None = None


@dataclass(frozen=True, slots=True)
class CountriesPage:
    """Choose a country. The form posts `country=<code>` or `action=cancel`.

    `discloses` says that the service will know the country; `unavailable` names a country that was asked for (by the
    service, or by the citizen a moment ago) and cannot be used; `back` is the address of the French accounts, "" to hide
    it.
    """

    service_name: str
    level: str
    offers: tuple[CountryOffer, ...]
    missing: tuple[CountryMissing, ...]
    form: StepForm
    valid_until: int
    failure: Banner | None = None
    discloses: bool = False
    unavailable: str = ""
    back: str = ""


@dataclass(frozen=True, slots=True)
class PassagePage:
    """On the way to a country: a form that posts hidden `fields` to `action`, by itself where scripts run.

    `back` is the address of the countries, for whoever finds the country's page empty.
    """

    country: CountryOffer
    action: str
    fields: tuple[tuple[str, str], ...]
    back: str
