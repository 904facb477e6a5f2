"""What can be false in the tokens that a service gets, by name: the families `token` and `userinfo` of the faults.

`lie` lets a broker of the demo tell them; a rehearsal (`rehearsal/stage.py`) does it one login at a time.
"""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import Flask, jsonify
from werkzeug.wrappers import Response

from certs.keys import Key, State, Use, generate_private, key_of
from oidc.tokens import read_unverified, sign_jwt

Claims = dict[str, Any]
Falsify = Callable[[Claims, Key], str]
_HOUR = 3600


def _changed(change: Callable[[Claims], Mapping[str, object]]) -> Falsify:
    """The same token with other claims, and a signature that is right."""
    return lambda claims, key: sign_jwt({**claims, **change(claims)}, key)


def _without(name: str) -> Falsify:
    return lambda claims, key: sign_jwt({held: value for held, value in claims.items() if held != name}, key)


def _stranger(claims: Claims, key: Key) -> str:
    """Another key under the name of ours."""
    other = key_of(generate_private(key.algorithm), Use.OP_SIGNING, key.algorithm, State.ACTIVE, 0)
    return sign_jwt(claims, replace(other, kid=key.kid))


def _unsigned(claims: Claims, _key: Key) -> str:
    """RFC 7519 6: a token that says of itself that it needs no signature."""
    parts = (json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, claims))
    return ".".join((*(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), ""))


def _somebody_else(claims: Claims) -> Mapping[str, object]:
    return {"sub": f"{secrets.token_hex(32)}{claims['sub'][64:]}"}


ID_TOKEN: Mapping[str, Falsify] = {
    "token.bad_sig": _stranger,
    "token.unsigned": _unsigned,
    "token.wrong_nonce": _changed(lambda _claims: {"nonce": secrets.token_urlsafe(32)}),
    "token.wrong_iss": _changed(lambda _claims: {"iss": "https://another-broker.example/api/v2"}),
    "token.wrong_aud": _changed(lambda _claims: {"aud": "another-service"}),
    "token.expired": _changed(lambda claims: {"iat": claims["iat"] - 2 * _HOUR, "exp": claims["exp"] - 2 * _HOUR}),
    "token.lower_acr": _changed(lambda _claims: {"acr": "eidas1"}),
}
"""What is wrong with the ID token."""

USERINFO: Mapping[str, Falsify] = {
    "userinfo.sub_mismatch": _changed(_somebody_else),
    "userinfo.bad_sig": _stranger,
    "userinfo.missing_birthplace": _without("birthplace"),
}
"""What is wrong with the userinfo."""


def falsified(token: str, falsify: Falsify, key: Key) -> str:
    """A token of ours with its fault. `key` is the one that signed it."""
    return falsify(dict(read_unverified(token)), key)


TOKEN_VIEW, USERINFO_VIEW = "oidc.token", "oidc.userinfo"
Tell = Callable[[str, Mapping[str, Falsify]], str]
"""From a token of ours, and the faults that it can have, to what the service gets."""


def lie(app: Flask, tell: Tell) -> None:
    """Let the two answers of a broker that hold tokens pass through `tell`."""
    own: dict[str, Callable[[], Any]] = {name: app.view_functions[name] for name in (TOKEN_VIEW, USERINFO_VIEW)}

    def token() -> Response:
        response = app.make_response(own[TOKEN_VIEW]())
        body = response.get_json(silent=True) if response.status_code == 200 else None
        return jsonify({**body, "id_token": tell(body["id_token"], ID_TOKEN)}) if body else response

    def userinfo() -> Response:
        response = app.make_response(own[USERINFO_VIEW]())
        if response.status_code != 200:
            return response
        return Response(tell(response.get_data(as_text=True), USERINFO), mimetype="application/jwt")

    app.view_functions[TOKEN_VIEW], app.view_functions[USERINFO_VIEW] = token, userinfo


def as_switched(current: Callable[[], str], key: Callable[[str], Key]) -> Tell:
    """Tell what the fault of the moment makes of a token ("" for none). `key` is ours for an algorithm.

    What is encrypted for a service is told as it is: nobody but the service can open it.
    """

    def tell(token: str, faults: Mapping[str, Falsify]) -> str:
        fault = faults.get(current())
        if fault is None or token.count(".") != _DOTS:
            return token
        header = json.loads(urlsafe_b64decode(token.partition(".")[0] + "=="))
        return falsified(token, fault, key(header["alg"]))

    return tell


_DOTS = 2  # of a token that is signed; one that is encrypted has four
