"""A Connector that is attacked: its keys, its genuine request, and what the attacker writes instead.

Worst case throughout: the attacker has a genuine request and the Connector's certificates, may send what he likes, and
where a case is about the signature's own words, the Connector signs whatever stands in it.
"""

from collections.abc import Callable
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from eidas import request, signature, xml
from eidas.keys import LocalSigner
from eidas.xml import Element
from tests.eidas.exchange import PREFIXES, REQUEST, Change, find, nothing
from tests.eidas.parts import certificate_of

KEY, OTHER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65537, 3072)
SIGNER = LocalSigner(KEY, SHA256(), certificate_of(KEY))
STRANGER = LocalSigner(OTHER, SHA256(), certificate_of(OTHER))
ASKED = replace(REQUEST, sp_type="private", requester_id="https://a.example/requester", provider_name="Comune di Roma")
EVIL = replace(ASKED, id="_evil-request-0123456789ab", provider_name="EVIL")
Made = Element | bytes | str
"""A message, its octets, or the query of an address."""
Attacks = dict[str, tuple[Callable[[], Made], str]]
"""By name: how it is made, and the rule that refuses it."""


def unsigned(change: Change = nothing) -> Element:
    """A request in order, but for what was changed."""
    root = xml.parse(request.write_request(ASKED, None))
    change(root)
    return root


def genuine(change: Change = nothing, signer: LocalSigner = SIGNER) -> Element:
    """The same, signed afterwards."""
    root = unsigned(change)
    signature.sign(root, signer)
    return xml.parse(xml.write(root))


def evil(identifier: str = EVIL.id) -> Element:
    """A request of the attacker's, not signed."""
    return xml.parse(request.write_request(replace(EVIL, id=identifier), None))


def taken() -> tuple[Element, Element]:
    """A genuine request without its signature, and the signature."""
    root = genuine()
    own = find(root, "ds:Signature")
    xml.remove(own)
    return root, own


def fragment(text: str) -> Element:
    """An element with the usual prefixes."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in PREFIXES.items())
    return etree.fromstring(f"<w {declared}>{text}</w>")[0]


def hidden(*elements: Element, tag: str = "<x xmlns='urn:x'/>") -> Element:
    """Elements inside one that the schemas do not know, and so do not look into."""
    holder = fragment(tag)
    holder.extend(elements)
    return holder


def in_extensions(root: Element, *elements: Element) -> Element:
    """A request with these elements in its Extensions."""
    find(root, "saml2p:Extensions").append(hidden(*elements))
    return root
