"""What an attacker does to a request that comes by HTTP-Redirect."""

import zlib
from base64 import b64encode
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from eidas import binding, xml
from eidas.query import sign_query
from tests.eidas.attacks.connector import RSA, SIGNER, STRANGER, Attacks, evil, genuine, unsigned
from tests.eidas.attacks.wrapped_requests import xsw3, xsw5
from tests.eidas.exchange import Change, nothing, setting

MORE = "http://www.w3.org/2001/04/xmldsig-more#"
PAST, FUTURE = "2026-09-21T12:00:00Z", "2026-09-21T16:00:00Z"
STATE = "state"


def message(change: Change = nothing) -> str:
    """A request as the binding wants it."""
    return binding.deflated(xml.write(unsigned(change)))


def query(change: Change = nothing, state: str | None = STATE) -> str:
    """A query that the Connector signed."""
    return sign_query("SAMLRequest", message(change), state, SIGNER)


def parts(text: str) -> dict[str, str]:
    """The parameters of a query as they are written."""
    return dict(pair.split("=", 1) for pair in text.split("&"))


def joined(pairs: dict[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in pairs.items())


def again(name: str, value: str | None = None) -> str:
    """A query with one parameter a second time."""
    pairs = parts(query())
    return f"{joined(pairs)}&{name}={value or pairs[name]}"


def changed(**values: str) -> str:
    """A query in which parameters got other values."""
    return joined({**parts(query()), **values})


def reordered() -> str:
    """The Connector signed RelayState first."""
    pairs = parts(query())
    signed = "&".join(f"{name}={pairs[name]}" for name in ("RelayState", "SAMLRequest", "SigAlg"))
    return f"{signed}&Signature={quote(b64encode(SIGNER.sign(signed.encode())), safe='')}"


def in_the_other_case() -> str:
    """The escapes of the message are in small letters, which others than the signer would decode to the same."""
    pairs = parts(query())
    small = pairs["SAMLRequest"].replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d")
    return joined({**pairs, "SAMLRequest": small})


def stripped() -> str:
    """A request that is signed inside as well, without the query's signature."""
    pairs = parts(signed_inside())
    del pairs["Signature"]
    return joined(pairs)


def signed_inside() -> str:
    return sign_query("SAMLRequest", binding.deflated(xml.write(genuine())), STATE, SIGNER)


def pkcs1(uri: str, algorithm: HashAlgorithm) -> str:
    """A query that the Connector's other key signed as one did in 2012."""
    signed = urlencode({"SAMLRequest": message(), "SigAlg": uri})
    value = RSA.sign(signed.encode(), padding.PKCS1v15(), algorithm)
    return f"{signed}&{urlencode({'Signature': b64encode(value)})}"


def bomb() -> str:
    """Eight megabytes in eleven kilobytes."""
    compressor = zlib.compressobj(wbits=-15)
    octets = compressor.compress(b"<a>" + b" " * 2**23) + compressor.flush()
    return urlencode({"SAMLRequest": b64encode(octets)})


def plain(octets: bytes) -> str:
    """As the CEF node sends it."""
    return urlencode({"SAMLRequest": b64encode(octets), "RelayState": STATE})


def evil_message() -> str:
    return quote(binding.deflated(xml.write(evil())), safe="")


QUERIED: Attacks = {
    "others beside it": (lambda: f"x=1&{query()}&SAMLEncoding=x", ""),
    "in another order": (lambda: "&".join(reversed(query().split("&"))), ""),
    "SigAlg twice": (lambda: again("SigAlg"), "check_each_once"),
    "message twice": (lambda: again("SAMLRequest", evil_message()), "check_each_once"),
    "message twice, escaped": (lambda: again("%53AMLRequest", evil_message()), "check_each_once"),
    "signature twice": (lambda: again("Signature"), "check_each_once"),
    "RelayState twice": (lambda: again("RelayState", "evil"), "check_each_once"),
    "Response beside it": (lambda: again("SAMLResponse", evil_message()), "check_signed_message"),
    "RelayState added": (lambda: query(state=None) + "&RelayState=evil", "check_verified"),
    "RelayState changed": (lambda: changed(RelayState="evil"), "check_verified"),
    "RelayState too long": (lambda: query(state="x" * 81), "check_relay_state"),
    "message changed": (lambda: changed(SAMLRequest=evil_message()), "check_verified"),
    "signed in another order": (reordered, "check_verified"),
    "escapes in the other case": (in_the_other_case, "check_verified"),
    "Signature stripped, signed inside": (stripped, "check_signed_message"),
    "signed inside as well": (signed_inside, "check_unsigned"),
    "unsigned": (lambda: urlencode({"SAMLRequest": message()}), "check_one_signature"),
    "key of another country": (lambda: sign_query("SAMLRequest", message(), STATE, STRANGER), "check_verified"),
    "downgrade to HMAC": (lambda: changed(SigAlg=quote(f"{MORE}hmac-sha256", safe="")), "check_known_method"),
    "downgrade to RSA-SHA1": (
        lambda: pkcs1(f"{xml.DS}rsa-sha1", SHA1()),
        "check_deviations",
    ),
    "downgrade to PKCS1": (lambda: pkcs1(f"{MORE}rsa-sha256", SHA256()), "check_deviations"),
    "another method": (lambda: changed(SigAlg=quote(f"{MORE}ecdsa-sha512", safe="")), "check_verified"),
    "bomb": (bomb, "check_whole"),
    "wrapped, around": (lambda: plain(xml.write(xsw3())), "check_one_signature"),
    "wrapped, beside": (lambda: plain(xml.write(xsw5())), "check_reference"),
    "stale": (lambda: query(setting(".", "IssueInstant", PAST)), "check_instant"),
    "from the future": (lambda: query(setting(".", "IssueInstant", FUTURE)), "check_instant"),
    "for another endpoint": (
        lambda: query(setting(".", "Destination", "https://node.it.example/sso")),
        "check_destination",
    ),
}
