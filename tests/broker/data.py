"""Data providers for tests: two that deliver, and services that may ask them, beside those of the world."""

from pathlib import Path
from urllib.parse import urlsplit

from werkzeug.test import TestResponse

from broker.parties import DataGrant, DataProvider, DataScope, Parties, Service, Text
from broker.session import Session
from tests.broker.web.markup import Document
from tests.broker.world import PROVIDERS, SERVICES, Browser, Shown, World, service

SCOPE = "openid identite_pivot revenu_fiscal parts_fiscales points_permis"


def data_provider(name: str, *scopes: str, **changes: object) -> DataProvider:
    """One that delivers these scopes for ten minutes, and may know names and the date of birth."""
    facts: dict[str, object] = {
        "id": name,
        "name": Text(f"Administration {name}", f"{name} office"),
        "client_id": f"fd-{name}",
        "resource": f"https://{name}.example/api",
        "scopes": tuple(DataScope(one, Text(f"Donnée {one}", f"Datum {one}"), f"loi {one}") for one in scopes),
        "authentication": frozenset(("client_secret_post",)),
        "identity": ("family_name", "given_name", "birthdate"),
        "lifetime": 600,
    }
    return DataProvider(**{**facts, **changes})  # type: ignore[arg-type]


def asks(name: str, *needed: str, may: tuple[str, ...] = (), **changes: object) -> Service:
    """A service that may ask for scopes, some of which it needs."""
    grants = {scope: DataGrant(scope, f"décret {scope}", scope in needed) for scope in (*needed, *may)}
    return service(name, data=grants, **changes)


DATA = {
    "revenus": data_provider("revenus", "revenu_fiscal", "parts_fiscales"),
    "points": data_provider("points", "points_permis", identity=(), lifetime=90),
}
ASKERS = {
    "mairie": asks("mairie", "revenu_fiscal", may=("parts_fiscales", "points_permis")),
    "assurance": asks("assurance", may=("points_permis",), public=False),
    "rsa": asks("rsa", may=("revenu_fiscal",), algorithm="RS256"),
}
PARTIES = Parties({**SERVICES, **ASKERS}, PROVIDERS, data=DATA)


class DataWorld(World):
    """A world in which the town hall needs the tax income, and may ask for more."""

    def __init__(self, folder: Path, database: str = "memory:", **changes: object) -> None:
        super().__init__(folder, database, **{"parties": PARTIES, **changes})  # type: ignore[arg-type]

    def citizen(self) -> "Agreeing":
        """A new browser, without cookies."""
        return Agreeing(self)

    def session(self, browser: Browser) -> Session:
        """The session that runs in a browser."""
        held = self.app.extensions["passerelle"]().flow.session(secret(browser))
        assert held is not None
        return held.value  # type: ignore[no-any-return]

    def check(self, browser: Browser, data_provider: str, at: int | None = None) -> bool:
        """A data provider checks what the newest login of a browser gave."""
        grant = self.session(browser).given[-1].grant
        return self.store.note_check(grant, data_provider, self.clock() if at is None else at)


def secret(browser: Browser) -> bytes:
    """The secret of the session that runs in a browser."""
    from base64 import urlsafe_b64decode

    cookie = browser.client.get_cookie("__Host-sso", domain="connexion.example")
    assert cookie is not None
    return urlsafe_b64decode(cookie.value + "=")


class Agreeing(Browser):
    """A citizen who is asked what others may tell of him."""

    def asked(self, service_id: str = "mairie", scope: str = SCOPE, **changes: str | None) -> Shown:
        """From the button of the service to the page that shows what will be sent."""
        return self.to_confirmation(service_id, scope=scope, **changes)

    def agree(self, shown: Shown, *scopes: str, **form: str) -> TestResponse:
        """Tick these scopes and go on."""
        data = {**shown.hidden, "action": "continue", "consent": "yes", "data": list(scopes), **form}
        return self.client.post("/confirmer", data=data, base_url="https://connexion.example")

    def agreements(self) -> Document:
        """The page of what was agreed to."""
        return Document(self.get("/mes-autorisations").text)

    def withdraw(self, value: str, **changes: str) -> TestResponse:
        """Press the button of a row."""
        step = self.agreements().one(name="step").get("value")
        return self.post("/mes-autorisations", **{"step": step, "withdraw": value, **changes})


def gone(answer: TestResponse) -> bool:
    """Whether the citizen was sent back to the service with a code."""
    return "code=" in urlsplit(answer.location or "").query
