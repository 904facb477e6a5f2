"""The keys of a provider's file."""

from broker.assurance import ACRS
from broker.settings.schema.key import REQUIRED, Key, contacts, flag, identifier, named, number, text, words

FI = (
    identifier("The provider's name in commands, in the journal and in our callback's address.", '"impots-demo"'),
    named("What citizens read.", '{ fr = "Impôts Démo", en = "Demo Tax Office" }'),
    text(
        "issuer",
        "Its issuer, character for character; its endpoints are discovered unless they stand here.",
        '"https://fi.example.fr"',
    ),
    text("client_id", "What we are called there.", '"passerelle"'),
    text(
        "client_secret_file",
        "The file with our secret there, unless a key says who we are. `secrets/` is the folder of the secrets, wherever "
        "it is.",
        '"secrets/fi-impots-demo"',
        "",
    ),
    text(
        "auth",
        "How we authenticate there: by a secret, or by a key of the use `rp-signing`.",
        '"private_key_jwt"',
        "client_secret_basic",
        allowed=("client_secret_basic", "client_secret_post", "private_key_jwt"),
    ),
    text(
        "assertion_alg",
        "With `private_key_jwt`: what we sign with.",
        '"RS256"',
        "ES256",
        allowed=("ES256", "RS256"),
    ),
    text(
        "assertion_audience",
        "With `private_key_jwt`: what it wants to read as `aud` at its token endpoint.",
        '"issuer"',
        "token_endpoint",
        allowed=("token_endpoint", "issuer"),
    ),
    text(
        "par",
        "Whether the request is handed over beforehand (RFC 9126), so that the browser's address says nothing of it: where "
        "the provider offers it, always (a provider that offers it no more is not asked then), or never.",
        '"required"',
        "offered",
        allowed=("offered", "required", "never"),
    ),
    words("levels", "What it may vouch for.", '["eidas1", "eidas2"]', REQUIRED, allowed=ACRS),
    words(
        "algorithms",
        "Of its ID token and userinfo: ours to decide, not discovery's.",
        '["ES256"]',
        ("ES256",),
        allowed=("ES256", "RS256", "PS256"),
    ),
    words(
        "audiences",
        "Who else its ID tokens may be meant for; for anybody else, they are refused.",
        '["https://api.fi.example.fr"]',
    ),
    flag("userinfo_signed", "Whether its userinfo must be a signed JWT: plain JSON is refused then.", "true", False),
    words(
        "encrypted",
        "What it encrypts to a key of ours of the use `rp-decryption`. What stands here is refused when it comes in clear, "
        "and what does not stand here when it comes encrypted.",
        '["id_token", "userinfo"]',
        allowed=("id_token", "userinfo"),
    ),
    words(
        "encryption_algs",
        "How the content key may reach us.",
        '["ECDH-ES"]',
        ("ECDH-ES", "RSA-OAEP-256"),
        allowed=("ECDH-ES", "RSA-OAEP-256"),
    ),
    words(
        "encryption_encs",
        "What the content may be encrypted with.",
        '["A256GCM", "A128GCM"]',
        ("A256GCM",),
        allowed=("A256GCM", "A128GCM"),
    ),
    flag("logout", "Whether citizens are sent there to log out.", "true", True),
    Key(
        "display",
        "table",
        "How it stands on the page.",
        "{ order = 10, visible = true }",
        {},
        inside=(
            number("order", "Its place: small numbers come first.", 100, 0, 9999),
            flag("visible", "Whether it is on the page; a service may name a hidden one in `idp_hint`.", "true", True),
        ),
    ),
    flag("active", "Whether it may be used at all.", "true", True),
    flag("private_addresses", "Whether it may live in a private network.", "false", False),
    contacts("Whom to write to; citizens see the support one.", '[{ type = "support", mail = "aide@fi.example.fr" }]'),
    text("authorization_endpoint", "Instead of discovery.", '"https://fi.example.fr/authorize"', ""),
    text("token_endpoint", "Instead of discovery.", '"https://fi.example.fr/token"', ""),
    text("userinfo_endpoint", "Instead of discovery.", '"https://fi.example.fr/userinfo"', ""),
    text("jwks_uri", "Instead of discovery.", '"https://fi.example.fr/jwks"', ""),
    text("end_session_endpoint", "Instead of discovery.", '"https://fi.example.fr/logout"', ""),
    text("pushed_authorization_request_endpoint", "Instead of discovery.", '"https://fi.example.fr/par"', ""),
)
