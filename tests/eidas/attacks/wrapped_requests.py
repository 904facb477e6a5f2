"""Wrapping: something that the Connector did sign is in the message, and something else is where one reads.

The first eight are the forms of Somorovsky and others, On Breaking SAML (2012), with a request in the place of both
message and assertion.
"""

from lxml import etree

from eidas import xml
from eidas.xml import Element
from tests.eidas.attacks.connector import ASKED, EVIL, STRANGER, Attacks, evil, genuine, hidden, in_extensions, taken
from tests.eidas.exchange import find


def xsw1() -> Element:
    """The genuine one inside its signature, which stands in the evil one."""
    other, (original, own) = evil(), taken()
    own.append(original)
    other.insert(1, own)
    return other


def xsw2() -> Element:
    """The genuine one before its signature, both in the evil one."""
    other, (original, own) = evil(), taken()
    other.insert(1, own)
    other.insert(1, original)
    return other


def xsw3() -> Element:
    """The evil one around, the genuine one whole beside what is asked."""
    return in_extensions(evil(), genuine())


def xsw4() -> Element:
    """The genuine one inside an evil one, which stands in an evil one."""
    return in_extensions(evil(), in_extensions(evil(f"{EVIL.id}2"), genuine()))


def xsw5() -> Element:
    """The evil one has the signature, the genuine one stands without it."""
    other, (original, own) = evil(), taken()
    other.insert(1, own)
    return in_extensions(other, original)


def xsw6() -> Element:
    """As the fifth, the genuine one inside the signature's KeyInfo."""
    other, (original, own) = evil(), taken()
    find(own, "ds:KeyInfo").append(original)
    other.insert(1, own)
    return other


def xsw7() -> Element:
    """The evil one in the Extensions of the genuine one."""
    return in_extensions(genuine(), evil())


def xsw8() -> Element:
    """The genuine one in an Object of its signature, which the evil one has."""
    other, (original, own) = evil(), taken()
    own.append(hidden(original, tag="<ds:Object/>"))
    other.insert(1, own)
    return other


def borrowed_id() -> Element:
    """As the fifth, the evil one having taken the ID, and what was signed stands under another spelling of it."""
    other, (original, own) = evil(ASKED.id), taken()
    other.insert(1, own)
    holder = hidden(*original)
    holder.set("id", ASKED.id)
    find(other, "saml2p:Extensions").append(holder)
    return other


def twins() -> Element:
    """As the fifth, and both have one ID."""
    other, (original, own) = evil(ASKED.id), taken()
    other.insert(1, own)
    return in_extensions(other, original)


def evil_in_object() -> Element:
    """A genuine request whose signature has got an evil one in an Object."""
    root = genuine()
    find(root, "ds:Signature").append(hidden(evil(), tag="<ds:Object/>"))
    return root


def manifest() -> Element:
    """A genuine request whose signature has got a Manifest."""
    root = genuine()
    reference = etree.fromstring(etree.tostring(find(root, "ds:Signature/ds:SignedInfo/ds:Reference")))
    find(root, "ds:Signature").append(hidden(hidden(reference, tag="<ds:Manifest/>"), tag="<ds:Object/>"))
    return root


def two_issuers() -> Element:
    """The evil one names itself first."""
    root = genuine()
    root.insert(0, xml.make("saml2", "Issuer", "https://evil.example/metadata"))
    return root


def second_signature() -> Element:
    """A signature by another key beside the genuine one."""
    root, own = genuine(), find(genuine(signer=STRANGER), "ds:Signature")
    root.insert(1, own)
    return root


WRAPPED: Attacks = {
    "xsw1": (xsw1, "check_schema"),
    "xsw2": (xsw2, "check_schema"),
    "xsw3": (xsw3, "check_one_signature"),
    "xsw4": (xsw4, "check_one_signature"),
    "xsw5": (xsw5, "check_reference"),
    "xsw6": (xsw6, "check_reference"),
    "xsw7": (xsw7, "check_verified"),
    "xsw8": (xsw8, "check_no_object"),
    "twins of one ID": (twins, "check_schema"),
    "borrowed ID": (borrowed_id, "check_ids_unique"),
    "evil in Object": (evil_in_object, "check_no_object"),
    "Manifest": (manifest, "check_no_object"),
    "two Issuers": (two_issuers, "check_schema"),
    "second signature": (second_signature, "check_schema"),
}
