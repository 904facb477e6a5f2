"""Files with public keys of services and data providers: JWK sets in the instance's folder (RFC 7517 5)."""

from contextlib import suppress

from broker.settings.files import Files
from broker.settings.reader import Refused
from broker.settings.rules import ENCRYPTION, Partner
from oidc.errors import BadAnswer
from oidc.tokens import KeySet, read_jwks
from oidc.wire import read_object

_LARGEST = 262_144


def key_sets(files: Files) -> dict[str, bytes]:
    """The content of each `jwks_file` by the partner's id, b"" for none: no service and data provider have one id. What
    is wrong with one is reported.
    """
    found: dict[str, bytes] = {}
    for partner in (*files.readable("fs"), *files.readable("fd")):
        with suppress(Refused):
            found[partner.table["id"]] = _key_set(partner, files) if partner.table["jwks_file"] else b""
    return found


def _key_set(partner: Partner, files: Files) -> bytes:
    stated = partner.table["jwks_file"]
    try:
        with (files.folder / stated).open("rb") as file:
            document: bytes = file.read(_LARGEST)
        keys = read_jwks(document)
    except (OSError, ValueError) as absent:
        reason = absent.strerror if isinstance(absent, OSError) else "not a path"
        _report(partner, f"the file cannot be read: {reason}", "put the public keys that it handed over there")
    except BadAnswer as bad:
        _report(partner, bad.detail, 'a JWK set: { "keys": [ … ] }')
    else:
        check_public_alone(partner, document)
        check_some_key(partner, keys)
        check_some_recipient(partner, keys)
        return document
    return b""


def check_public_alone(partner: Partner, document: bytes) -> None:
    """RFC 7517 9.2: a private key that has been handed over is not its owner's own any more."""
    listed = read_object(document, "the key set")["keys"]
    if any(isinstance(entry, dict) and ("d" in entry or entry.get("kty") == "oct") for entry in listed):
        _report(partner, "the file holds a private key", "ask for a new pair, and for its public part alone")


def check_some_key(partner: Partner, keys: KeySet) -> None:
    """Who signs has a key that fits one of its algorithms; who is only encrypted for needs none."""
    algorithms, table = partner.table["algorithms"], partner.table
    encrypted = table[ENCRYPTION[partner.kind]] != "none"
    signs = table["auth"] == "private_key_jwt" or table.get("require_signed_request_object") or not encrypted
    if signs and not any(public.fits(public.kid, algorithm) for public in keys.keys for algorithm in algorithms):
        hint = "P-256 for ES256; RSA of 2048 bits or more for RS256 and PS256; use sig, or none"
        _report(partner, f"the file has no key for {', '.join(algorithms)}", hint)


def check_some_recipient(partner: Partner, keys: KeySet) -> None:
    """Who gets something encrypted has a key to encrypt for."""
    wrapping = partner.table[ENCRYPTION[partner.kind]]
    if wrapping != "none" and all(recipient.wrapping != wrapping for recipient in keys.recipients):
        hint = "for ECDH-ES a curve of NIST, for the others RSA of 2048 bits or more; use enc, or none"
        _report(partner, f"the file has no key for {wrapping}", hint)


def _report(partner: Partner, sentence: str, hint: str) -> None:
    partner.document.report("E032", f"{partner.kind}.jwks_file", sentence, hint)
