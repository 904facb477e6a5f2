"""The keys of a country's file."""

from broker.settings.schema.key import Key, flag, number, text, words

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


def _pinned(role: str, code: str, what: str) -> tuple[Key, Key]:
    """A file of another country's node, and the digest by which it is trusted, unless an anchor does it."""
    return (
        text(
            f"{role}_metadata",
            f"{what[0].upper()}{what[1:]}: a file in the instance's folder, the https address that it is fetched from, or "
            "`list`, for the address that a list of `[trust]` gives.",
            f'"metadata/received/{code}-{role}.xml"',
            "",
        ),
        text(
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
    text(
        "code",
        "The country, as eIDAS writes it: Greece is EL. The file is `partners/countries/CODE.toml`.",
        '"EL"',
        pattern="[A-Z]{2}",
        form="two letters",
    ),
    *_pinned("proxy", "EL", "the metadata of its Proxy-Service, which identifies its citizens here"),
    *_pinned("connector", "IT", "the metadata of its Connector, by which its services ask for identities from here"),
    words(
        "anchors",
        "Files with certificates (PEM) that vouch for this country's metadata: its signature must lead to one of them.",
        '["certs/anchors/EL-2026.pem"]',
    ),
    text(
        "expired_certificates",
        "Whether metadata counts until a certificate between its signature and the anchor ends, or also afterwards, "
        "with a warning.",
        '"warn"',
        "refuse",
        allowed=("refuse", "warn"),
    ),
    text(
        "updates",
        "Whether new keys of metadata that is fetched wait for a person's approval, or count as soon as an anchor vouches "
        "for them. The first metadata of a node and dangerous changes are treated alike.",
        '"auto"',
        "approve",
        allowed=("approve", "auto"),
    ),
    flag("private_addresses", "Whether its metadata may be fetched from a private network.", "false", False),
    text(
        "binding",
        "How our requests travel: a form that posts, or a redirect.",
        '"post"',
        "post",
        allowed=("post", "redirect"),
    ),
    words(
        "compat",
        "What this country may do against the rules of version 1.4; each use is in the journal.",
        '["rsa-2048"]',
        allowed=tuple(DEVIATIONS),
    ),
    flag(
        "not_notified",
        "Whether its means of identification that are not notified are accepted as well, at the level they state.",
        "false",
        False,
    ),
    number(
        "sub_generation",
        "Which key its identifiers of our citizens are made with: the number of `secrets/sub-N`.",
        1,
        1,
        999,
    ),
    flag("active", "Whether it may be used at all.", "true", True),
)
