"""A simulated data provider (FD): an address for each kind of data, behind a token that it has checked each time.

What it answers is RFC 6750 3.1: 401 for a token that is not (any more) worth anything, 403 where the citizen has agreed to
something else. A bound token needs its proof (RFC 9449 7.1).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from broker.sandbox.data.checking import Checker, CheckFailed
from broker.sandbox.data.proofs import ALGORITHM, COUNTS, NotProven, read_proof
from broker.sandbox.data.records import record
from broker.sandbox.faults import Faults
from broker.sandbox.pages import Party, new_app
from broker.sandbox.parties import DemoDataProvider
from broker.sandbox.shelf import Shelf


class Refused(Exception):
    """An answer without data: `scheme` is what the caller should have used, `error` a code of RFC 6750 3.1 or ""."""

    def __init__(self, status: int, error: str, words: str, scheme: str = "Bearer", **more: str) -> None:
        super().__init__(words)
        self.status = status
        self.error = error
        self.scheme = scheme
        self.more = more


@dataclass(frozen=True, slots=True)
class Presented:
    """A token as it came: under which scheme, and with which proof."""

    scheme: str
    token: str
    proof: str


class SimulatedDataProvider:
    """One data provider. `resource` is its own public address of what it delivers."""

    def __init__(
        self, provider: DemoDataProvider, resource: str, checker: Checker, faults: Faults, clock: Callable[[], int]
    ) -> None:
        self.provider = provider
        self.resource = resource
        self.checker = checker
        self._faults = faults
        self._clock = clock
        self._proofs: Shelf[str] = Shelf(2 * COUNTS, clock)
        self._scopes = [scope.name for scope in provider.scopes]

    def app(self, party: Party) -> Flask:
        """Its pages and addresses."""
        app = new_app(party)
        app.before_request(self._break_down)
        app.register_error_handler(Refused, _refusal)
        app.register_error_handler(CheckFailed, _not_checked)
        app.add_url_rule("/", view_func=self.home)
        app.add_url_rule("/jwks", view_func=self.jwks)
        app.add_url_rule("/api", "api", view_func=self.deliver, defaults={"scope": ""})
        app.add_url_rule("/api/<scope>", "deliver", view_func=self.deliver)
        return app

    def _break_down(self) -> AnyResponse | None:
        fault = self._faults.on(self.provider.id)
        broken = fault is not None and fault.name == "fd.down" and request.path.startswith("/api")
        return Response("this data provider is broken on purpose\n", 503, mimetype="text/plain") if broken else None

    def home(self) -> str:
        """What this place is."""
        return render_template("data_home.html", provider=self.provider, resource=self.resource)

    def jwks(self) -> AnyResponse:
        """RFC 7517 5."""
        return jsonify(self.checker.jwks())

    def deliver(self, scope: str) -> AnyResponse:
        """The value of one scope for the person of the token; without a scope all that the citizen has agreed to."""
        check_address(scope, self._scopes)
        presented = _presented()
        found = self.checker.check(presented.token)
        check_active(found, presented.scheme)
        self._check_proof(found, presented)
        agreed = [name for name in self._scopes if name in str(found.get("scope", "")).split()]
        check_agreed(scope, agreed, presented.scheme)
        return jsonify({name: record(name, found) for name in agreed if scope in ("", name)})

    def _check_proof(self, found: Mapping[str, Any], presented: Presented) -> None:
        bound = found.get("cnf", {}).get("jkt", "")
        check_scheme(presented.scheme, bound)
        if not bound:
            return
        url = f"{self.resource}{request.path.removeprefix('/api')}"
        try:
            jti = read_proof(presented.proof, request.method, url, self._clock(), presented.token, bound)
        except NotProven as wrong:
            raise Refused(401, "invalid_dpop_proof", str(wrong), "DPoP", algs=ALGORITHM) from wrong
        check_first_time(self._proofs.first(f"{bound} {jti}", jti))


def _presented() -> Presented:
    """The token of the running request. RFC 6750 2.1: in the header alone; without one there is nothing to explain."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme not in ("Bearer", "DPoP") or not token:
        raise Refused(401, "", "send the access token in the header Authorization")
    return Presented(scheme, token, request.headers.get("DPoP", ""))


# -- the checks -------------------------------------------------------------------------------------------------------


def check_active(found: Mapping[str, Any], scheme: str) -> None:
    """RFC 7662 2.2: only what is said to be active is; and RFC 6750 3.1."""
    if found.get("active") is not True:
        raise Refused(401, "invalid_token", "the token is unknown, expired, withdrawn, or not for us", scheme)


def check_address(scope: str, scopes: Sequence[str]) -> None:
    """RFC 9110 15.5.5: there is an address for each scope, and one for all."""
    if scope and scope not in scopes:
        raise Refused(404, "", "there is nothing at this address")


def check_agreed(scope: str, agreed: Sequence[str], scheme: str) -> None:
    """RFC 6750 3.1: nothing is delivered to which the citizen has not agreed."""
    if not agreed or scope not in ("", *agreed):
        named = {"scope": scope} if scope else {}
        raise Refused(403, "insufficient_scope", "the citizen has not agreed to this", scheme, **named)


def check_scheme(scheme: str, bound: str) -> None:
    """RFC 9449 7.2: a bound token is no bearer token, and the reverse."""
    if (scheme == "DPoP") != bool(bound):
        raise Refused(401, "invalid_token", "the token was sent under the wrong scheme", "DPoP" if bound else "Bearer")


def check_first_time(first: bool) -> None:
    """RFC 9449 11.1: a proof that was overheard is worth nothing."""
    if not first:
        raise Refused(401, "invalid_dpop_proof", "the proof was used before", "DPoP", algs=ALGORITHM)


# -- the answers without data -----------------------------------------------------------------------------------------


def _refusal(refused: Refused) -> AnyResponse:
    said = {"error": refused.error, "error_description": str(refused), **refused.more} if refused.error else {}
    response = jsonify(said or {"detail": str(refused)})
    response.status_code = refused.status
    if refused.status in (401, 403):
        quoted = ", ".join(f'{name}="{value}"' for name, value in {"realm": "api", **said}.items())
        response.headers["WWW-Authenticate"] = f"{refused.scheme} {quoted}"
    return response


def _not_checked(failed: CheckFailed) -> AnyResponse:
    """Without the broker's word nothing is delivered."""
    response = jsonify(error="temporarily_unavailable", error_description=str(failed))
    response.status_code = 503
    response.headers["Retry-After"] = str(failed.after)
    return response
