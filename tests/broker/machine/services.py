"""What services do with what they hold, and with what they stole."""

import json

from joserfc import jws

from tests.broker.machine.citizens import Citizens
from tests.broker.machine.model import CODE, Code, Token
from tests.broker.machine.parties import SERVICES, told
from tests.broker.world import ISSUER, PUBLIC, SECRET


class Services(Citizens):
    """The back channel."""

    def _call(self, path: str, form: dict[str, str], **headers: str):
        app = self.browsers[0].client.application
        response = app.test_client().post(path, data=form, headers=headers, base_url=PUBLIC)
        assert response.status_code < 500, response.text
        return response

    def credentials(self, service: str, secret: str = SECRET) -> dict[str, str]:
        """How a service says who it is."""
        known = {"client_id": service}
        return known if service == "mobile" else {**known, "client_secret": secret}

    def redeem(self, code: Code, service: str, **changes: str | None) -> Token | None:
        """A service changes a code into tokens. `changes` are what it does otherwise than the right one would."""
        tab = code.tab
        right = {
            "grant_type": "authorization_code",
            "code": code.text,
            "redirect_uri": tab.asked["redirect_uri"],
            "code_verifier": tab.verifier,
            **self.credentials(service),
        }
        form = {name: value for name, value in {**right, **changes}.items() if value is not None}
        response = self._call("/api/v2/token", form)
        if form.get("client_secret", "") != right.get("client_secret", ""):
            assert response.status_code == 401
            return None
        fits = service == tab.service and all(right[name] == form.get(name) for name in ("redirect_uri", "code_verifier"))
        there = code.stands(self.now) and not code.taken and self.now < code.at + CODE
        if not there:
            code.ended = True  # a code that comes back ends whatever it may have given
        if not (there and fits):
            assert response.status_code == 400
            assert response.json["error"] == "invalid_grant"
            return None
        assert response.status_code == 200, response.text
        code.taken = True
        return self._issued(code, response.json)

    def _issued(self, code: Code, answer: dict[str, str]) -> Token:
        """Law: the tokens say the level that was proven, the person by the name that is this service's own, and no more."""
        tab, claims = code.tab, decoded(answer["id_token"])
        self.to_services.add(str(answer), str(claims))
        assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, tab.service, tab.asked["nonce"])
        assert (claims["acr"], claims["auth_time"]) == (f"eidas{code.proof.level}", code.proof.at)
        known = {"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "at_hash"}
        assert set(claims) - known <= ({"amr"} if "amr" in tab.asked["scope"] else set())
        assert self.subs.setdefault((code.proof.citizen, tab.service), claims["sub"]) == claims["sub"]
        assert len(set(self.subs.values())) == len(self.subs)
        token = Token(answer["access_token"], answer["id_token"], code, self.now)
        self.tokens.append(token)
        return token

    def userinfo(self, token: Token) -> None:
        """Law: while it counts, a token tells what its citizen agreed to; then nothing."""
        response = self._call("/api/v2/userinfo", {}, Authorization=f"Bearer {token.text}")
        if not token.counts(self.now):
            assert response.status_code == 401
            assert response.json["error"] == "invalid_token"
            return
        assert response.status_code == 200, response.text
        tab, proof, claims = token.code.tab, token.code.proof, decoded(response.text)
        self.to_services.add(str(claims))
        envelope = {name: claims.pop(name) for name in ("sub", "iss", "aud", "iat", "exp")}
        assert (envelope["sub"], envelope["aud"]) == (self.subs[proof.citizen, tab.service], tab.service)
        assert claims == told(proof.citizen, tab.asked["scope"])

    def revoke(self, token: Token, service: str) -> None:
        """A service gives a token back, which may be somebody else's: then nothing ends, and nothing is told."""
        response = self._call("/api/v2/token/revocation", {"token": token.text, **self.credentials(service)})
        assert (response.status_code, response.data) == (200, b"")
        if service == token.code.tab.service and self.now < token.at + 60:
            token.code.ended = True

    def misuse(self, code: Code, token: Token | None) -> None:
        """A code is no token, a token is no code, and an ID token is neither."""
        for text in (code.text, *((token.id_token,) if token else ())):
            response = self._call("/api/v2/userinfo", {}, Authorization=f"Bearer {text}")
            assert response.status_code == 401
        if token:
            form = {
                "grant_type": "authorization_code",
                "code": token.text,
                "redirect_uri": code.tab.asked["redirect_uri"],
                **self.credentials(code.tab.service),
            }
            assert self._call("/api/v2/token", form).status_code == 400


def decoded(token: str) -> dict[str, object]:
    """The claims of a JWT, after a look at its header; services verify it with our keys, which others test."""
    signed = jws.extract_compact(token.encode())
    header, claims = signed.headers(), json.loads(signed.payload)
    assert header["alg"] == SERVICES[str(claims["aud"])].algorithm
    return claims  # type: ignore[no-any-return]
