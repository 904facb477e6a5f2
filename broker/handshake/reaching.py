"""The first steps: the way to the country's server, and the document that it gives."""

from collections.abc import Mapping
from hashlib import sha256
from typing import NoReturn
from urllib.parse import urlsplit

from broker.fetch import FetchFailed
from broker.handshake.meeting import Known, Meeting
from broker.handshake.steps import Telling, Wrong
from broker.refreshing import Unusable, check_answered, check_no_redirect
from broker.sources import Place
from metadata.parts import LIMITS
from oidc.messages import HttpRequest, HttpResponse

_DAY = 86_400
_SOON = 21
_ACCEPT = {"Accept": "application/samlmetadata+xml, application/xml;q=0.9, */*;q=0.1"}
_XML = ("xml", "octet-stream")

FAILURES: Mapping[str, tuple[str, str, str]] = {
    "dns": (
        "the name {host} has no address",
        "Check the address in {file}, and that names can be looked up on this machine.",
        "Publish {host} in the public DNS, or tell us the address that counts.",
    ),
    "refused": (
        "nobody accepts a connection at {host}",
        "Check that this machine may go out to that port, then try again.",
        "See that the server runs and that its firewall lets our address in.",
    ),
    "timeout": (
        "{host} does not answer in time",
        "Check that this machine may go out to that port, then try again.",
        "See that the server answers within some seconds, and that its firewall lets our address in.",
    ),
    "tls": (
        "TLS with {host} fails: {detail}",
        "Do not switch the check off: wait until they have mended it, or check the authorities that this machine knows.",
        "Serve TLS 1.2 or 1.3 with a certificate for {host} that is in date, from an authority that machines know, with "
        "the certificates between (Cryptographic Requirements 1.4, 2.1, 2.4).",
    ),
    "private-address": (
        "{host} has an address of a private network",
        "If the node is meant to be reached through a private network: private_addresses = true in {file}.",
        "Publish a public address for {host} in the DNS.",
    ),
    "scheme": (
        "the address is not https",
        "Write the https address into {file}.",
        "Publish the metadata under an https address (Message Format 1.4, 2.1.1).",
    ),
    "too-large": (
        "the answer of {host} is too large",
        "Nothing: a larger document is not read.",
        "Publish one node under the address, in less than 1 MiB.",
    ),
    "protocol": (
        "the answer of {host} is not plain HTTP",
        "Try again; when it stays so, ask them.",
        "Answer a GET in HTTP/1.1, whole and uncompressed, with the document.",
    ),
}
"""By the kind of failure: what is wrong, what we can do, what they should do."""


def reach(meeting: Meeting, _known: Known, tell: Telling) -> None:
    """The name, its address, TLS and the certificate of the server. Raises Wrong."""
    place = _place(meeting)
    tell.fact(place.address)
    try:
        probed = meeting.ways.probe(place.address, allow_private=meeting.country.private_addresses)
    except FetchFailed as failed:
        _fail(meeting, failed)
    if not probed.tls:
        tell.finds(f"{probed.address} over plain HTTP, as the sandbox may")
        return
    days = (probed.until - meeting.ways.clock()) // _DAY
    tell.finds(f"{probed.address}, {probed.tls.replace('TLSv', 'TLS ')}, certificate valid for {days} more days")
    tell.fact(f"cipher suite {probed.suite}")
    if days < _SOON:
        tell.remark(
            f"the server's certificate ends in {days} days",
            theirs="Renew the certificate of the web server before it ends: we do not connect to one that has expired.",
        )


def fetch(meeting: Meeting, known: Known, tell: Telling) -> None:
    """What the address gives. Raises Wrong."""
    place, begun = _place(meeting), meeting.ways.watch()
    try:
        request = HttpRequest("GET", place.address, _ACCEPT, b"")
        answer = meeting.ways.fetch(request, allow_private=meeting.country.private_addresses)
    except FetchFailed as failed:
        _fail(meeting, failed)
    seconds = meeting.ways.watch() - begun
    _describe(answer, tell)
    _check(meeting, answer)
    known.octets = answer.body
    tell.finds(f"{len(answer.body)} octets in {seconds:.1f} s")
    tell.fact(f"document SHA-256 {grouped(answer.body)}")


def take_file(meeting: Meeting, known: Known, tell: Telling) -> None:
    """What lies in the instance's folder."""
    octets = meeting.pinned or b""
    known.octets = octets
    tell.finds(f"a file of {len(octets)} octets, pinned in {meeting.file}: nothing is fetched")
    tell.fact(f"document SHA-256 {grouped(octets)}")


def _check(meeting: Meeting, answer: HttpResponse) -> None:
    try:
        check_no_redirect(answer)
        check_answered(answer)
        if answer.status == 304:
            raise Unusable("it answers 304 to somebody who has no copy")
    except Unusable as unusable:
        ours = f"Ask for the address of the metadata, and write it into {meeting.file}."
        raise Wrong(str(unusable), ours, "Answer 200 with the document at this very address, without a redirect.") from None


def grouped(octets: bytes) -> str:
    """The SHA-256 in groups of four, as people read it over the phone."""
    digest = sha256(octets).hexdigest()
    return ":".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def _describe(answer: HttpResponse, tell: Telling) -> None:
    headers = answer.headers
    kind = headers.get("content-type", "")
    tell.fact(f"HTTP status {answer.status}, content type {kind or 'not stated'}, ETag {headers.get('etag', 'none')}")
    if 300 <= answer.status < 400 and "location" in headers:
        tell.fact(f"it redirects to {headers['location']}")
    elif answer.status == 200 and not any(word in kind for word in _XML):
        tell.remark(
            f"the content type is {kind or 'not stated'}",
            theirs="Serve the metadata as application/samlmetadata+xml (SAML Metadata, appendix A).",
        )
    if len(answer.body) > LIMITS.size:
        raise Wrong(*(text.format(host="the server", file="") for text in FAILURES["too-large"]))


def _place(meeting: Meeting) -> Place:
    if meeting.place is None:
        raise Wrong(
            f"no list that counts has this role of {meeting.code}",
            f"Fetch the lists (passerelle metadata fetch), or ask {meeting.code} for the address and write it into "
            f"{meeting.file}.",
            "Tell us the address of this node's metadata, or have it put on the list that we share.",
        )
    return meeting.place


def _fail(meeting: Meeting, failed: FetchFailed) -> NoReturn:
    words = {"host": failed.host or "the address", "file": meeting.file, "detail": failed.detail or "no more is known"}
    found, ours, theirs = (text.format(**words) for text in FAILURES[failed.kind])
    raise Wrong(found, ours, theirs) from failed


def host_of(address: str) -> str:
    """The host of an address, "" where it has none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
