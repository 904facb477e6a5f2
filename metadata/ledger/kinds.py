"""All that may stand in the ledger: the types of events, and the form of whatever each of them says.

A form admits digests, addresses, moments and words of a list. Three types quote a person of the staff, for a decision has
a name under it: who decided, and how it was verified. Nothing in any of them can speak of a citizen.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

CONFIGURATION = "configuration.in_force"
IN_FORCE = "metadata.in_force"
"""The document that a country's node is trusted by. `ground`: a pin, a renewal without news, an anchor, an approval."""
WAITING = "metadata.waiting"
"""A document that an anchor vouches for and that nobody has decided on; no more when it was decided, or replaced."""
REFUSED = "metadata.refused"
"""What was fetched and is not used; no more when the address gives something usable again."""
DECISION = "trust.decision"
"""What a person said of a waiting document. Where two must agree, the first one's is `proposed`."""
LIST = "list.in_force"
"""A list of where metadata is, by the SHA-256 of its address."""
ANCHOR = "anchor.pinned"
"""A certificate that vouches for a country's metadata, while the configuration has it."""
COUNTRY = "country.state"
"""Whether a country is used, by a person's word."""
CONFIRMED = "country.confirmed"
"""A person asked the country whether what we hold of it still holds."""
PUBLISHED = "metadata.published"
KEY = "key.state"
REPORT = "report.issued"
"""A report of a span of days was made."""

DIGEST = re.compile(r"[0-9a-f]{64}")
NO_DIGEST = re.compile(r"([0-9a-f]{64})?")
_URL = re.compile(r"https?://[^\s\"<>]{1,1020}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_KID = re.compile(r"[A-Za-z0-9_-]{43}")
_NODE = re.compile(r"[A-Z]{2}/(proxy|connector)")
_CODE = re.compile(r"[A-Z]{2}")
_WHO = re.compile(r"[^\x00-\x1f\x7f]{2,80}")
_WORDS = re.compile(r"[^\x00-\x1f\x7f]{3,300}")


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of event: the form of its subject, the form of each fact, and which facts are digests of files kept beside."""

    subject: re.Pattern[str]
    facts: Mapping[str, re.Pattern[str]]
    blobs: tuple[str, ...] = ()


_DOCUMENT = {"document": DIGEST, "entity_id": _URL, "valid_until": _MOMENT, "anchor": NO_DIGEST}

KINDS: Mapping[str, Kind] = {
    CONFIGURATION: Kind(
        re.compile("instance"),
        {"mode": re.compile("production|sandbox"), "program": re.compile(r"[0-9][0-9a-z.+]{0,30}")},
    ),
    IN_FORCE: Kind(_NODE, {**_DOCUMENT, "ground": re.compile("pin|renewal|anchor|approval")}, ("document",)),
    WAITING: Kind(_NODE, {**_DOCUMENT, "news": re.compile("first|keys|dangerous")}, ("document",)),
    REFUSED: Kind(_NODE, {"address": _URL, "reason": _WORDS, "document": NO_DIGEST}, ("document",)),
    DECISION: Kind(
        _NODE,
        {
            "document": DIGEST,
            "verdict": re.compile("proposed|approved|rejected"),
            "needed": re.compile("[12]"),
            "by": _WHO,
            "words": _WORDS,
            "at": _MOMENT,
        },
    ),
    LIST: Kind(DIGEST, {"address": _URL, "document": DIGEST, "issued": _MOMENT}, ("document",)),
    ANCHOR: Kind(
        re.compile(r"[A-Z]{2}/[0-9a-f]{64}"),
        {"certificate": DIGEST, "valid_until": _MOMENT, "from": re.compile("configuration|list")},
        ("certificate",),
    ),
    COUNTRY: Kind(_CODE, {"state": re.compile("suspended|resumed"), "by": _WHO, "words": _WORDS, "at": _MOMENT}),
    CONFIRMED: Kind(_CODE, {"by": _WHO, "words": _WORDS, "at": _MOMENT}),
    PUBLISHED: Kind(re.compile("proxy|connector"), {"document": DIGEST, "entity_id": _URL}, ("document",)),
    KEY: Kind(
        _KID,
        {
            "use": re.compile(r"[a-z]{2,10}-[a-z]{2,15}"),
            "algorithm": re.compile(r"[A-Za-z]{1,10}[0-9-]{0,5}[a-z0-9]{0,3}"),
            "state": re.compile("published|active|retiring"),
            "public_key": DIGEST,
            "certificate": NO_DIGEST,
        },
        ("public_key", "certificate"),
    ),
    REPORT: Kind(re.compile("instance"), {"from": _DAY, "to": _DAY, "manifest": DIGEST}),
}
