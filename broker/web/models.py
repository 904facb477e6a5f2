"""What each page says: one frozen dataclass per page, the typed contract between views and templates.

Values are ready to show: names of parties in the citizen's language, moments as Unix seconds (templates write them in
Paris time), levels as the words `low`, `substantial`, `high` (templates translate them). A view fills a page and calls
`render.render(page)`; the template is chosen by the page's type. Nothing here knows how a page looks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from broker.changes import Change
from broker.described import Described
from broker.errors import Side
from broker.judged import Judged
from broker.parties import Text

Conformity = Literal["none", "partial", "full"]


@dataclass(frozen=True, slots=True)
class Look:
    """What every page of this instance shows around its content. `domain` is the host that citizens see.

    `accessibility` is the state that the accessibility statement declares. `mail`, `tel` and `hours` may be "".
    """

    product: Text
    mail: str
    tel: str
    hours: str
    domain: str
    sandbox: bool
    accessibility: Conformity = "none"


@dataclass(frozen=True, slots=True)
class StepForm:
    """Where a page's form goes, and what it carries hidden: `j` (the handle) and `step` (the one-time token)."""

    action: str
    handle: str
    token: str


@dataclass(frozen=True, slots=True)
class ForeignAsker:
    """A service in another country: `title` names it in a sentence, `country` is where it is.

    `name` and `requester` are what its own request says of it, as text; each may be "".
    """

    title: str
    country: str
    name: str
    requester: str


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


# -- /confirmer -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One value of the release. `name` is the claim, `value` None when the account did not give it.

    `lines` of an address are separated by line breaks in `value`. `original` is a name in its country's own script, in the
    language `lang`; `value` is then the Latin form that is sent. `unclear` says that the country stated something of which
    no value can be made without guessing. Made by `labels.claim_rows`.
    """

    name: str
    label: str
    value: str | None
    original: str = ""
    lang: str = ""
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """What will be sent. The form posts `action=continue` (with `consent=yes` when ticked) or `action=cancel`.

    `kind` is `information` (public service), `consent` (private service) or `anonymous` (nothing but an identifier).
    `level` is what was proven, `account` who vouched, `contact` where wrong data is corrected ("" when unknown).
    `sends_means` says that the service may have the claim `amr` (of a country it is sent only if `sends_country`).
    `consent_missing` shows the error summary. `other` is the address where another account is chosen, "" to hide it.
    `country` names the country that vouched, "" for an account; `sends_country` says that the service will know it.
    """

    service_name: str
    kind: str
    rows: tuple[ClaimRow, ...]
    level: str
    account: str
    contact: str
    reference: str
    form: StepForm
    valid_until: int
    sends_means: bool = False
    consent_missing: bool = False
    other: str = ""
    country: str = ""
    sends_country: bool = False


# -- /confirmer, /revenir, for a service in another country -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """One eIDAS attribute. `name` is its friendly name, `english` its label in English ("" where the label is).

    `value` is None when the account did not give it; `original` is the spelling in another script, sent too.
    """

    name: str
    label: str
    english: str
    value: str | None
    original: str = ""


@dataclass(frozen=True, slots=True)
class AttributesPage:
    """What will be sent abroad. The form posts `attribute=<name>` for each optional one that was ticked, and
    `action=continue` (with `consent=yes` where the service is a private one) or `action=cancel`.
    """

    asker: ForeignAsker
    consent: bool
    mandatory: tuple[AttributeRow, ...]
    optional: tuple[AttributeRow, ...]
    level: str
    account: str
    reference: str
    form: StepForm
    valid_until: int
    consent_missing: bool = False
    other: str = ""


@dataclass(frozen=True, slots=True)
class ReturnPage:
    """On the way back to a country: a form that posts hidden `fields` to `action`, by itself where scripts run.

    `released` says whether an identity is in it; `code` and `sentence` say why a request was not served.
    """

    country: str
    action: str
    fields: tuple[tuple[str, str], ...]
    reference: str
    released: bool = False
    code: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class PostBackPage:
    """On the way back to a service: a form that posts hidden `fields` to `action`, by itself where scripts run.

    `released` says whether a login succeeded.
    """

    service_name: str
    action: str
    fields: tuple[tuple[str, str], ...]
    reference: str
    released: bool = False


@dataclass(frozen=True, slots=True)
class TrialPage:
    """A test login through a country, or an `account`, succeeded: the level, and of each kind of data its name and whether
    it came.
    """

    country: str
    level: str
    received: tuple[tuple[str, bool], ...]
    reference: str
    account: str = ""


# -- errors -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """Something failed. Made by `wording.error_page`, which fills the catalogue's texts.

    `retry` and `choose` are addresses, "" to hide their buttons. The way back is `give_up`, a form that posts
    `action=cancel` and brings the citizen to the service with a protocol error, or else `home`, the service's own page.
    `nothing_sent` is False only when that would not be true. `detail` is for developers: pass it in the sandbox only.
    """

    code: str
    reference: str
    at: int
    side: Side
    title: str
    message: str
    todo: tuple[str, ...]
    service_name: str = ""
    nothing_sent: bool = True
    retry: str = ""
    choose: str = ""
    give_up: StepForm | None = None
    home: str = ""
    developer: str = ""
    detail: str = ""


# -- /deconnexion -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogoutPage:
    """Ask before ending the session. The form posts `action=leave`, `action=leave_all` or `action=cancel` (stay).

    `service_name` is the service that asked, or ""; `account` who vouched, or "" when its session cannot be closed from
    here (no `leave_all` button then); `can_return` says whether there is a service to go back to. `abroad` is the country
    that vouched, whose session is not ours to close.
    """

    form: StepForm
    service_name: str = ""
    account: str = ""
    can_return: bool = False
    abroad: str = ""


@dataclass(frozen=True, slots=True)
class LoggedOutPage:
    """The session is over, or there was none. `account` is a provider whose session may still be open, or "".

    `abroad` is the country that vouched, whose session is not ours to close.
    """

    service_name: str = ""
    home: str = ""
    account: str = ""
    abroad: str = ""


# -- pages about Passerelle -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HelpCode:
    """One code of the catalogue, with its placeholders filled by general words."""

    code: str
    title: str
    message: str
    todo: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HelpPage:
    """Help. `query` is what was searched for (GET `q`); `reference` the login it is about (GET `ref`), or "".

    `europe` says that citizens of other countries can sign in here. Made by `wording.help_page`.
    """

    query: str
    codes: tuple[HelpCode, ...]
    reference: str = ""
    europe: bool = False


@dataclass(frozen=True, slots=True)
class ProviderState:
    """Whether an account works, and since when (Unix seconds; None when we do not know)."""

    name: str
    working: bool
    since: int | None = None


@dataclass(frozen=True, slots=True)
class StatusPage:
    """What works now."""

    at: int
    providers: tuple[ProviderState, ...]


@dataclass(frozen=True, slots=True)
class AccessibilityPage:
    """The accessibility statement. `audited` is the ISO date of the audit and `auditor` who made it, or ""."""

    state: Conformity
    audited: str = ""
    auditor: str = ""
    rate: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    """What is done with data, in the figures of this instance. `controller` answers for it; `contact` is its DPO.

    `europe` says that citizens of other countries can sign in here, `abroad` that ours can sign in there.
    """

    journal_days: int
    step_minutes: int
    sso_minutes: int
    controller: str = ""
    contact: str = ""
    europe: bool = False
    abroad: bool = False


@dataclass(frozen=True, slots=True)
class LastFetch:
    """When an address last answered `well` (Unix seconds, 0 for never), and what is `wrong` since ("" for nothing)."""

    well: int
    wrong: str


@dataclass(frozen=True, slots=True)
class NodePage:
    """Our eIDAS node, for the operators of others (English first). `at` is now (Unix seconds), `fetches` are by address.

    `changes` is None where nobody can say for now.
    """

    node: Described
    at: int
    changes: tuple[Change, ...] | None = ()
    fetches: Mapping[str, LastFetch] = field(default_factory=dict)


class NotChecked(StrEnum):
    """Why a document was not looked at."""

    NOTHING = "nothing"
    TOO_LARGE = "too-large"
    TOO_MUCH = "too-much"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class CheckPage:
    """Somebody's metadata as we would judge it at `at` (Unix seconds), or only the form. `detail` is in English."""

    judged: Judged | None = None
    problem: NotChecked | None = None
    detail: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class HomePage:
    """What this is."""


Page = (
    ChoosePage
    | CountriesPage
    | PassagePage
    | ConfirmPage
    | AttributesPage
    | ReturnPage
    | PostBackPage
    | TrialPage
    | ErrorPage
    | LogoutPage
    | LoggedOutPage
    | HelpPage
    | StatusPage
    | AccessibilityPage
    | PrivacyPage
    | NodePage
    | CheckPage
    | HomePage
)
