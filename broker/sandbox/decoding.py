"""Messages taken apart for people: parameters, forms, JSON, and tokens and SAML with the verdict on their signature."""

import json
import re
import shlex
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from broker.sandbox.node.showing import plain, shown
from broker.sandbox.recorder import Exchange

Certificates = tuple[str, ...]
KeysOf = Callable[[str], KeySet | Certificates | None]
"""Issuer → its published keys, or certificates (base64 of DER) where it speaks SAML; None for one that is not here."""

Opened = Callable[[str], str | None]
"""JWE → what is in it; None for one that was not made for a party of this world whose key is at hand."""

_JWT = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+")
_JWE = re.compile(r"eyJ[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+")
_BASIC = re.compile(r"Basic ([A-Za-z0-9+/=]+)")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{64,}={0,2}")
_SAML = ("SAMLRequest", "SAMLResponse")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_CURL_HEADERS = ("Authorization", "Dpop", "Content-Type", "Cookie", "Accept")
_TELLING_HEADERS = ("Authorization", "Dpop")
_PROOF = "dpop+jwt"


def shut(_sealed: str) -> str | None:
    """Where no key is at hand, nothing can be opened."""
    return None


@dataclass(frozen=True, slots=True)
class Token:
    """A JWT. `header` and `payload` are its JSON, indented; `good` says whether its issuer's published keys verify it.

    `sealed`: it was encrypted, and opened for these pages. `proof`: it has no issuer, but its key in its header (RFC 9449).
    """

    header: str
    payload: str
    claims: Mapping[str, object]
    good: bool
    sealed: bool = False
    proof: bool = False


@dataclass(frozen=True, slots=True)
class Saml:
    """A SAML message. `text` is its XML, indented; `facts` what it says for all to read; `sealed` that there is more.

    `good` says whether its issuer's published certificates verify it; None that it has no signature in itself.
    """

    text: str
    facts: tuple[tuple[str, str], ...]
    sealed: bool
    good: bool | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One named value of a message."""

    name: str
    value: str
    token: Token | None = None
    saml: Saml | None = None


def entries_sent(exchange: Exchange, keys_of: KeysOf, opened: Opened = shut) -> tuple[Entry, ...]:
    """What a request says: query, form, credentials."""
    pairs = parse_qsl(exchange.query, keep_blank_values=True)
    kinds = [value for name, value in exchange.headers if name == "Content-Type"]
    if any(kind.startswith("application/x-www-form-urlencoded") for kind in kinds):
        pairs += parse_qsl(exchange.body.decode("utf-8", "replace"), keep_blank_values=True)
    pairs += [(name, value) for name, value in exchange.headers if name in _TELLING_HEADERS]
    return _entries(pairs, keys_of, opened)


def entries_answered(exchange: Exchange, keys_of: KeysOf, opened: Opened = shut) -> tuple[Entry, ...]:
    """What an answer says: its JSON or JWT, or where it sends the browser and with which parameters."""
    if location := exchange.header("location"):
        return _entries(parse_qsl(urlsplit(location).query, keep_blank_values=True), keys_of, opened)
    kind = exchange.header("content-type").partition(";")[0]
    text = exchange.answer.decode("utf-8", "replace")
    if kind in ("application/jwt", "application/token-introspection+jwt"):
        return _entries([("body", text.strip())], keys_of, opened)
    challenge = [("WWW-Authenticate", exchange.header("www-authenticate"))] if exchange.header("www-authenticate") else []
    members = _members(text) if kind == "application/json" else []
    return _entries([*challenge, *members], keys_of, opened)


def page_title(exchange: Exchange) -> str:
    """The title of the page that was answered, or ""."""
    found = _TITLE.search(exchange.answer.decode("utf-8", "replace"))
    return " ".join(found[1].split()) if found and exchange.header("content-type").startswith("text/html") else ""


def _members(text: str) -> list[tuple[str, str]]:
    try:
        document = json.loads(text)
    except ValueError:
        return [("body", text)]
    if not isinstance(document, dict):
        return [("body", text)]
    return [(name, value_text(value)) for name, value in document.items()]


def value_text(value: object) -> str:
    """A member of a JSON object, for people."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _entries(pairs: Iterable[tuple[str, str]], keys_of: KeysOf, opened: Opened) -> tuple[Entry, ...]:
    return tuple(Entry(name, value, _token(value, keys_of, opened), _saml(name, value, keys_of)) for name, value in pairs)


def _saml(name: str, value: str, keys_of: KeysOf) -> Saml | None:
    found = shown(value) if name in _SAML else None
    if found is None:
        return None
    keys = keys_of(found.issuer)
    good = found.verified_by(keys if isinstance(keys, tuple) else ()) if found.signed else None
    return Saml(found.text, found.facts, found.sealed, good)


def _token(text: str, keys_of: KeysOf, opened: Opened) -> Token | None:
    inner = opened(text) if _JWE.fullmatch(text) else None
    signed = inner or text
    if not _JWT.fullmatch(signed):
        return None
    header, claims = (_part(piece) for piece in signed.split(".")[:2])
    if header is None or claims is None:
        return None
    proof = header.get("typ") == _PROOF
    keys = _own_key(header) if proof else keys_of(str(claims.get("iss", "")))
    good = isinstance(keys, KeySet) and _verifies(signed, keys)
    return Token(_json(header), _json(claims), claims, good, sealed=inner is not None, proof=proof)


def _own_key(header: Mapping[str, Any]) -> KeySet | None:
    """The key that a proof has in its header (RFC 9449 4.2)."""
    try:
        return KeySet.import_key_set({"keys": [header["jwk"]]})
    except (JoseError, KeyError, TypeError, ValueError):
        return None


def _verifies(token: str, keys: KeySet) -> bool:
    try:
        jwt.decode(token, keys, algorithms=["ES256", "RS256"])
    except JoseError:
        return False
    return True


def _part(piece: str) -> dict[str, Any] | None:
    try:
        found = json.loads(urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def readable(data: bytes, opened: Opened = shut) -> str:
    """Bytes with everything that could hide a word undone, for searching: percent codes, tokens, SAML, Basic, escapes.

    Encrypted tokens are read, too, where their key is at hand.
    """
    text = data.decode("utf-8", "replace")
    text = "\n".join([text, *(inner for sealed in _JWE.findall(text) if (inner := opened(sealed)))])
    words = unquote_plus(unquote_plus(text))
    hidden = [urlsafe_b64decode(piece + "===") for token in _JWT.findall(words) for piece in token.split(".")[:2]]
    hidden += [b64decode(found + "===") for found in _BASIC.findall(words)]
    hidden += [octets for found in _BASE64.findall(f"{text} {unquote(text)}") if (octets := plain(found))]
    found = "\n".join((text, words, *(piece.decode("utf-8", "replace") for piece in hidden)))
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), found)


def as_curl(exchange: Exchange, port: int) -> str:
    """The request as a command for a terminal (curl resolves `*.localhost` by itself)."""
    words = [
        "curl",
        "-i",
        "-X",
        exchange.method,
        f"http://{exchange.host}:{port}{exchange.url.removeprefix(exchange.host)}",
    ]
    for name, value in exchange.headers:
        if name in _CURL_HEADERS:
            words += ["-H", f"{name}: {value}"]
    if exchange.body:
        words += ["--data-raw", exchange.body.decode("utf-8", "replace")]
    return " ".join(shlex.quote(word) for word in words)
