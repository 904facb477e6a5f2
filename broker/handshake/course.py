"""The steps in their order, what each needs, and how they are taken: what needs a step that is wrong is not run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from broker.handshake import comparing, describing, own, proving, reaching
from broker.handshake.meeting import Known, Meeting
from broker.handshake.steps import NotTaken, Step, Telling, Verdict, Wrong
from eidas.errors import Refused
from metadata.nodes import Contact

_BOTH = ("proxy", "connector")
_NOTHING = "Nothing on our side: tell them, passerelle country handshake --mail."


@dataclass(frozen=True, slots=True)
class Part:
    """A step that can be taken: its name for programs, its title, which steps it needs, and for which roles it is.

    `ours` and `theirs` are the sentences of a refusal that has none of its own.
    """

    name: str
    title: str
    run: Callable[[Meeting, Known, Telling], None]
    needs: tuple[str, ...] = ()
    ours: str = _NOTHING
    theirs: str = "Mend this in your metadata and publish it anew."
    roles: tuple[str, ...] = _BOTH


_REACH = (
    Part("network", "name, TCP, TLS", reaching.reach),
    Part("document", "metadata fetched", reaching.fetch, ("network",)),
)
_FILE = (Part("document", "metadata pinned", reaching.take_file),)
_STEPS = (
    Part(
        "form",
        "XML and schemas",
        proving.form,
        ("document",),
        theirs="Publish a document that is valid by the schemas of SAML and eIDAS (SAML Metadata 2; Interoperability "
        "Architecture 1.4, 7.5).",
    ),
    Part(
        "signature",
        "signature",
        proving.signature,
        ("form",),
        theirs="Sign the root of the document, after all else is written, and change no octet afterwards "
        "(Interoperability Architecture 1.4, 6.3).",
    ),
    Part("role", "role and country", describing.role, ("signature",)),
    Part(
        "validity",
        "validity",
        describing.validity,
        ("role",),
        theirs="Publish metadata with a validUntil that is still to come (Message Format 1.4, 2.1.1, 4.1).",
    ),
    Part(
        "levels",
        "levels",
        describing.levels,
        ("role",),
        "Only if you have agreed on schemes that are not notified: not_notified = true in the country's file.",
        "Publish the levels that you vouch for in assurance-certification (Message Format 1.4, 3.4).",
        ("proxy",),
    ),
    Part(
        "keys",
        "signing keys",
        describing.keys,
        ("role",),
        theirs="Publish a key with use signing: RSA from 3072 bits, or on a named curve (Message Format 1.4, 3.3; "
        "Cryptographic Requirements 1.4, 3.3.1).",
    ),
    Part(
        "encryption",
        "encryption",
        describing.encryption,
        ("role", "keys"),
        theirs="Publish a key of its own with use encryption: RSA from 3072 bits, or on a named curve (Message Format 1.4, "
        "3.3; Cryptographic Requirements 1.4, 3.5).",
        roles=("connector",),
    ),
    Part(
        "endpoints",
        "bindings, endpoints",
        describing.endpoints,
        ("role",),
        theirs="Publish https addresses, one default for answers, and HTTP-POST or HTTP-Redirect for requests "
        "(Message Format 1.4, 3.3; Interoperability Architecture 1.4, 3.2.1.1, 6.4).",
    ),
    Part(
        "attributes",
        "attributes",
        describing.attributes,
        ("role",),
        theirs="Publish the four attributes of the minimum data set of a natural person (Message Format 1.4, 3.4).",
        roles=("proxy",),
    ),
    Part("change", "on fetching", comparing.change, ("document",)),
    Part("conformance", "conformity", comparing.conformance, ("document",)),
    Part(
        "trial",
        "trial message",
        own.trial,
        ("role", "validity", "levels", "keys", "encryption", "endpoints", "attributes"),
        theirs=own.OURS_ALONE,
    ),
    Part("needs", "what they need of us", own.needs, theirs=own.OURS_ALONE),
    Part("login", "test login", own.login),
)


class Course:
    """The handshake with one role of a country. `take` the `parts` in their order."""

    def __init__(self, meeting: Meeting) -> None:
        self.meeting = meeting
        first = _FILE if meeting.pinned is not None else _REACH
        self.parts = tuple(part for part in (*first, *_STEPS) if meeting.role in part.roles)
        self._known = Known()

    def __iter__(self) -> Iterator[Step]:
        """Every step, each taken when it is asked for."""
        return map(self.take, self.parts)

    @property
    def octets(self) -> bytes:
        """The document as it came; b"" while there is none."""
        return self._known.octets

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """Whom to write to: by the proven document, else by what is trusted already. Nobody else's word counts."""
        trusted = self.meeting.country.nodes.get(self.meeting.role)
        return self._known.contacts or (trusted.contacts if trusted else ())

    def take(self, part: Part) -> Step:
        """Take a step, if what it needs is there."""
        failed = self._known.failed
        if lacking := [failed[need] for need in part.needs if need in failed]:
            cause = failed[part.name] = min(lacking)
            return Step(part.name, part.title, Verdict.NOT_RUN, f"needs step {cause}, {self.parts[cause - 1].title}")
        step = self._taken(part)
        if step.verdict is Verdict.WRONG:
            failed[part.name] = self.parts.index(part) + 1
        return step

    def _taken(self, part: Part) -> Step:
        tell = Telling()
        try:
            part.run(self.meeting, self._known, tell)
        except NotTaken as left:
            return tell.step(part.name, part.title, Verdict.NOT_RUN, str(left))
        except Wrong as wrong:
            return _wrong(part, tell, wrong)
        except Refused as refused:
            return _wrong(part, tell, Wrong(refused.detail))
        verdict = Verdict.NOTE if tell.noted else Verdict.FINE
        return tell.step(part.name, part.title, verdict, tell.found)


def _wrong(part: Part, tell: Telling, wrong: Wrong) -> Step:
    tell.advise(wrong.ours or part.ours, wrong.theirs or part.theirs)
    return tell.step(part.name, part.title, Verdict.WRONG, wrong.found)
