"""Whether a French provider may be admitted, as far as that shows from outside.

What it says of itself is compared with its file, then it is tried how it takes what is wrong. Nobody logs in, and
nothing that is sent could become a login.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from broker.assurance import Level
from broker.fetch import FetchFailed
from broker.parties import Provider
from broker.ports import Fetch
from certs.keys import Key, State, Use, generate_private, key_of
from oidc import asking
from oidc.discovery import ProviderMetadata, read_discovery
from oidc.errors import BadAnswer
from oidc.messages import HttpRequest, HttpResponse
from oidc.tokens import read_jwks

_ELSEWHERE = "https://passerelle.invalid/not-registered"
_SCOPES = ("openid", "profile", "birth", "email")
_PIVOT = ("given_name", "family_name", "birthdate", "gender", "birthplace", "birthcountry", "email")
_READ = {"Accept": "application/json"}


class Unreachable(Exception):
    """What it says of itself cannot be had or used; the text says why."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was tried: `fix` keeps it from being admitted, `decide` is against what we recommend."""

    verdict: Literal["fine", "decide", "fix"]
    about: str
    what: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """The provider, what it says of itself (`stated` is empty where the endpoints are ours), and what we are there."""

    provider: Provider
    metadata: ProviderMetadata
    stated: Mapping[str, Any]
    registration: asking.Registration
    fetch: Fetch
    clock: Callable[[], int]

    def ask(self, request: HttpRequest) -> HttpResponse:
        """Its answer. Raises FetchFailed."""
        return self.fetch(request, allow_private=self.provider.private_addresses)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of its metadata."""
        value = self.stated.get(name)
        return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()


def candidate(
    provider: Provider, registration: asking.Registration, fetch: Fetch, clock: Callable[[], int], allow_http: bool
) -> Candidate:
    """The provider as it says that it is. Raises Unreachable."""
    if provider.static is not None:
        return Candidate(provider, provider.static, {}, registration, fetch, clock)
    address = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
    try:
        response = fetch(HttpRequest("GET", address, _READ, b""), allow_private=provider.private_addresses)
        metadata = read_discovery(response.body, provider.issuer, allow_http=allow_http)
    except FetchFailed as failed:
        raise Unreachable(f"no answer from {address}: {failed.kind}") from failed
    except BadAnswer as bad:
        raise Unreachable(f"{address} answers {response.status}: {bad.detail}") from bad
    return Candidate(provider, metadata, json.loads(response.body), registration, fetch, clock)


def admit(tried: Candidate) -> Iterator[Point]:
    """Every point, in order."""
    for examine in (*_STATED, *_FAULTS):
        try:
            yield from examine(tried)
        except FetchFailed as failed:
            yield Point("fix", _name(examine), f"no answer: {failed.kind}", "it must answer within 6 seconds, and 256 KiB")


def _name(examine: Callable[..., object]) -> str:
    return examine.__name__.strip("_").replace("_", " ")


# -- what it says of itself -------------------------------------------------------------------------------------------


def _discovery(tried: Candidate) -> Iterator[Point]:
    if not tried.stated:
        yield Point("decide", "discovery", "its endpoints are written by hand", "it should publish its metadata")
        return
    yield Point("fine", "discovery", "its metadata can be read, and are of its issuer")
    pkce = "S256" in tried.texts("code_challenge_methods_supported")
    yield _point(pkce, "decide", "PKCE", "it says that it takes S256", "say so: code_challenge_methods_supported")
    todo = "send iss in each answer, and say so: authorization_response_iss_parameter_supported"
    yield _point(tried.metadata.iss_in_answer, "decide", "iss", "it says who answers (RFC 9207)", todo)


def _authentication(tried: Candidate) -> Iterator[Point]:
    method = tried.registration.authentication
    offered = tried.texts("token_endpoint_auth_methods_supported") or ("client_secret_basic",)
    if tried.stated:
        todo = f"it offers {', '.join(offered)}: auth in its file"
        yield _point(method in offered, "fix", "authentication", f"it takes {method}", todo)
    if tried.provider.pushed == "required":
        offers = tried.metadata.pushed_authorization_request_endpoint is not None
        yield _point(offers, "fix", "PAR", "requests are handed over beforehand", "it offers no PAR: par in its file")


def _algorithms(tried: Candidate) -> Iterator[Point]:
    ours = tried.provider.algorithms
    offered = tried.texts("id_token_signing_alg_values_supported")
    if tried.stated:
        todo = f"it offers {', '.join(offered) or 'none'}: algorithms in its file"
        yield _point(bool(ours & set(offered)), "fix", "algorithms", f"it signs with {', '.join(sorted(ours))}", todo)
    if "none" in offered:
        yield Point("decide", "algorithms", "it offers tokens without a signature (none)", "it should not")
    yield from _keys(tried, ours)


def _keys(tried: Candidate, ours: frozenset[str]) -> Iterator[Point]:
    response = tried.ask(HttpRequest("GET", tried.metadata.jwks_uri, _READ, b""))
    try:
        keys = read_jwks(response.body).keys
    except BadAnswer as bad:
        yield Point("fix", "keys", bad.detail, "publish a JWK set at jwks_uri")
        return
    usable = [key for key in keys if any(key.fits(None, algorithm) for algorithm in ours)]
    yield _point(bool(usable), "fix", "keys", "a key fits what it signs with", "publish a key of the right kind")
    kids = [key.kid for key in usable]
    named = all(kids) and len(set(kids)) == len(kids)
    yield _point(named, "decide", "keys", "each key has a kid of its own", "give each key a kid: without, a rotation fails")


def _levels(tried: Candidate) -> Iterator[Point]:
    stated = tried.texts("acr_values_supported")
    if not tried.stated:
        return
    for level in sorted(tried.provider.levels):
        todo = "name it in acr_values_supported, or change levels in its file"
        yield _point(level.acr in stated, "fix", "levels", f"it vouches at {level.acr}", todo)
    for level in Level:
        if level.acr in stated and level not in tried.provider.levels:
            yield Point(
                "decide", "levels", f"it says {level.acr}, which its file does not let it vouch for", "is that meant?"
            )


def _claims(tried: Candidate) -> Iterator[Point]:
    for name, wanted in (("scopes_supported", _SCOPES), ("claims_supported", _PIVOT)):
        stated = tried.texts(name)
        missing = [one for one in wanted if one not in stated]
        if stated:
            yield _point(not missing, "decide", "claims", f"{name} has all that we ask", f"missing: {', '.join(missing)}")
        elif tried.stated:
            yield Point("decide", "claims", f"it has no {name}", "say what can be asked")


def _logout(tried: Candidate) -> Iterator[Point]:
    if tried.provider.logout:
        offers = tried.metadata.end_session_endpoint is not None
        todo = "it has no end_session_endpoint: citizens stay signed in there; else logout = false"
        yield _point(offers, "decide", "logout", "citizens can log out there", todo)


# -- how it takes what is wrong ---------------------------------------------------------------------------------------


def _foreign_redirect(tried: Candidate) -> Iterator[Point]:
    """RFC 6749 3.1.2.4: nobody is sent to an address that is not registered."""
    elsewhere = replace(tried.registration, redirect_uri=_ELSEWHERE)
    yield _not_sent_away(tried, _authorize(tried, elsewhere), "an address to return to that is not registered")
    stranger = replace(tried.registration, client_id=f"nobody-{secrets.token_hex(8)}", redirect_uri=_ELSEWHERE)
    yield _not_sent_away(tried, _authorize(tried, stranger), "a client that it does not know")


def _authorize(tried: Candidate, registration: asking.Registration) -> str:
    pending = asking.Pending(secrets.token_urlsafe(16), secrets.token_urlsafe(24), secrets.token_urlsafe(48), ())
    return asking.authorization_url(tried.metadata, registration, pending, "openid", "login")


def _not_sent_away(tried: Candidate, address: str, what: str) -> Point:
    response = tried.ask(HttpRequest("GET", address, {"Accept": "text/html"}, b""))
    away = urlsplit(response.headers.get("location", "")).hostname == urlsplit(_ELSEWHERE).hostname
    if away:
        return Point("fix", "redirect", f"{what}: it sends people there", "compare with what is registered, and stop")
    if response.status < 400:
        done = f"{what}: it answers {response.status} instead of an error"
        return Point("decide", "redirect", done, "it should answer 400 at once, before anybody logs in")
    return Point("fine", "redirect", f"{what}: refused with {response.status}")


def _unknown_request(tried: Candidate) -> Iterator[Point]:
    """RFC 9126 4: a request that was never handed over, or is too old, begins nothing."""
    if tried.metadata.pushed_authorization_request_endpoint is None:
        return
    name = f"urn:ietf:params:oauth:request_uri:{secrets.token_urlsafe(24)}"
    address = asking.pushed_url(tried.metadata, tried.registration, name)
    response = tried.ask(HttpRequest("GET", address, {"Accept": "text/html"}, b""))
    refused = response.status >= 400 or "error=" in response.headers.get("location", "")
    told = f"a request that it does not have: it answers {response.status}"
    yield _point(refused, "fix", "PAR", told, "refuse a request_uri that is unknown or expired")


def _wrong_client(tried: Candidate) -> Iterator[Point]:
    """RFC 6749 5.2: who does not prove that he is the client gets nothing."""
    if tried.registration.authentication == "private_key_jwt":
        yield _refused(
            tried, replace(tried.registration, signer=_stranger(tried)), "invalid_client", "a key that is not ours"
        )
        old = tried.clock() - 10 * asking.ASSERTION_LIFE
        yield _refused(tried, tried.registration, "invalid_client", "an assertion that has expired", old)
    else:
        wrong = replace(tried.registration, client_secret=secrets.token_urlsafe(32))
        yield _refused(tried, wrong, "invalid_client", "a secret that is not ours")


def _wrong_code(tried: Candidate) -> Iterator[Point]:
    """RFC 6749 5.2: a code that was never given, as one that was used or is too old. It also proves that it knows us."""
    yield _refused(tried, tried.registration, "invalid_grant", "a code that it did not give")


def _refused(tried: Candidate, as_whom: asking.Registration, error: str, what: str, now: int | None = None) -> Point:
    pending = asking.Pending("", "", secrets.token_urlsafe(48), ())
    moment = asking.Moment(tried.clock() if now is None else now, secrets.token_urlsafe(24))
    response = tried.ask(asking.token_request(tried.metadata, as_whom, pending, secrets.token_urlsafe(24), moment))
    found = _error(response.body)
    told = f"{what}: {response.status} {found}".strip()
    if not 400 <= response.status < 500:
        return Point("fix", "token", told, f"answer 400 or 401 with {error}")
    return _point(found == error, "fix", "token", told, f"answer with {error} (RFC 6749 5.2)")


def _stranger(tried: Candidate) -> Key:
    """Another key under the name of ours."""
    stranger = key_of(generate_private("ES256"), Use.RP_SIGNING, "ES256", State.ACTIVE, 0)
    signer = tried.registration.signer
    return replace(stranger, kid=signer.kid) if signer else stranger


def _error(body: bytes) -> str:
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        return "(not JSON)"
    return str(members.get("error", ""))[:64] if isinstance(members, dict) else "(not an object)"


def _wrong_token(tried: Candidate) -> Iterator[Point]:
    """RFC 6750 3.1: claims are for who has a token."""
    response = tried.ask(asking.userinfo_request(tried.metadata, secrets.token_urlsafe(32)))
    told = f"an access token that it did not give: {response.status}"
    yield _point(
        response.status == 401, "decide" if 400 <= response.status < 500 else "fix", "userinfo", told, "answer 401"
    )


def _point(good: bool, verdict: Literal["decide", "fix"], about: str, what: str, todo: str) -> Point:
    return Point("fine", about, what) if good else Point(verdict, about, f"not so: {what}", todo)


Examination = Callable[[Candidate], Iterator[Point]]
_STATED: tuple[Examination, ...] = (_discovery, _authentication, _algorithms, _levels, _claims, _logout)
_FAULTS: tuple[Examination, ...] = (_foreign_redirect, _unknown_request, _wrong_client, _wrong_code, _wrong_token)
