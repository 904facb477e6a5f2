"""What the citizen reads before anything is sent, and how an answer leaves."""

from dataclasses import dataclass

from broker.web.models.agreeing import DataPart, DataRow
from broker.web.models.parts import ForeignAsker, StepForm

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
    `data` is what is asked of data providers; the form posts `data=<scope>` for each that was ticked. A form that came
    back has `consented` and the ticks as they were.
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
    data: tuple[DataPart, ...] = ()
    consented: bool = False

    @property
    def missing(self) -> tuple[DataRow, ...]:
        """What the service cannot do without and the citizen left out."""
        return tuple(row for part in self.data for row in part.rows if row.missing)


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
