"""What a metadata document of ours says, whenever it was made and signed."""

import hashlib

from eidas import xml
from eidas.xml import DS
from metadata.read import LIMITS

_OF_THE_DAY = ("ID", "validUntil")


def content_digest(octets: bytes) -> str:
    """SHA-256 in hex over the document without its signature, its ID and its last day. Raises XmlRefused."""
    root = xml.parse(octets, LIMITS)
    for signature in xml.children(root, f"{{{DS}}}Signature"):
        xml.remove(signature)
    for name in _OF_THE_DAY:
        root.attrib.pop(name, None)
    return hashlib.sha256(xml.canonical(root)).hexdigest()
