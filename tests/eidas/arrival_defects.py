"""What can be wrong in the way in which a request came: one defect each, and the rule that says so.

Nobody is answered: whoever wrote these is not known.
"""

import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from eidas import binding, xml
from tests.eidas.arrivals import Arrival, posted, redirected, signed_query, unsigned, written
from tests.eidas.exchange import REQUEST, Change, adding, setting
from tests.eidas.parts import signer_of
from tests.eidas.test_query import query_of
from tests.eidas.test_signature import MORE, Old

ENTITY = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
DEEP = "<x>" * 40 + "</x>" * 40


def after(change: Change) -> Callable[[], Arrival]:
    """A request that was changed after it was signed."""
    return lambda: posted(written(after=change))


def octets(change: Callable[[bytes], bytes]) -> Callable[[], Arrival]:
    """A request whose octets were changed."""
    return lambda: posted(change(written()))


def queried(change: Callable[[str], str]) -> Callable[[], Arrival]:
    """A signed query that was changed."""
    return lambda: change(signed_query(unsigned()))


def queried_by(signer: object) -> Callable[[], Arrival]:
    """A query that somebody else signed in the form that we write."""
    return lambda: query_of(f"SAMLRequest={quote(MESSAGE, safe='')}", signer=signer)


def resigned_query(name: str, value: str) -> str:
    """A query whose parameter was replaced."""
    pairs = dict(pair.split("=", 1) for pair in signed_query(unsigned()).split("&"))
    return "&".join(f"{key}={text}" for key, text in {**pairs, name: value}.items())


def without(*names: str) -> Callable[[str], str]:
    """A query without these parameters."""
    return lambda text: "&".join(pair for pair in text.split("&") if pair.partition("=")[0] not in names)


def twice(name: str) -> Callable[[str], str]:
    """A query with one parameter a second time."""
    return lambda text: text + "&" + next(pair for pair in text.split("&") if pair.startswith(f"{name}="))


def in_small_letters(text: str) -> str:
    """The message's escapes in the other case: other octets than the signed ones."""
    first, rest = text.split("&", 1)
    return f"{first.replace('%2B', '%2b').replace('%2F', '%2f').replace('%3D', '%3d')}&{rest}"


def called_response(text: str) -> str:
    """The query says that its message is a Response."""
    return text.replace("SAMLRequest", "SAMLResponse")


def unescaped() -> Arrival:
    """The signed message without the escapes that were signed."""
    return f"SAMLRequest={MESSAGE}&{signed(MESSAGE).split('&', 1)[1]}"


def zipped() -> Arrival:
    """A stream of ZLIB: DEFLATE with a header."""
    return signed(b64encode(zlib.compress(unsigned())).decode())


def in_another_order() -> Arrival:
    """The signature covers RelayState before the message."""
    return query_of("RelayState=r", f"SAMLRequest={quote(MESSAGE, safe='')}")


def signed_twice() -> Arrival:
    """A signed message in a signed query."""
    return signed_query(written())


def bomb(kind: Callable[[str], str]) -> Callable[[], Arrival]:
    """A small query that becomes 64 MiB."""
    return lambda: kind(b64encode(_deflated(b"<a>" + bytes(2**26))).decode())


def _deflated(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


def plain(value: str) -> str:
    """An address whose query nobody signed."""
    return urlencode({"SAMLRequest": value})


def signed(value: str) -> str:
    """An address whose query our Connector signed, whatever it holds."""
    return query_of(f"SAMLRequest={quote(value, safe='')}")


MESSAGE = binding.deflated(unsigned())
RSA, WEAK = signer_of("rsa"), signer_of("rsa2048")
OTHER = signer_of(turn=1)
TRAVEL: Mapping[str, tuple[Callable[[], Arrival], str]] = {
    "a form without base64": (lambda: {"SAMLRequest": "<AuthnRequest/>"}, "the message is not base64"),
    "an address without base64": (lambda: plain("<AuthnRequest/>"), "the message is not base64"),
    "a signed query without base64": (lambda: signed("<AuthnRequest/>"), "the message is not base64"),
    "a form that is too long": (lambda: {"SAMLRequest": "A" * 131_073}, "check_length"),
    "an address that is too long": (lambda: plain("A" * 131_073), "check_length"),
    "a state that is too long, in a form": (lambda: posted(written(), "x" * 81), "check_relay_state"),
    "a state that is too long, in an address": (lambda: redirected(written(), "x" * 81), "check_relay_state"),
    "a state that is too long, in a signed query": (lambda: signed_query(unsigned(), "é" * 41), "check_relay_state"),
    "a bomb that nobody signed": (bomb(plain), "check_whole"),
    "a bomb in a signed query": (bomb(signed), "check_whole"),
    "a stream that does not end": (lambda: signed(b64encode(_deflated(unsigned())[:-4]).decode()), "check_whole"),
    "deflated with a header": (
        lambda: signed(b64encode(zlib.compress(unsigned())).decode()),
        "the message is not deflated",
    ),
    "another compression": (lambda: signed("H4sIAAAA"), "the message is not deflated"),
}

XML: Mapping[str, tuple[Callable[[], Arrival], str]] = {
    "nothing": (lambda: {"SAMLRequest": ""}, "not well-formed XML (line 1)"),
    "half a message": (octets(lambda data: data[:900]), "not well-formed XML (line 1)"),
    "two messages": (octets(lambda data: data * 2), "not well-formed XML (line 1)"),
    "Latin letters in one octet": (octets(lambda data: data.replace(b"_request-", b"_requ\xe9st")), "check_utf8"),
    "another encoding by its word": (octets(lambda data: b'<?xml version="1.0" encoding="UTF-7"?>' + data), "check_utf8"),
    "another encoding": (octets(lambda data: data.decode().encode("utf-16")), "check_utf8"),
    "a document type": (octets(lambda data: b"<!DOCTYPE a>" + data), "check_no_doctype"),
    "an entity": (
        octets(lambda data: b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + data),
        "check_no_doctype",
    ),
    "forty elements inside each other": (after(adding("saml2p:Extensions", DEEP)), "check_depth"),
    "a thousand elements inside each other": (
        octets(lambda data: data.replace(b"<saml2p:NameIDPolicy", b"<x>" * 1000 + b"<saml2p:NameIDPolicy")),
        "not well-formed XML (line 1)",
    ),
    "sixty-five attributes": (
        after(lambda root: [root.set(f"a{number}", "") for number in range(65)]),
        "check_attributes",
    ),
    "no ID": (after(setting(".", "ID", None)), "check_schema"),
    "no ID in a signed query": (lambda: signed_query(unsigned(setting(".", "ID", None))), "check_schema"),
    "an ID twice": (after(setting("ds:Signature", "Id", REQUEST.id)), "check_schema"),
}

QUERY: Mapping[str, tuple[Callable[[], Arrival], str]] = {
    "letters that are not escaped": (queried(lambda text: f"{text}&x=é"), "check_ascii"),
    "two messages in a query": (queried(twice("SAMLRequest")), "check_each_once"),
    "two methods": (queried(twice("SigAlg")), "check_each_once"),
    "two signatures in a query": (queried(twice("Signature")), "check_each_once"),
    "two states": (queried(twice("RelayState")), "check_each_once"),
    "two messages, one behind an escape": (
        queried(lambda text: f"{text}&%53AMLRequest=x"),
        "check_each_once",
    ),
    "a response beside it": (queried(lambda text: f"{text}&SAMLResponse=x"), "check_signed_message"),
    "no signature": (queried(without("Signature")), "check_signed_message"),
    "no method": (queried(without("SigAlg")), "check_signed_message"),
    "a message signed inside, and half of what signs a query": (
        lambda: without("Signature")(signed_twice()),
        "check_signed_message",
    ),
    "signed inside as well": (signed_twice, "check_unsigned"),
    "HMAC for a query": (lambda: resigned_query("SigAlg", quote(f"{MORE}hmac-sha256", safe="")), "check_known_method"),
    "no word for the method": (lambda: resigned_query("SigAlg", ""), "check_known_method"),
    "PKCS 1.5 for a query": (queried_by(Old(f"{MORE}rsa-sha256")), "check_deviations"),
    "SHA-1 for a query": (queried_by(Old(f"{xml.DS}rsa-sha1")), "check_deviations"),
    "another kind of key for a query": (queried_by(RSA), "check_key_fits"),
    "a query's signature that is not base64": (
        lambda: resigned_query("Signature", "%3F"),
        "the signature's value is not base64",
    ),
    "a query's signature that is cut": (lambda: resigned_query("Signature", "QUJD"), "check_value_length"),
    "the key of another for a query": (queried_by(OTHER), "check_verified"),
    "a state that was added": (lambda: signed_query(unsigned(), None) + "&RelayState=r", "check_verified"),
    "a state that was emptied": (lambda: resigned_query("RelayState", ""), "check_verified"),
    "a state that was taken away": (queried(without("RelayState")), "check_verified"),
    "another message": (lambda: resigned_query("SAMLRequest", quote(binding.deflated(b"<a/>"), safe="")), "check_verified"),
    "a request that is called a response": (
        queried(lambda text: text.replace("SAMLRequest", "SAMLResponse")),
        "check_verified",
    ),
    "escapes in small letters": (queried(in_small_letters), "check_verified"),
    "escapes that need not be": (unescaped, "check_verified"),
    "signed in another order": (in_another_order, "check_verified"),
}

ARRIVALS = {**TRAVEL, **XML, **QUERY}
