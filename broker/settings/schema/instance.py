"""The keys of `passerelle.toml`."""

from broker.settings.schema.country import DEVIATIONS
from broker.settings.schema.key import Key, bilingual, contacts, day, flag, named, number, text, words

BROKER = (
    text("mode", "Whether real people are served.", '"production"', "production", allowed=("production", "sandbox")),
    text(
        "public_url",
        "Where citizens reach this instance: scheme and host. The OpenID Connect issuer is this and `/api/v2`.",
        '"https://connexion.example.fr"',
    ),
    named("What citizens call this instance.", '{ fr = "Connexion Démo", en = "Demo Sign-in" }'),
    Key(
        "support",
        "table",
        "Whom citizens ask.",
        '{ mail = "aide@example.fr", tel = "+33 1 99 00 00 00", hours = "9 h - 18 h" }',
        {},
        inside=(
            text("mail", "An address.", '"aide@example.fr"', ""),
            text("tel", "A number.", '"+33 1 99 00 00 00"', ""),
            text("hours", "When somebody answers.", '"9 h - 18 h"', ""),
        ),
    ),
    text(
        "database",
        "Where rows lie until they expire: `sqlite:///` and a path in the instance's folder, or `postgresql://`. "
        "A password never stands here: use a password file or PASSERELLE_DATABASE_URL.",
        '"postgresql:///passerelle"',
        "sqlite:///var/passerelle.db",
        pattern=r"memory:|sqlite:///.+|postgresql(\+psycopg)?://.*",
        form="memory:, sqlite:///path or postgresql://…",
    ),
    text("theme", "A folder with a style sheet and a logo of your own, in the instance's folder.", '"theme"', ""),
)
SESSION = (
    number("sso_minutes", "How long a session serves other services after its last use.", 30, 1, 1440),
    number("step_minutes", "How long a citizen may take for one login.", 30, 1, 1440),
)
JOURNAL = (number("days", "How long your log rotation keeps the journal; the privacy page says it.", 30, 1, 3660),)
ACCESSIBILITY = (
    text("state", "What the accessibility statement declares.", '"partial"', "none", allowed=("none", "partial", "full")),
    text("audited", "The date of the audit.", '"2026-11-01"', "", pattern=r"(\d{4}-\d\d-\d\d)?", form="YYYY-MM-DD"),
    text("auditor", "Who made the audit.", '"Audit SA"', ""),
    text("rate", "The share of criteria met.", '"92 %"', ""),
)
EIDAS = (
    text("country", "The country of this node, as eIDAS writes it.", '"FR"', "FR", pattern="[A-Z]{2}", form="two letters"),
    words(
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
            text("name", "Its name.", '"Direction du numérique"', ""),
            text("url", "Its site.", '"https://numerique.example.fr"', ""),
        ),
    ),
    contacts("Whom other countries write to.", '[{ type = "technical", mail = "noeud@example.fr" }]'),
    number("metadata_valid_days", "How long others may use a copy of our metadata.", 7, 1, 90),
    text(
        "metadata_key",
        "Where the key is that signs our metadata: `online` in `secrets/keys`, or `offline` on a machine without a network "
        "(docs/operator/metadata-key.md).",
        '"offline"',
        "online",
        allowed=("online", "offline"),
    ),
    text(
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
            day("announced", "The day on which it is announced: feeds show it as new since then.", '"2026-11-02"'),
            day("date", "The day on which it happens.", '"2026-12-07"'),
            bilingual("title", "What happens, in a line.", '{ en = "Maintenance", fr = "Maintenance" }'),
            bilingual("text", "More about it.", '{ en = "Logins fail for some minutes." }', ""),
        ),
    ),
)
TRUST = (
    number("approvals", "How many people must agree before new keys of a country count: one, or two.", 1, 1, 2),
    number("refresh_minutes", "How often metadata is fetched, at most.", 60, 5, 1440),
    number(
        "overlap_minutes",
        "How long after a change of keys the former ones still count, for logins that are under way.",
        30,
        0,
        1440,
    ),
    words(
        "lists",
        "Addresses of lists of metadata (MetadataServiceList), for countries whose metadata is `list`.",
        '["https://lists.example.eu/mdsl.xml"]',
    ),
    words(
        "list_anchors",
        "Files with certificates (PEM): the signature of each list must lead to one of them.",
        '["certs/anchors/lists.pem"]',
    ),
    words("list_compat", "What lists may do against the rules of version 1.4.", '["rsa-pkcs1v15"]', allowed=DEVIATIONS),
)
CONSOLE = (
    text(
        "issuer",
        "The OpenID Connect provider of your own organisation, at which operators and auditors sign in to /console. "
        "Without one they come by one-time links alone. Our callback there is the public address and `/console/retour`.",
        '"https://sso.example.fr"',
        "",
    ),
    text("client_id", "What we are called there.", '"passerelle-console"', ""),
    text("client_secret_file", "The file with our secret there.", '"secrets/console"', ""),
    text(
        "auth",
        "How we authenticate there.",
        '"client_secret_post"',
        "client_secret_basic",
        allowed=("client_secret_basic", "client_secret_post"),
    ),
    words(
        "algorithms",
        "Of its ID token and userinfo: ours to decide, not discovery's.",
        '["RS256"]',
        ("ES256",),
        allowed=("ES256", "RS256", "PS256"),
    ),
    text("scope", "What is asked there.", '"openid profile"', "openid profile groups"),
    text("claim", "The claim with a person's groups: a text, or a list of them.", '"roles"', "groups"),
    words("operators", "The groups whose people may also suspend, resume, approve and reject.", '["passerelle-operators"]'),
    words("auditors", "The groups whose people may read.", '["passerelle-auditors"]'),
    text(
        "name_claim",
        "The claim with a person's name, which stands in the ledger under decisions: one that people cannot change "
        "themselves, for two names are two people where two must agree.",
        '"preferred_username"',
        "name",
    ),
    flag("private_addresses", "Whether it may live in a private network.", "true", False),
)
