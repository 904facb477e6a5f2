"""Every key of every configuration file: type, default, meaning, example. Reading, `config explain` and the documentation
all come from this table; a key that does not stand here is an error, never ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from broker.assurance import ACRS
from broker.claims import ORDER, SCOPES

Kind = Literal["text", "texts", "flag", "number", "words", "contacts"]
REQUIRED = object()


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `kind`: text, texts ({fr, en}), flag, number, words (a list), contacts (a list of tables).

    `default` is REQUIRED when there is none; `allowed` lists the values (of each word) when not everything is.
    """

    name: str
    kind: Kind
    meaning: str
    example: str
    default: Any = REQUIRED
    allowed: tuple[str, ...] = ()
    since: str = "0.1"


def _words(name: str, meaning: str, example: str, allowed: tuple[str, ...] = (), default: Any = ()) -> Key:
    return Key(name, "words", meaning, example, default, allowed)


BROKER = (
    Key("mode", "text", "Whether real people are served.", '"production"', "production", ("production", "sandbox")),
    Key(
        "public_url",
        "text",
        "Where citizens reach this instance; the issuer is this and /api/v2.",
        '"https://connexion.example.fr"',
    ),
    Key("name", "texts", "What citizens call this instance.", '{ fr = "Connexion Démo", en = "Demo Sign-in" }'),
    Key(
        "support",
        "texts",
        "Whom citizens ask: mail, tel, hours.",
        '{ mail = "aide@example.fr", tel = "+33 1 …", hours = "9 h – 18 h" }',
        {},
        ("mail", "tel", "hours"),
    ),
    Key(
        "database", "text", "Where rows lie until they expire.", '"postgresql:///passerelle"', "sqlite:///var/passerelle.db"
    ),
    Key("theme", "text", "A folder with a style sheet and a logo of your own.", '"theme"', ""),
)
SESSION = (
    Key("sso_minutes", "number", "How long a session serves other services after its last use.", "30", 30),
    Key("step_minutes", "number", "How long a citizen may take for one login.", "30", 30),
)
JOURNAL = (
    Key("days", "number", "How long journal lines are kept by your log rotation (shown on the privacy page).", "30", 30),
)
ACCESSIBILITY = (
    Key("state", "text", "What the accessibility statement declares.", '"partial"', "none", ("none", "partial", "full")),
    Key("audited", "text", "The date of the audit, YYYY-MM-DD.", '"2026-11-01"', ""),
    Key("auditor", "text", "Who made the audit.", '"Audit SA"', ""),
    Key("rate", "text", "The share of criteria met.", '"92 %"', ""),
)
FS = (
    Key("id", "text", "The service's name in commands, the journal and file names.", '"mairie-demo"'),
    Key("name", "texts", "What citizens read.", '{ fr = "Mairie de Démo", en = "Demo Town Hall" }'),
    Key("public", "flag", "A public service informs; a private one must ask for consent.", "true"),
    _words(
        "redirect_uris",
        "Where citizens go back to, compared character for character.",
        '["https://mairie.example/retour"]',
        (),
        REQUIRED,
    ),
    _words("post_logout_redirect_uris", "Where citizens go after logout.", '["https://mairie.example/"]'),
    Key("home", "text", "Where a stranded citizen is sent.", '"https://mairie.example/"'),
    Key("client_id", "text", "The id in the protocol; an existing one can be kept. Default: id.", '"mairie-demo"', ""),
    Key(
        "sector",
        "text",
        "Services of one sector share a sub. Default: the host of the redirect URIs.",
        '"mairie.example"',
        "",
    ),
    _words("scopes", "What it may ask.", '["openid", "identite_pivot", "email"]', tuple(SCOPES), REQUIRED),
    _words("require", "Claims that it cannot do without (documentation).", '["family_name"]', ORDER),
    Key("min_loa", "text", "The lowest level that it accepts.", '"substantial"', "low", ("low", "substantial", "high")),
    Key(
        "auth",
        "text",
        "How it authenticates; client_secret takes both ways, none is a public client with PKCE.",
        '"client_secret_post"',
        "client_secret",
        ("client_secret", "client_secret_basic", "client_secret_post", "none"),
    ),
    Key("signed_response_alg", "text", "The algorithm of its tokens.", '"ES256"', "ES256", ("ES256", "RS256")),
    Key(
        "sub_generation",
        "number",
        "The generation of the key behind its subs: never change it for a running service.",
        "1",
        1,
    ),
    _words("idp_hints", "Providers that it may name in idp_hint.", '["impots-demo"]'),
    _words("hidden_providers", "Providers that are not offered to its citizens.", '["poste-demo"]'),
    Key("contacts", "contacts", "Whom to write to.", '[{ type = "technical", mail = "si@mairie.example" }]', ()),
    Key("purpose", "text", "The legal basis, for reports.", '"Inscription scolaire (délibération 2026-12)"', ""),
)
FI = (
    Key("id", "text", "The provider's name in commands, the journal and addresses.", '"impots-demo"'),
    Key("name", "texts", "What citizens read.", '{ fr = "Impôts Démo", en = "Demo Tax Office" }'),
    Key(
        "issuer",
        "text",
        "Its issuer, character for character; discovered unless the endpoints stand here.",
        '"https://fi.example.fr"',
    ),
    Key("client_id", "text", "What we are called there.", '"passerelle"'),
    Key("client_secret_file", "text", "The file with our secret there.", '"secrets/fi-impots-demo"'),
    Key(
        "auth",
        "text",
        "How we authenticate there.",
        '"client_secret_basic"',
        "client_secret_basic",
        ("client_secret_basic", "client_secret_post"),
    ),
    _words("levels", "What it may vouch for.", '["eidas1", "eidas2"]', ACRS, REQUIRED),
    _words(
        "algorithms",
        "Of its ID token and userinfo: ours to decide, not discovery's.",
        '["ES256"]',
        ("ES256", "RS256", "PS256"),
        ("ES256",),
    ),
    Key("logout", "flag", "Whether citizens are sent there to log out.", "true", True),
    Key("order", "number", "Its place on the page.", "10", 100),
    Key("visible", "flag", "Whether it is on the page.", "true", True),
    Key("active", "flag", "Whether it may be used at all.", "true", True),
    Key("private_addresses", "flag", "Whether it may live in a private network.", "false", False),
    Key(
        "contacts",
        "contacts",
        "Whom to write to; citizens see the support one.",
        '[{ type = "support", mail = "aide@fi.example.fr" }]',
        (),
    ),
    Key("authorization_endpoint", "text", "Instead of discovery.", '"https://fi.example.fr/authorize"', ""),
    Key("token_endpoint", "text", "Instead of discovery.", '"https://fi.example.fr/token"', ""),
    Key("userinfo_endpoint", "text", "Instead of discovery.", '"https://fi.example.fr/userinfo"', ""),
    Key("jwks_uri", "text", "Instead of discovery.", '"https://fi.example.fr/jwks"', ""),
    Key("end_session_endpoint", "text", "Instead of discovery.", '"https://fi.example.fr/logout"', ""),
)

MAIN: Mapping[str, tuple[Key, ...]] = {
    "broker": BROKER,
    "session": SESSION,
    "journal": JOURNAL,
    "accessibility": ACCESSIBILITY,
}
SERVICE: Mapping[str, tuple[Key, ...]] = {"fs": FS}
PROVIDER: Mapping[str, tuple[Key, ...]] = {"fi": FI}
EVERYTHING: Mapping[str, tuple[Key, ...]] = {**MAIN, **SERVICE, **PROVIDER}
