"""What changes at our node, for those who operate others: what is planned, and what has changed.

Three sources say it, and nobody writes it twice: the states of our keys (a published one is the next one), the ledger
(since when), and the operator's announcements. The same change has the same identifier and the same words for ever, so
that a reader of the feed sees it once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from broker.parties import Text
from broker.settings import Settings
from broker.settings.model import Announcement
from certs.keyring import Keyring
from certs.keys import Key, Use, fingerprint, grouped
from metadata.ledger import Entry, Event
from metadata.ledger.kinds import KEY, PUBLISHED

NOTICE_DAYS = 30
"""How long others know of a key before it signs, and how long after that they still find it."""
MOST_PAST = 50
_DAY = 86_400
_USES = (Use.SAML_SIGNING, Use.SAML_DECRYPTION, Use.METADATA_SIGNING)
_ROLES = {"connector": "Connector", "proxy": "Proxy-Service"}
_GONE = "gone"
_PLANS = ("published", "retiring")


@dataclass(frozen=True, slots=True)
class Change:
    """One change. Moments are Unix seconds: `updated` when others could first know, `due` when it happens (None: unknown).

    `id` is a URN. A text whose French is "" was written in English alone.
    """

    id: str
    updated: int
    due: int | None
    planned: bool
    title: Text
    text: Text

    def words(self, language: str) -> tuple[str, str]:
        """Title and text in a language, in English where nobody wrote another."""
        return self.title[language] or self.title.en, self.text[language] or self.text.en


@dataclass(frozen=True, slots=True)
class _Turn:
    """A key came into a state. `since` is Unix seconds, `sure` when the ledger says so; `digest` is the certificate's."""

    kid: str
    use: str
    state: str
    since: int
    sure: bool
    digest: str


def changes(settings: Settings, keyring: Keyring, entries: Sequence[Entry], now: int) -> tuple[Change, ...]:
    """What is known at `now` (Unix seconds), the newest first: everything planned, and the last 50 of what has passed."""
    site = settings.public_url
    found = [
        *_of_keys(site, keyring, entries),
        *_of_metadata(site, entries),
        *(_announced(site, one, now) for one in settings.node.announcements if _moment(one.announced) <= now),
    ]
    newest = sorted(found, key=lambda one: (-one.updated, one.id))
    past = [one for one in newest if not one.planned][:MOST_PAST]
    return tuple(one for one in newest if one.planned or one in past)


# -- keys -------------------------------------------------------------------------------------------------------------


def _of_keys(site: str, keyring: Keyring, entries: Iterable[Entry]) -> Iterator[Change]:
    present = {key.kid: key for key in keyring.keys if key.use in _USES}
    turns = list(_turns(entries))
    last = {turn.kid: turn for turn in turns}
    for key in present.values():
        if key.state in _PLANS and (key.kid not in last or last[key.kid].state != key.state):
            last[key.kid] = _untold(key)
            turns.append(last[key.kid])
    for turn in turns:
        planned = turn.state in _PLANS and last[turn.kid] is turn and turn.kid in present
        yield _of_key(site, turn, planned)


def _turns(entries: Iterable[Entry]) -> Iterator[_Turn]:
    """What the ledger knows of the keys that others see."""
    known: dict[str, _Turn] = {}
    for event in _events(entries, KEY):
        before = known.get(event.subject)
        use = event.facts.get("use") or (before.use if before else "")
        state = event.facts.get("state", _GONE)
        digest = event.facts.get("certificate") or (before.digest if before else "")
        if use in _USES and (before is None or before.state != state):
            known[event.subject] = _Turn(event.subject, use, state, event.time, True, digest)
            yield known[event.subject]


def _untold(key: Key) -> _Turn:
    """A key in a state that no ledger tells of: a next one is known since it was made; of a former one nobody knows."""
    digest = fingerprint(key.certificate).replace(":", "") if key.chain else ""
    return _Turn(key.kid, str(key.use), str(key.state), key.created, key.state == "published", digest)


def _of_key(site: str, turn: _Turn, planned: bool) -> Change:
    due = turn.since + NOTICE_DAYS * _DAY if turn.sure and turn.state in _PLANS else None
    words = {
        "since": _day(turn.since),
        "due": _day(due) if due is not None else "",
        "digest": grouped(turn.digest),
    }
    english, french = _SENTENCES[turn.state if turn.sure else f"{turn.state}-untold"]
    told = Text(french.format(**words), english.format(**words))
    name = f"key/{turn.kid}/{turn.state}/{turn.since}"
    return Change(_urn(site, name), turn.since, due, planned, _TITLES[turn.use, turn.state], told)


# -- metadata and announcements ---------------------------------------------------------------------------------------


def _of_metadata(site: str, entries: Iterable[Entry]) -> Iterator[Change]:
    for event in _events(entries, PUBLISHED):
        role = _ROLES[event.subject]
        if not event.after:
            title = Text(f"Les métadonnées de notre {role} ne sont plus publiées", f"Metadata of our {role} is withdrawn")
        elif event.before:
            title = Text(f"Les métadonnées de notre {role} ont changé", f"The metadata of our {role} has changed")
        else:
            title = Text(f"Les métadonnées de notre {role} sont publiées", f"The metadata of our {role} is published")
        digest = grouped(event.facts.get("document", ""))
        told = Text(f"SHA-256 du premier document : {digest}", f"SHA-256 of the first document: {digest}")
        name = f"metadata/{event.subject}/{event.time}/{event.after}"
        yield Change(_urn(site, name), event.time, None, False, title, told if digest else Text("", ""))


def _announced(site: str, one: Announcement, now: int) -> Change:
    due = _moment(one.date)
    name = f"announcement/{one.announced}/{one.date}/{one.title.en}"
    return Change(_urn(site, name), _moment(one.announced), due, now < due + _DAY, one.title, one.text)


# -- what they have in common -----------------------------------------------------------------------------------------


def _events(entries: Iterable[Entry], type_: str) -> Iterator[Event]:
    return (entry.event for entry in entries if entry.event.type == type_)


def _urn(site: str, name: str) -> str:
    """RFC 4287 4.2.6: the same change has the same identifier for ever, and no other one has it."""
    return uuid5(NAMESPACE_URL, f"{site}/eidas/changes/{name}").urn


def _moment(day: str) -> int:
    return int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp())


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")


_DONE = {  # by use: what it does, and what it does no more, in English and in French
    "saml-signing": ("signs our messages", "signe nos messages", "ne signe plus nos messages"),
    "saml-decryption": (
        "opens what is encrypted for us",
        "ouvre ce qui est chiffré pour nous",
        "n’ouvrira plus ce qui est chiffré pour nous",
    ),
    "metadata-signing": ("signs our metadata", "signe nos métadonnées", "ne signe plus nos métadonnées"),
}
_TITLES = {
    (use, state): title
    for use, (english, french, no_more) in _DONE.items()
    for state, title in {
        "published": Text(f"La prochaine clé qui {french} est connue", f"The next key that {english} is known"),
        "active": Text(f"Une nouvelle clé {french}", f"A new key {english}"),
        "retiring": Text(f"Une clé {no_more}", f"A key is going that {english}"),
        _GONE: Text(f"Une clé n’existe plus, qui {french}", f"A key is gone that {english}"),
    }.items()
}
_SENTENCES = {  # English, French
    "published": (
        "Known since {since}, used not before {due}. SHA-256 of its certificate: {digest}",
        "Connue depuis le {since}, utilisée au plus tôt le {due}. SHA-256 de son certificat : {digest}",
    ),
    "active": (
        "Used since {since}. SHA-256 of its certificate: {digest}",
        "Utilisée depuis le {since}. SHA-256 de son certificat : {digest}",
    ),
    "retiring": (
        "Going since {since}; it can be found until {due} at least. SHA-256 of its certificate: {digest}",
        "En fin d’usage depuis le {since} ; présente au moins jusqu’au {due}. SHA-256 de son certificat : {digest}",
    ),
    "retiring-untold": (
        "It will be taken away. SHA-256 of its certificate: {digest}",
        "Elle sera retirée. SHA-256 de son certificat : {digest}",
    ),
    _GONE: (
        "Gone since {since}. SHA-256 of its certificate: {digest}",
        "Retirée le {since}. SHA-256 de son certificat : {digest}",
    ),
}
