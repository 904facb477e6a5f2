"""What becomes of a document that came: anchors and lists of revoked certificates judge it, and the ledger is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from broker.judging import Fresh, consequences, refusal
from broker.ledger import Ledger
from broker.parties import Country
from broker.revoking import Revocations
from broker.settings.model import Settings
from broker.sources import Place, anchors_of_lists, judged, lists_in_force, proven_list
from eidas.errors import Refused
from eidas.times import written
from metadata.errors import CertificateRevoked
from metadata.ledger import Event, Stated
from metadata.ledger.kinds import IN_FORCE, LIST, REFUSED, WAITING
from metadata.mdsl import ServiceList
from metadata.nodes import Connector, ProxyService
from metadata.review import Standing
from metadata.review.documents import octets_of
from metadata.trust.nodes import VouchedNode


@dataclass(frozen=True, slots=True)
class Task:
    """An address to ask: that of a node of a country ("EL/proxy"), or of a list, which has no country."""

    subject: str
    place: Place
    country: Country | None
    role: str

    def __hash__(self) -> int:
        return hash(self.subject)

    def held(self, standing: Standing) -> Event | None:
        """What is in force of it."""
        return standing.get((LIST if self.country is None else IN_FORCE, self.subject))

    def documents(self, standing: Standing) -> set[str]:
        """The documents of it that are kept: whichever comes again is known."""
        kept = (standing.get((type_, self.subject)) for type_ in (IN_FORCE, WAITING, REFUSED, LIST))
        return {event.facts["document"] for event in kept if event}


@dataclass(frozen=True, slots=True)
class Received:
    """The events that a document gave, what is wrong with it ("" for nothing), and what the operator should know."""

    events: Sequence[Event] = ()
    wrong: str = ""
    remarks: tuple[str, ...] = ()


Change = Callable[[Standing], Sequence[Stated]]


class Receiver:
    """Receives for one instance; `clock` gives Unix seconds."""

    def __init__(self, ledger: Ledger, revocations: Revocations, clock: Callable[[], int]) -> None:
        self._ledger = ledger
        self._revocations = revocations
        self._clock = clock

    def receive(self, settings: Settings, task: Task, octets: bytes) -> Received:
        """Judge a document that came, and tell the ledger. Raises LedgerRefused."""
        now = self._clock()
        try:
            if task.country is None:
                return Received(self._ledger.amend(self._of_list(settings, task, octets), now))
            change, remarks = self._of_node(settings, task, task.country, octets)
            return Received(self._ledger.amend(change, now), remarks=remarks)
        except Refused as refused:
            told = refusal(task.subject, task.place.address, refused.detail, octets) if task.country else ()
            events = self._ledger.amend(lambda _: told, now)
            if isinstance(refused, CertificateRevoked):  # whoever signed this one may have signed the one in force
                events += self.recheck(settings, task).events
            return Received(events, refused.detail)

    def recheck(self, settings: Settings, task: Task) -> Received:
        """Whether the document in force still counts although nothing new came: its signer may have been revoked since."""
        held = task.held(self._ledger.standing())
        if task.country is None or held is None:
            return Received()
        octets = b""
        try:
            octets = octets_of(held.after, self._ledger.blob)
            found = self._node(settings, task, task.country, octets)
        except CertificateRevoked as revoked:
            told = refusal(task.subject, task.place.address, revoked.detail, octets)
            ended = [Stated(IN_FORCE, task.subject, {}, ""), *told]
            return Received(self._ledger.amend(lambda _: ended, self._clock()), revoked.detail)
        except Refused as refused:
            return Received(wrong=refused.detail)  # it is not used either: `trusting` asks the same of it
        return Received(remarks=found.vouched.warnings)

    def _of_node(self, settings: Settings, task: Task, country: Country, octets: bytes) -> tuple[Change, tuple[str, ...]]:
        found, now = self._node(settings, task, country, octets), self._clock()
        check_counts(found.node.valid_until, now)

        def change(standing: Standing) -> Sequence[Stated]:
            before = self._in_force(settings, task, country, standing)
            fresh = Fresh(task.subject, octets, found.node, found.anchor, before)
            return consequences(fresh, standing, self._ledger.blob, country.updates == "auto", now)

        return change, found.vouched.warnings

    def _in_force(
        self, settings: Settings, task: Task, country: Country, standing: Standing
    ) -> ProxyService | Connector | None:
        """The node in force as the ledger has it now: somebody may have decided since these settings were made."""
        known, held = country.nodes.get(task.role), task.held(standing)
        if held is None or (known is not None and known.sha256 == held.after):
            return known
        try:
            octets = octets_of(held.after, self._ledger.blob)
            return judged(octets, country, task.role, task.place, self._clock(), settings.mode == "sandbox").node
        except Refused:
            return None

    def _node(
        self, settings: Settings, task: Task, country: Country, octets: bytes
    ) -> VouchedNode[ProxyService | Connector]:
        """What an anchor vouches for. Its certificates say where lists of revoked ones are: they are believed by then."""
        now, sandbox = self._clock(), settings.mode == "sandbox"
        found = judged(octets, country, task.role, task.place, now, sandbox)
        crls = self._revocations.lists(found.vouched.chain, country.private_addresses)
        return judged(octets, country, task.role, task.place, now, sandbox, crls) if crls else found

    def _of_list(self, settings: Settings, task: Task, octets: bytes) -> Change:
        found, digest = proven_list(settings, octets, self._clock()), sha256(octets).hexdigest()
        issued = written(found.header.issued if found.header else 0)
        check_not_older(issued, task.held(self._ledger.standing()))
        facts = {"address": task.place.address, "document": digest, "issued": issued}
        own = Stated(LIST, task.subject, facts, digest, {digest: octets})

        def change(standing: Standing) -> Sequence[Stated]:
            return [own, *anchors_of_lists(settings, self._lists(settings, standing, own, found), standing)]

        return change

    def _lists(self, settings: Settings, standing: Standing, own: Stated, found: ServiceList) -> list[ServiceList]:
        """The lists in force, this one among them."""
        others = {key: event for key, event in standing.items() if key != (LIST, own.subject)}
        return [found, *lists_in_force(settings, others, self._ledger.blob, self._clock())]


# -- rules ------------------------------------------------------------------------------------------------------------


def check_not_older(issued: str, held: Event | None) -> None:
    """Ours: a list that was replaced does not come back, nor the anchors in it that were taken away."""
    if held is not None and issued < held.facts["issued"]:
        raise Refused("the list is older than the one in force")


def check_counts(until: int, now: int) -> None:
    """Message Format 1.4, 2.1.1: what is past its validUntil is treated as absent."""
    if until <= now:
        raise Refused("the metadata has expired")
