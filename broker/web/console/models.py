"""What the console's pages say: one frozen dataclass a page, the contract between views and templates.

Moments are Unix seconds, digests are SHA-256 in hex. What comes from the ledger or from another country is text, which the
templates escape; words of ours are translated there (`console_words.html`).
"""

from dataclasses import dataclass

from metadata.conformance import Report
from metadata.diff import Change
from metadata.diff.keys import Key
from metadata.ledger.audit import Fault
from metadata.review.algorithms import NodeRow
from metadata.review.endings import Ending
from metadata.review.keys import KeyUsed
from metadata.review.nodes import TrustedNode
from metadata.review.people import Decision
from metadata.review.versions import Version
from metadata.review.waiting import Waiting


@dataclass(frozen=True, slots=True)
class Worker:
    """Who is signed in; `token` is what the forms of the session carry."""

    name: str
    role: str
    token: str


# -- ways in and out --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EntryPage:
    """A one-time link: whom it is for, and the form that uses it up (`t` and `step`)."""

    worker: Worker | None
    name: str
    role: str
    link: str
    step: str


@dataclass(frozen=True, slots=True)
class ConnectPage:
    """How to sign in. `provider` is the host of the operator's own provider, "" where there is none."""

    worker: Worker | None
    provider: str = ""


@dataclass(frozen=True, slots=True)
class RefusedPage:
    """Why something was not done: `kind` chooses the words, `detail` says more, in English."""

    worker: Worker | None
    kind: str
    detail: str


# -- what every page that reads the ledger has ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Desk:
    """Around an answer: the moment that it is of (`at`; `day` is its day in UTC), and whether that lies in the past.

    `wrong_day` is what was asked for and is no day of the past. `fault` says why the ledger does not hold ("": it does).
    """

    token: str
    operator: bool
    now: int
    at: int
    day: str
    today: str
    past: bool
    wrong_day: str
    fault: str
    entries: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """An address of metadata: when it was asked last, when it last answered well (0: never), and what was wrong then."""

    address: str
    tried: int
    well: int
    wrong: str


# -- pages ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A node in the table of trust, with its country's name and the addresses that its metadata comes from."""

    node: TrustedNode
    country: str
    fetched: tuple[Fetched, ...]


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """Who is trusted at a moment. `waiting` are documents that nobody has decided on, `ending` what ends within 90 days."""

    worker: Worker | None
    desk: Desk
    lines: tuple[Line, ...]
    waiting: int
    ending: int


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the ledger: `what` is its word (`timeline.Told`), the rest its facts, each "" where it has none.

    `more` are the other facts, by name.
    """

    seq: int
    time: int
    type: str
    subject: str
    what: str
    document: str
    by: str
    words: str
    more: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NodePage:
    """One node at a moment. `node` is None where it is not trusted then; `keys` are those of its messages, of either use.

    `state` is suspended, or resumed where nobody suspended the country.
    """

    worker: Worker | None
    desk: Desk
    subject: str
    country: str
    node: TrustedNode | None
    keys: tuple[Key, ...]
    fetched: tuple[Fetched, ...]
    versions: tuple[Version, ...]
    events: tuple[Happened, ...]
    waits: Waiting | None
    state: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one document (SHA-256) to another, by meaning; `wrong` says why it cannot be told."""

    before: str
    after: str
    changes: tuple[Change, ...]
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class DiffPage:
    """Two versions of a node's metadata."""

    worker: Worker | None
    desk: Desk
    subject: str
    difference: Difference


@dataclass(frozen=True, slots=True)
class Open:
    """A waiting document: the keys in it, those in force beside, and what it changes (None: it is the first one)."""

    waiting: Waiting
    country: str
    keys: tuple[Key, ...]
    known: frozenset[str]
    difference: Difference | None
    unreadable: str


@dataclass(frozen=True, slots=True)
class DecisionsPage:
    """What waits, and what was decided lately. `wrong` is why the last form was not taken, with what was typed into it."""

    worker: Worker | None
    desk: Desk
    open: tuple[Open, ...]
    decided: tuple[Decision, ...]
    approvals: int
    wrong: str = ""
    document: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class CountryPage:
    """A country, to be suspended or used again; `state` is suspended or resumed. `events` are those of its state."""

    worker: Worker | None
    desk: Desk
    code: str
    country: str
    roles: tuple[str, ...]
    state: str
    events: tuple[Happened, ...]
    wrong: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A thing that ends, in the picture: its place from the left and from above, in the picture's units."""

    ending: Ending
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Tick:
    """The first of a month in the picture."""

    x: float
    month: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A calendar to be drawn: one row for each subject, by name and place from above."""

    width: int
    height: int
    left: int
    rows: tuple[tuple[str, float], ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """What ends within so many days of a moment, the first first: as a picture, and as a table."""

    worker: Worker | None
    desk: Desk
    days: int
    endings: tuple[Ending, ...]
    picture: Picture


@dataclass(frozen=True, slots=True)
class AlgorithmsPage:
    """How strong it is what each node says."""

    worker: Worker | None
    desk: Desk
    rows: tuple[NodeRow, ...]


@dataclass(frozen=True, slots=True)
class KeysPage:
    """Our own keys at a moment."""

    worker: Worker | None
    desk: Desk
    keys: tuple[KeyUsed, ...]


@dataclass(frozen=True, slots=True)
class OwnPage:
    """Our own metadata, judged as everybody's: address and report of each role."""

    worker: Worker | None
    desk: Desk
    reports: tuple[tuple[str, Report], ...]


@dataclass(frozen=True, slots=True)
class Head:
    """The last checkpoint: how many entries it holds, and when it was signed."""

    size: int
    time: int


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """The ledger: how it is, and its entries, the newest first. `faults` are what an audit finds now.

    `type` and `since` are what was asked for ("": everything); `page` counts from 1.
    """

    worker: Worker | None
    desk: Desk
    root: str
    head: Head | None
    faults: tuple[Fault, ...]
    types: tuple[str, ...]
    type: str
    since: str
    wrong_since: str
    events: tuple[Happened, ...]
    found: int
    page: int
    pages: int
