"""One defect each, by the number of the rule that must find it, and must be the only one to."""

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from certs.keys import Use
from eidas import xml
from eidas.vocabulary import (
    APPLICATION_IDENTIFIER,
    ASSURANCE_CERTIFICATION,
    ENTITY_CATEGORY,
    LOA_HIGH,
    LOA_LOW,
    LOA_SUBSTANTIAL,
    PROTOCOL_VERSION,
    WANTS_REQUESTER_ID,
)
from eidas.xml import ALG, DS, EIDAS, MD, SAML, XENC11, Element
from metadata.conformance.parts import Role
from tests.eidas.parts import certificate_of, fragment, private_key
from tests.metadata.conformance_documents import (
    CERTIFICATE,
    CONNECTOR,
    ENCRYPTION,
    KEY,
    LIST,
    METADATA,
    METADATA_RSA,
    NOW,
    PROXY,
    SIGNATURE,
    SIGNING,
    URL,
    adding,
    afterwards,
    by_name,
    certificate,
    digested,
    holding,
    issued,
    listed,
    named,
    odd_certificate,
    off_its_curve,
    replacing,
    setting,
    signed_by,
    signed_by_pkcs1,
    spelled,
    twice,
    valued,
    without,
)

SP, IDP = f"{{{MD}}}SPSSODescriptor", f"{{{MD}}}IDPSSODescriptor"
ACS, SSO = f"{SP}/{{{MD}}}AssertionConsumerService", f"{IDP}/{{{MD}}}SingleSignOnService"
EXTENSIONS, COUNTRY = f"{{{MD}}}Extensions", f"{{{EIDAS}}}NodeCountry"
SIGNING_KEY, CURVE_KEY, RSA_KEY = (f"{SP}/{KEY}[{number}]" for number in (1, 2, 3))
METHOD, ATTRIBUTE = f"{{{MD}}}EncryptionMethod", f"{IDP}/{{{SAML}}}Attribute"
DIGEST, SIGNING_METHOD = f"{EXTENSIONS}/{{{ALG}}}DigestMethod", f"{EXTENSIONS}/{{{ALG}}}SigningMethod"
ORGANISATION, CONTACT = f"{{{MD}}}Organization", f"{{{MD}}}ContactPerson"
MAIL = f"{CONTACT}/{{{MD}}}EmailAddress"
POST, ARTIFACT = (f"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-{name}" for name in ("POST", "Artifact"))
XMLENC, MORE = "http://www.w3.org/2001/04/xmlenc#", "http://www.w3.org/2001/04/xmldsig-more#"
NATURAL = "http://eidas.europa.eu/attributes/naturalperson"
SP_TYPE = "<eidas:SPType>public</eidas:SPType>"
LAST_YEAR = NOW - 800 * 86_400
LEVELS = f"{EXTENSIONS}//{{{SAML}}}Attribute[@Name='{ASSURANCE_CERTIFICATION}']"


def acs(binding: str = POST, index: int = 1, more: str = "") -> bytes:
    """A second AssertionConsumerService."""
    text = f'<md:AssertionConsumerService Binding="{binding}" Location="https://node.example/b" index="{index}" {more}/>'
    return adding(CONNECTOR, ACS, text)


def entity_attribute(name: str) -> str:
    """Where an entity attribute stands."""
    return f"{EXTENSIONS}//{{{SAML}}}Attribute[@Name='{name}']"


def attribute(name: str, more: str) -> bytes:
    """Another attribute of a person."""
    text = f'<saml2:Attribute xmlns:saml2="{SAML}" Name="{name}" {more}/>'
    return adding(PROXY, f"{ATTRIBUTE}[4]", text)


def second_reference(root: Element) -> None:
    """The Reference repeated."""
    first = root.find(f"{SIGNATURE}//{{{DS}}}Reference")
    first.addnext(xml.separate(first))


URI_FORMAT = 'NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"'

DOCUMENT = {
    "SAML-MD-01": (CONNECTOR + b" " * 1_048_576,),
    "SAML-MD-02": (CONNECTOR + b"\xff", CONNECTOR.decode().encode("utf-16")),
    "SAML-MD-03": (b"<!DOCTYPE x>" + CONNECTOR,),
    "SAML-MD-04": (CONNECTOR[:-5], b"", b"<a>" * 40 + b"</a>" * 40),
    "SAML-MD-05": (b"<a/>", LIST + b"</md:EntitiesDescriptor>"),
    "SAML-MD-06": (
        adding(CONNECTOR, SP, "<md:Unknown/>"),
        replacing(CONNECTOR, ">FR<", ">FRA<"),
        setting(CONNECTOR, ".", "Unknown", "x"),
    ),
    "SAML-MD-07": (adding(CONNECTOR, DIGEST, f'<x:x xmlns:x="urn:x" ID="{xml.parse(CONNECTOR).get("ID")}"/>'),),
    "SAML-MD-08": (listed(CONNECTOR, named(CONNECTOR, "_other", URL)),),
    "SAML-MD-09": (setting(CONNECTOR, ".", "entityID", "node"),),
    "SAML-MD-10": (
        setting(CONNECTOR, ".", "validUntil", "2026-09-01T00:00:00Z"),
        setting(CONNECTOR, SP, "validUntil", "2026-09-01T00:00:00Z"),
    ),
    "SAML-MD-11": (setting(CONNECTOR, ".", "validUntil", "2026-09-25T00:00:00+02:00"),),
    "SAML-MD-12": tuple(setting(CONNECTOR, ".", "cacheDuration", one) for one in ("P1Y", "PT0S", "-PT1H")),
    "EID-MD-01": (replacing(CONNECTOR, f'entityID="{URL}"', 'entityID="http://node.example/metadata"'),),
    "EID-MD-02": (CONNECTOR,),
    "EID-MD-03": (setting(CONNECTOR, ".", "validUntil", None),),
    "EID-MD-04": (setting(CONNECTOR, ".", "validUntil", "2030-01-01T00:00:00Z"),),
}

SIGNATURES = {
    "SAML-MD-13": (
        afterwards(CONNECTOR, lambda root: root.find(SIGNATURE).append(fragment("<ds:Object/>"))),
        afterwards(CONNECTOR, second_reference),
    ),
    "SAML-MD-14": (spelled("Reference", "URI", "#other"),),
    "SAML-MD-15": (spelled("Reference", "URI", ""),),
    "SAML-MD-16": (spelled("CanonicalizationMethod", "Algorithm", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),),
    "SAML-MD-17": (afterwards(CONNECTOR, lambda root: xml.remove(root.find(f"{SIGNATURE}//{{{DS}}}Transform"))),),
    "SAML-MD-18": (digested("http://www.w3.org/2000/09/xmldsig#sha1", SHA1()),),
    "SAML-MD-19": (CONNECTOR.replace(b">FR<", b">IT<"), spelled("DigestMethod", "Algorithm", f"{XMLENC}sha512")),
    "EID-MD-05": (afterwards(CONNECTOR, lambda root: xml.remove(root.find(SIGNATURE)), again=False),),
    "EID-MD-06": (signed_by_pkcs1(f"{MORE}rsa-sha256"),),
    "EID-MD-07": (spelled("DigestMethod", "Algorithm", f"{MORE}sha224"),),
    "EID-MD-08": (afterwards(CONNECTOR, lambda root: xml.remove(root.find(f"{SIGNATURE}/{{{DS}}}KeyInfo"))),),
    "EID-MD-09": (signed_by(METADATA, certificate(METADATA, Use.METADATA_SIGNING, LAST_YEAR)),),
    "EID-MD-10": (signed_by(METADATA, issued()),),
    "EID-MD-11": (signed_by(METADATA_RSA, odd_certificate(private_key(*METADATA_RSA), SHA256())),),
    "EID-MD-12": (signed_by(SIGNING),),
}

KEYS = {
    "SAML-MD-20": (holding(0, b"no certificate"),),
    "SAML-MD-21": (holding(0, certificate(SIGNING) + b"\0"),),
    "SAML-MD-22": (holding(0, certificate(SIGNING, Use.SAML_SIGNING, LAST_YEAR)),),
    "SAML-MD-23": (holding(0, off_its_curve()),),
    "SAML-MD-24": (holding(0, odd_certificate(rsa.generate_private_key(65537, 1024), SHA256())),),
    "SAML-MD-25": (twice(CONNECTOR, f"{SIGNING_KEY}/*/*/{CERTIFICATE}"),),
    "SAML-MD-26": (adding(CONNECTOR, f"{SIGNING_KEY}/*", f'<md:EncryptionMethod Algorithm="{XENC11}aes256-gcm"/>'),),
    "EID-MD-13": (holding(0, certificate(("rsa2048", 0))),),
    "EID-MD-14": (
        holding(0, odd_certificate(ec.generate_private_key(ec.SECP256K1()), SHA256())),
        holding(0, odd_certificate(ed25519.Ed25519PrivateKey.generate(), None)),
    ),
    "EID-MD-15": (holding(0, certificate_of(private_key(*SIGNING))),),
    "EID-MD-16": (holding(0, certificate(SIGNING, Use.SAML_DECRYPTION)),),
    "EID-MD-17": (holding(1, certificate(ENCRYPTION, Use.SAML_SIGNING)),),
    "EID-MD-18": (by_name(),),
    "EID-MD-19": (setting(CONNECTOR, SIGNING_KEY, "use", None),),
    "EID-MD-20": (without(CONNECTOR, SIGNING_KEY),),
    "EID-MD-21": (without(CONNECTOR, f"{SP}/{KEY}[@use='encryption']"),),
    "EID-MD-22": (holding(0, certificate(ENCRYPTION, Use.SAML_SIGNING)),),
    "EID-MD-23": (without(CONNECTOR, f"{CURVE_KEY}/{METHOD}"),),
    "EID-MD-24": (without(without(CONNECTOR, f"{CURVE_KEY}/{METHOD}[1]"), f"{CURVE_KEY}/{METHOD}[1]"),),
    "EID-MD-25": (
        without(CONNECTOR, f"{CURVE_KEY}/{METHOD}[3]"),
        without(CONNECTOR, f"{RSA_KEY}/{METHOD}[3]"),
    ),
    "EID-MD-26": (without(without(CONNECTOR, f"{CURVE_KEY}/{METHOD}[5]"), f"{CURVE_KEY}/{METHOD}[4]"),),
    "EID-MD-27": (adding(CONNECTOR, f"{CURVE_KEY}/{METHOD}", f'<md:EncryptionMethod Algorithm="{XMLENC}aes256-cbc"/>'),),
    "EID-MD-28": (without(CONNECTOR, f"{RSA_KEY}/{METHOD}/{{{DS}}}DigestMethod"),),
}

ROLES = {
    "SAML-MD-27": (twice(CONNECTOR, SP),),
    "SAML-MD-28": (setting(CONNECTOR, SP, "protocolSupportEnumeration", "urn:x"),),
    "SAML-MD-29": (setting(CONNECTOR, ACS, "Location", "/acs"), setting(CONNECTOR, ACS, "Location", "https:/acs")),
    "SAML-MD-30": (setting(CONNECTOR, ACS, "ResponseLocation", "https://node.example/b"),),
    "SAML-MD-31": (acs(index=0),),
    "SAML-MD-32": (acs(more='isDefault="true"'),),
    "EID-MD-29": (CONNECTOR,),
    "EID-MD-30": (setting(CONNECTOR, SP, "AuthnRequestsSigned", None),),
    "EID-MD-31": (setting(PROXY, IDP, "WantAuthnRequestsSigned", "false"),),
    "EID-MD-32": (without(CONNECTOR, f"{SP}/{{{MD}}}NameIDFormat"),),
    "EID-MD-33": (replacing(CONNECTOR, "format:transient", "format:kerberos"),),
    "EID-MD-34": (
        adding(CONNECTOR, RSA_KEY, f'<md:SingleLogoutService Binding="{POST}" Location="https://node.example/out"/>'),
    ),
    "EID-MD-35": (setting(CONNECTOR, ACS, "isDefault", None),),
    "EID-MD-36": (setting(CONNECTOR, ACS, "Binding", ARTIFACT),),
    "EID-MD-37": (replacing(PROXY, "bindings:HTTP-", "bindings:SOAP-", 2),),
    "EID-MD-38": (without(PROXY, f"{SSO}[2]"),),
    "EID-MD-39": (acs(binding=ARTIFACT),),
    "EID-MD-40": (setting(CONNECTOR, ACS, "Location", "http://node.example/acs"),),
    "EID-MD-41": (setting(CONNECTOR, ACS, "Location", "https://other.example/acs"),),
}

EIDAS_RULES = {
    "EID-MD-42": (without(CONNECTOR, f"{SP}/{EXTENSIONS}"),),
    "EID-MD-43": (adding(without(CONNECTOR, f"{SP}/{EXTENSIONS}"), DIGEST, "<eidas:NodeCountry>FR</eidas:NodeCountry>"),),
    "EID-MD-44": (replacing(CONNECTOR, ">FR<", ">GR<"),),
    "EID-MD-45": (
        adding(PROXY, DIGEST, SP_TYPE),
        adding(CONNECTOR, f"{SP}/{EXTENSIONS}/{COUNTRY}", SP_TYPE),
        adding(adding(CONNECTOR, DIGEST, SP_TYPE), DIGEST, SP_TYPE),
    ),
    "EID-MD-46": (without(CONNECTOR, entity_attribute(PROTOCOL_VERSION)),),
    "EID-MD-47": (valued(CONNECTOR, PROTOCOL_VERSION, "v1.4"),),
    "EID-MD-48": (valued(without(CONNECTOR, entity_attribute(PROTOCOL_VERSION)), PROTOCOL_VERSION, "1.1"),),
    "EID-MD-49": (without(CONNECTOR, entity_attribute(APPLICATION_IDENTIFIER)),),
    "EID-MD-50": (valued(CONNECTOR, APPLICATION_IDENTIFIER, "CEF 2.9"),),
    "EID-MD-51": (valued(CONNECTOR, "urn:x", "y", "urn:other"),),
    "EID-MD-52": (valued(CONNECTOR, ENTITY_CATEGORY, WANTS_REQUESTER_ID),),
    "EID-MD-53": (valued(PROXY, "urn:x", WANTS_REQUESTER_ID),),
    "EID-MD-54": (without(PROXY, LEVELS),),
    "EID-MD-55": (valued(PROXY, ASSURANCE_CERTIFICATION, "High"),),
    "EID-MD-56": (valued(PROXY, ASSURANCE_CERTIFICATION, LOA_HIGH.replace("high", "High")),),
    "EID-MD-57": (replacing(PROXY, f">{LOA_SUBSTANTIAL}<", f">{LOA_LOW}<"),),
    "EID-MD-58": (without(CONNECTOR, DIGEST),),
    "EID-MD-59": (without(CONNECTOR, SIGNING_METHOD),),
    "EID-MD-60": (setting(CONNECTOR, DIGEST, "Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1"),),
    "EID-MD-61": (setting(CONNECTOR, SIGNING_METHOD, "Algorithm", f"{MORE}rsa-sha256"),),
    "EID-MD-62": (setting(CONNECTOR, SIGNING_METHOD, "MinKeySize", "2048"),),
    "EID-MD-63": (without(PROXY, f"{ATTRIBUTE}[4]"),),
    "EID-MD-64": (attribute(f"{NATURAL}/Birthname", URI_FORMAT),),
    "EID-MD-65": (setting(PROXY, ATTRIBUTE, "NameFormat", None),),
    "EID-MD-66": (setting(PROXY, ATTRIBUTE, "FriendlyName", "Identifier"),),
    "EID-MD-67": (attribute(f"{NATURAL}/representative/PersonIdentifier", URI_FORMAT),),
    "EID-MD-68": (twice(PROXY, ATTRIBUTE),),
    "SAML-MD-33": (replacing(CONNECTOR, "mailto:", ""), replacing(CONNECTOR, "mailto:noeud", "mailto:")),
    "EID-MD-69": (without(CONNECTOR, ORGANISATION),),
    "EID-MD-70": (replacing(CONNECTOR, 'xml:lang="en"', 'xml:lang="fr"', 3),),
    "EID-MD-71": (without(CONNECTOR, f"{CONTACT}[1]"),),
    "EID-MD-72": (without(CONNECTOR, f"{CONTACT}[2]"),),
    "EID-MD-73": (without(CONNECTOR, MAIL),),
}

DEFECTS: dict[str, tuple[bytes, ...]] = {**DOCUMENT, **SIGNATURES, **KEYS, **ROLES, **EIDAS_RULES}

GIVEN = {"EID-MD-02": {"url": "https://node.example/other"}, "EID-MD-29": {"role": Role.PROXY}}
"""What else the rule must be told."""
