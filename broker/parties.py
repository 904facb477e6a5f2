"""Who takes part: the services that rely on us, the providers and countries that vouch, and the data providers that deliver
to services, as their partner files say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from broker.assurance import Level
from oidc.asking import Authentication
from oidc.discovery import ProviderMetadata

if TYPE_CHECKING:  # an instance without countries loads no XML library
    from eidas.algorithms import Compatibility
    from eidas.certificates import Certificate
    from metadata.nodes import Connector, Node, ProxyService
    from metadata.trust.links import Anchor, Policy


@dataclass(frozen=True, slots=True)
class Text:
    """A text that citizens read, in both languages."""

    fr: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.en if language == "en" else self.fr


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to write to: `kind` is technical, support or security."""

    kind: str
    mail: str = ""
    tel: str = ""


@dataclass(frozen=True, slots=True)
class HeldSecret:
    """A client secret as we keep it: HMAC-SHA-256 under the instance's key; `until` (Unix seconds) ends its grace."""

    digest: bytes
    until: int | None = None


@dataclass(frozen=True, slots=True)
class ServiceKeys:
    """Where the public keys of a service are: a JWK set behind its `address`, or one that was read from a file.

    `algorithms` are those of what it signs itself. `private_addresses`: it may publish in a private network.
    """

    algorithms: frozenset[str]
    address: str = ""
    document: bytes = field(default=b"", repr=False)
    private_addresses: bool = False


@dataclass(frozen=True, slots=True)
class DataScope:
    """One kind of data that a data provider delivers: its scope, what citizens read of it, and the law that allows it."""

    name: str
    label: Text
    legal_basis: str


@dataclass(frozen=True, slots=True)
class DataGrant:
    """That a service may ask for a scope of a data provider, by which law, and whether it cannot do without."""

    scope: str
    legal_basis: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class DataProvider:
    """A data provider (fournisseur de données, FD): it delivers to services what their citizens agree to.

    `resource` names it in requests (RFC 8707), "" for none. `identity` are the claims of the identité pivot that it is
    entitled to, `lifetime` for how long it may be asked, in seconds, `checks` how often it may ask us in a minute.
    `encrypt` is how the key of an encrypted answer travels, "" where answers are signed only.
    """

    id: str
    name: Text
    client_id: str
    resource: str
    scopes: tuple[DataScope, ...]
    authentication: frozenset[str]
    secrets: tuple[HeldSecret, ...] = field(default=(), repr=False)
    keys: ServiceKeys | None = None
    identity: tuple[str, ...] = ()
    lifetime: int = 60
    sector: str = ""
    sub_generation: int = 1
    algorithm: Literal["ES256", "RS256", "PS256"] = "ES256"
    encrypt: Literal["", "RSA-OAEP-256", "ECDH-ES", "RSA-OAEP"] = ""
    checks: int = 600
    active: bool = True
    contacts: tuple[Contact, ...] = ()


class Asker(Protocol):
    """Whoever asks who somebody is, as far as a journey must know him."""

    @property
    def public(self) -> bool:
        """A public one informs, a private one must ask for consent."""

    def may_use(self, provider: str) -> bool:
        """Whether its citizens may use this provider at all."""

    @property
    def idp_hints(self) -> frozenset[str]:
        """The providers that it may name, among them some that the page does not show."""

    @property
    def europe(self) -> bool:
        """Whether citizens of other countries may log in."""


@dataclass(frozen=True, slots=True)
class Service:
    """A French service that relies on us (fournisseur de service, FS).

    `tell_at` is where it is told of logouts (its `backchannel_logout_uri`), "" for nowhere. `private_addresses`: what we
    call ourselves may live in a private network.
    """

    id: str
    name: Text
    client_id: str
    public: bool
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    home: str
    sector: str
    scopes: frozenset[str]
    minimum: Level
    maximum: Level = field(default=Level.HIGH, kw_only=True)
    authentication: frozenset[str]
    secrets: tuple[HeldSecret, ...] = field(repr=False)
    keys: ServiceKeys | None = None
    only_pushed: bool = False
    only_signed: bool = False
    algorithm: Literal["ES256", "RS256", "PS256"] = "ES256"
    encrypt: Literal["", "RSA-OAEP-256", "ECDH-ES", "RSA-OAEP"] = ""
    sub_generation: int = 1
    require: tuple[str, ...] = ()
    idp_hints: frozenset[str] = frozenset()
    only_providers: frozenset[str] = frozenset()
    hidden_providers: frozenset[str] = frozenset()
    europe: bool = False
    tell_at: str = ""
    private_addresses: bool = False
    contacts: tuple[Contact, ...] = ()
    purpose: str = ""
    data: Mapping[str, DataGrant] = field(default_factory=dict)

    def may_use(self, provider: str) -> bool:
        """Whether its citizens may use this provider: it is one of the only ones, if some are named, and not hidden."""
        return (not self.only_providers or provider in self.only_providers) and provider not in self.hidden_providers


@dataclass(frozen=True, slots=True)
class Provider:
    """A French identity provider that vouches (fournisseur d'identité, FI)."""

    id: str
    name: Text
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    authentication: Authentication
    levels: frozenset[Level]
    algorithms: frozenset[str]
    static: ProviderMetadata | None = None
    assertion_audience: Literal["token_endpoint", "issuer"] = "token_endpoint"
    assertion_algorithm: Literal["ES256", "RS256"] = "ES256"
    encrypted: frozenset[str] = frozenset()
    key_algorithms: frozenset[str] = frozenset(("ECDH-ES", "RSA-OAEP-256"))
    content_algorithms: frozenset[str] = frozenset(("A256GCM",))
    userinfo_signed: bool = False
    audiences: frozenset[str] = frozenset()
    pushed: Literal["offered", "required", "never"] = "offered"
    logout: bool = True
    order: int = 100
    visible: bool = True
    active: bool = True
    private_addresses: bool = False
    contacts: tuple[Contact, ...] = ()

    @property
    def strongest(self) -> Level:
        """The highest level it may vouch for."""
        return max(self.levels)


@dataclass(frozen=True, slots=True)
class ConsoleProvider:
    """The operator's own provider: what we are there, and which values of which claim make an operator or an auditor."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    authentication: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic"
    algorithms: frozenset[str] = frozenset(("ES256",))
    scope: str = "openid profile groups"
    claim: str = "groups"
    operators: frozenset[str] = frozenset()
    auditors: frozenset[str] = frozenset()
    name_claim: str = "name"
    private_addresses: bool = False


@dataclass(frozen=True, slots=True)
class ForeignService:
    """A service in another country, which asks through that country's Connector: what its request says of it.

    `name` is its ProviderName and `requester` its RequesterID, each "" where it is not given.
    """

    country: str
    public: bool
    name: str = ""
    requester: str = ""

    def may_use(self, provider: str) -> bool:  # noqa: ARG002 - the protocol's
        """All identities are worth the same."""
        return True

    @property
    def idp_hints(self) -> frozenset[str]:
        """Its Connector names no provider of ours."""
        return frozenset()

    @property
    def europe(self) -> bool:
        """Nobody goes from one country to another through ours: what the first one vouched for would be said by us."""
        return False


@dataclass(frozen=True, slots=True)
class Former:
    """A node as it was until lately: what it signed still counts until a moment (Unix seconds), for logins in flight."""

    node: "Node"
    until: int


@dataclass(frozen=True, slots=True)
class Country:
    """Another country: its Proxy-Service, which identifies its citizens here, and its Connector, by which its services ask
    for ours, as the metadata in force describes them. None for a role that it has not here, or not yet.

    `code` is eIDAS's ("EL"); `compatibility` are the deviations that it is allowed; `not_notified` whether its means that
    are not notified count at the level they state; `sub_generation` the key behind the identifiers that it receives.
    `sources` are the roles whose metadata is fetched: from an address, or from where a list says ("list"); `anchors` vouch
    for it, as `policy` says; `updates` is whether an anchor suffices for new keys. `former` nodes are by their roles;
    `documents` are the octets of pinned metadata by the role of the node, and `stands_on` the anchors (SHA-256) of those
    that one vouches for.
    """

    code: str
    proxy: "ProxyService | None"
    compatibility: "Compatibility"
    connector: "Connector | None" = None
    sub_generation: int = 1
    redirects: bool = False
    not_notified: bool = False
    active: bool = True
    sources: Mapping[str, str] = field(default_factory=dict)
    anchors: "tuple[Anchor, ...]" = ()
    policy: "Policy | None" = None
    updates: Literal["approve", "auto"] = "approve"
    private_addresses: bool = False
    former: Mapping[str, tuple[Former, ...]] = field(default_factory=dict)
    documents: Mapping[str, bytes] = field(default_factory=dict, repr=False, compare=False)
    stands_on: Mapping[str, str] = field(default_factory=dict)

    @property
    def nodes(self) -> "Mapping[str, ProxyService | Connector]":
        """Its nodes by their roles."""
        both = {"proxy": self.proxy, "connector": self.connector}
        return {role: node for role, node in both.items() if node is not None}

    def verifying(self, role: str, now: int) -> "tuple[Certificate, ...]":
        """The keys whose messages count at `now` (Unix seconds): those of the metadata in force, then the former ones."""
        node = self.nodes.get(role)
        former = (one.node.signing for one in self.former.get(role, ()) if now < one.until)
        return tuple(dict.fromkeys(key for keys in ((node.signing if node else ()), *former) for key in keys))

    def vouching(self, role: str, signer: "Certificate") -> str:
        """The SHA-256 of the metadata that has the key of a message, in hex: the one in force, or a former one."""
        nodes = (*((self.nodes[role],) if role in self.nodes else ()), *(one.node for one in self.former.get(role, ())))
        return next((node.sha256 for node in nodes if signer in node.signing), "")


@dataclass(frozen=True, slots=True)
class Parties:
    """Everybody that the configuration names, by id; countries by their code. `data_scopes` says who delivers a scope."""

    services: Mapping[str, Service]
    providers: Mapping[str, Provider]
    countries: Mapping[str, Country] = field(default_factory=dict)
    data: Mapping[str, DataProvider] = field(default_factory=dict)
    clients: Mapping[str, Service] = field(init=False)
    data_scopes: Mapping[str, DataProvider] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "clients", {service.client_id: service for service in self.services.values()})
        delivered = {scope.name: one for one in self.data.values() if one.active for scope in one.scopes}
        object.__setattr__(self, "data_scopes", delivered)

    @property
    def callers(self) -> tuple[Service | DataProvider, ...]:
        """Everybody who has a client_id here: services, then data providers."""
        return (*self.services.values(), *self.data.values())

    def choosable(self) -> list[Provider]:
        """The providers that citizens may choose, in the operator's order."""
        return sorted(
            (provider for provider in self.providers.values() if provider.visible and provider.active),
            key=lambda provider: (provider.order, provider.id),
        )
