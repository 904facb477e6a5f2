"""How a message travels through a browser: the fields of a form (HTTP-POST) or of an address (HTTP-Redirect).

SAML Bindings 3.4 and 3.5. Signatures of the redirect binding are `query`'s.
"""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping

from eidas.errors import XmlRefused

LONGEST = 131_072
"""Characters of a message in base64, octets of it inflated: what the CEF node allows (`eidasParameters.properties`)."""
LONGEST_RELAY_STATE = 80


def post_fields(parameter: str, message: bytes, relay_state: str = "") -> Mapping[str, str]:
    """SAML Bindings 3.5.4: the fields of a form; `parameter` is SAMLRequest or SAMLResponse. Raises XmlRefused."""
    check_relay_state(relay_state)
    fields = {parameter: b64encode(message).decode()}
    return {**fields, "RelayState": relay_state} if relay_state else fields


def read_post(value: str) -> bytes:
    """The message in a form's field. Raises XmlRefused."""
    check_length(value)
    try:
        return b64decode("".join(value.split()), validate=True)
    except ValueError:
        raise XmlRefused("the message is not base64") from None


def deflated(message: bytes) -> str:
    """SAML Bindings 3.4.4.1: the DEFLATE encoding, in base64 (the address must still escape it)."""
    compressor = zlib.compressobj(wbits=-15)
    return b64encode(compressor.compress(message) + compressor.flush()).decode()


def inflated(value: str) -> bytes:
    """The message in an address's parameter. Raises XmlRefused, also when it would become too large."""
    decompressor = zlib.decompressobj(wbits=-15)
    try:
        message = decompressor.decompress(read_post(value), LONGEST)
    except zlib.error:
        raise XmlRefused("the message is not deflated") from None
    check_whole(decompressor.eof)
    return message


def read_redirect(value: str) -> bytes:
    """The message in an address's parameter, deflated or, as the CEF node sends a request that is signed inside, plain.

    Raises XmlRefused.
    """
    plain = read_post(value)
    return plain if plain.lstrip().startswith(b"<") else inflated(value)


def check_length(value: str) -> None:
    """eIDAS-Node: a message has at most 131072 characters."""
    if len(value) > LONGEST:
        raise XmlRefused(f"the message has {len(value)} characters; at most {LONGEST} are read")


def check_whole(ended: bool) -> None:
    """RFC 1951: the stream ends within the limit; a small message must not become a large one."""
    if not ended:
        raise XmlRefused("the message does not end, or is too large when inflated")


def check_relay_state(relay_state: str) -> None:
    """SAML Bindings 3.4.3, 3.5.3: at most 80 octets."""
    if len(relay_state.encode()) > LONGEST_RELAY_STATE:
        raise XmlRefused(f"RelayState is longer than {LONGEST_RELAY_STATE} octets")
