"""Every key of every configuration file: type, default, meaning, example. Reading, `config explain`, messages and the
documentation all come from this table; a key that does not stand here is an error, never ignored.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from broker.assurance import ACRS
from broker.claims import ORDER, SCOPES

Kind = Literal["text", "flag", "number", "words", "table", "tables"]
REQUIRED = object()
# `eidas.algorithms.Deviation` by name: to read a configuration no XML library is loaded. A test compares the two.
DEVIATIONS = (
    "rsa-pkcs1v15",
    "rsa-2048",
    "sha1",
    "oaep-sha1",
    "document-reference",
    "audience-acs-url",
    "no-node-country",
)


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `kind`: text, flag, number, words (a list of texts), table, or tables (a list of them).

    `default` is REQUIRED when there is none; `allowed` lists the values (of each word) when not everything is; `pattern`
    is the form of a text, and `form` says it in words; `least` and `most` bound a number; `filled` forbids an empty text
    or list; `inside` are the keys of a table.
    """

    name: str
    kind: Kind
    meaning: str
    example: str
    default: Any = REQUIRED
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    form: str = ""
    least: int = 0
    most: int = 0
    filled: bool = False
    inside: tuple["Key", ...] = ()
    since: str = "0.1.0"


def _text(name: str, meaning: str, example: str, default: Any = REQUIRED, **more: Any) -> Key:
    """What is required must also say something."""
    return Key(name, "text", meaning, example, default, filled=default is REQUIRED, **more)


def _flag(name: str, meaning: str, example: str, default: Any = REQUIRED) -> Key:
    return Key(name, "flag", meaning, example, default)


def _number(name: str, meaning: str, default: int, least: int, most: int) -> Key:
    return Key(name, "number", meaning, str(default), default, least=least, most=most)


def _words(name: str, meaning: str, example: str, default: Any = (), **more: Any) -> Key:
    return Key(name, "words", meaning, example, default, filled=default != (), **more)


def _id(meaning: str, example: str) -> Key:
    return _text("id", meaning, example, pattern=r"[a-z0-9][a-z0-9-]{0,62}", form="1 to 63 of a-z, 0-9 and -")


def _name(meaning: str, example: str) -> Key:
    french = _text("fr", "In French.", '"Mairie de Démo"')
    english = _text("en", "In English.", '"Demo Town Hall"')
    return Key("name", "table", meaning, example, inside=(french, english))


def _contacts(meaning: str, example: str) -> Key:
    inside = (
        _text("type", "For what.", '"technical"', "technical", allowed=("technical", "support", "security")),
        _text("mail", "An address.", '"si@mairie.example"', ""),
        _text("tel", "A number.", '"+33 1 99 00 00 00"', ""),
    )
    return Key("contacts", "tables", meaning, example, (), inside=inside)


def _day(name: str, meaning: str, example: str) -> Key:
    return _text(name, meaning, example, pattern=r"\d{4}-\d\d-\d\d", form="YYYY-MM-DD")


def _bilingual(name: str, meaning: str, example: str, english: Any = REQUIRED) -> Key:
    """A text for people abroad: English first, French if somebody wrote it."""
    inside = (_text("en", "In English.", '"Maintenance"', english), _text("fr", "In French.", '"Maintenance"', ""))
    return Key(name, "table", meaning, example, REQUIRED if english is REQUIRED else {}, inside=inside)


BROKER = (
    _text("mode", "Whether real people are served.", '"production"', "production", allowed=("production", "sandbox")),
    _text(
        "public_url",
        "Where citizens reach this instance: scheme and host. The OpenID Connect issuer is this and `/api/v2`.",
        '"https://connexion.example.fr"',
    ),
    _name("What citizens call this instance.", '{ fr = "Connexion Démo", en = "Demo Sign-in" }'),
    Key(
        "support",
        "table",
        "Whom citizens ask.",
        '{ mail = "aide@example.fr", tel = "+33 1 99 00 00 00", hours = "9 h - 18 h" }',
        {},
        inside=(
            _text("mail", "An address.", '"aide@example.fr"', ""),
            _text("tel", "A number.", '"+33 1 99 00 00 00"', ""),
            _text("hours", "When somebody answers.", '"9 h - 18 h"', ""),
        ),
    ),
    _text(
        "database",
        "Where rows lie until they expire: `sqlite:///` and a path in the instance's folder, or `postgresql://`. "
        "A password never stands here: use a password file or PASSERELLE_DATABASE_URL.",
        '"postgresql:///passerelle"',
        "sqlite:///var/passerelle.db",
        pattern=r"memory:|sqlite:///.+|postgresql(\+psycopg)?://.*",
        form="memory:, sqlite:///path or postgresql://…",
    ),
    _text("theme", "A folder with a style sheet and a logo of your own, in the instance's folder.", '"theme"', ""),
)
SESSION = (
    _number("sso_minutes", "How long a session serves other services after its last use.", 30, 1, 1440),
    _number("step_minutes", "How long a citizen may take for one login.", 30, 1, 1440),
)
JOURNAL = (_number("days", "How long your log rotation keeps the journal; the privacy page says it.", 30, 1, 3660),)
ACCESSIBILITY = (
    _text("state", "What the accessibility statement declares.", '"partial"', "none", allowed=("none", "partial", "full")),
    _text("audited", "The date of the audit.", '"2026-11-01"', "", pattern=r"(\d{4}-\d\d-\d\d)?", form="YYYY-MM-DD"),
    _text("auditor", "Who made the audit.", '"Audit SA"', ""),
    _text("rate", "The share of criteria met.", '"92 %"', ""),
)
EIDAS = (
    _text("country", "The country of this node, as eIDAS writes it.", '"FR"', "FR", pattern="[A-Z]{2}", form="two letters"),
    _words(
        "roles",
        "What this node is: as a `connector` it lets citizens of other countries log in to the services here, as a `proxy` "
        "it lets ours log in there. None: no eIDAS.",
        '["connector", "proxy"]',
        allowed=("connector", "proxy"),
    ),
    Key(
        "organisation",
        "table",
        "Who runs this node: our metadata says it to all of Europe.",
        '{ name = "Direction du numérique", url = "https://numerique.example.fr" }',
        {},
        inside=(
            _text("name", "Its name.", '"Direction du numérique"', ""),
            _text("url", "Its site.", '"https://numerique.example.fr"', ""),
        ),
    ),
    _contacts("Whom other countries write to.", '[{ type = "technical", mail = "noeud@example.fr" }]'),
    _number("metadata_valid_days", "How long others may use a copy of our metadata.", 7, 1, 90),
    _text(
        "metadata_key",
        "Where the key is that signs our metadata: `online` in `secrets/keys`, or `offline` on a machine without a network "
        "(docs/operator/metadata-key.md).",
        '"offline"',
        "online",
        allowed=("online", "offline"),
    ),
    _text(
        "metadata_certificate",
        "With an offline key: the file (PEM) with its certificate, in the instance's folder.",
        '"certs/metadata.pem"',
        "",
    ),
    Key(
        "announcements",
        "tables",
        "What operators of other nodes should know in advance: on `/eidas` and in its feeds, beside what follows from the "
        "keys. Where a text has no French, the English one is shown.",
        '[{ announced = "2026-11-02", date = "2026-12-07", title = { en = "Maintenance from 20:00 to 22:00 UTC" } }]',
        (),
        inside=(
            _day("announced", "The day on which it is announced: feeds show it as new since then.", '"2026-11-02"'),
            _day("date", "The day on which it happens.", '"2026-12-07"'),
            _bilingual("title", "What happens, in a line.", '{ en = "Maintenance", fr = "Maintenance" }'),
            _bilingual("text", "More about it.", '{ en = "Logins fail for some minutes." }', ""),
        ),
    ),
)
TRUST = (
    _number("approvals", "How many people must agree before new keys of a country count: one, or two.", 1, 1, 2),
    _number("refresh_minutes", "How often metadata is fetched, at most.", 60, 5, 1440),
    _number(
        "overlap_minutes",
        "How long after a change of keys the former ones still count, for logins that are under way.",
        30,
        0,
        1440,
    ),
    _words(
        "lists",
        "Addresses of lists of metadata (MetadataServiceList), for countries whose metadata is `list`.",
        '["https://lists.example.eu/mdsl.xml"]',
    ),
    _words(
        "list_anchors",
        "Files with certificates (PEM): the signature of each list must lead to one of them.",
        '["certs/anchors/lists.pem"]',
    ),
    _words("list_compat", "What lists may do against the rules of version 1.4.", '["rsa-pkcs1v15"]', allowed=DEVIATIONS),
)
CONSOLE = (
    _text(
        "issuer",
        "The OpenID Connect provider of your own organisation, at which operators and auditors sign in to /console. "
        "Without one they come by one-time links alone. Our callback there is the public address and `/console/retour`.",
        '"https://sso.example.fr"',
        "",
    ),
    _text("client_id", "What we are called there.", '"passerelle-console"', ""),
    _text("client_secret_file", "The file with our secret there.", '"secrets/console"', ""),
    _text(
        "auth",
        "How we authenticate there.",
        '"client_secret_post"',
        "client_secret_basic",
        allowed=("client_secret_basic", "client_secret_post"),
    ),
    _words(
        "algorithms",
        "Of its ID token and userinfo: ours to decide, not discovery's.",
        '["RS256"]',
        ("ES256",),
        allowed=("ES256", "RS256", "PS256"),
    ),
    _text("scope", "What is asked there.", '"openid profile"', "openid profile groups"),
    _text("claim", "The claim with a person's groups: a text, or a list of them.", '"roles"', "groups"),
    _words(
        "operators", "The groups whose people may also suspend, resume, approve and reject.", '["passerelle-operators"]'
    ),
    _words("auditors", "The groups whose people may read.", '["passerelle-auditors"]'),
    _text(
        "name_claim",
        "The claim with a person's name, which stands in the ledger under decisions: one that people cannot change "
        "themselves, for two names are two people where two must agree.",
        '"preferred_username"',
        "name",
    ),
    _flag("private_addresses", "Whether it may live in a private network.", "true", False),
)
FS = (
    _id("The service's name in commands and in the journal. Its secret lies in `secrets/fs-ID`.", '"mairie-demo"'),
    _name("What citizens read.", '{ fr = "Mairie de Démo", en = "Demo Town Hall" }'),
    _flag("public", "A public service informs; a private one must ask for consent.", "true"),
    _words(
        "redirect_uris",
        "Where citizens go back to, compared character for character. A public client may also use its own scheme, such "
        "as `com.example.app:/back`.",
        '["https://mairie.example/retour"]',
        REQUIRED,
    ),
    _words("post_logout_redirect_uris", "Where citizens go after logout.", '["https://mairie.example/"]'),
    _text("home", "Where a stranded citizen is sent.", '"https://mairie.example/"'),
    _text("client_id", "The id in the protocol; an existing one can be kept. Default: id.", '"mairie-demo"', ""),
    _text(
        "sector",
        "Services of one sector share a sub. Default: the one host of the redirect URIs.",
        '"mairie.example"',
        "",
    ),
    _words("scopes", "What it may ask.", '["openid", "identite_pivot", "email"]', REQUIRED, allowed=tuple(SCOPES)),
    _words("require", "Claims that it cannot do without: documentation.", '["family_name"]', allowed=ORDER),
    _text("min_loa", "The lowest level that it accepts.", '"substantial"', "low", allowed=("low", "substantial", "high")),
    _text(
        "auth",
        "How it authenticates: `client_secret` takes both ways of sending one, `private_key_jwt` is by its keys, `none` "
        "is a public client with PKCE.",
        '"private_key_jwt"',
        "client_secret",
        allowed=("client_secret", "client_secret_basic", "client_secret_post", "private_key_jwt", "none"),
    ),
    _text("jwks_uri", "Where it publishes its public keys (a JWK set).", '"https://mairie.example/jwks.json"', ""),
    _text(
        "jwks_file",
        "Or the file with its public keys, in the instance's folder: for a service that publishes none.",
        '"certs/fs-mairie-demo.jwks"',
        "",
    ),
    _words(
        "algorithms",
        "Of what it signs itself, with its keys: how it authenticates, and its requests.",
        '["ES256"]',
        ("ES256", "PS256", "RS256"),
        allowed=("ES256", "PS256", "RS256"),
    ),
    _flag("private_addresses", "Whether its `jwks_uri` may live in a private network.", "true", False),
    _flag(
        "require_pushed_authorization_requests",
        "Whether it pushes each request to `/api/v2/par` first; one that a browser brings is refused then.",
        "true",
        False,
    ),
    _flag(
        "require_signed_request_object",
        "Whether it signs each request with its keys; one without a signature is refused then. One that is signed always "
        "passes.",
        "true",
        False,
    ),
    _text(
        "signed_response_alg",
        "The algorithm of its tokens. For `PS256` there must be a key: `passerelle keys new op-signing --alg PS256`.",
        '"RS256"',
        "ES256",
        allowed=("ES256", "RS256", "PS256"),
    ),
    _text(
        "encrypt",
        "Whether its tokens are encrypted as well, for its key at `jwks_uri` or in `jwks_file`, and by which algorithm the "
        "key of the content (A256GCM) travels.",
        '"ECDH-ES"',
        "none",
        allowed=("none", "RSA-OAEP-256", "ECDH-ES"),
    ),
    _number(
        "sub_generation",
        "Which of `secrets/sub-N` makes its subs: a change changes every sub of a running service.",
        1,
        1,
        9999,
    ),
    _words("idp_hints", "Providers that it may name in `idp_hint`.", '["impots-demo"]'),
    _words("hidden_providers", "Providers that are not offered to its citizens.", '["poste-demo"]'),
    _flag(
        "europe",
        "Whether citizens of other European countries may log in, at the levels of their countries.",
        "true",
        False,
    ),
    _contacts("Whom to write to.", '[{ type = "technical", mail = "si@mairie.example" }]'),
    _text("purpose", "The legal basis, for reports.", '"Inscription scolaire (délibération 2026-12)"', ""),
)
FI = (
    _id("The provider's name in commands, in the journal and in our callback's address.", '"impots-demo"'),
    _name("What citizens read.", '{ fr = "Impôts Démo", en = "Demo Tax Office" }'),
    _text(
        "issuer",
        "Its issuer, character for character; its endpoints are discovered unless they stand here.",
        '"https://fi.example.fr"',
    ),
    _text("client_id", "What we are called there.", '"passerelle"'),
    _text(
        "client_secret_file",
        "The file with our secret there, unless a key says who we are. `secrets/` is the folder of the secrets, wherever "
        "it is.",
        '"secrets/fi-impots-demo"',
        "",
    ),
    _text(
        "auth",
        "How we authenticate there: by a secret, or by a key of the use `rp-signing`.",
        '"private_key_jwt"',
        "client_secret_basic",
        allowed=("client_secret_basic", "client_secret_post", "private_key_jwt"),
    ),
    _text(
        "assertion_alg",
        "With `private_key_jwt`: what we sign with.",
        '"RS256"',
        "ES256",
        allowed=("ES256", "RS256"),
    ),
    _text(
        "assertion_audience",
        "With `private_key_jwt`: what it wants to read as `aud` at its token endpoint.",
        '"issuer"',
        "token_endpoint",
        allowed=("token_endpoint", "issuer"),
    ),
    _text(
        "par",
        "Whether the request is handed over beforehand (RFC 9126), so that the browser's address says nothing of it: where "
        "the provider offers it, always (a provider that offers it no more is not asked then), or never.",
        '"required"',
        "offered",
        allowed=("offered", "required", "never"),
    ),
    _words("levels", "What it may vouch for.", '["eidas1", "eidas2"]', REQUIRED, allowed=ACRS),
    _words(
        "algorithms",
        "Of its ID token and userinfo: ours to decide, not discovery's.",
        '["ES256"]',
        ("ES256",),
        allowed=("ES256", "RS256", "PS256"),
    ),
    _words(
        "audiences",
        "Who else its ID tokens may be meant for; for anybody else, they are refused.",
        '["https://api.fi.example.fr"]',
    ),
    _flag("userinfo_signed", "Whether its userinfo must be a signed JWT: plain JSON is refused then.", "true", False),
    _words(
        "encrypted",
        "What it encrypts to a key of ours of the use `rp-decryption`. What stands here is refused when it comes in clear, "
        "and what does not stand here when it comes encrypted.",
        '["id_token", "userinfo"]',
        allowed=("id_token", "userinfo"),
    ),
    _words(
        "encryption_algs",
        "How the content key may reach us.",
        '["ECDH-ES"]',
        ("ECDH-ES", "RSA-OAEP-256"),
        allowed=("ECDH-ES", "RSA-OAEP-256"),
    ),
    _words(
        "encryption_encs",
        "What the content may be encrypted with.",
        '["A256GCM", "A128GCM"]',
        ("A256GCM",),
        allowed=("A256GCM", "A128GCM"),
    ),
    _flag("logout", "Whether citizens are sent there to log out.", "true", True),
    Key(
        "display",
        "table",
        "How it stands on the page.",
        "{ order = 10, visible = true }",
        {},
        inside=(
            _number("order", "Its place: small numbers come first.", 100, 0, 9999),
            _flag("visible", "Whether it is on the page; a service may name a hidden one in `idp_hint`.", "true", True),
        ),
    ),
    _flag("active", "Whether it may be used at all.", "true", True),
    _flag("private_addresses", "Whether it may live in a private network.", "false", False),
    _contacts("Whom to write to; citizens see the support one.", '[{ type = "support", mail = "aide@fi.example.fr" }]'),
    _text("authorization_endpoint", "Instead of discovery.", '"https://fi.example.fr/authorize"', ""),
    _text("token_endpoint", "Instead of discovery.", '"https://fi.example.fr/token"', ""),
    _text("userinfo_endpoint", "Instead of discovery.", '"https://fi.example.fr/userinfo"', ""),
    _text("jwks_uri", "Instead of discovery.", '"https://fi.example.fr/jwks"', ""),
    _text("end_session_endpoint", "Instead of discovery.", '"https://fi.example.fr/logout"', ""),
    _text("pushed_authorization_request_endpoint", "Instead of discovery.", '"https://fi.example.fr/par"', ""),
)


def _pinned(role: str, code: str, what: str) -> tuple[Key, Key]:
    """A file of another country's node, and the digest by which it is trusted, unless an anchor does it."""
    return (
        _text(
            f"{role}_metadata",
            f"{what[0].upper()}{what[1:]}: a file in the instance's folder, the https address that it is fetched from, or "
            "`list`, for the address that a list of `[trust]` gives.",
            f'"metadata/received/{code}-{role}.xml"',
            "",
        ),
        _text(
            f"{role}_metadata_sha256",
            "The SHA-256 of that file in hex. This pin is what is trusted: compare it with what the country told you. "
            "With `anchors` it may be left out; where both stand, both must hold.",
            '"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
            "",
            pattern="(?:[0-9a-fA-F]{64})?",
            form="64 hex digits",
        ),
    )


COUNTRY = (
    _text(
        "code",
        "The country, as eIDAS writes it: Greece is EL. The file is `partners/countries/CODE.toml`.",
        '"EL"',
        pattern="[A-Z]{2}",
        form="two letters",
    ),
    *_pinned("proxy", "EL", "the metadata of its Proxy-Service, which identifies its citizens here"),
    *_pinned("connector", "IT", "the metadata of its Connector, by which its services ask for identities from here"),
    _words(
        "anchors",
        "Files with certificates (PEM) that vouch for this country's metadata: its signature must lead to one of them.",
        '["certs/anchors/EL-2026.pem"]',
    ),
    _text(
        "expired_certificates",
        "Whether metadata counts until a certificate between its signature and the anchor ends, or also afterwards, "
        "with a warning.",
        '"warn"',
        "refuse",
        allowed=("refuse", "warn"),
    ),
    _text(
        "updates",
        "Whether new keys of metadata that is fetched wait for a person's approval, or count as soon as an anchor vouches "
        "for them. The first metadata of a node and dangerous changes are treated alike.",
        '"auto"',
        "approve",
        allowed=("approve", "auto"),
    ),
    _flag("private_addresses", "Whether its metadata may be fetched from a private network.", "false", False),
    _text(
        "binding",
        "How our requests travel: a form that posts, or a redirect.",
        '"post"',
        "post",
        allowed=("post", "redirect"),
    ),
    _words(
        "compat",
        "What this country may do against the rules of version 1.4; each use is in the journal.",
        '["rsa-2048"]',
        allowed=tuple(DEVIATIONS),
    ),
    _flag(
        "not_notified",
        "Whether its means of identification that are not notified are accepted as well, at the level they state.",
        "false",
        False,
    ),
    _number(
        "sub_generation",
        "Which key its identifiers of our citizens are made with: the number of `secrets/sub-N`.",
        1,
        1,
        999,
    ),
    _flag("active", "Whether it may be used at all.", "true", True),
)

Schema = Mapping[str, tuple[Key, ...]]
MAIN: Schema = {
    "broker": BROKER,
    "session": SESSION,
    "journal": JOURNAL,
    "accessibility": ACCESSIBILITY,
    "eidas": EIDAS,
    "trust": TRUST,
    "console": CONSOLE,
}
SERVICE: Schema = {"fs": FS}
PROVIDER: Schema = {"fi": FI}
FOREIGN: Schema = {"country": COUNTRY}
EVERYTHING: Schema = {**MAIN, **SERVICE, **PROVIDER, **FOREIGN}


def every_key() -> Iterator[tuple[str, Key]]:
    """Each key with its whole name, such as fs.min_loa or fi.display.order, those inside a table after it."""
    for table, keys in EVERYTHING.items():
        yield from _named(table, keys)


def _named(prefix: str, keys: tuple[Key, ...]) -> Iterator[tuple[str, Key]]:
    for key in keys:
        yield f"{prefix}.{key.name}", key
        yield from _named(f"{prefix}.{key.name}", key.inside)
