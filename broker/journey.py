"""The journey of one login, step by step. The type of the journey is its step.

    Choosing ──choose──► Proving ──prove──► Consenting ──consent──► Ready ──release──► Release
       ▲  └───────────────reuse──────────────────▲
       └──────── fail / reconsider ──────────────┘

Four values cross a boundary. A `Demand` comes from whoever asks and a `Release` goes back to him: it has no field for the
provider. An `Ask` goes to a provider and a `Proof` comes back: the ask has no field for the service. So neither can be
told of the other by mistake. Another country is asked for what the scopes need, so it gets a `CountryAsk`.

Whoever asks is a service here, or a service in another country; `Demand.relying` says by which protocol he does.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from broker.assurance import Level, level_to_ask
from broker.identity import Person

OIDC, EIDAS = "oidc", "eidas"
"""The protocols; `eidas` is also the `amr` of a proof that another country gave."""


class Manner(StrEnum):
    """What the citizen is shown before anything is released."""

    INFORM = "information"
    CONSENT = "consent"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Demand:
    """What somebody asks: who he is, which claims, which assurance at least, and his protocol's private note.

    `fresh` forbids to reuse a session, `silent` forbids to show a page (OpenID Connect's prompt login and none),
    `max_age` bounds a reused session in seconds. `reference` names this login in pages, errors and the journal.
    `relying` is the protocol: `service` is one of its own (by eIDAS a country). The citizen may add `optional` claims.
    `data` are the scopes of data providers that are asked for, and whether the service cannot do without.
    """

    service: str
    claims: tuple[str, ...]
    level: Level
    manner: Manner
    note: Mapping[str, str]
    reference: str
    hint: str | None = None
    fresh: bool = False
    silent: bool = False
    max_age: int | None = None
    relying: str = OIDC
    optional: tuple[str, ...] = ()
    data: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Passage:
    """How the browser gets somewhere: `fields` are posted to `location`, or it is just sent there without any."""

    location: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a provider is handed: a level, and the state that names the journey. It has no field for the service."""

    level: Level
    state: str


@dataclass(frozen=True, slots=True)
class CountryAsk(Ask):
    """What a country is handed besides: the claims that the scopes need, whether the service is public, and, should the
    country insist on one, an identifier that only we can trace to the service. Its name is not among them.
    """

    claims: tuple[str, ...]
    public: bool
    requester: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Who a person is, how sure that is, who vouched, and when (Unix seconds).

    `farewell` is what the provider wants to see when the citizen logs out there (its own ID token).
    """

    identity: Person
    level: Level
    provider: str
    at: int
    amr: tuple[str, ...] = ()
    farewell: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """What a relying party is handed: the pairwise sub, the claims, the assurance and when. It has no provider."""

    sub: str
    claims: Mapping[str, object]
    level: Level
    at: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the last attempt did not succeed, for the banner of the choice page: a catalogue code and its words."""

    code: str
    words: Mapping[str, str]


class LevelTooLow(ValueError):
    """The provider vouched at a lower level than the journey needs."""

    def __init__(self, got: Level, needed: Level) -> None:
        super().__init__(f"got {got.word}, needed {needed.word}")
        self.got = got
        self.needed = needed


class WrongProvider(ValueError):
    """Somebody else vouched than the one who was asked."""


class ConsentMissing(ValueError):
    """A private service may receive nothing before the citizen has agreed."""


class DataMissing(ValueError):
    """The citizen did not agree to data that the service cannot do without: `scopes` say which."""

    def __init__(self, scopes: tuple[str, ...]) -> None:
        super().__init__(f"not agreed to: {' '.join(scopes)}")
        self.scopes = scopes


@dataclass(frozen=True, slots=True)
class Choosing:
    """The citizen chooses who shall vouch for him."""

    demand: Demand
    failure: Failure | None = None

    def ask(self, offered: Iterable[Level], state: str) -> Ask:
        """What a provider with these levels is handed: the lowest that is enough. ValueError when none is."""
        return Ask(level_to_ask(self.demand.level, offered), state)

    def choose(self, provider: str, state: str, pending: Mapping[str, str]) -> "Proving":
        """Go to this provider; `pending` is what its protocol must find again when the citizen comes back."""
        return Proving(self.demand, provider, state, pending)

    def reuse(self, proof: Proof) -> "Consenting":
        """Go on with the proof of a running session. Raises LevelTooLow."""
        check_level(proof, self.demand.level)
        return Consenting(self.demand, proof, reused=True)

    def reconsider(self) -> "Choosing":
        """Choosing again is where we are."""
        return self


@dataclass(frozen=True, slots=True)
class Proving:
    """The citizen is at the provider's. `state` is this one ask's; `pending` is the note of the provider's protocol."""

    demand: Demand
    provider: str
    state: str
    pending: Mapping[str, str]

    def prove(self, proof: Proof) -> "Consenting":
        """The provider vouched. Raises WrongProvider, LevelTooLow."""
        check_provider(proof, self.provider)
        check_level(proof, self.demand.level)
        return Consenting(self.demand, proof)

    def fail(self, failure: Failure) -> Choosing:
        """The provider did not vouch: back to the choice, with the reason."""
        return Choosing(self.demand, failure)

    def reconsider(self) -> Choosing:
        """The citizen came back without an answer."""
        return Choosing(self.demand)


@dataclass(frozen=True, slots=True)
class Consenting:
    """The citizen reads what will be sent."""

    demand: Demand
    proof: Proof
    reused: bool = False

    def consent(self, agreed: bool, added: Collection[str] = (), data: Collection[str] = ()) -> "Ready":
        """The citizen goes on, adds some of the optional claims, and agrees to some of the data.

        Raises ConsentMissing when the service needs his word and he did not give it, DataMissing likewise for data.
        """
        check_consent(self.demand, agreed)
        check_data(self.demand, data)
        optional = tuple(claim for claim in self.demand.optional if claim in added)
        return Ready(self.demand, self.proof, optional, tuple(scope for scope in self.demand.data if scope in data))

    def reconsider(self) -> Choosing:
        """The citizen would rather use another identity."""
        return Choosing(self.demand)


@dataclass(frozen=True, slots=True)
class Ready:
    """Everything is there: the only step that can release. `data` are the scopes that the citizen agreed to."""

    demand: Demand
    proof: Proof
    added: tuple[str, ...] = ()
    data: tuple[str, ...] = ()

    def release(self, name: Callable[[Person], str], tell: Callable[[Person, str], object] | None = None) -> Release:
        """What the relying party gets; `name` makes the pairwise sub, `tell` the value of a claim where it is not the
        person's own word for it. Claims that the person lacks are left out.
        """
        person = self.proof.identity
        tell = tell or self._claim
        known = {claim: tell(person, claim) for claim in (*self.demand.claims, *self.added)}
        claims = {claim: value for claim, value in known.items() if value is not None}
        return Release(name(person), claims, self.proof.level, self.proof.at)

    def _claim(self, person: Person, claim: str) -> object:
        if claim == "amr":
            # That somebody came through Europe is told to those alone who may know the country.
            return [value for value in self.proof.amr if value != EIDAS or "country" in self.demand.claims] or None
        return person.claim(claim)


@dataclass(frozen=True, slots=True)
class Finished:
    """The citizen was sent back. A repeated click within the answer's life gets the very same answer.

    `released` is False when he goes back without anything having been sent.
    """

    demand: Demand
    passage: Passage
    until: int
    released: bool


Step = Choosing | Proving | Consenting | Finished


def check_level(proof: Proof, needed: Level) -> None:
    """(EU) 910/2014 article 6: what is used must be at least at the level that was asked."""
    if proof.level < needed:
        raise LevelTooLow(proof.level, needed)


def check_provider(proof: Proof, asked: str) -> None:
    """RFC 9700 4.4: the answer must come from the provider that was asked (mix-up)."""
    if proof.provider != asked:
        raise WrongProvider(proof.provider)


def check_consent(demand: Demand, agreed: bool) -> None:
    """(EU) 2016/679 article 6: towards a private service, only the citizen's own act is a reason to send."""
    if demand.manner is Manner.CONSENT and not agreed:
        raise ConsentMissing


def check_data(demand: Demand, agreed: Collection[str]) -> None:
    """(EU) 2016/679 articles 6 and 7: data come from elsewhere by the citizen's own act alone, kind by kind."""
    missing = tuple(scope for scope, needed in demand.data.items() if needed and scope not in agreed)
    if missing:
        raise DataMissing(missing)
