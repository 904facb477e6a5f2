"""What the proven document says, part by part, each by the rules that a login would meet."""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

from broker import bridge
from broker.claims import NEVER_FROM_ABROAD, SCOPES
from broker.handshake.meeting import NAMES, Known, Meeting
from broker.handshake.proving import ASKS
from broker.handshake.reaching import host_of
from broker.handshake.steps import Telling, Wrong
from broker.parties import Service
from eidas.algorithms import Deviation
from eidas.attributes import DEFINITIONS
from eidas.certificates import Certificate
from eidas.errors import Refused
from eidas.times import written
from eidas.vocabulary import HTTP_POST, HTTP_REDIRECT, NOT_NOTIFIED_LEVELS, PROTOCOL_VERSIONS
from metadata import parts
from metadata.diff.grades import short
from metadata.diff.keys import Key, read_keys
from metadata.read_rules import check_not_expired
from metadata.trust.nodes import check_country, check_name

_DAY = 86_400
_LONGEST = 30
_KNOWN_LEVELS = bridge.KNOWN_LEVELS


# -- who it is --------------------------------------------------------------------------------------------------------


def role(meeting: Meeting, known: Known, tell: Telling) -> None:
    """The role, the name, the country, the versions that we share, the levels. Raises Wrong, Refused."""
    known.found = found = parts.find(known.proven, meeting.role)
    known.contacts = parts.contacts(found)
    tell.fact(f"entity ID {found.entity_id}")
    tell.fact(f"organisation {parts.organisation(found) or 'not stated'}")
    tell.fact(f"software {parts.application(found) or 'not stated'}")
    _name(meeting, found)
    country = parts.country(found, meeting.policy.compatibility)
    check_country(country, meeting.code)
    if not country:
        tell.remark("it does not say of which country it is", theirs=ASKS[Deviation.NO_NODE_COUNTRY])
    versions = parts.versions(found)
    common = [one for one in PROTOCOL_VERSIONS if one in versions]
    spoken = f"message format {', '.join(common)}" if common else "no version stated, which counts as any"
    parts.check_promise(found)
    tell.finds(f"{NAMES[meeting.role]} of {country or meeting.code}, {spoken}")
    if not any(contact.mail for contact in known.contacts):
        tell.remark(
            "it names nobody to write to",
            theirs="Name a technical and a support contact with a mail address (Message Format 1.4, 2.1.1).",
        )


def _name(meeting: Meeting, found: parts.Found) -> None:
    if meeting.place and meeting.place.name:
        try:
            check_name(found.entity_id, meeting.place.name)
        except Refused as refused:
            raise Wrong(
                f"{refused.detail}: {found.entity_id} instead of {meeting.place.name}",
                f"Write the address into {meeting.file} that is their entity ID, if they confirm it.",
                "Let entityID be the very address under which the metadata is published (Message Format 1.4, 2.1.1).",
            ) from refused


def levels(meeting: Meeting, known: Known, tell: Telling) -> None:
    """The levels that it vouches for, and those that count here. Raises Wrong, Refused."""
    published = parts.levels(known.role)
    for uri in sorted(published - _KNOWN_LEVELS):
        tell.remark(f"{uri} is no level of eIDAS", theirs="Publish levels of eIDAS alone (Message Format 1.4, 3.1).")
    if not meeting.country.not_notified and published & set(NOT_NOTIFIED_LEVELS):
        tell.aside("levels of schemes that are not notified do not count here (not_notified = false)")
    strongest = bridge.strongest(published, meeting.country.not_notified)
    if strongest is None:
        raise Wrong("it vouches for no level that counts here")
    tell.finds(f"up to {strongest.word}")
    above = sorted(service.id for service in _services(meeting) if service.minimum > strongest)
    if above:
        tell.remark(f"too low for the services {', '.join(above)}", "Tell them that this country cannot serve them.")


# -- until when -------------------------------------------------------------------------------------------------------


def validity(meeting: Meeting, known: Known, tell: Telling) -> None:
    """Until when it counts. Raises Wrong, Refused."""
    now, until = meeting.ways.clock(), parts.valid_until(known.role)
    tell.fact(f"cacheDuration {known.role.entity.get('cacheDuration', 'not stated')}")
    try:
        check_not_expired(until, now)
    except Refused as refused:
        raise Wrong(f"{refused.detail}: it counted until {written(until)}") from refused
    left = until - now
    tell.finds(f"counts until {written(until)}, {_span(left)} from now")
    if left > _LONGEST * _DAY:
        tell.remark(
            f"it counts for more than {_LONGEST} days",
            theirs="Publish metadata that counts for days, not months: it is how a key is revoked (Interoperability "
            "Architecture 1.4, 6.2).",
        )
    if meeting.place and left < 2 * meeting.settings.trust.refresh_minutes * 60:
        tell.remark(
            f"we ask every {meeting.settings.trust.refresh_minutes} minutes: a missed turn or two and it has expired",
            "Ask more often: [trust] refresh_minutes.",
            "Publish it anew earlier, or let it count longer.",
        )


def _span(seconds: int) -> str:
    return f"{seconds // _DAY} days" if seconds >= 2 * _DAY else f"{seconds // 3600} hours"


# -- keys -------------------------------------------------------------------------------------------------------------


def keys(meeting: Meeting, known: Known, tell: Telling) -> None:
    """The keys that sign its messages. Raises Wrong, Refused."""
    found, compatibility = known.role, meeting.policy.compatibility
    listed = [key for key in read_keys(found.role) if key.use == "signing"]
    _list(listed, tell)
    try:
        known.signing = parts.signing_keys(found, compatibility)
    except Refused as refused:
        raise _weak(meeting, listed, refused) from refused
    _remark_deviations(known.signing, tell)
    tell.finds(f"sign: {_kinds(listed)}")


def encryption(meeting: Meeting, known: Known, tell: Telling) -> None:
    """What we would encrypt for, and how. Raises Wrong, Refused."""
    found = known.role
    listed = [key for key in read_keys(found.role) if key.use == "encryption"]
    _list(listed, tell)
    for key in listed:
        offered = ", ".join(sorted(words for _, words in key.methods)) or "none, so those of the profile count"
        tell.fact(f"methods offered for {key.kind}: {offered}")
    try:
        offered_keys = parts.encryption(found, known.signing, meeting.policy.compatibility)
    except Refused as refused:
        raise _weak(meeting, listed, refused) from refused
    certificate, method = _recipient(offered_keys)
    _remark_deviations([certificate], tell)
    digest = sha256(certificate.der).hexdigest()
    kind = next((key.kind for key in listed if key.certificate == digest), "its key")
    tell.finds(f"we would encrypt by {short(method)} for {kind}")


def _recipient(offered: parts.Encryption) -> tuple[Certificate, str]:
    try:
        return parts.recipient(offered)
    except Refused as refused:
        raise Wrong(
            refused.detail,
            "Ask them: do you decrypt RSA-OAEP of XML Encryption 1.1 with MGF1-SHA256, or ECDH-ES? We encrypt by nothing "
            "weaker.",
            "Publish an EncryptionMethod for aes256-gcm and aes128-gcm, and for your key xmlenc11#rsa-oaep or ECDH-ES with "
            "kw-aes256 (Cryptographic Requirements 1.4, 3.2).",
        ) from refused


def _list(keys: Iterable[Key], tell: Telling) -> None:
    for key in keys:
        digest = key.certificate or key.sha256
        grouped = ":".join(digest[at : at + 4] for at in range(0, len(digest), 4))
        tell.fact(f"{key.use} {'certificate' if key.certificate else 'key'} SHA-256 {grouped}, {key}")


def _kinds(keys: Iterable[Key]) -> str:
    return ", ".join(f"{kind} ({count})" if count > 1 else kind for kind, count in Counter(k.kind for k in keys).items())


def _weak(meeting: Meeting, listed: Iterable[Key], refused: Refused) -> Wrong:
    """A refusal of keys; those that are merely short may be allowed by name."""
    short_rsa = any(key.kind == "RSA 2048" for key in listed)
    if short_rsa and Deviation.RSA_2048 not in meeting.policy.compatibility.deviations:
        return Wrong(
            f"{refused.detail}: {_kinds(listed)}",
            f'If you accept that until they have new ones, allow it by name in {meeting.file}: compat = ["rsa-2048"].',
            ASKS[Deviation.RSA_2048],
        )
    return Wrong(refused.detail)


def _remark_deviations(keys: Iterable[Certificate], tell: Telling) -> None:
    for deviation in sorted({one for key in keys for one in key.deviations}):
        tell.remark(f"a key needs {deviation}, which this country is allowed by name", theirs=ASKS[deviation])


# -- where ------------------------------------------------------------------------------------------------------------


def endpoints(meeting: Meeting, known: Known, tell: Telling) -> None:
    """Where our messages go. Raises Refused."""
    found = known.role
    if meeting.role == "proxy":
        sso = parts.addresses(found, meeting.sandbox)
        wanted = HTTP_REDIRECT if meeting.country.redirects else HTTP_POST
        used = wanted if wanted in sso else next(iter(sso))
        places = {binding.rpartition(":")[2]: address for binding, address in sso.items()}
        tell.finds(f"requests go by {used.rpartition(':')[2]} to {sso[used]}")
    else:
        places = {"HTTP-POST": parts.default_acs(found, meeting.sandbox)}
        tell.finds(f"answers go by HTTP-POST to {places['HTTP-POST']}")
    for binding, address in places.items():
        tell.fact(f"{binding} {address}")
    others = sorted({host_of(one) for one in places.values()} - {host_of(found.entity_id)})
    if others:
        tell.remark(
            f"another host than that of the entity ID: {', '.join(others)}",
            "Have them confirm that this host is theirs.",
            "Confirm that this host is yours.",
        )


# -- what can be said -------------------------------------------------------------------------------------------------


def attributes(meeting: Meeting, known: Known, tell: Telling) -> None:
    """The minimum data set, and which of our scopes cannot be served. Raises Refused."""
    published = parts.attributes(known.role)
    tell.finds(f"the minimum data set and {len(published) - 4} more attributes")
    scopes = frozenset().union(*(service.scopes for service in _services(meeting)))
    for scope in sorted(scopes & SCOPES.keys()):
        wanted = bridge.attributes_to_ask(SCOPES[scope], frozenset(DEFINITIONS))
        missing = sorted(DEFINITIONS[one.name].friendly_name for one in wanted if one.name not in published)
        never = sorted(NEVER_FROM_ABROAD.intersection(SCOPES[scope]))
        if missing:
            tell.remark(f"the scope {scope} stays without {', '.join(missing)}", _LESS)
        if never:
            tell.aside(f"the scope {scope} stays without {', '.join(never)}: no country states it")


_LESS = "Nothing: services that take Europeans must cope without; tell them."


def _services(meeting: Meeting) -> list[Service]:
    return [service for service in meeting.settings.parties.services.values() if service.europe]
