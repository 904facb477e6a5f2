"""The keys of a data provider's file."""

from broker.claims import ORDER
from broker.settings.schema.key import Key, contacts, flag, identifier, named, number, text, worded, words

ENTITLED = tuple(claim for claim in ORDER if claim not in ("country", "amr"))
"""What a data provider may know a person by: never where somebody is from, nor how he logged in."""

_SCOPE = (
    text(
        "name",
        "The name that services ask for in `scope`.",
        '"revenu_fiscal"',
        pattern=r"[\x21\x23-\x5B\x5D-\x7E]{1,100}",  # RFC 6749 3.3
        form='at most 100 visible ASCII characters without space, " and \\',
    ),
    Key(
        "label",
        "table",
        "What citizens read before they agree, in both languages.",
        '{ fr = "Votre revenu fiscal de référence", en = "Your reference tax income" }',
        inside=(
            worded("fr", "In French.", '"Votre revenu fiscal de référence"'),
            worded("en", "In English.", '"Your reference tax income"'),
        ),
    ),
    worded("legal_basis", "The law or decision by which it may deliver this.", '"Code des relations, art. L114-8"'),
)
FD = (
    identifier(
        "The data provider's name in commands and in the journal; no service has it. Its secret, if it has one, lies in "
        "`secrets/fd-ID`.",
        '"revenus-demo"',
    ),
    named("What citizens read.", '{ fr = "Revenus Démo", en = "Demo Income Office" }'),
    text("client_id", "The id in the protocol; no service has it. Default: id.", '"revenus-demo"', ""),
    text(
        "resource",
        "The address of what it delivers, by which services can ask for a token that is for it alone (RFC 8707).",
        '"https://fd.example.fr/api"',
        "",
    ),
    text(
        "auth",
        "How it says who it is when it has a token checked: by its keys (`private_key_jwt`, preferred), or by a secret, "
        "sent in both ways or in one.",
        '"client_secret_post"',
        "private_key_jwt",
        allowed=("private_key_jwt", "client_secret", "client_secret_basic", "client_secret_post"),
    ),
    text("jwks_uri", "Where it publishes its public keys (a JWK set).", '"https://fd.example.fr/jwks.json"', ""),
    text(
        "jwks_file",
        "Or the file with its public keys, in the instance's folder: for one that publishes none.",
        '"certs/fd-revenus-demo.jwks"',
        "",
    ),
    words(
        "algorithms",
        "Of what it signs itself, with its keys.",
        '["ES256"]',
        ("ES256", "PS256", "RS256"),
        allowed=("ES256", "PS256", "RS256"),
    ),
    flag("private_addresses", "Whether its `jwks_uri` may live in a private network.", "true", False),
    text(
        "encryption",
        "Whether what it is told about a token is encrypted as well, for its key, and by which algorithm the key of the "
        "content (A256GCM) travels.",
        '"ECDH-ES"',
        "none",
        allowed=("none", "RSA-OAEP-256", "ECDH-ES", "RSA-OAEP"),
    ),
    text(
        "signed_response_alg",
        "The algorithm of what it is told. For `PS256` there must be a key: `passerelle keys new op-signing --alg PS256`.",
        '"RS256"',
        "ES256",
        allowed=("ES256", "RS256", "PS256"),
    ),
    words(
        "identity",
        "The claims by which it may know whom it is asked about. None: only its own `sub`.",
        '["given_name", "family_name", "birthdate"]',
        allowed=ENTITLED,
    ),
    text(
        "lifetime",
        "For how long after the login it may be asked, in minutes or seconds: from `1m` to `30m`. Where a token is for "
        "several data providers, the shortest counts.",
        '"10m"',
        "1m",
        pattern="[0-9]{1,5}[ms]",
        form='a number and m or s, such as "10m"',
    ),
    text(
        "sector",
        "Data providers of one sector share a sub; no service ever has the same. Default: id.",
        '"finances"',
        "",
    ),
    number(
        "sub_generation",
        "Which of `secrets/sub-N` makes its subs: a change changes every sub of a running data provider.",
        1,
        1,
        9999,
    ),
    number("checks_per_minute", "How many tokens it may have checked in a minute.", 600, 1, 1_000_000),
    flag("active", "Whether anything can be asked of it at all.", "true", True),
    contacts("Whom to write to.", '[{ type = "technical", mail = "si@fd.example.fr" }]'),
    Key(
        "scope",
        "tables",
        "What it delivers, each kind under a scope of its own: one `[[fd.scope]]` for each.",
        '[{ name = "revenu_fiscal", label = { fr = "Votre revenu fiscal", en = "Your tax income" }, legal_basis = "…" }]',
        filled=True,
        inside=_SCOPE,
    ),
)
