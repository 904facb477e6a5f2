"""Whole Responses for other people's software: the cases, each changed by a character, the schemas, and what was given.

A case is a key that signs with a hash, and a key for which the content is encrypted by a method: every pair of the two. Its
message is written by `eidas.response.write_response`, a failure by `write_failure`; its name is that of its files.
"""

import re
from base64 import b64decode
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

from cryptography.hazmat.primitives.hashes import HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree

from eidas import response, schema
from eidas.address import Address, write_address
from eidas.algorithms import AES128_GCM, AES256_GCM
from eidas.attributes import (
    BIRTH_NAME,
    COUNTRY_OF_BIRTH,
    CURRENT_ADDRESS,
    DATE_OF_BIRTH,
    EMAIL_ADDRESS,
    FAMILY_NAME,
    GENDER,
    GIVEN_NAME,
    NATIONALITY,
    PERSON_IDENTIFIER,
    PHONE_NUMBER,
    PLACE_OF_BIRTH,
    TOWN_OF_BIRTH,
)
from eidas.messages import Statement, Status
from eidas.vocabulary import AUTHN_FAILED, LOA_SUBSTANTIAL, RESPONDER
from eidas.xml import NATURAL, SAML
from tests.eidas.exchange import ENVELOPE, attribute
from tests.eidas.parts import HASHES, KEYS, certificate_of, private_key, signer_of, trusted

CONTENTS = {"aes128": AES128_GCM, "aes256": AES256_GCM}
RECIPIENT = 7  # another key than the signer's, of each kind

# -- what is given ----------------------------------------------------------------------------------------------------

ESCAPED = """O'Onásis & "Sons" <né à Smyrne> ]]>"""
GREEK = "Ὠνάσης & Σία 𐅀"  # the last one lies beyond 16 bits
PERSON = (
    attribute(PERSON_IDENTIFIER, "EL/FR/Ab-12.34&<>"),
    attribute(FAMILY_NAME, ESCAPED, GREEK),
    attribute(GIVEN_NAME, "Aristotelis", "Αριστοτέλης"),
    attribute(DATE_OF_BIRTH, "1966-01-20"),
    attribute(BIRTH_NAME, "Aristotelis Onasis"),
    attribute(PLACE_OF_BIRTH, "Σμύρνη / İzmir"),
    attribute(CURRENT_ADDRESS, write_address(Address(locator_designator="22", thoroughfare=GREEK, post_name="<Αθήνα>"))),
    attribute(GENDER, "Unspecified"),
    attribute(NATIONALITY, "EL", "FR"),
    attribute(COUNTRY_OF_BIRTH, "TR"),
    attribute(TOWN_OF_BIRTH, "İzmir"),
    attribute(PHONE_NUMBER, "+30 210 1234567"),
    attribute(EMAIL_ADDRESS, "a.o'nasis&co@example.gr"),
)
STATEMENT = Statement("_assertion-0123456789abcdef", "EL/FR/Ab-12.34&<>", LOA_SUBSTANTIAL, ENVELOPE.issued, PERSON)
# Name, what distinguishes the value (LatinScript, or the part of an address), text: as a reader must find it.
GIVEN = [
    (f"{NATURAL}/PersonIdentifier", "", "EL/FR/Ab-12.34&<>"),
    (f"{NATURAL}/CurrentFamilyName", "true", ESCAPED),
    (f"{NATURAL}/CurrentFamilyName", "false", GREEK),
    (f"{NATURAL}/CurrentGivenName", "true", "Aristotelis"),
    (f"{NATURAL}/CurrentGivenName", "false", "Αριστοτέλης"),
    (f"{NATURAL}/DateOfBirth", "", "1966-01-20"),
    (f"{NATURAL}/BirthName", "", "Aristotelis Onasis"),
    (f"{NATURAL}/PlaceOfBirth", "", "Σμύρνη / İzmir"),
    (f"{NATURAL}/CurrentAddress", "LocatorDesignator", "22"),
    (f"{NATURAL}/CurrentAddress", "Thoroughfare", GREEK),
    (f"{NATURAL}/CurrentAddress", "PostName", "<Αθήνα>"),
    (f"{NATURAL}/Gender", "", "Unspecified"),
    (f"{NATURAL}/Nationality", "", "EL"),
    (f"{NATURAL}/Nationality", "", "FR"),
    (f"{NATURAL}/CountryOfBirth", "", "TR"),
    (f"{NATURAL}/TownOfBirth", "", "İzmir"),
    (f"{NATURAL}/PhoneNumber", "", "+30 210 1234567"),
    (f"{NATURAL}/EmailAddress", "", "a.o'nasis&co@example.gr"),
]
STATUS = Status(RESPONDER, AUTHN_FAILED, """nobody is "there" & <no> ονόματα""")

# -- cases ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """Who signs, how, and for whom it is encrypted; no recipient: a failure."""

    signer: str
    algorithm: HashAlgorithm
    recipient: str = ""
    content: str = ""

    @property
    def name(self):
        """What its files are called."""
        return f"{self.signer}-{self.algorithm.name}-{self.recipient or 'failure'}{self.content}"

    @cached_property
    def written(self):
        """The message."""
        signer = signer_of(self.signer, algorithm=self.algorithm)
        if not self.recipient:
            return response.write_failure(ENVELOPE, STATUS, signer)
        recipient = trusted(self.recipient, RECIPIENT)
        return response.write_response(ENVELOPE, STATEMENT, recipient, signer, CONTENTS[self.content])

    @property
    def opener(self):
        """The private key of the recipient."""
        return private_key(self.recipient, RECIPIENT)


SIGNATURES = list(product(KEYS, HASHES))
ENCRYPTIONS = list(product(KEYS, CONTENTS))
RESPONSES = [Case(*signed, *encrypted) for signed, encrypted in product(SIGNATURES, ENCRYPTIONS)]
FAILURES = [Case(*signed) for signed in SIGNATURES]
CASES = [*RESPONSES, *FAILURES]

# -- changes of one character -----------------------------------------------------------------------------------------

# What stands before the place, and how many octets after it the place is. The content is the last thing that is encrypted.
PLACES = {
    "instant": (b' IssueInstant="', 2),
    "signature": (b"<ds:SignatureValue>", 40),
    "content": (b"<xenc:CipherValue>", 80),
    "message": (b"<saml2p:StatusMessage>", 3),
}


def changed(octets, place):
    """The same with one character changed."""
    marker, offset = PLACES[place]
    at = octets.rindex(marker) + len(marker) + offset
    return octets[:at] + (b"B" if octets[at : at + 1] == b"A" else b"A") + octets[at + 1 :]


def changes(octets):
    """Every message that differs in one character, by the place; a failure has no content, a Response no message."""
    return {place: changed(octets, place) for place, (marker, _) in PLACES.items() if marker in octets}


# -- files ------------------------------------------------------------------------------------------------------------


def write_cases(folder: Path, signers, recipients):
    """NAME.xml and NAME~PLACE.xml; NAME.der and NAME.key where the program that reads the folder knows such a key."""
    for case in CASES:
        (folder / f"{case.name}.xml").write_bytes(case.written)
        for place, octets in changes(case.written).items():
            (folder / f"{case.name}~{place}.xml").write_bytes(octets)
        if case.signer in signers:
            (folder / f"{case.name}.der").write_bytes(certificate_of(private_key(case.signer)))
        if case.recipient in recipients:
            (folder / f"{case.name}.key").write_bytes(_pkcs8(case.recipient))


@cache
def _pkcs8(name):
    return private_key(name, RECIPIENT).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


# Version 1.4 of the profile adds attributes to the schema that eIDAS published with version 1.0.
_ADDED = f"""\
<schema xmlns="http://www.w3.org/2001/XMLSchema" xmlns:own="{NATURAL}" targetNamespace="{NATURAL}">
  <include schemaLocation="eidas-schema-attribute-naturalperson.xsd"/>
  <simpleType name="NationalityType"><restriction base="string"><pattern value="[A-Z]{{2}}"/></restriction></simpleType>
  <simpleType name="CountryOfBirthType"><restriction base="own:NationalityType"/></simpleType>
  <simpleType name="TownOfBirthType"><restriction base="string"/></simpleType>
  <simpleType name="PhoneNumberType"><restriction base="string"/></simpleType>
  <simpleType name="EmailAddressType"><restriction base="string"/></simpleType>
</schema>"""
_DRIVER = f"""\
<schema xmlns="http://www.w3.org/2001/XMLSchema">
  <import namespace="urn:oasis:names:tc:SAML:2.0:protocol" schemaLocation="saml-schema-protocol-2.0.xsd"/>
  <import namespace="http://www.w3.org/2009/xmlenc11#" schemaLocation="xenc-schema-11.xsd"/>
  <import namespace="{NATURAL}" schemaLocation="added.xsd"/>
</schema>"""


def write_schemas(folder: Path):
    """The published schemas, which name each other as files beside them, and driver.xsd, which names all that count.

    Attribute types are those that eIDAS published: `eidas.schema` makes its own.
    """
    for path in schema._folder().glob("*.xsd"):
        text = etree.tostring(etree.parse(path, etree.XMLParser(load_dtd=False, no_network=True)).getroot()).decode()
        (folder / path.name).write_text(re.sub(r"""(schemaLocation=["'])[^"']*/""", r"\1", text))
    (folder / "added.xsd").write_text(_ADDED)
    (folder / "driver.xsd").write_text(_DRIVER)


def rows_of(path: Path):
    """What a program wrote down of the attributes: a line a value, tabs between."""
    return [tuple(line.split("\t")) for line in path.read_text().splitlines()]


# -- a reader that is not lxml ----------------------------------------------------------------------------------------


def rows(assertion):
    """The attributes of an assertion as Python's own XML reader finds them."""
    found = []
    for element in ElementTree.fromstring(assertion).iter(f"{{{SAML}}}Attribute"):
        for value in element.iter(f"{{{SAML}}}AttributeValue"):
            found += _rows(element.get("Name"), value)
    return found


def _rows(name, value):
    if name != CURRENT_ADDRESS:
        return [(name, value.get(f"{{{NATURAL}}}LatinScript", ""), value.text)]
    parts = b64decode(value.text).decode()
    inside = ElementTree.fromstring(f"<address xmlns:eidas-natural='x'>{parts}</address>")
    return [(name, part.tag.removeprefix("{x}"), part.text) for part in inside]
