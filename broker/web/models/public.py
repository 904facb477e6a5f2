"""Pages about Passerelle."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from broker.changes import Change
from broker.described import Described
from broker.judged import Judged
from broker.web.models.parts import Conformity


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

    `europe` says that citizens of other countries can sign in here, `abroad` that ours can sign in there, `data` that
    services may ask data providers.
    """

    journal_days: int
    step_minutes: int
    sso_minutes: int
    controller: str = ""
    contact: str = ""
    europe: bool = False
    abroad: bool = False
    data: bool = False


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
    """What this is. `data` says that services may ask data providers."""

    data: bool = False
