"""Who may vouch for metadata: what leads to an anchor of the country is believed, and everything else by its own rule."""

import copy
from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA224
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier
from hypothesis import given, settings
from hypothesis import strategies as st

from eidas import signature, xml
from eidas.algorithms import Compatibility, Deviation
from eidas.errors import CertificateRefused, Refused
from eidas.keys import LocalSigner
from metadata.errors import CertificateExpired
from metadata.read import read_connector, read_proxy_service
from metadata.trust import vouched
from metadata.trust.links import LONGEST, Policy, read_link
from tests.eidas.parts import HASHES, NS, fragment
from tests.eidas.rules import refused_by
from tests.metadata.authorities import (
    DAY,
    EL,
    NOW,
    PUBLISHED,
    Holder,
    anchors,
    authority,
    beside,
    holder,
    published,
    revoked,
    signer,
    unsigned,
    usage,
    vouch,
    with_sha1,
)
from tests.metadata.test_read import CONNECTOR

ROOT = authority("Root")
MIDDLE = authority("Middle", ROOT)
LEAF = signer("Signer", MIDDLE)
PINNED = signer("Pinned")
EVIL = signer("Evil")
GENUINE = published(LEAF, LEAF, MIDDLE, ROOT)


def warn(*deviations: Deviation) -> Policy:
    """Greece may have expired certificates, and these deviations."""
    return Policy("EL", Compatibility(frozenset(deviations)), "warn")


def allowed(*deviations: Deviation) -> Policy:
    """Greece may have these deviations."""
    return Policy("EL", Compatibility(frozenset(deviations)))


# -- in order ---------------------------------------------------------------------------------------------------------


def test_a_chain_leads_from_the_signer_to_the_anchor():
    found = vouch(GENUINE, ROOT)
    assert [one.der for one in found.chain] == [LEAF.der, MIDDLE.der, ROOT.der]
    assert (found.signer.der, found.anchor.der, found.warnings, found.deviations) == (LEAF.der, ROOT.der, (), set())


def test_what_was_verified_is_what_is_read():
    found = vouch(GENUINE, ROOT)
    assert b"Signature" not in found.octets
    assert read_proxy_service(found.octets, now=NOW).entity_id == "https://node.el.example/metadata"


def test_a_date_of_the_chain_that_ends_first_is_the_one_that_counts():
    soon = signer("Soon", ROOT, end=3 * DAY)
    assert vouch(published(soon, soon, ROOT), ROOT).until == NOW + 3 * DAY


LONG = [ROOT]
for step in range(LONGEST - 2):
    LONG.append(authority(f"Step {step}", LONG[-1]))
DEEP = signer("Deep", LONG[-1])
BRAIN_ROOT = authority("Brainpool", kind="brainpoolP384r1")
BRAIN = signer("Brain", BRAIN_ROOT, kind="brainpoolP256r1")
PSS_ROOT = authority("RSA", kind="rsa")
PSS = signer("RSA signer", PSS_ROOT)
PLAIN = holder("Plain")
OLD_ROOT, NEW_ROOT = authority("Country", end=-DAY), authority("Country")
ROLLED = signer("Rolled", NEW_ROOT)
SECOND = signer("Pinned")  # the same name and key, another certificate
LISTED = signer(
    "Listed", ROOT, more=[(x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier("2.5.29.32.0"), None)]), True)]
)
EMAIL = signer("Mail", ROOT, more=[(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), True)])
SERVER = signer("Server", more=[(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), True)])
SELF_ISSUED = authority("One", authority("One", length=0), length=0)
BELOW_SELF = signer("Below", SELF_ISSUED)
FIRST_OF_ONE = authority("One", length=0)

ACCEPTED: dict[str, tuple[Callable[[], bytes], tuple[Holder, ...], list[Holder]]] = {
    "the anchor itself signs": (lambda: published(PINNED), (PINNED,), [PINNED]),
    "the anchor itself signs, and says nothing of itself": (lambda: published(PLAIN), (PLAIN,), [PLAIN]),
    "the anchor signs, and no certificate stands beside": (
        lambda: published(PINNED, edit=without_key_info),
        (PINNED,),
        [PINNED],
    ),
    "the chain is in another order": (lambda: published(LEAF, ROOT, MIDDLE, LEAF), (ROOT,), [LEAF, MIDDLE, ROOT]),
    "the anchor is not sent along": (lambda: published(LEAF, LEAF, MIDDLE), (ROOT,), [LEAF, MIDDLE, ROOT]),
    "the anchor is in the middle": (lambda: GENUINE, (MIDDLE,), [LEAF, MIDDLE]),
    "the signer of a chain is the anchor": (lambda: GENUINE, (LEAF, ROOT), [LEAF]),
    "something else stands beside": (lambda: published(LEAF, EVIL, LEAF, MIDDLE), (ROOT,), [LEAF, MIDDLE, ROOT]),
    "as long as may be": (lambda: published(DEEP, DEEP, *LONG), (ROOT,), [DEEP, *reversed(LONG)]),
    "a curve of brainpool": (lambda: published(BRAIN, BRAIN), (BRAIN_ROOT,), [BRAIN, BRAIN_ROOT]),
    "an authority of RSASSA-PSS": (lambda: published(PSS, PSS), (PSS_ROOT,), [PSS, PSS_ROOT]),
    "an anchor is being replaced": (lambda: published(PINNED), (EVIL, PINNED), [PINNED]),
    "an anchor of the same key has expired": (lambda: published(ROLLED), (OLD_ROOT, NEW_ROOT), [ROLLED, NEW_ROOT]),
    "a policy": (lambda: published(LISTED), (ROOT,), [LISTED, ROOT]),
    "a purpose that may be": (lambda: published(EMAIL), (ROOT,), [EMAIL, ROOT]),
    "a web server's, but pinned": (lambda: published(SERVER), (SERVER,), [SERVER]),
}


def without_key_info(root):
    """The document without what stands beside its signature."""
    xml.remove(root.find("ds:Signature/ds:KeyInfo", NS))
    return root


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_way_that_is_in_order_is_found(name: str):
    make, on, chain = ACCEPTED[name]
    assert [one.der for one in vouch(make(), *on).chain] == [one.der for one in chain]


def test_a_list_of_entities_is_vouched_for_as_a_whole():
    octets = published(PINNED, data=b'<md:EntitiesDescriptor xmlns:md="%s">%s</md:EntitiesDescriptor>' % (MD, PUBLISHED))
    assert read_proxy_service(vouch(octets, PINNED).octets, now=NOW).node_country == "EL"


def test_an_expired_certificate_is_a_warning_where_the_country_may():
    late = signer("Late", end=-DAY)
    found = vouch(published(late), late, policy=warn())
    assert found.warnings == ("the certificate CN=Late has expired",)


def test_an_expired_certificate_tells_until_when_it_counted():
    late = signer("Late", end=-DAY)
    with pytest.raises(CertificateExpired) as caught:
        vouch(published(late), late)
    assert caught.value.until == NOW - DAY


WEAK = signer("Weak", kind="rsa2048")
BY_PKCS1 = signer("By PKCS1", authority("RSA", kind="rsa"), pss=False)
BY_SHA1 = with_sha1(signer("By SHA1", PSS_ROOT, pss=False), PSS_ROOT)
WEAKER: dict[str, tuple[Holder, Holder, Deviation]] = {
    "a weak key": (WEAK, WEAK, Deviation.RSA_2048),
    "an authority that signs by PKCS1": (BY_PKCS1, PSS_ROOT, Deviation.RSA_PKCS1),
}


@pytest.mark.parametrize("name", WEAKER)
def test_a_deviation_that_a_country_is_allowed_is_told(name: str):
    by, on, deviation = WEAKER[name]
    assert vouch(published(by), on, policy=allowed(deviation)).deviations == {deviation}


def test_how_an_anchor_is_signed_is_nobodys_business():
    old = signer("Old", algorithm=SHA224())
    assert vouch(published(old), old).deviations == set()


# -- attacks ----------------------------------------------------------------------------------------------------------

MD = xml.MD.encode()


def evil(root):
    """The attacker's copy: without the signature, with other IDs and another entity ID."""
    other = copy.deepcopy(root)
    for own in other.findall("ds:Signature", NS):
        xml.remove(own)
    other.set("ID", "_evil")
    other.set("entityID", "https://evil.example/metadata")
    return other


def enclose(outer, inner) -> None:
    """Put an element where the schema lets anything stand."""
    within = fragment('<x:a xmlns:x="urn:x"/>')
    within.append(inner)
    outer.find(f"{{{xml.MD}}}Extensions").append(within)


def hidden_in(tag: str):
    """The signed entity goes into a part of the attacker's."""

    def wrap(root):
        other = evil(root)
        if tag == "Extensions":
            enclose(other, root)
            return other
        around = xml.make("md", "EntitiesDescriptor", ID="_evils")
        around.extend([other, root])
        return around

    return wrap


def signature_moved(root):
    """The attacker's entity carries the genuine signature, which still names the genuine entity inside."""
    other, own = evil(root), root.find("ds:Signature", NS)
    xml.remove(own)
    other.insert(0, own)
    enclose(other, root)
    return other


def second_signature(root):
    """The attacker signs a part of his own inside the genuine document's signature."""
    within = fragment('<x:a xmlns:x="urn:x"/>')
    within.append(copy.deepcopy(root.find("ds:Signature", NS)))
    root.find("ds:Signature/ds:KeyInfo", NS).append(within)
    return root


def signed_child(root):
    """Only the role is signed."""
    xml.remove(root.find("ds:Signature", NS))
    role = root.find(f"{{{xml.MD}}}IDPSSODescriptor")
    role.set("ID", "_role")
    signature.sign(role, LocalSigner(PINNED.private, HASHES[0], PINNED.der))
    return root


def same_id(root):
    """Another element has the root's ID."""
    root.find(f"{{{xml.MD}}}Extensions").append(fragment('<x:a xmlns:x="urn:x" ID="_root"/>'))
    return root


def setting(path: str, name: str, value: str):
    """An attribute of an element is another."""

    def edit(root):
        root.find(path, NS).set(name, value)
        return root

    return edit


def swapped(*ders: bytes):
    """Other certificates beside the signature."""

    def edit(root):
        beside(root, *ders)
        return root

    return edit


def text_of(octets: bytes, old: bytes, new: bytes) -> bytes:
    """The document with a text replaced, which must be there."""
    assert old in octets
    return octets.replace(old, new)


REFERENCE = "ds:Signature/ds:SignedInfo/ds:Reference"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
DOCUMENT = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
ATTACKS: dict[str, tuple[Callable[[], bytes], str]] = {
    "unsigned": (lambda: PUBLISHED, "check_only_signature"),
    "a document type": (lambda: DOCUMENT + GENUINE, "check_no_doctype"),
    "a document that is too large": (lambda: GENUINE + b" " * 2**20, "check_size"),
    "not valid": (lambda: text_of(GENUINE, b"entityID=", b"entityId="), "check_schema"),
    "another kind of document": (lambda: published(PINNED, data=REQUEST), "check_root"),
    "the entity in the extensions of another": (
        lambda: published(PINNED, edit=hidden_in("Extensions")),
        "check_only_signature",
    ),
    "the entity beside another in a list": (
        lambda: published(PINNED, edit=hidden_in("EntitiesDescriptor")),
        "check_only_signature",
    ),
    "the signature moved to another entity": (lambda: published(PINNED, edit=signature_moved), "check_reference"),
    "a signature in the signature": (lambda: published(PINNED, edit=second_signature), "check_only_signature"),
    "only the role is signed": (lambda: published(PINNED, edit=signed_child), "check_only_signature"),
    "an ID twice": (lambda: published(PINNED, edit=same_id), "check_ids_unique"),
    "a transform that selects": (
        lambda: published(PINNED, edit=setting(f"{REFERENCE}/ds:Transforms/ds:Transform[1]", "Algorithm", XSLT)),
        "check_transforms",
    ),
    "a reference to the whole document": (
        lambda: published(PINNED, edit=setting(REFERENCE, "URI", "")),
        "check_deviations",
    ),
    "an address changed": (lambda: text_of(published(PINNED), b"/sso", b"/ss0"), "check_verified"),
    "the key of the attacker under the anchor's certificate": (
        lambda: published(EVIL, edit=swapped(PINNED.der)),
        "check_verified",
    ),
    "the attacker's certificate under the genuine signature": (
        lambda: published(PINNED, edit=swapped(EVIL.der)),
        "check_some_path",
    ),
    "the attacker's own": (lambda: published(EVIL), "check_some_path"),
    "certificates that are none": (lambda: published(EVIL, edit=swapped(b"\x30\x00")), "check_verified"),
    "many certificates": (lambda: published(PINNED, *[PINNED] * 9), "check_few_certificates"),
}
REQUEST = b"""<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_root" Version="2.0" \
IssueInstant="2026-01-01T00:00:00Z"><saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">a</saml2:Issuer>\
</samlp:AuthnRequest>"""


@pytest.mark.parametrize("name", ATTACKS)
def test_each_attack_on_the_document_meets_its_rule(name: str):
    make, rule = ATTACKS[name]
    octets = make()
    assert refused_by(lambda: vouch(octets, PINNED)) == rule


def test_an_entity_hidden_in_the_signature_is_never_read():
    def hide(root):
        root.find("ds:Signature/ds:KeyInfo", NS).append(xml.parse(text_of(CONNECTOR_ALONE, b"_root", b"_evil")))
        return root

    octets = published(PINNED, edit=hide)
    assert read_connector(octets, now=NOW).node_country == "FR"  # the document alone would yield it
    assert refused_by(lambda: read_connector(vouch(octets, PINNED).octets, now=NOW)) == "check_one_entity"


def _unsigned_connector() -> bytes:
    root = xml.parse(unsigned(CONNECTOR))
    root.set("ID", "_root")
    return xml.write(root)


CONNECTOR_ALONE = _unsigned_connector()


# -- ways that are not in order ---------------------------------------------------------------------------------------


def chain(*holders: Holder) -> bytes:
    """A document that the first one signs, with all of them beside."""
    return published(holders[0], *holders)


NOT_CA = holder("Middle", ROOT, ca=False)
NO_CONSTRAINTS = holder("Middle", ROOT)
NO_CERT_SIGN = authority("Middle", ROOT, bits=usage("digital_signature"))
FORGED = Holder("Middle", MIDDLE.private, authority("Middle", authority("Root", key=EVIL.private), key=MIDDLE.private).der)
SHORT_ROOT = authority("Short", length=0)
SHORT_MIDDLE = authority("Below short", SHORT_ROOT)
SHORT_LEAF = signer("Signer below", SHORT_MIDDLE)
TOO_DEEP_CA = authority("Too deep", LONG[-1])
TOO_DEEP = signer("Deeper", TOO_DEEP_CA)
LATE_ROOT, EARLY_ROOT = authority("Root", end=-DAY), authority("Root", start=DAY)
LATE_LEAF = signer("Signer", MIDDLE, end=-DAY)
CONSTRAINED = authority("Root", more=[(x509.NameConstraints([x509.DNSName("gr")], None), False)])
UNKNOWN = signer("Unknown", more=[(x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)])
WEB = signer("Web", ROOT, more=[(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)])
ODD_HASH = signer("Odd hash", ROOT, algorithm=SHA224())

KEY_AGREEMENT = holder("Agreement", bits=usage("key_agreement"))
WEAK_ROOT = authority("Weak root", kind="rsa2048")

WAYS: dict[str, tuple[Callable[[], bytes], tuple[Holder, ...], str]] = {
    "an intermediate that is no authority": (lambda: chain(LEAF, NOT_CA, ROOT), (ROOT,), "check_authority"),
    "an intermediate that says nothing": (lambda: chain(LEAF, NO_CONSTRAINTS, ROOT), (ROOT,), "check_authority"),
    "a pinned signer that issues": (
        lambda: chain(signer("Below pinned", PINNED)),
        (PINNED,),
        "check_authority",
    ),
    "an authority whose key is for something else": (
        lambda: chain(LEAF, NO_CERT_SIGN, ROOT),
        (ROOT,),
        "check_issuer_usage",
    ),
    "an intermediate that another root issued": (lambda: chain(LEAF, FORGED, ROOT), (ROOT,), "check_issued"),
    "more authorities than are allowed": (
        lambda: chain(SHORT_LEAF, SHORT_MIDDLE, SHORT_ROOT),
        (SHORT_ROOT,),
        "check_path_length",
    ),
    "a way that is too long": (lambda: chain(TOO_DEEP, TOO_DEEP_CA, *LONG), (ROOT,), "check_some_path"),
    "a step is missing": (lambda: chain(LEAF, ROOT), (ROOT,), "check_some_path"),
    "a root that has expired": (lambda: GENUINE, (LATE_ROOT,), "check_not_over"),
    "a root that does not count yet": (lambda: GENUINE, (EARLY_ROOT,), "check_begun"),
    "a signer that has expired": (lambda: chain(LATE_LEAF, MIDDLE), (ROOT,), "check_not_over"),
    "names that a root restricts": (lambda: GENUINE, (CONSTRAINED,), "check_extensions"),
    "an extension that nobody knows": (lambda: chain(UNKNOWN), (UNKNOWN,), "check_extensions"),
    "a pinned key that is for something else": (
        lambda: chain(KEY_AGREEMENT),
        (KEY_AGREEMENT,),
        "check_signer_usage",
    ),
    "a web server's certificate": (lambda: chain(WEB), (ROOT,), "check_purpose"),
    "another hash than SHA-2 of 256 bits": (lambda: chain(ODD_HASH), (ROOT,), "check_hash_known"),
    "SHA-1, which nobody is allowed here": (lambda: chain(BY_SHA1), (PSS_ROOT,), "check_hash_known"),
    "PKCS1": (lambda: chain(BY_PKCS1), (PSS_ROOT,), "check_signature_strong"),
    "a weak key": (lambda: chain(WEAK), (WEAK,), "check_key_strong"),
    "a weak root": (lambda: chain(signer("Under weak", WEAK_ROOT)), (WEAK_ROOT,), "check_key_strong"),
}


@pytest.mark.parametrize("name", WAYS)
def test_each_way_that_is_not_in_order_meets_its_rule(name: str):
    make, on, rule = WAYS[name]
    octets = make()
    assert refused_by(lambda: vouch(octets, *on)) == rule


def test_another_countrys_anchor_vouches_for_nothing():
    of_both = [*anchors(EVIL), *anchors(PINNED, country="DE")]
    assert refused_by(lambda: vouched(published(PINNED), of_both, EL, NOW)) == "check_some_path"


def test_without_an_anchor_nothing_is_vouched_for():
    foreign = anchors(PINNED, country="DE")
    assert refused_by(lambda: vouched(published(PINNED), foreign, EL, NOW)) == "check_some_anchor"


def test_a_self_issued_authority_does_not_count_as_a_step():
    root = authority("Same", length=0)
    renewed = authority("Same", root, kind="secp384r1", length=0, key=MIDDLE.private)
    leaf = signer("Below same", renewed)
    assert len(vouch(chain(leaf, renewed), root).chain) == 3


# -- revocation -------------------------------------------------------------------------------------------------------

WHERE = x509.CRLDistributionPoints(
    [x509.DistributionPoint([x509.UniformResourceIdentifier("http://crl.example/")], None, None, None)]
)
ASK = x509.AuthorityInformationAccess(
    [x509.AccessDescription(x509.AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://o.example/"))]
)
NAMED = signer("Named", ROOT, more=[(WHERE, False)], serial=77)
ASKED = signer("Asked", ROOT, more=[(ASK, False)], serial=78)
PINNED_NAMED = signer("Pinned and named", ROOT, more=[(WHERE, False)])
NO_LIST_ROOT = authority("No lists", bits=usage("key_cert_sign"))
NO_LIST = signer("Unlisted", NO_LIST_ROOT)
PART = x509.IssuingDistributionPoint(None, None, True, False, None, False, False)
UNCHECKED = "revocation not checked: CN="

REMARKS: dict[str, tuple[Holder, Holder, tuple[bytes, ...], tuple[str, ...]]] = {
    "a list is named": (NAMED, ROOT, (), (f"{UNCHECKED}Named",)),
    "a responder is named": (ASKED, ROOT, (), (f"{UNCHECKED}Asked",)),
    "a list is there": (NAMED, ROOT, (revoked(ROOT, 1),), ()),
    "a list of others is there": (NAMED, ROOT, (revoked(MIDDLE, 77),), (f"{UNCHECKED}Named",)),
    "a list is out of date": (
        NAMED,
        ROOT,
        (revoked(ROOT, end=-DAY),),
        (f"{UNCHECKED}Named: its issuer's list is out of date", f"{UNCHECKED}Root: its issuer's list is out of date"),
    ),
    "the anchor names one": (
        PINNED_NAMED,
        PINNED_NAMED,
        (),
        (f"{UNCHECKED}Pinned and named: its issuer's key is not known",),
    ),
}


@pytest.mark.parametrize("name", REMARKS)
def test_what_could_not_be_checked_is_told(name: str):
    by, on, lists, told = REMARKS[name]
    assert vouch(published(by), on, crls=lists).warnings == told


LISTS: dict[str, tuple[Holder, Holder, bytes, str]] = {
    "the signer is revoked": (NAMED, ROOT, revoked(ROOT, 77), "check_not_revoked"),
    "the signer is revoked by a list out of date": (NAMED, ROOT, revoked(ROOT, 77, end=-DAY), "check_not_revoked"),
    "a list that another key signed": (NAMED, ROOT, revoked(ROOT, 1, by=EVIL.private), "check_list_signed"),
    "a list by a key of another kind": (NAMED, ROOT, revoked(ROOT, 1, by=PSS_ROOT.private), "check_list_signed"),
    "a list by a key that is not for it": (NO_LIST, NO_LIST_ROOT, revoked(NO_LIST_ROOT), "check_list_usage"),
    "a part of a list": (NAMED, ROOT, revoked(ROOT, more=[(PART, True)]), "check_list_whole"),
    "no list at all": (NAMED, ROOT, b"\x30\x00", "a list of revoked certificates cannot be read"),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_revoked_certificates_is_honoured_or_refused(name: str):
    by, on, octets, rule = LISTS[name]
    assert refused_by(lambda: vouch(published(by), on, crls=[octets])) == rule


# -- whatever comes ---------------------------------------------------------------------------------------------------


ODD_ALGORITHM = bytes.fromhex("06082a8648ce3d04037f")


def test_a_signature_that_nobody_knows_matters_only_below_the_anchor():
    der = PINNED.der.replace(bytes.fromhex("06082a8648ce3d040302"), ODD_ALGORITHM)
    odd = Holder("Pinned", PINNED.private, der)
    assert vouch(published(odd), odd).signer.der == der
    below = Holder("Signer", LEAF.private, LEAF.der.replace(bytes.fromhex("06082a8648ce3d040302"), ODD_ALGORITHM))
    assert refused_by(lambda: vouch(published(below, below, MIDDLE), ROOT)) == "check_hash_known"


def with_null(one: Holder) -> Holder:
    """The certificate as Java's keytool wrote it: a NULL beside ECDSA, twice, and the lengths that go with it."""
    plain, odd = bytes.fromhex("300a06082a8648ce3d040302"), bytes.fromhex("300c06082a8648ce3d0403020500")
    assert one.der.count(plain) == 2
    spoilt = one.der.replace(plain, odd)
    lengths = [int.from_bytes(spoilt[at : at + 2], "big") + more for at, more in ((2, 4), (6, 2))]
    outer, inner = (length.to_bytes(2, "big") for length in lengths)
    return Holder(one.name, one.private, spoilt[:2] + outer + spoilt[4:6] + inner + spoilt[8:])


LARGE = x509.SubjectAlternativeName([x509.DNSName("x" * 200)])  # lengths of two octets each


def test_a_certificate_with_a_null_too_many_can_be_an_anchor():
    old = with_null(signer("Old Java", more=[(LARGE, False)]))
    assert vouch(published(old), old).signer.der == old.der


def test_a_certificate_whose_fields_cannot_be_read_is_no_step():
    doubled = LEAF.der.replace(b"\x06\x03\x55\x1d\x0f", b"\x06\x03\x55\x1d\x13")
    with pytest.raises(CertificateRefused):
        read_link(doubled)


@settings(max_examples=150)
@given(st.integers(0, len(GENUINE) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_no_octet_of_what_is_signed_can_be_changed(at: int, put: bytes, gone: int):
    octets = GENUINE[:at] + put + GENUINE[at + gone :]
    try:
        found = vouch(octets, ROOT)
    except Refused:
        return
    assert found.octets == vouch(GENUINE, ROOT).octets


@pytest.mark.filterwarnings("ignore")  # the library warns of numbers that are not positive
@settings(max_examples=150)
@given(st.integers(0, len(LEAF.der) - 1), st.integers(0, 255))
def test_no_octet_of_a_chain_can_be_changed(at: int, value: int):
    spoilt = LEAF.der[:at] + bytes([value]) + LEAF.der[at + 1 :]
    octets = published(LEAF, edit=swapped(spoilt, MIDDLE.der))
    try:
        found = vouch(octets, ROOT)
    except Refused:
        return
    assert found.signer.der == LEAF.der
