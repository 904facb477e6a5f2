"""Files with public keys of services: JWK sets in the instance's folder (RFC 7517 5)."""

from contextlib import suppress

from broker.settings.files import Files
from broker.settings.reader import Refused
from broker.settings.rules import Partner
from oidc.errors import BadAnswer
from oidc.tokens import KeySet, read_jwks
from oidc.wire import read_object

_LARGEST = 262_144


def key_sets(files: Files) -> dict[str, bytes]:
    """The content of each service's `jwks_file` by the service's id, b"" for none. What is wrong with one is reported."""
    found: dict[str, bytes] = {}
    for service in files.readable("fs"):
        with suppress(Refused):
            found[service.table["id"]] = _key_set(service, files) if service.table["jwks_file"] else b""
    return found


def _key_set(service: Partner, files: Files) -> bytes:
    stated = service.table["jwks_file"]
    try:
        with (files.folder / stated).open("rb") as file:
            document: bytes = file.read(_LARGEST)
        keys = read_jwks(document)
    except (OSError, ValueError) as absent:
        reason = absent.strerror if isinstance(absent, OSError) else "not a path"
        _report(service, f"the file cannot be read: {reason}", "put the public keys that the service handed over there")
    except BadAnswer as bad:
        _report(service, bad.detail, 'a JWK set: { "keys": [ … ] }')
    else:
        check_public_alone(service, document)
        check_some_key(service, keys)
        check_some_recipient(service, keys)
        return document
    return b""


def check_public_alone(service: Partner, document: bytes) -> None:
    """RFC 7517 9.2: a private key that has been handed over is not the service's own any more."""
    listed = read_object(document, "the key set")["keys"]
    if any(isinstance(entry, dict) and ("d" in entry or entry.get("kty") == "oct") for entry in listed):
        _report(service, "the file holds a private key", "ask the service for a new pair, and for its public part alone")


def check_some_key(service: Partner, keys: KeySet) -> None:
    """A service that signs has a key that fits one of its algorithms; one that is only encrypted for needs none."""
    algorithms, table = service.table["algorithms"], service.table
    signs = table["auth"] == "private_key_jwt" or table["require_signed_request_object"] or table["encrypt"] == "none"
    if signs and not any(public.fits(public.kid, algorithm) for public in keys.keys for algorithm in algorithms):
        hint = "P-256 for ES256; RSA of 2048 bits or more for RS256 and PS256; use sig, or none"
        _report(service, f"the file has no key for {', '.join(algorithms)}", hint)


def check_some_recipient(service: Partner, keys: KeySet) -> None:
    """A service whose tokens are encrypted has a key to encrypt for."""
    wrapping = service.table["encrypt"]
    if wrapping != "none" and all(recipient.wrapping != wrapping for recipient in keys.recipients):
        hint = "for ECDH-ES a curve of NIST, for RSA-OAEP-256 RSA of 2048 bits or more; use enc, or none"
        _report(service, f"the file has no key for {wrapping}", hint)


def _report(service: Partner, sentence: str, hint: str) -> None:
    service.document.report("E032", "fs.jwks_file", sentence, hint)
