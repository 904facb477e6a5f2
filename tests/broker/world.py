"""A whole Passerelle in one process: one instance in memory, two services, and two providers behind a fetch function.

The providers are written on joserfc alone, so that both sides of an exchange do not share a mistake. `Fi.answers` can be
changed by a test to make a provider misbehave; `Fi.received` holds every byte that a provider was sent.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from joserfc import jws, jwt
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from broker.app import create_app
from broker.assurance import Level
from broker.client_secrets import digest
from broker.fetch import FetchFailed
from broker.parties import Contact, HeldSecret, Parties, Provider, Service, Text
from broker.refreshing import MetadataWays
from broker.settings import Settings, Support
from broker.store import open_store
from certs.keyring import new_key
from certs.keys import State, Use
from oidc.messages import HttpRequest, HttpResponse
from tests.broker.people import CLAIMS

PUBLIC = "https://connexion.example"
ISSUER = f"{PUBLIC}/api/v2"
SECRET = "a-secret-with-many-random-bits-0123456789"
SECRET_KEY = bytes(range(32))
NONCE = "nonce-of-the-service-0123456789"
STATE = "state-of-the-service"


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, moment: int = 1_790_000_000) -> None:
        self.moment = moment

    def __call__(self) -> int:
        return self.moment

    def advance(self, seconds: int) -> None:
        """Let time pass."""
        self.moment += seconds


@dataclass
class Fi:
    """A provider: it answers the requests of the broker, and plays the citizen's part in the browser."""

    issuer: str
    client_id: str
    client_secret: str
    clock: Clock
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "fi-1"}))
    claims: dict[str, object] = field(default_factory=lambda: dict(CLAIMS))
    acr: str = "eidas2"
    id_token: dict[str, object] = field(default_factory=dict)
    answers: dict[str, Callable[[HttpRequest], HttpResponse]] = field(default_factory=dict)
    received: list[str] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)

    def fetch(self, request: HttpRequest) -> HttpResponse:
        """Answer one request of the back channel."""
        self.received.append(f"{request.method} {request.url} {dict(request.headers)} {request.body.decode()}")
        path = urlsplit(request.url).path
        answer = self.answers.get(path) or getattr(self, "_" + path.rpartition("/")[2].replace("-", "_"))
        return answer(request)

    def log_in(self, location: str, **changes: str) -> str:
        """The citizen authenticates; the answer's query for our callback."""
        self.received.append(location)
        self.asked = dict(parse_qsl(urlsplit(location).query))
        answer = {"code": secrets.token_urlsafe(16), "state": self.asked["state"], "iss": self.issuer, **changes}
        return urlencode(answer)

    def _openid_configuration(self, _request: HttpRequest) -> HttpResponse:
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo"}
        document = {name: f"{self.issuer}/{path}" for name, path in paths.items()}
        more = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks", "end_session_endpoint": f"{self.issuer}/end"}
        return json_answer({**document, **more, "authorization_response_iss_parameter_supported": True})

    def _jwks(self, _request: HttpRequest) -> HttpResponse:
        return json_answer({"keys": [self.key.as_dict(private=False)]})

    def _token(self, request: HttpRequest) -> HttpResponse:
        form = parse_qs(request.body.decode())
        basic = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        assert request.headers["Authorization"] == f"Basic {basic}"
        challenge = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        assert base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() == self.asked["code_challenge"]
        return json_answer({"access_token": "fi-access", "token_type": "Bearer", "id_token": self.signed(self.token())})

    def token(self) -> dict[str, object]:
        """The claims of the ID token."""
        now = self.clock()
        return {
            "iss": self.issuer,
            "sub": "person-at-the-provider",
            "aud": self.client_id,
            "iat": now,
            "exp": now + 60,
            "auth_time": now,
            "nonce": self.asked["nonce"],
            "acr": self.acr,
            "amr": ["pwd", "mail", "fi-secret-method"],
            **self.id_token,
        }

    def signed(self, claims: dict[str, object]) -> str:
        """A JWT of this provider."""
        return jwt.encode({"alg": "ES256", "kid": "fi-1"}, claims, self.key, algorithms=["ES256"])

    def _userinfo(self, _request: HttpRequest) -> HttpResponse:
        return json_answer({"sub": "person-at-the-provider", **self.claims})


def json_answer(members: object, status: int = 200) -> HttpResponse:
    """An answer in JSON."""
    return HttpResponse(status, {"content-type": "application/json"}, json.dumps(members).encode())


def service(name: str, **changes: object) -> Service:
    """A public service at level low, with every scope of the identity."""
    held = HeldSecret(digest(SECRET_KEY, name, SECRET))
    facts: dict[str, object] = {
        "id": name,
        "name": Text(f"Service {name}", f"The {name} service"),
        "client_id": name,
        "public": True,
        "redirect_uris": (f"https://{name}.example/retour",),
        "post_logout_redirect_uris": (f"https://{name}.example/",),
        "home": f"https://{name}.example/accueil",
        "sector": f"{name}.example",
        "scopes": frozenset(("openid", "identite_pivot", "family_name", "email", "preferred_username", "amr")),
        "minimum": Level.LOW,
        "authentication": frozenset(("client_secret_basic", "client_secret_post")),
        "secrets": (held,),
        "idp_hints": frozenset(("impots",)),
    }
    return Service(**{**facts, **changes})  # type: ignore[arg-type]


def provider(name: str, *levels: Level, **changes: object) -> Provider:
    """A provider that vouches at these levels."""
    facts: dict[str, object] = {
        "id": name,
        "name": Text(f"Compte {name}", f"{name} account"),
        "issuer": f"https://{name}.example",
        "client_id": "passerelle",
        "client_secret": f"secret-at-{name}",
        "authentication": "client_secret_basic",
        "levels": frozenset(levels),
        "algorithms": frozenset(("ES256",)),
        "contacts": (Contact("support", f"aide@{name}.example"),),
    }
    return Provider(**{**facts, **changes})  # type: ignore[arg-type]


SERVICES = {
    "mairie": service("mairie"),
    "assurance": service("assurance", public=False),
    "strict": service("strict", minimum=Level.SUBSTANTIAL),
    "rsa": service("rsa", algorithm="RS256"),
    "appli": service("appli", authentication=frozenset(("none",)), secrets=()),
}
PROVIDERS = {
    "impots": provider("impots", Level.LOW, Level.SUBSTANTIAL),
    "poste": provider("poste", Level.LOW, order=200),
}


class World:
    """The instance, its clock, its providers, and any number of browsers."""

    def __init__(self, folder: Path, database: str = "memory:", clock: Clock | None = None, **changes: object) -> None:
        self.clock = clock or Clock()
        self.fi = {name: Fi(f"https://{name}.example", "passerelle", f"secret-at-{name}", self.clock) for name in PROVIDERS}
        self.fi["poste"].acr = "eidas1"
        self.settings = settings_of(folder, database, **changes)
        self.store = open_store(database, self.clock)
        self.published: dict[str, bytes] = {}
        self.answers: dict[str, Callable[[HttpRequest], HttpResponse]] = {}
        self.app: Flask = create_app(
            self.settings,
            store=self.store,
            fetch=self.fetch,
            metadata_ways=MetadataWays(self.fetch_metadata, self.fetch_metadata),
            clock=self.clock,
            chores=False,
        )

    def fetch(self, request: HttpRequest, *, allow_private: bool = False) -> HttpResponse:
        """The back channel: to the provider whose host it is, or to an address that a test answers."""
        if request.url in self.answers:
            return self.answers[request.url](request)
        host = urlsplit(request.url).hostname or ""
        fi = self.fi.get(host.removesuffix(".example"))
        if fi is None:
            raise FetchFailed("dns", host)
        return fi.fetch(request)

    def fetch_metadata(self, request: HttpRequest, *, allow_private: bool = False) -> HttpResponse:
        """What other nodes publish, by address."""
        if request.url not in self.published:
            raise FetchFailed("refused", urlsplit(request.url).hostname or "")
        return HttpResponse(200, {}, self.published[request.url])

    def browser(self) -> "Browser":
        """A new browser, without cookies."""
        return Browser(self)


def settings_of(folder: Path, database: str, **changes: object) -> Settings:
    keys = folder / "secrets" / "keys"
    if not keys.exists():
        keys.mkdir(parents=True)
        for algorithm in ("ES256", "RS256"):
            new_key(keys, Use.OP_SIGNING, algorithm, State.ACTIVE, 1_700_000_000)  # type: ignore[arg-type]
    facts: dict[str, object] = {
        "folder": folder,
        "secrets_folder": folder / "secrets",
        "mode": "production",
        "public_url": PUBLIC,
        "name": Text("Connexion Démo", "Demo Sign-in"),
        "support": Support("aide@connexion.example", "+33 1 00 00 00 00", "9 h - 18 h"),
        "database": database,
        "sso_minutes": 30,
        "step_minutes": 30,
        "journal_days": 30,
        "peppers": (b"p" * 32,),
        "sub_keys": {1: b"s" * 32},
        "client_secret_key": SECRET_KEY,
        "parties": Parties(SERVICES, PROVIDERS),
    }
    return Settings(**{**facts, **changes})  # type: ignore[arg-type]


class Browser:
    """What a citizen does, with the cookies of one browser. Addresses are followed one at a time, never by themselves."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.client: FlaskClient = world.app.test_client()

    def get(self, url: str) -> TestResponse:
        """Open an address of the broker."""
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return self.client.get(path, base_url=PUBLIC)

    def post(self, path: str, **form: str) -> TestResponse:
        """Send a form of the broker."""
        return self.client.post(path, data=form, base_url=PUBLIC)

    def authorize(self, service_id: str = "mairie", **changes: str | None) -> TestResponse:
        """Press the service's button. A change to None leaves the parameter out."""
        asked = {
            "client_id": service_id,
            "redirect_uri": f"https://{service_id}.example/retour",
            "response_type": "code",
            "scope": "openid identite_pivot email",
            "state": STATE,
            "nonce": NONCE,
            "acr_values": "eidas1",
            **changes,
        }
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        return self.get(f"{ISSUER}/authorize?{query}")

    def page(self, response: TestResponse) -> "Shown":
        """The page that a redirect of the broker leads to."""
        assert (response.status_code, response.location[:1]) == (303, "/"), response.location or response.text
        return Shown(self.get(response.location))

    def choose(self, shown: "Shown", fi: str = "impots") -> TestResponse:
        """Choose a provider on the choice page."""
        return self.post("/choisir", **shown.hidden, provider=fi)

    def prove(self, departure: TestResponse, fi: str = "impots", **changes: str) -> TestResponse:
        """Authenticate at the provider and come back."""
        query = self.world.fi[fi].log_in(departure.location, **changes)
        return self.get(f"{ISSUER}/oidc-callback/{fi}?{query}")

    def to_confirmation(self, service_id: str = "mairie", fi: str = "impots", **changes: str | None) -> "Shown":
        """From the service's button to the page that shows what will be sent."""
        choice = self.page(self.authorize(service_id, **changes))
        return self.page(self.prove(self.choose(choice, fi), fi))

    def confirm(self, shown: "Shown", **form: str) -> TestResponse:
        """Go on to the service."""
        return self.post("/confirmer", **shown.hidden, action="continue", **form)

    def log_in(self, service_id: str = "mairie", fi: str = "impots", **changes: str | None) -> dict[str, str]:
        """A whole login; what the service's callback receives."""
        answer = self.confirm(self.to_confirmation(service_id, fi, **changes), consent="yes")
        return dict(parse_qsl(urlsplit(answer.location).query))

    def redeem(self, code: str, service_id: str = "mairie", **changes: str | None) -> TestResponse:
        """The service changes its code into tokens."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": f"https://{service_id}.example/retour",
            "client_id": service_id,
            "client_secret": SECRET,
            **changes,
        }
        sent = {name: value for name, value in form.items() if value is not None}
        return self.world.app.test_client().post("/api/v2/token", data=sent, base_url=PUBLIC)

    def userinfo(self, access_token: str) -> TestResponse:
        """The service asks for the claims."""
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.world.app.test_client().get("/api/v2/userinfo", headers=headers, base_url=PUBLIC)

    def claims(self, service_id: str = "mairie", fi: str = "impots", **changes: str | None) -> dict[str, object]:
        """A whole login; the claims that the service gets."""
        code = self.log_in(service_id, fi, **changes)["code"]
        return payload(self.userinfo(self.redeem(code, service_id).json["access_token"]).text)


class Shown:
    """A page that a browser shows."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.text = response.text

    @property
    def hidden(self) -> dict[str, str]:
        """The handle and the step token that the page's form carries."""
        return {name: self._input(name) for name in ("j", "step")}

    def _input(self, name: str) -> str:
        _, _, rest = self.text.partition(f'name="{name}" value="')
        return rest.partition('"')[0]


def payload(token: str) -> dict[str, object]:
    """The claims of a JWT, unverified."""
    return json.loads(jws.extract_compact(token.encode()).payload)  # type: ignore[no-any-return]
