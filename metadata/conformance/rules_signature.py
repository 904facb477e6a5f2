"""Rules on the signature of the metadata. Who is trusted to sign is not decided here: by which key it is right is."""

from collections.abc import Callable

from cryptography.x509.oid import SignatureAlgorithmOID as Oid

from eidas import signature, signature_rules, xml
from eidas.algorithms import DIGESTS, SIGNATURE_METHODS, Compatibility, Deviation
from eidas.certificates import Certificate
from eidas.errors import Refused
from eidas.signature_rules import Claim, algorithm
from eidas.xml import Element
from metadata.conformance.parts import Broken, Place, Rule, Severity
from metadata.conformance.places import SIGNATURE, bearer, message_certificates, signed, signer_certificates
from metadata.conformance.rules_document import check_ids_unique

_EVERYTHING = Compatibility(frozenset(Deviation))
_CHAIN = (Oid.RSASSA_PSS, Oid.ECDSA_WITH_SHA256, Oid.ECDSA_WITH_SHA384, Oid.ECDSA_WITH_SHA512)


def check_signed(place: Place) -> None:
    """Interoperability Architecture 1.4, 6.3: the metadata of a node is signed."""
    if not xml.children(bearer(place.entity), SIGNATURE):
        raise Broken("nobody signed it")


def check_signature_shape(place: Place) -> None:
    """SAML Core 5.4, XML Signature 1.1 4.2: one signature with one Reference, and no Object."""
    signature_rules.read_claim(place.element)


def check_signature_covers(place: Place) -> None:
    """SAML Core 5.4.2: the signature covers the element that it stands in."""
    if claim := _claim(place):
        signature_rules.check_reference(place.element, claim.uri)


def check_signature_by_id(place: Place) -> None:
    """SAML Core 5.4.2: the Reference names the element by its ID, not the document as a whole."""
    claim = _claim(place)
    if claim and claim.uri == "":
        raise Broken('the Reference has URI=""')


def check_signature_canonicalization(place: Place) -> None:
    """SAML Core 5.4.3: SignedInfo is canonicalised exclusively, without comments."""
    if claim := _claim(place):
        signature_rules.check_canonicalization(claim)


def check_signature_transforms(place: Place) -> None:
    """SAML Core 5.4.4: the transforms are enveloped-signature and exclusive canonicalisation, nothing else."""
    if claim := _claim(place):
        signature_rules.check_transforms(claim)


def check_signature_without_sha1(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.1.1, RFC 6194 2: no SHA-1 in the signature."""
    for element in _methods(place):
        if "sha1" in algorithm(element):
            raise Broken(f"{algorithm(element)} rests on SHA-1")


def check_signature_method(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.3.1: RSASSA-PSS or ECDSA, with SHA-256 or more."""
    uri = next(map(algorithm, _methods(place)), None)
    if uri is None or "sha1" in uri:
        return
    if uri not in SIGNATURE_METHODS or SIGNATURE_METHODS[uri].deviations:
        raise Broken(f"the signature method is {uri}")


def check_signature_digest(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.1.1: the digest is SHA-256, SHA-384 or SHA-512."""
    uris = [algorithm(one) for one in _methods(place)[1:]]
    if uris and "sha1" not in uris[0] and uris[0] not in DIGESTS:
        raise Broken(f"the digest method is {uris[0]}")


def check_signature_right(place: Place) -> None:
    """XML Signature 1.1 3.2: the signature is right by a key in its KeyInfo. Silent where another rule says why not."""
    keys = _signers(place)
    if not keys or any(_breaks(check, place) for check in _BEFORE):
        return
    try:
        signature.verify(place.element, keys, _EVERYTHING)
    except Refused as refused:
        raise Broken(refused.detail) from None


# -- the signer's certificates ----------------------------------------------------------------------------------------


def check_signer_stated(place: Place) -> None:
    """Interoperability Architecture 1.4, 6.3: the signature carries the signer's certificate in X509Certificate."""
    if not signer_certificates(place.entity):
        raise Broken("the signature has no X509Certificate")


def check_signer_dates(place: Place) -> None:
    """Interoperability Architecture 1.4, 6.5, RFC 5280 6.1.3: each certificate of the signature's chain counts now."""
    for held in place.held():
        if not held.counts(place.document.now):
            raise Broken(f"the certificate counts from {held.dates}")


def check_signer_chain(place: Place) -> None:
    """Interoperability Architecture 1.4, 6.3: the chain is whole, from the signer's certificate to the anchor."""
    held = place.document.certificates
    chain = [one for element in signer_certificates(place.entity) if (one := held[element].strict)]
    subjects = {one.subject.public_bytes() for one in chain}
    if any(one.issuer.public_bytes() not in subjects for one in chain):
        raise Broken("the issuer's certificate of one of the certificates is not there")


def check_chain_methods(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.5.1: certificates of the chain are signed by RSASSA-PSS or ECDSA with SHA-2."""
    for held in place.held():
        if held.strict and held.strict.signature_algorithm_oid not in _CHAIN:
            raise Broken("the certificate is signed by another method")


def check_signer_apart(place: Place) -> None:
    """Cryptographic Requirements 1.4, 3.5: metadata is signed by a key that signs no messages (ours, by its spirit)."""
    held = place.document.certificates
    signers = {held[one].numbers for one in signer_certificates(place.entity)} - {None}
    if signers & {held[one].numbers for one in message_certificates(place.entity)}:
        raise Broken("the key that signs the metadata also stands in a role")


# -- what the rules share ---------------------------------------------------------------------------------------------


def _claim(place: Place) -> Claim | None:
    """What the signature says of itself; None where it has not the shape of one, which a rule says."""
    try:
        return signature_rules.read_claim(place.element)
    except Refused:
        return None


def _methods(place: Place) -> list[Element]:
    """The signature method, and the digest of the Reference."""
    claim = _claim(place)
    return [claim.method, claim.digest] if claim else []


def _signers(place: Place) -> list[Certificate]:
    held = place.document.certificates
    return [one for element in signer_certificates(place.entity) if (one := held[element].usable)]


def _breaks(check: Callable[[Place], None], place: Place) -> bool:
    try:
        check(place)
    except (Broken, Refused):
        return True
    return False


_BEFORE = (
    check_ids_unique,
    check_signature_shape,
    check_signature_covers,
    check_signature_canonicalization,
    check_signature_transforms,
    check_signature_digest,
)

RULES: tuple[Rule[Place], ...] = (
    Rule("SAML-MD-13", Severity.ERROR, check_signature_shape, "sign with one Reference, and put nothing else in", signed),
    Rule("SAML-MD-14", Severity.ERROR, check_signature_covers, "let the Reference name the ID of the element", signed),
    Rule("SAML-MD-15", Severity.NON_BREAKING, check_signature_by_id, 'give the root an ID, and sign URI="#ID"', signed),
    Rule(
        "SAML-MD-16",
        Severity.ERROR,
        check_signature_canonicalization,
        "sign with http://www.w3.org/2001/10/xml-exc-c14n#",
        signed,
    ),
    Rule(
        "SAML-MD-17",
        Severity.ERROR,
        check_signature_transforms,
        "sign with these two transforms, in this order",
        signed,
    ),
    Rule("SAML-MD-18", Severity.ERROR, check_signature_without_sha1, "sign with SHA-256 or more, in both places", signed),
    Rule(
        "SAML-MD-19",
        Severity.ERROR,
        check_signature_right,
        "publish the octets that were signed: nothing may format or edit them afterwards",
        signed,
    ),
    Rule("EID-MD-05", Severity.ERROR, check_signed, "sign the root with the key for metadata"),
    Rule("EID-MD-06", Severity.ERROR, check_signature_method, "sign by sha256-rsa-MGF1 or ecdsa-sha256, or more", signed),
    Rule("EID-MD-07", Severity.ERROR, check_signature_digest, "take SHA-256, SHA-384 or SHA-512 for the digest", signed),
    Rule("EID-MD-08", Severity.ERROR, check_signer_stated, "put the signer's certificate into KeyInfo", signed),
    Rule(
        "EID-MD-09",
        Severity.ERROR,
        check_signer_dates,
        "renew the certificate, tell the other countries beforehand, and sign again",
        signer_certificates,
    ),
    Rule(
        "EID-MD-10",
        Severity.NON_BREAKING,
        check_signer_chain,
        "put the certificate of each issuer up to the anchor into KeyInfo",
        signed,
    ),
    Rule(
        "EID-MD-11",
        Severity.WARNING,
        check_chain_methods,
        "let the certificate be issued anew, signed by RSASSA-PSS or ECDSA",
        signer_certificates,
    ),
    Rule("EID-MD-12", Severity.WARNING, check_signer_apart, "sign the metadata with a key that does nothing else"),
)
