"""Where the public keys of services and data providers are."""

from collections.abc import Mapping

from broker.settings.rules.addresses import wrong
from broker.settings.rules.partner import Partner

ENCRYPTION: Mapping[str, str] = {"fs": "encrypt", "fd": "encryption"}
"""The key that says how something is encrypted for a partner, by the table of its file."""


def check_keys_named(partner: Partner) -> None:
    """RFC 7591 2: the keys of a partner stand in one place, and somewhere when it must sign."""
    table, kind = partner.table, partner.kind
    if table["jwks_uri"] and table["jwks_file"]:
        partner.document.report("E030", f"{kind}.jwks_file", "the keys are in one place: jwks_uri or jwks_file, not both")
    needing = [name for name in ("require_signed_request_object",) if table.get(name)]
    needing += ["auth"] if table["auth"] == "private_key_jwt" else []
    if needing and not (table["jwks_uri"] or table["jwks_file"]):
        hint = 'jwks_uri = "https://…", where it publishes them, or jwks_file = "certs/…"'
        partner.document.report("E013", f"{kind}.{needing[-1]}", "it signs with keys that nobody knows", hint)


def check_encryption_key_named(partner: Partner) -> None:
    """RFC 7591 2: who is to be encrypted for has a key somewhere."""
    table, key = partner.table, ENCRYPTION[partner.kind]
    if table[key] != "none" and not (table["jwks_uri"] or table["jwks_file"]):
        hint = 'jwks_uri = "https://…", where it publishes it, or jwks_file = "certs/…"'
        sentence = "what it gets is encrypted for a key that nobody knows"
        partner.document.report("E013", f"{partner.kind}.{key}", sentence, hint)


def check_keys_address(partner: Partner, sandbox: bool) -> None:
    """RFC 7591 2: whoever could change the keys on their way would be the partner."""
    address = partner.table["jwks_uri"]
    if address and (reason := wrong(address, sandbox)):
        partner.document.report("E030", f"{partner.kind}.jwks_uri", f"{address} {reason}")
