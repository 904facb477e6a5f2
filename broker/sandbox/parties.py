"""The cast of the simulated world: who lives at which host name, and what they are to each other."""

from dataclasses import dataclass
from typing import Literal

from broker.parties import Text

BROKER_HOST = "fc.localhost"
BROKER_NAME = Text("Connexion Démo", "Demo Sign-in")
BROKER_AT_PROVIDERS = "passerelle"


@dataclass(frozen=True, slots=True)
class DemoNeed:
    """That a service asks for a scope of a data provider: by which decision, and whether it cannot do without."""

    scope: str
    legal_basis: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class DemoService:
    """A simulated service (FS).

    What it asks of data providers (`data`) it asks at each login, or only behind a second button, of which `offer` has the
    words. `bound`: it asks for a token that is for one data provider alone (RFC 8707) and bound to a key (RFC 9449).
    """

    id: str
    host: str
    name: Text
    public: bool
    scopes: tuple[str, ...]
    authentication: Literal["client_secret_basic", "client_secret_post"]
    algorithm: Literal["ES256", "RS256"]
    purpose: Text
    data: tuple[DemoNeed, ...] = ()
    offer: Text | None = None
    bound: bool = False


@dataclass(frozen=True, slots=True)
class DemoScope:
    """One kind of data: its scope, what citizens read of it, by which law it is delivered, and in what it is counted."""

    name: str
    label: Text
    legal_basis: str
    unit: Text


@dataclass(frozen=True, slots=True)
class DemoDataProvider:
    """A simulated data provider (FD). With `encryption` it has keys, without it a secret.

    `identity` are the claims by which it finds somebody, `lifetime` for how long it may be asked.
    """

    id: str
    host: str
    name: Text
    scopes: tuple[DemoScope, ...]
    lifetime: str
    encryption: Literal["", "ECDH-ES"] = ""
    identity: tuple[str, ...] = ("given_name", "family_name", "birthdate")


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
        data=(
            DemoNeed("revenu_fiscal", "Délibération 2026-14 : tarif de la cantine selon le revenu"),
            DemoNeed("nombre_parts", "Délibération 2026-14 : tarif de la cantine selon le revenu"),
        ),
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
        data=(
            DemoNeed("permis_points", "Code des assurances de démo, art. 1 : le risque à assurer", required=True),
            DemoNeed("retraite_estimation", "Accord de l’assuré, pour un contrat d’épargne"),
        ),
        offer=Text("Demander un devis", "Ask for a quote"),
        bound=True,
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

DATA_PROVIDERS = (
    DemoDataProvider(
        id="revenus-demo",
        host="fd.localhost",
        name=Text("Revenus Démo", "Demo Income Office"),
        scopes=(
            DemoScope(
                "revenu_fiscal",
                Text("Votre revenu fiscal de référence", "Your reference tax income"),
                "Code de démo, art. 114-8",
                Text("€ par an", "€ a year"),
            ),
            DemoScope(
                "nombre_parts",
                Text("Le nombre de vos parts fiscales", "Your number of tax shares"),
                "Code de démo, art. 114-8",
                Text("parts", "shares"),
            ),
        ),
        lifetime="10m",
        encryption="ECDH-ES",
    ),
    DemoDataProvider(
        id="points-demo",
        host="points.localhost",
        name=Text("Points Démo", "Demo Points Office"),
        scopes=(
            DemoScope(
                "permis_points",
                Text("Les points de votre permis de conduire", "The points on your driving licence"),
                "Code de démo, art. 223-1",
                Text("points sur 12", "points of 12"),
            ),
            DemoScope(
                "retraite_estimation",
                Text("L’estimation de votre retraite", "The estimate of your retirement pension"),
                "Code de démo, art. 161-17",
                Text("€ par mois", "€ a month"),
            ),
        ),
        lifetime="5m",
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

    def resource(self, data_provider: DemoDataProvider) -> str:
        """The address under which a data provider delivers, as RFC 8707 names it in requests."""
        return self.of(data_provider.host, "/api")

    def at_provider(self, provider: str) -> tuple[str, str]:
        """The two addresses of the broker that a provider sends citizens to: after a login, and after a logout."""
        return f"{self.issuer}/oidc-callback/{provider}", f"{self.issuer}/client/logout-callback"
