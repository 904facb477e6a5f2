"""Data providers that check tokens, and services that hand theirs to them. What comes back is read with joserfc alone."""

import json
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

from joserfc import jwe, jws, jwt
from joserfc.jwk import ECKey, KeySet
from werkzeug.test import TestResponse

from broker.client_secrets import digest
from broker.parties import DataProvider, HeldSecret, Parties, ServiceKeys
from tests.broker.data import ASKERS, SCOPE, Agreeing, DataWorld, data_provider
from tests.broker.signing import ALGORITHMS, jwks
from tests.broker.world import ISSUER, PROVIDERS, PUBLIC, SECRET, SECRET_KEY, SERVICES

KEY = ECKey.generate_key("P-256", {"kid": "fd-sig", "use": "sig"})
SEALING = ECKey.generate_key("P-256", {"kid": "fd-enc", "use": "enc"})
KIND = "application/token-introspection+jwt"
PATH = "/api/v2/checktoken"
NONE: Mapping[str, str] = {}


def with_secret(name: str, *scopes: str, **changes: object) -> DataProvider:
    """A data provider that says who it is by a secret."""
    held = HeldSecret(digest(SECRET_KEY, f"fd-{name}", SECRET))
    return data_provider(name, *scopes, **{"secrets": (held,), **changes})


def with_key(name: str, *scopes: str, **changes: object) -> DataProvider:
    """A data provider that says who it is by its key, and has another one to encrypt for."""
    keys = ServiceKeys(ALGORITHMS, document=jwks(KEY, SEALING))
    return data_provider(name, *scopes, **{"authentication": frozenset(("private_key_jwt",)), "keys": keys, **changes})


DATA: Mapping[str, DataProvider] = {
    "revenus": with_secret("revenus", "revenu_fiscal", "parts_fiscales"),
    "points": with_secret("points", "points_permis", identity=(), lifetime=90),
}


def parties(data: Mapping[str, DataProvider] = DATA, **services: object) -> Parties:
    """Everybody, with these data providers and services."""
    return Parties({**SERVICES, **ASKERS, **services}, PROVIDERS, data=data)  # type: ignore[dict-item]


class CheckWorld(DataWorld):
    """A world whose data providers have tokens checked."""

    def __init__(self, folder: Path, database: str = "memory:", **changes: object) -> None:
        super().__init__(folder, database, **{"parties": parties(), **changes})

    def code(self, *agreed: str, service: str = "mairie", browser: Agreeing | None = None, **changes: str | None) -> str:
        """A whole login with consent to these scopes; the code."""
        citizen = browser or self.citizen()
        back = citizen.agree(citizen.asked(service, **{"scope": SCOPE, **changes}), *agreed)
        return back.location.partition("code=")[2].partition("&")[0]

    def tokens(self, *agreed: str, service: str = "mairie", resource: str | None = None, **changes: str | None) -> dict:
        """A whole login with consent to these scopes; the token answer."""
        code = self.code(*agreed, service=service, **changes)
        answer = self.citizen().redeem(code, service, resource=resource)
        assert answer.status_code == 200, answer.text
        return answer.json

    def token(self, *agreed: str, **how: str | None) -> str:
        """The access token of such a login: by default everything was agreed to."""
        scopes = agreed or ("revenu_fiscal", "parts_fiscales", "points_permis")
        return str(self.tokens(*scopes, **how)["access_token"])

    def ask(
        self, token: str | None, fd: str = "revenus", headers: Mapping[str, str] = NONE, **form: str | None
    ) -> TestResponse:
        """A data provider has a token checked. A change to None leaves a parameter out."""
        asked = {"token": token, "client_id": f"fd-{fd}", "client_secret": SECRET, **form}
        sent = {name: value for name, value in asked.items() if value is not None}
        return self.app.test_client().post(PATH, data=sent, headers=dict(headers), base_url=PUBLIC)

    def told(self, answer: TestResponse, fd: str = "revenus") -> dict:
        """What the data provider reads in a signed answer, every part checked."""
        assert (answer.status_code, answer.mimetype) == (200, KIND), answer.text
        return self.read(answer.text, fd)

    def read(self, token: str, fd: str) -> dict:
        """What stands in a signed answer."""
        keys = KeySet.import_key_set(self.browser().get(f"{ISSUER}/jwks").json)
        found = jwt.decode(token, keys, algorithms=["ES256", "RS256"])
        assert found.header["typ"] == "token-introspection+jwt"
        assert set(found.claims) == {"iss", "aud", "iat", "token_introspection"}
        assert (found.claims["iss"], found.claims["aud"]) == (ISSUER, f"fd-{fd}")
        return found.claims["token_introspection"]

    def checked(self, token: str, fd: str = "revenus") -> dict:
        """A token is checked; what the data provider reads."""
        return self.told(self.ask(token, fd), fd)


def basic(user: str, password: str = SECRET) -> dict[str, str]:
    """The header of client_secret_basic."""
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


def opened(token: str, key: ECKey = SEALING) -> str:
    """The signed token inside an encrypted one."""
    registry = jwe.JWERegistry(algorithms=["ECDH-ES", "A256GCM"], strict_check_header=False)
    return jwe.decrypt_compact(token, key, registry=registry).plaintext.decode()


def signed(claims: Mapping[str, object], key: ECKey, **header: object) -> str:
    """A JWT by hand."""
    allowed = ["ES256", "PS256", "RS256"]
    return jws.serialize_compact({"alg": "ES256", **header}, json.dumps(claims).encode(), key, allowed)
