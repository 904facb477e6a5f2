"""The last login as a story: its messages in order, and what each party learned from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from broker.parties import Text
from broker.sandbox.decoding import (
    Entry,
    KeysOf,
    Opened,
    as_curl,
    entries_answered,
    entries_sent,
    page_title,
    readable,
    shut,
    value_text,
)
from broker.sandbox.parties import (
    BROKER_HOST,
    BROKER_NAME,
    COMUNE,
    DATA_PROVIDERS,
    NODES,
    PROVIDERS,
    SERVICES,
    DemoDataProvider,
    DemoNode,
    DemoProvider,
    DemoService,
    DemoServiceAbroad,
)
from broker.sandbox.recorder import BROWSER, Exchange

_CAST = (*SERVICES, *PROVIDERS, *DATA_PROVIDERS, *NODES, COMUNE)
_NAMES = {
    BROWSER: "Browser",
    BROKER_HOST: f"{BROKER_NAME.en} (the broker)",
    **{party.host: party.name.en for party in _CAST},
}
_ROLES = {
    BROKER_HOST: "broker",
    **{service.host: "service" for service in SERVICES},
    **{provider.host: "provider" for provider in PROVIDERS},
    **{one.host: "data provider" for one in DATA_PROVIDERS},
    **{node.host: "country" for node in NODES},
    COMUNE.host: "service abroad",
}
_KINDS = {BROKER_HOST: "broker", **{party.host: party.id for party in _CAST}}
_WHAT = {
    "service GET /login": "The citizen presses the button: the service sends the browser to the broker",
    "service GET /callback": "The broker’s answer reaches the service: a code, nothing else",
    "service GET /": "The service shows who is signed in",
    "service POST /ask": "The service asks the data providers once more",
    "service POST /logout": "The citizen signs out: the service sends the browser to the broker once more",
    "service GET /signed-out": "Back at the service, signed out",
    "broker GET /api/v2/authorize": "The service asks, through the browser",
    "broker GET /choisir": "The broker asks the citizen: with which account?",
    "broker POST /choisir": "The citizen chooses: the broker sends the browser to the provider",
    "broker GET /api/v2/oidc-callback/": "The provider’s answer reaches the broker: a code, or a refusal",
    "broker GET /confirmer": "The broker shows what would be sent, and to whom",
    "broker POST /confirmer": "The citizen agrees, or does not",
    "broker GET /eidas/pays": "The broker asks: from which country?",
    "broker POST /eidas/pays": "The citizen chooses a country",
    "broker GET /aller": "The broker’s signed request, in a form that the browser sends to the country",
    "broker POST /eidas/connector/acs": "The country’s answer reaches the broker, signed, and encrypted for it",
    "country POST /sso": "The country reads the request and shows its login page",
    "country GET /sso": "The country reads the request and shows its login page",
    "country GET /login": "The country shows its login page in another language",
    "country POST /login": "The citizen proves who he is: the answer is in a form that the browser sends to the broker",
    "country POST /cancel": "The citizen gives up: the country says so, in a form that the browser sends to the broker",
    "service POST /backchannel-logout": "The broker tells the service that its citizen has signed out, server to server",
    "service abroad GET /login": "A French citizen presses the button: the browser goes to the Connector of the country",
    "country GET /connector/login": "The Connector makes a signed request, which the browser takes to the broker",
    "broker GET /eidas/proxy/sso": "The other country’s request reaches the broker, signed",
    "broker POST /eidas/proxy/sso": "The other country’s request reaches the broker, signed",
    "broker GET /revenir": "The broker’s answer, in a form that the browser sends to the Connector, or to the service",
    "country POST /connector/acs": "The broker’s answer reaches the Connector, signed, and encrypted for it",
    "service abroad GET /back": "The service collects from its country’s Connector who came, or why nobody did",
    "service abroad GET /": "The service abroad shows what it received",
    "service abroad POST /logout": "The citizen signs out of the service abroad",
    "broker POST /api/v2/token": "The service changes its code for tokens, server to server",
    "broker POST /api/v2/token/revocation": "The service gives its token back, server to server",
    "broker GET /api/v2/userinfo": "The service asks for the claims, server to server",
    "broker POST /api/v2/checktoken": "The data provider asks what the token is worth: by it alone it knows who is meant",
    "broker GET /mes-autorisations": "The broker shows what the citizen agreed to, until when, and when it was used",
    "broker POST /mes-autorisations": "The citizen withdraws what he agreed to",
    "data provider GET /api": "The service asks for what the citizen agreed to, server to server",
    "data provider GET /api/": "The service asks for what the citizen agreed to, server to server",
    "broker GET /api/v2/session/end": "The service asks the broker to end the session",
    "broker GET /deconnexion": "The broker asks what to sign out of, or says that it is done",
    "broker POST /deconnexion": "The citizen answers",
    "broker GET /api/v2/client/logout-callback": "Back at the broker from the provider’s logout",
    "provider GET /authorize": "The provider shows its login page",
    "provider POST /login": "The citizen proves who he is: the provider sends the browser back to the broker",
    "provider POST /compose": "The citizen types an identity",
    "provider POST /cancel": "The citizen gives up: the provider sends the browser back to the broker",
    "provider POST /token": "The broker changes the provider’s code for tokens, server to server",
    "provider GET /userinfo": "The broker asks for the identity, server to server",
    "provider GET /logout": "The provider ends its own session",
}
_PUBLIC = {
    "/.well-known/openid-configuration": "Published metadata is read",
    "/jwks": "Published keys are read",
    "/metadata": "Published metadata is read",
}
_OPAQUE = frozenset(
    "state nonce code code_challenge code_challenge_method code_verifier access_token at_hash exp iat auth_time j step "
    "login Authorization client_secret jti sid expires_in sub RelayState result ath cnf dpop_jkt token client_assertion "
    "client_assertion_type htm htu".split()
)
_NEARBY = 6
_SSO = "/eidas/proxy/sso"
_STARTS = (("GET", "/api/v2/authorize"), ("GET", _SSO), ("POST", _SSO))


@dataclass(frozen=True, slots=True)
class Message:
    """One exchange, told. `kind` is the receiver's colour; `leads_to` is where the answer sends the browser, and `page`
    the title of the page that it shows."""

    number: int
    sender: str
    receiver: str
    kind: str
    what: str
    line: str
    sent: tuple[Entry, ...]
    status: int
    leads_to: str
    page: str
    answered: tuple[Entry, ...]
    curl: str

    @property
    def tokens(self) -> tuple[Entry, ...]:
        """The signed tokens that it carries."""
        return tuple(entry for entry in (*self.sent, *self.answered) if entry.token)

    @property
    def saml(self) -> tuple[Entry, ...]:
        """The SAML messages that it carries."""
        return tuple(entry for entry in (*self.sent, *self.answered) if entry.saml)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What one party learned: `facts`, names of values without meaning for it, and others' names that were found there."""

    host: str
    name: str
    role: str
    kind: str
    facts: tuple[tuple[str, str], ...]
    opaque: tuple[str, ...]
    searched: tuple[str, ...]
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """One login."""

    messages: tuple[Message, ...]
    knowledge: tuple[Knowledge, ...]


def tell(exchanges: Sequence[Exchange], keys_of: KeysOf, port: int, opened: Opened = shut) -> Story:
    """The story of these exchanges. `opened` is what is in those tokens that are encrypted for a data provider."""
    spoken = [exchange for exchange in exchanges if not _public(exchange)]
    hosts = {exchange.host for exchange in spoken} | {exchange.sender for exchange in spoken}
    partial = [host for host in _ROLES if host in hosts and host != BROKER_HOST]
    return Story(
        tuple(_message(position, exchange, keys_of, opened, port) for position, exchange in enumerate(exchanges, 1)),
        tuple(_knowledge(host, exchanges, keys_of, opened) for host in partial),
    )


def last_login(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """From the last time a browser came to the broker with a request, of a service or a country, and what sent it there."""
    starts = [position for position, exchange in enumerate(exchanges) if _is_start(exchange)]
    if not starts:
        return []
    start = starts[-1]
    before = range(max(0, start - _NEARBY), start)
    pressed = [position for position in before if _is_button(exchanges[position], exchanges[start])]
    return list(exchanges[(pressed or [start])[-1] :])


def _is_start(exchange: Exchange) -> bool:
    return exchange.host == BROKER_HOST and (exchange.method, exchange.path) in _STARTS


def _is_button(exchange: Exchange, start: Exchange) -> bool:
    """Whether this exchange sent the browser on its way to that one. No address of a posted request tells it."""
    if start.path == _SSO:
        return (exchange.host, exchange.path) == (COMUNE.host, "/login")
    return _leads_to(exchange).endswith(start.query)


def _leads_to(exchange: Exchange) -> str:
    return exchange.header("location")


def _message(position: int, exchange: Exchange, keys_of: KeysOf, opened: Opened, port: int) -> Message:
    return Message(
        number=position,
        sender=_NAMES.get(exchange.sender, exchange.sender),
        receiver=_NAMES.get(exchange.host, exchange.host),
        kind=_KINDS.get(exchange.host, ""),
        what=_what(exchange),
        line=f"{exchange.method} {exchange.host}{exchange.path}",
        sent=entries_sent(exchange, keys_of, opened),
        status=exchange.status,
        leads_to=_leads_to(exchange).partition("?")[0],
        page=page_title(exchange),
        answered=entries_answered(exchange, keys_of, opened),
        curl=as_curl(exchange, port),
    )


def _what(exchange: Exchange) -> str:
    for path, words in _PUBLIC.items():
        if exchange.path.endswith(path):
            return words
    key = f"{_ROLES.get(exchange.host, '')} {exchange.method} {exchange.path}"
    exact = _WHAT.get(key)
    return exact or next((words for start, words in _WHAT.items() if start.endswith("/") and key.startswith(start)), "")


# -- who learned what -------------------------------------------------------------------------------------------------


_Cast = DemoService | DemoProvider | DemoDataProvider | DemoNode | DemoServiceAbroad
_STRANGERS: Mapping[str, tuple[_Cast, ...]] = {
    "service": (*PROVIDERS, *NODES, COMUNE),
    "provider": (*SERVICES, *DATA_PROVIDERS, *NODES, COMUNE),
    "data provider": (*PROVIDERS, *NODES, COMUNE),
    "country": (*SERVICES, *PROVIDERS, *DATA_PROVIDERS),
    "service abroad": (*SERVICES, *PROVIDERS, *DATA_PROVIDERS),
}
"""Whom a party of each role must never meet."""


def strangers(host: str) -> tuple[str, ...]:
    """The words that this party must never meet: names, ids and hosts of everybody on the other side."""
    others = _STRANGERS[_ROLES[host]]
    return tuple(word for party in others for word in (*_both(party.name), party.id, party.host))


def _both(name: Text) -> tuple[str, str]:
    return name.fr, name.en


def _knowledge(host: str, exchanges: Iterable[Exchange], keys_of: KeysOf, opened: Opened) -> Knowledge:
    asked = [exchange for exchange in exchanges if exchange.host == host]
    told = [exchange for exchange in exchanges if exchange.sender == host]
    entries = [entry for exchange in asked for entry in entries_sent(exchange, keys_of, opened)]
    entries += [
        entry for exchange in told if not _public(exchange) for entry in entries_answered(exchange, keys_of, opened)
    ]
    facts = _facts(entries)
    text = readable(b"\n".join([*(one.sent() for one in asked), *(one.answered() for one in told)]), opened)
    words = strangers(host)
    return Knowledge(
        host=host,
        name=_NAMES[host],
        role=_ROLES[host],
        kind=_KINDS[host],
        facts=tuple((name, value) for name, value in facts.items() if name not in _OPAQUE),
        opaque=tuple(sorted(name for name in facts if name in _OPAQUE)),
        searched=words,
        found=tuple(word for word in words if word in text),
    )


def _public(exchange: Exchange) -> bool:
    return exchange.path.endswith(tuple(_PUBLIC))


def _facts(entries: Iterable[Entry]) -> dict[str, str]:
    facts: dict[str, str] = {}
    for entry in entries:
        if entry.token:
            facts |= {name: value_text(value) for name, value in _told(entry.token.claims).items()}
        elif entry.saml:
            facts |= dict(entry.saml.facts)
        else:
            facts[entry.name] = entry.value
    return facts


def _told(claims: Mapping[str, object]) -> Mapping[str, object]:
    """The claims of a token; those of an answer about a token are one level deeper (RFC 9701 5)."""
    inside = claims.get("token_introspection")
    around = {name: value for name, value in claims.items() if name != "token_introspection"}
    return {**around, **inside} if isinstance(inside, dict) else claims
