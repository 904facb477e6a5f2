"""The cast of the simulated world: who lives at which host name, and what they are to each other."""

from dataclasses import dataclass
from typing import Literal

from broker.parties import Text

BROKER_HOST = "fc.localhost"
BROKER_NAME = Text("Connexion Démo", "Demo Sign-in")
BROKER_AT_PROVIDERS = "passerelle"


@dataclass(frozen=True, slots=True)
class DemoService:
    """A simulated service (FS)."""

    id: str
    host: str
    name: Text
    public: bool
    scopes: tuple[str, ...]
    authentication: Literal["client_secret_basic", "client_secret_post"]
    algorithm: Literal["ES256", "RS256"]
    purpose: Text


@dataclass(frozen=True, slots=True)
class DemoProvider:
    """A simulated identity provider (FI). `habit` is the fault that the demo starts it with, if any."""

    id: str
    host: str
    name: Text
    levels: tuple[str, ...]
    algorithm: Literal["ES256", "RS256"]
    signed_userinfo: bool
    authentication: Literal["client_secret_basic", "client_secret_post"]
    habit: str | None = None


SERVICES = (
    DemoService(
        id="mairie-demo",
        host="fs.localhost",
        name=Text("Mairie de Démo", "Demo Town Hall"),
        public=True,
        scopes=("openid", "identite_pivot", "email", "preferred_username"),
        authentication="client_secret_basic",
        algorithm="ES256",
        purpose=Text("Inscription à l’école", "School registration"),
    ),
    DemoService(
        id="assurance-demo",
        host="shop.localhost",
        name=Text("Assurance Démo", "Demo Insurance"),
        public=False,
        scopes=("openid", "identite_pivot", "email", "preferred_username"),
        authentication="client_secret_post",
        algorithm="RS256",
        purpose=Text("Votre espace client", "Your customer account"),
    ),
)

PROVIDERS = (
    DemoProvider(
        id="impots-demo",
        host="fi.localhost",
        name=Text("Impôts Démo", "Demo Tax Office"),
        levels=("eidas1", "eidas2"),
        algorithm="ES256",
        signed_userinfo=False,
        authentication="client_secret_basic",
    ),
    DemoProvider(
        id="poste-demo",
        host="fi2.localhost",
        name=Text("Poste Démo", "Demo Post"),
        levels=("eidas1",),
        algorithm="RS256",
        signed_userinfo=True,
        authentication="client_secret_post",
        habit="fi.slow=2s",
    ),
)


@dataclass(frozen=True, slots=True)
class DemoNode:
    """A simulated node of another country, which identifies its citizens.

    `language` (a BCP 47 tag) is the country's, `heading` its word for signing in. The key is P-256, or RSA of 3072 bits;
    the metadata ends `metadata_days` after it was made, or has ended; `updates` is whether the broker takes its new keys
    by its anchor alone.
    """

    code: str
    host: str
    name: Text
    language: str
    heading: str
    levels: tuple[str, ...] = ("low", "substantial", "high")
    key: Literal["P-256", "RSA-3072"] = "P-256"
    metadata_days: int = 30
    updates: Literal["approve", "auto"] = "auto"

    @property
    def id(self) -> str:
        """What its files and its colours are called."""
        return f"node-{self.code.lower()}"


NODES = (
    DemoNode(
        code="EL",
        host="node.el.localhost",
        name=Text("Nœud grec de démo", "Demo Greek Node"),
        language="el",
        heading="Ταυτοποίηση",
        updates="approve",
    ),
    DemoNode(
        code="DE",
        host="node.de.localhost",
        name=Text("Nœud allemand de démo", "Demo German Node"),
        language="de",
        heading="Anmelden",
        levels=("low", "substantial"),
        key="RSA-3072",
    ),
    DemoNode(
        code="IT",
        host="node.it.localhost",
        name=Text("Nœud italien de démo", "Demo Italian Node"),
        language="it",
        heading="Accesso",
        metadata_days=-3,
    ),
)


@dataclass(frozen=True, slots=True)
class DemoServiceAbroad:
    """A simulated service of another country, where French citizens log in through the Connector at `node`."""

    id: str
    host: str
    name: Text
    node: DemoNode
    languages: tuple[str, ...]


COMUNE = DemoServiceAbroad(
    id="comune-demo",
    host="sp.it.localhost",
    name=Text("Comune di Demo", "Comune di Demo"),
    node=NODES[2],
    languages=("it", "en"),
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the simulated world is reached: every host on one port of this machine, over plain HTTP."""

    port: int

    def of(self, host: str, path: str = "") -> str:
        """The URL of a path at a host, e.g. `http://fs.localhost:8000/callback`."""
        return f"http://{host}:{self.port}{path}"

    @property
    def broker(self) -> str:
        """The public address of the broker."""
        return self.of(BROKER_HOST)

    @property
    def issuer(self) -> str:
        """The broker's issuer, as services know it."""
        return f"{self.broker}/api/v2"

    def at_provider(self, provider: str) -> tuple[str, str]:
        """The two addresses of the broker that a provider sends citizens to: after a login, and after a logout."""
        return f"{self.issuer}/oidc-callback/{provider}", f"{self.issuer}/client/logout-callback"
