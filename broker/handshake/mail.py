"""A mail to whoever runs the country's node: their part alone, with facts and clauses, in plain text.

Its recipients come from metadata, and so does much of what it quotes: an address is used only when it is nothing but one,
and every quoted text is one legible line.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence

from broker.handshake import own
from broker.handshake.course import Course
from broker.handshake.meeting import NAMES, OTHER
from broker.handshake.reaching import grouped
from broker.handshake.steps import Step, Verdict, legible
from certs.keys import Use, fingerprint
from eidas.times import written

_ADDRESS = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,62}[A-Za-z0-9])?@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63}")
_WIDTH = 76
_UNKNOWN = "(no contact is proven: write to the one that you know)"
Taken = tuple[Course, Sequence[Step]]


def letter(taken: Sequence[Taken]) -> str:
    """The whole mail: the lines To and Subject, an empty one, and the text. `taken` are the roles of one country."""
    course = taken[0][0]
    code, settings = course.meeting.code, course.meeting.settings
    roles = " and ".join(NAMES[one.meeting.role] for one, _ in taken)
    addresses = list(dict.fromkeys(address for one, _ in taken for address in recipients(one)))
    body = [
        "Dear colleagues,",
        "",
        *_wrapped(
            f"on {written(course.meeting.ways.clock())} we read the eIDAS metadata of your {roles} as strictly as a login "
            "does. This is what we found, and what we ask of you. The check sends nothing but a request for the metadata."
        ),
        *(line for one, steps in taken for line in _part(one, steps)),
        "",
        "Yours sincerely,",
        legible(settings.node.organisation) or "the operator of the eIDAS node",
        *(legible(f"{one.kind}: {one.mail or one.tel}") for one in settings.node.contacts),
    ]
    head = [f"To: {', '.join(addresses) or _UNKNOWN}", f"Subject: eIDAS metadata of {code}: {roles}"]
    return "\n".join([*head, "", *body]) + "\n"


def recipients(course: Course) -> list[str]:
    """The technical contacts that are trusted, else those for support; only what is an address and nothing more."""
    good = [one for one in course.contacts if _ADDRESS.fullmatch(one.mail)]
    for kind in ("technical", "support"):
        if found := [one.mail for one in good if one.kind == kind]:
            return found
    return []


def _part(course: Course, steps: Sequence[Step]) -> Iterator[str]:
    meeting = course.meeting
    title = f"Your {NAMES[meeting.role]}"
    yield from ("", title, "=" * len(title), "")
    if meeting.place:
        yield legible(f"Address: {meeting.place.address}")
    if course.octets:
        yield f"Document: SHA-256 {grouped(course.octets)}"
    told = [(number, step) for number, step in enumerate(steps, 1) if _is_theirs(step)]
    if not told:
        yield from ("", *_wrapped("Nothing is wrong with it."))
    for number, step in told:
        yield from ("", *_wrapped(f"Step {number}, {step.title}: {step.found}."))
        yield from (line for fact in step.facts for line in _wrapped(f"- {fact}", 4))
        yield from (line for ask in step.theirs for line in _wrapped(f"Please: {ask}", 4))
    left = [f"{number} {step.title}" for number, step in enumerate(steps, 1) if _waits(step)]
    if left:
        yield from ("", *_wrapped(f"Not looked at before that is mended: {', '.join(left)}."))
    yield from ("", *_needs(course))


def _is_theirs(step: Step) -> bool:
    """What the country can do something about; what it needs of us stands at the end."""
    return bool(step.theirs) and step.name != "needs" and step.theirs != (own.OURS_ALONE,)


def _waits(step: Step) -> bool:
    return step.verdict is Verdict.NOT_RUN and step.name != "login"


def _needs(course: Course) -> Iterator[str]:
    meeting = course.meeting
    role = OTHER[meeting.role]
    if role not in meeting.settings.node.roles:
        return
    yield from _wrapped(f"What you need of us: our {NAMES[role]} is {own.address(meeting)}, signed by the certificate")
    for key in meeting.keyring.all(Use.METADATA_SIGNING):
        yield f"    SHA-256 {fingerprint(key.certificate)}"
    page = f"{meeting.settings.public_url}/eidas"
    yield from _wrapped(f"We read it to you over the phone; all else of our node is at {page}")
    yield "Please tell us whether you have it."


def _wrapped(text: str, indent: int = 0) -> list[str]:
    pad = " " * indent
    return textwrap.wrap(
        legible(text),
        _WIDTH,
        initial_indent=pad,
        subsequent_indent=pad + "  " * (indent > 0),
        break_long_words=False,
        break_on_hyphens=False,
    )
