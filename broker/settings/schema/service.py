"""The keys of a service's file."""

from broker.claims import ORDER, SCOPES
from broker.settings.schema.key import REQUIRED, Key, contacts, flag, identifier, named, number, text, worded, words

FS = (
    identifier("The service's name in commands and in the journal. Its secret lies in `secrets/fs-ID`.", '"mairie-demo"'),
    named("What citizens read.", '{ fr = "Mairie de Démo", en = "Demo Town Hall" }'),
    flag("public", "A public service informs; a private one must ask for consent.", "true"),
    words(
        "redirect_uris",
        "Where citizens go back to, compared character for character. A public client may also use its own scheme, such "
        "as `com.example.app:/back`.",
        '["https://mairie.example/retour"]',
        REQUIRED,
    ),
    words("post_logout_redirect_uris", "Where citizens go after logout.", '["https://mairie.example/"]'),
    text(
        "backchannel_logout_uri",
        "Where we tell it, server to server, that a citizen has signed out (`docs/fs/logout.md`).",
        '"https://mairie.example/deconnexion-fc"',
        "",
    ),
    text("home", "Where a stranded citizen is sent.", '"https://mairie.example/"'),
    text("client_id", "The id in the protocol; an existing one can be kept. Default: id.", '"mairie-demo"', ""),
    text(
        "sector",
        "Services of one sector share a sub. Default: the one host of the redirect URIs.",
        '"mairie.example"',
        "",
    ),
    words("scopes", "What it may ask.", '["openid", "identite_pivot", "email"]', REQUIRED, allowed=tuple(SCOPES)),
    words("require", "Claims that it cannot do without: documentation.", '["family_name"]', allowed=ORDER),
    text("min_loa", "The lowest level that it accepts.", '"substantial"', "low", allowed=("low", "substantial", "high")),
    text(
        "max_loa",
        "The highest level that it may ask for. A higher one in `acr_values` is passed over beside others, else refused.",
        '"substantial"',
        "high",
        allowed=("low", "substantial", "high"),
    ),
    text(
        "auth",
        "How it authenticates: `client_secret` takes both ways of sending one, `private_key_jwt` is by its keys, `none` "
        "is a public client with PKCE.",
        '"private_key_jwt"',
        "client_secret",
        allowed=("client_secret", "client_secret_basic", "client_secret_post", "private_key_jwt", "none"),
    ),
    text("jwks_uri", "Where it publishes its public keys (a JWK set).", '"https://mairie.example/jwks.json"', ""),
    text(
        "jwks_file",
        "Or the file with its public keys, in the instance's folder: for a service that publishes none.",
        '"certs/fs-mairie-demo.jwks"',
        "",
    ),
    words(
        "algorithms",
        "Of what it signs itself, with its keys: how it authenticates, and its requests.",
        '["ES256"]',
        ("ES256", "PS256", "RS256"),
        allowed=("ES256", "PS256", "RS256"),
    ),
    flag(
        "private_addresses",
        "Whether its `jwks_uri` and its `backchannel_logout_uri` may live in a private network.",
        "true",
        False,
    ),
    flag(
        "require_pushed_authorization_requests",
        "Whether it pushes each request to `/api/v2/par` first; one that a browser brings is refused then.",
        "true",
        False,
    ),
    flag(
        "require_signed_request_object",
        "Whether it signs each request with its keys; one without a signature is refused then. One that is signed always "
        "passes.",
        "true",
        False,
    ),
    text(
        "signed_response_alg",
        "The algorithm of its tokens. For `PS256` there must be a key: `passerelle keys new op-signing --alg PS256`.",
        '"RS256"',
        "ES256",
        allowed=("ES256", "RS256", "PS256"),
    ),
    text(
        "encrypt",
        "Whether its tokens are encrypted as well, for its key at `jwks_uri` or in `jwks_file`, and by which algorithm the "
        "key of the content (A256GCM) travels.",
        '"ECDH-ES"',
        "none",
        allowed=("none", "RSA-OAEP-256", "ECDH-ES", "RSA-OAEP"),
    ),
    number(
        "sub_generation",
        "Which of `secrets/sub-N` makes its subs: a change changes every sub of a running service.",
        1,
        1,
        9999,
    ),
    words("idp_hints", "Providers that it may name in `idp_hint`.", '["impots-demo"]'),
    words("providers", "The only providers that its citizens may use; none named: all of them.", '["impots-demo"]'),
    words("hidden_providers", "Providers that are not offered to its citizens.", '["poste-demo"]'),
    flag(
        "europe",
        "Whether citizens of other European countries may log in, at the levels of their countries.",
        "true",
        False,
    ),
    contacts("Whom to write to.", '[{ type = "technical", mail = "si@mairie.example" }]'),
    text("purpose", "The legal basis, for reports.", '"Inscription scolaire (délibération 2026-12)"', ""),
    Key(
        "data",
        "tables",
        "What it may ask data providers for, with its citizens' agreement: one `[[fs.data]]` for each scope. Not for "
        "public clients.",
        '[{ scope = "revenu_fiscal", legal_basis = "Délibération 2026-14", required = true }]',
        (),
        inside=(
            text("scope", "The scope, as the data provider's file names it.", '"revenu_fiscal"'),
            worded("legal_basis", "The law or decision by which the service may have it.", '"Délibération 2026-14"'),
            flag("required", "Whether the service cannot do without: citizens who refuse it do not get in.", "true", False),
        ),
    ),
)
