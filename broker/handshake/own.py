"""Our side: a message made as a login makes it and read by our own published metadata, and what they need of us.

Nothing is sent to anybody.
"""

import secrets
from dataclasses import replace
from urllib.parse import urlsplit

from broker import node
from broker.claims import SCOPES
from broker.errors import Problem
from broker.handshake.meeting import NAMES, OTHER, Known, Meeting
from broker.handshake.steps import NotTaken, Telling, Wrong
from broker.journey import CountryAsk, Passage
from broker.parties import Parties
from certs.keys import Use, fingerprint
from eidas import signature, xml
from eidas.attributes import DATE_OF_BIRTH, DEFINITIONS, MANDATORY, PERSON_IDENTIFIER, Attribute, Kind, Value
from eidas.binding import read_post, read_redirect
from eidas.errors import Refused
from eidas.keys import Signer, signer_of
from eidas.messages import Envelope, KnownConnector, ReadRequest, Statement
from eidas.query import verify_query
from eidas.request import prove_request_of_query, read_proven, read_request
from eidas.response import write_response
from eidas.vocabulary import LOA_LOW
from metadata.conformance import validate
from metadata.conformance.parts import Role
from metadata.diff.grades import short
from metadata.mdsl import Endpoint, build_location
from metadata.nodes import Connector, ProxyService
from metadata.read import read_connector, read_proxy_service

OURS_ALONE = "Nothing: this is ours to mend."


# -- a message that is not sent ---------------------------------------------------------------------------------------


def trial(meeting: Meeting, known: Known, tell: Telling) -> None:
    """A message as a login would send it, read by the metadata that they have of us. Raises Wrong, Refused."""
    document = published(meeting)
    try:
        if meeting.role == "proxy":
            _request(meeting, known, document, tell)
        else:
            _answer(meeting, known, document, tell)
    except Problem as problem:
        raise Wrong(f"no request can be made: {problem.detail}") from problem
    except Refused as refused:
        raise Wrong(
            f"our own message is not right by our own metadata: {refused.detail}",
            "Publish what you sign with: passerelle keys list, passerelle metadata validate own.",
            OURS_ALONE,
        ) from refused


def _request(meeting: Meeting, known: Known, document: bytes, tell: Telling) -> None:
    now, compatibility = meeting.ways.clock(), meeting.policy.compatibility
    theirs = read_proxy_service(known.proven, now=now, compatibility=compatibility, sandbox=meeting.sandbox)
    country = replace(meeting.country, proxy=theirs, active=True)
    settings = replace(meeting.settings, parties=Parties({}, {}, {meeting.code: country}))
    port = node.country_ports(settings, meeting.keyring, meeting.ways.clock, lambda _: None)[meeting.code]
    assert port.strongest is not None  # noqa: S101 - a step before has seen to it
    claims = tuple(dict.fromkeys(claim for opened in SCOPES.values() for claim in opened))
    state = secrets.token_hex(16)
    ask = CountryAsk(port.strongest, state, claims, public=True, requester="")
    passage = port.passage(state, port.depart(ask))
    ours = read_connector(document, now=now, sandbox=meeting.sandbox)
    known_to_them = KnownConnector(
        entity_id=ours.entity_id,
        keys=ours.signing,
        acs=ours.acs,
        sp_type=ours.sp_type,
        endpoint=port.destination(),
        levels=theirs.levels,
        attributes=theirs.attributes,
        now=now,
        wants_requester_id=theirs.wants_requester_id,
    )
    _read(passage, known_to_them)
    signer = signer_of(meeting.keyring.active(Use.SAML_SIGNING))
    tell.finds(f"a request as we would send it, signed by {short(signer.method)}, is right by the metadata that we publish")
    tell.fact("it was sent to nobody")


def _read(passage: Passage, known: KnownConnector) -> ReadRequest:
    """The request, as a Proxy-Service reads it."""
    if passage.fields:
        return read_request(read_post(passage.fields["SAMLRequest"]), known)
    verified = verify_query(urlsplit(passage.location).query, known.keys)
    proven = prove_request_of_query(read_redirect(verified.message), known, verified.certificate)
    return read_proven(proven, known)


def _answer(meeting: Meeting, known: Known, document: bytes, tell: Telling) -> None:
    now, compatibility = meeting.ways.clock(), meeting.policy.compatibility
    theirs = read_connector(known.proven, now=now, compatibility=compatibility, sandbox=meeting.sandbox)
    ours = read_proxy_service(document, now=now, sandbox=meeting.sandbox)
    signer, (recipient, method) = signer_of(meeting.keyring.active(Use.SAML_SIGNING)), theirs.recipient
    octets = _written(meeting, theirs, ours, signer)
    signature.verify(xml.parse(octets), ours.signing)
    kind = type(recipient.key).__name__.partition("Public")[0]
    tell.finds(f"an answer about nobody can be encrypted for their {kind} key by {short(method)}, and signed as we publish")
    tell.fact("it was sent to nobody, and only they could open it")


def _written(meeting: Meeting, theirs: Connector, ours: ProxyService, signer: Signer) -> bytes:
    envelope = Envelope(
        id=f"_{secrets.token_hex(16)}",
        issuer=ours.entity_id,
        destination=theirs.acs,
        in_response_to=f"_{secrets.token_hex(16)}",
        issued=meeting.ways.clock(),
        audience=theirs.entity_id,
    )
    statement = Statement(f"_{secrets.token_hex(16)}", "nobody", LOA_LOW, meeting.ways.clock(), _nobody(meeting))
    recipient, method = theirs.recipient
    return write_response(envelope, statement, recipient, signer, method, meeting.policy.compatibility)


def _nobody(meeting: Meeting) -> tuple[Attribute, ...]:
    """A minimum data set of nobody."""
    values = {PERSON_IDENTIFIER: f"{meeting.settings.node.country}/{meeting.code}/nobody", DATE_OF_BIRTH: "1900-01-01"}
    return tuple(Attribute(DEFINITIONS[name], (Value(values.get(name, "Nobody")),)) for name in MANDATORY[Kind.NATURAL])


# -- what they need ---------------------------------------------------------------------------------------------------


def needs(meeting: Meeting, _known: Known, tell: Telling) -> None:
    """What the country must have of us. Whether it has, nobody can see from here. Raises Wrong."""
    document, role, name = published(meeting), OTHER[meeting.role], address(meeting)
    certificates = [key.certificate for key in meeting.keyring.all(Use.METADATA_SIGNING)]
    tell.fact(f"our {NAMES[role]}: {name}")
    for der in certificates:
        tell.fact(f"certificate that signs it, SHA-256 {fingerprint(der)}")
    report = validate(document, now=meeting.ways.clock(), url=name, role=Role(role))
    if report.has_errors:
        rules = ", ".join(sorted({one.rule for one in report.findings if one.severity == "error"}))
        raise Wrong(f"our own metadata breaks {rules}", "Mend it: passerelle metadata validate own.", OURS_ALONE)
    tell.finds("our metadata is in order; whether they have it cannot be seen from here")
    tell.note(
        "Ask whether they have it, and read them the SHA-256 above over the phone.",
        f"Fetch {name} and compare its certificate with the SHA-256 that we read to you.",
    )


def login(meeting: Meeting, _known: Known, _tell: Telling) -> None:
    """A test login is a person's: a browser must go there. Raises NotTaken."""
    if not meeting.country.active:
        raise NotTaken(f"nobody is sent there while it is not active: passerelle country resume {meeting.code}")
    if meeting.role == "proxy":
        raise NotTaken(f"passerelle country ping {meeting.code} makes a link that counts for ten minutes")
    raise NotTaken("it begins at a service there")


def address(meeting: Meeting) -> str:
    """The entity ID of our role that meets theirs."""
    return node.entity_id(meeting.settings, OTHER[meeting.role])


def fragment(meeting: Meeting) -> str:
    """Message Format 1.4, appendix A: what a list says of our role; "" where we have no key that signs metadata."""
    certificates = [key.certificate for key in meeting.keyring.all(Use.METADATA_SIGNING)]
    return build_location(address(meeting), [Endpoint(OTHER[meeting.role], address(meeting))], certificates).decode()


def published(meeting: Meeting) -> bytes:
    """Our metadata as they fetch it. Raises Wrong."""
    role = OTHER[meeting.role]
    try:
        return node.metadata(meeting.settings, meeting.keyring, meeting.ways.clock)[role]()
    except KeyError:
        wanted = ", ".join(f'"{one}"' for one in (*meeting.settings.node.roles, role))
        ours = f"Add the role in passerelle.toml: [eidas] roles = [{wanted}]."
        raise Wrong(f"this instance has no {NAMES[role]}, so nobody there can speak with it", ours, OURS_ALONE) from None
    except LookupError as missing:
        raise Wrong(str(missing), "Make the key that is missing: passerelle keys new.", OURS_ALONE) from None
