"""Whether a data provider can do its part, as far as that shows from outside.

Its keys are fetched and used as the instance will use them, then its address is tried with what it must refuse. How it says
who it is when it has a token checked cannot be tried from here: only it has its secret or private key.
"""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from broker.admitting import Point
from broker.fetch import FetchFailed
from broker.parties import DataProvider, Parties, Service, ServiceKeys
from broker.ports import Fetch
from oidc.encryption import encrypt_jwt
from oidc.errors import BadAnswer, UnknownKey
from oidc.messages import HttpRequest, HttpResponse
from oidc.tokens import KeySet, read_jwks, read_own_jwks

_CHALLENGE = re.compile(r"\s*(Bearer|DPoP)\b", re.IGNORECASE)
_ERROR = re.compile(r'error="([a-z_]{1,40})"')
_PLACES = {"tls": "its certificate, or TLS 1.2 and later", "private-address": "private_addresses = true, if that is meant"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A data provider, among whom, the way to it, and when (Unix seconds). `token` is a real one for it, "" for none."""

    one: DataProvider
    parties: Parties
    issuer: str
    fetch: Fetch
    now: int
    token: str = ""


def examine(candidate: Candidate) -> Iterator[Point]:
    """Everything that can be seen of it."""
    return chain(_entry(candidate), keyed(candidate.one, candidate.issuer, candidate.fetch), _resource(candidate))


# -- what our file says -----------------------------------------------------------------------------------------------


def _entry(candidate: Candidate) -> Iterator[Point]:
    one = candidate.one
    if not one.active:
        yield Point("decide", "file", "it is off: nobody can ask for its scopes", "active = true")
    yield _authentication(candidate)
    for scope in one.scopes:
        services = [service.id for service in candidate.parties.services.values() if scope.name in service.data]
        if services:
            yield Point("fine", "grants", f"{scope.name} may be asked for by {', '.join(sorted(services))}")
        else:
            yield Point("decide", "grants", f"no service may ask for {scope.name}", "[[fs.data]] in a service's file")


def _authentication(candidate: Candidate) -> Point:
    one = candidate.one
    if "private_key_jwt" in one.authentication:
        return Point("fine", "authentication", "it has tokens checked by its keys")
    if any(held.until is None or candidate.now < held.until for held in one.secrets):
        return Point("decide", "authentication", "it has a secret, which could leak", "private_key_jwt, when it can")
    return Point("fix", "authentication", "its secret counts no more", f"passerelle fd rotate-secret {one.id}")


# -- its keys ---------------------------------------------------------------------------------------------------------


def keyed(caller: Service | DataProvider, issuer: str, fetch: Fetch) -> Iterator[Point]:
    """The keys of a data provider, or of a service: whether they can be had, and are what they are needed for."""
    if caller.keys is None:
        return
    try:
        document = _published(caller.keys, fetch) if caller.keys.address else caller.keys.document
        published, usable = read_jwks(document), read_own_jwks(document)
    except FetchFailed as failed:
        yield _unreachable("keys", caller.keys.address, failed)
        return
    except BadAnswer as bad:
        yield Point("fix", "keys", f"they cannot be used: {bad.detail}", "a JWK set, answered with status 200")
        return
    if len(published.keys) != len(usable.keys):
        yield Point("fix", "keys", "the private part of a key is published", "a new pair; the old key proves nobody")
    if "private_key_jwt" in caller.authentication:
        yield _signing(usable, sorted(caller.keys.algorithms))
    if caller.encrypt:
        yield _encryption(caller, issuer, usable)


def _published(keys: ServiceKeys, fetch: Fetch) -> bytes:
    request = HttpRequest("GET", keys.address, {"Accept": "application/jwk-set+json, application/json"}, b"")
    response = fetch(request, allow_private=keys.private_addresses)
    if response.status != 200:
        raise BadAnswer(f"{keys.address.partition('?')[0]} answers {response.status}")
    return response.body


def _signing(keys: KeySet, algorithms: list[str]) -> Point:
    fitting = [key for key in keys.keys if any(key.fits(key.kid, algorithm) for algorithm in algorithms)]
    if not fitting:
        todo = "P-256 for ES256; RSA of 2048 bits or more for RS256 and PS256; use sig, or none"
        return Point("fix", "keys", f"no key is published for {', '.join(algorithms)}", todo)
    if len({key.kid for key in fitting}) < len(fitting):
        return Point("decide", "keys", "several keys have one kid, or none", "each key its own kid")
    return Point("fine", "keys", f"{len(fitting)} to know it by: {', '.join(key.kid or '(no kid)' for key in fitting)}")


def _encryption(caller: Service | DataProvider, issuer: str, keys: KeySet) -> Point:
    """An answer is encrypted as each real one will be."""
    try:
        recipient = keys.recipient(caller.encrypt)
    except UnknownKey as unknown:
        return Point("fix", "keys", unknown.detail, f'a key for {caller.encrypt}, or encryption = "none"')
    encrypt_jwt("an.answer.", recipient, issuer, caller.client_id)
    if recipient.key.thumbprint() in {public.key.thumbprint() for public in keys.keys}:
        what = f"{recipient.kid or 'a key'} signs, and answers are encrypted for it"
        return Point("decide", "keys", what, "a key for each, which say use sig and use enc (RFC 7517 4.2)")
    return Point("fine", "keys", f"an answer can be encrypted for it: {recipient.kid or '(no kid)'}")


# -- its address ------------------------------------------------------------------------------------------------------


def _resource(candidate: Candidate) -> Iterator[Point]:
    if not candidate.one.resource:
        what = "without a resource no service can ask for a token that is for it alone"
        yield Point("decide", "resource", what, 'resource = "https://…", the address of what it delivers')
        return
    try:
        yield _refusal("a request without a token", _answer(candidate, ""), "it must not deliver without one")
        todo = f"it must have each token checked at {candidate.issuer}/checktoken"
        yield _refusal("a token that nobody issued", _answer(candidate, secrets.token_urlsafe(32)), todo)
        if candidate.token:
            yield _delivery(_answer(candidate, candidate.token))
    except FetchFailed as failed:
        yield _unreachable("resource", candidate.one.resource, failed)


def _answer(candidate: Candidate, token: str) -> HttpResponse:
    headers = {"Accept": "*/*"} | ({"Authorization": f"Bearer {token}"} if token else {})
    return candidate.fetch(HttpRequest("GET", candidate.one.resource, headers, b""), allow_private=True)


def _refusal(what: str, answer: HttpResponse, todo: str) -> Point:
    """RFC 6750 3: a request that is not allowed is refused with 401, and told how to ask."""
    challenge = answer.headers.get("www-authenticate", "")
    if 200 <= answer.status < 300:
        return Point("fix", "resource", f"{what}: it answers {answer.status}", todo)
    if answer.status >= 500:
        return Point("fix", "resource", f"{what}: it fails with {answer.status}", f"can it reach us? {todo}")
    if answer.status != 401:
        return Point(
            "decide", "resource", f"{what}: it answers {answer.status}, not 401", "is it asked there by GET at all?"
        )
    if not _CHALLENGE.match(challenge):
        return Point("decide", "resource", f"{what}: 401, but no WWW-Authenticate", "WWW-Authenticate: Bearer (RFC 6750 3)")
    return Point("fine", "resource", f"{what}: refused")


def _delivery(answer: HttpResponse) -> Point:
    """What came is not looked at: it is somebody's."""
    if 200 <= answer.status < 300:
        return Point("fine", "delivery", f"for the token that was given: {answer.status}, {len(answer.body)} bytes")
    said = _ERROR.search(answer.headers.get("www-authenticate", ""))
    why = f", {said[1]}" if said else ""
    todo = "a token counts for a short time, and for the data providers of its scopes alone"
    return Point("fix", "delivery", f"for the token that was given: {answer.status}{why}", todo)


def _unreachable(about: str, address: str, failed: FetchFailed) -> Point:
    what = f"no answer from {address.partition('?')[0]}: {failed.kind}{f' ({failed.detail})' if failed.detail else ''}"
    return Point("fix", about, what, _PLACES.get(failed.kind, "is the address right, and reached from here?"))
