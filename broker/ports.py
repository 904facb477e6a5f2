"""The ports: what the broker needs from the world, each of one to three methods a side.

A new store is one file in `store/`, a new kind of provider one file in `providers/`, a new protocol of those who ask one
file in `relying/`.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from broker.assurance import Level
from broker.journey import Ask, CountryAsk, Passage, Proof
from oidc.messages import HttpRequest, HttpResponse, Params

# -- store ------------------------------------------------------------------------------------------------------------


class StoreUnavailable(Exception):
    """The store does not answer. The text holds no values."""


class SchemaOutdated(Exception):
    """The database was made for another version: `passerelle db upgrade`."""


class DuplicateRow(Exception):
    """A row with this id exists already."""


@dataclass(frozen=True, slots=True)
class Row:
    """One sealed row: nothing in it can be read without the secret that names it.

    `id` is 32 bytes, `expires` Unix seconds; `version` grows by one at each swap.
    """

    id: bytes
    expires: int
    version: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Notice:
    """A service that must be told that a session has ended.

    `id` are 16 random bytes, `sid` is how the service knows the session. Nobody tries before `due`, nor from `expires` on
    (Unix seconds); `attempts` is how often somebody was about to try. Nothing in a notice says which others belong to it.
    """

    id: bytes
    service: str
    sid: str
    expires: int
    attempts: int
    due: int


@dataclass(frozen=True, slots=True)
class Check:
    """What a data provider did with a grant: when it checked it `last` (Unix seconds, None for never), and whether the
    citizen has `withdrawn` it.
    """

    last: int | None
    withdrawn: bool


class Transaction(Protocol):
    """What may be done inside one transaction: all of it happens, or nothing."""

    def take(self, row_id: bytes) -> Row | None:
        """Remove a row and return it; None when it is absent or has expired. Only one caller ever gets it."""

    def put(self, row: Row) -> None:
        """Insert. Raises DuplicateRow."""

    def swap(self, row: Row) -> bool:
        """Replace the row of this id whose version is `row.version - 1`; False when somebody was first."""

    def open_grant(self, grant: bytes, expires: int) -> None:
        """Let what belongs to this grant count until `expires`. Raises DuplicateRow when it was opened before."""

    def close_grant(self, grant: bytes) -> bool:
        """End a grant, and forget who checked it; False when it had ended already."""

    def withdraw(self, grant: bytes, data_provider: str) -> bool:
        """A grant counts for this data provider no more; False when it did not before: it had ended, or been withdrawn."""

    def put_notice(self, notice: Notice) -> None:
        """Keep a notice, with an id that is new."""


class NoticeStore(Protocol):
    """Notices that wait for their delivery. Every method may raise StoreUnavailable."""

    def waiting(self) -> list[str]:
        """The services for which a notice is due, in no order."""

    def lease(self, service: str, until: int, most: int) -> list[Notice]:
        """At most so many that are due, with one attempt more; nobody else gets them before `until`.

        So a worker that dies gives them back.
        """

    def postpone(self, notice: Notice, due: int) -> None:
        """Let a leased one be due at another moment, unless somebody else has leased it since."""

    def drop(self, notice: Notice) -> None:
        """It is done, or given up."""


class LedgerStore(Protocol):
    """Where the ledger lies: nothing of it is ever changed, removed or purged. Every method may raise StoreUnavailable."""

    def lines(self, since: int, most: int) -> list[tuple[int, bytes]]:
        """The entries from a number on, at most so many: their numbers, in order, and their lines as they are stored."""

    def append(self, seq: int, lines: Sequence[bytes], blobs: Mapping[str, bytes]) -> None:
        """Lines as the entries `seq`, `seq + 1`…, and the files that they speak of, by digest: all of it or nothing.

        It is on the disk when this returns. A file that is there stays as it is. Raises DuplicateRow: somebody was first.
        """

    def blob(self, digest: str) -> bytes | None:
        """The file of a digest, None when there is none."""

    def checkpoints(self) -> dict[str, bytes]:
        """The signed notes by their names, in no order."""

    def keep_checkpoint(self, name: str, octets: bytes) -> None:
        """Keep a signed note, on the disk when this returns. Raises DuplicateRow when there is one of this name."""


class Store(Protocol):
    """Rows and notices, which expire, and beside them the ledger. Every method may raise StoreUnavailable."""

    @property
    def ledger(self) -> LedgerStore:
        """What is kept for ever."""

    @property
    def notices(self) -> NoticeStore:
        """What services must still be told."""

    def read(self, row_id: bytes) -> Row | None:
        """The row, or None when it is absent or has expired."""

    def grant_stands(self, grant: bytes) -> bool:
        """Whether the grant was opened, not closed, and has not expired."""

    def checks(self, grant: bytes) -> Mapping[str, Check]:
        """Who checked the grant, or was withdrawn it, by the id of the data provider. Empty when the grant has ended."""

    def note_check(self, grant: bytes, data_provider: str, at: int) -> bool:
        """A data provider checks a grant: True, and its time is kept, when the grant stands and was not withdrawn from it;
        otherwise False, and nothing is written. A withdrawal that has ended is seen, whatever runs beside it.
        """

    def put(self, row: Row) -> None:
        """Insert a row, and nothing else. Raises DuplicateRow."""

    def swap(self, row: Row) -> bool:
        """Replace the row of this id whose version is one less, and nothing else; False when somebody was first."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """A transaction; an exception inside undoes it."""

    def purge(self, limit: int = 1000) -> int:
        """Remove at most `limit` expired rows, and as many grants, checks and notices; returns how many went."""

    def generation(self) -> int:
        """The generation of the configuration in force."""

    def raise_generation(self) -> int:
        """Tell every worker to read the configuration again; returns the new generation."""

    def ping(self) -> None:
        """Return when the store answers."""

    def close(self) -> None:
        """Let go of its connections."""


Told = Literal["confirmed", "refused", "pending"]
"""What became of a notice: the service says that the session is over, or that it will not end it, or nothing yet."""


# -- the world outside ------------------------------------------------------------------------------------------------


class Fetch(Protocol):
    """The one way out over HTTP. Raises broker.fetch.FetchFailed."""

    def __call__(self, request: HttpRequest, *, allow_private: bool = False) -> HttpResponse:
        """One request, one answer; `allow_private` lets it go to addresses of a private network."""


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the citizen goes to prove who he is, and what the protocol must find again when he comes back."""

    location: str
    pending: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outage:
    """A provider that does not work, `since` when (Unix seconds); `resting`: nobody new is sent there just now."""

    since: int
    resting: bool


class ProviderPort(Protocol):
    """One provider that vouches. It never sees more of a journey than an Ask."""

    def depart(self, ask: Ask) -> Departure:
        """Where the citizen goes. Raises Problem of the family FI."""

    def hear(self, answer: Params, state: str, note: Mapping[str, str]) -> Proof:
        """The proof in the provider's answer, every check made. Raises Problem of the family FI."""

    @property
    def outage(self) -> Outage | None:
        """Why it is not tried just now, or is tried with care; None while it works as far as we know."""

    def destinations(self) -> tuple[str, ...]:
        """The addresses that the citizen's browser may be sent to (for the page's form-action)."""

    def farewell(self, hint: str, callback: str, state: str) -> str | None:
        """Where the citizen ends his session there; None when there is no such place."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a country cannot be used: the operator turned it `off`, no metadata of it is in force (`absent`), or it has
    `expired`, `since` when (Unix seconds).
    """

    reason: Literal["off", "absent", "expired"]
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Vouched:
    """A country's proof, with the IDs of its message, none of which may be accepted again until `until` (Unix seconds).

    `digest` (the SHA-256 of the message, in hex), `metadata` (that of the document whose key proves it) and the
    `deviations` from the rules that it needed are for the journal.
    """

    proof: Proof
    ids: tuple[str, ...]
    until: int
    digest: str
    metadata: str
    deviations: tuple[str, ...] = ()


class CountryPort(Protocol):
    """One country that vouches through eIDAS."""

    @property
    def strongest(self) -> Level | None:
        """The highest level that it may vouch for; None for none that counts here."""

    def missing(self) -> Absence | None:
        """Why citizens cannot go there now; None when they can."""

    def depart(self, ask: CountryAsk) -> Mapping[str, str]:
        """What must be found again when the citizen comes back. Raises Problem of the family EID."""

    def passage(self, state: str, note: Mapping[str, str]) -> Passage:
        """The signed request. Each call signs it anew: a page may be read twice."""

    def hear(self, response: str, note: Mapping[str, str]) -> Vouched:
        """The proof in a Response (base64), every check made. Raises Problem of the family EID."""

    def destination(self) -> str:
        """The address that the citizen's browser is sent to (for the page's form-action)."""

    @property
    def wants_requester(self) -> bool:
        """Whether it insists on an identifier of private services (Interoperability Architecture 1.4, 5.3)."""

    @property
    def metadata(self) -> str:
        """The SHA-256 of the metadata in force, in hex."""

    @property
    def contact(self) -> str:
        """Whom its citizens may ask: an address or a number, "" when none is known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a demand is answered with: how the citizen goes there, until when that may be repeated, the grant behind it (b""
    for none), and until when what it gives can count (Unix seconds).
    """

    passage: Passage
    until: int
    grant: bytes = b""
    counts: int = 0
