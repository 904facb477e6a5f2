"""What changed between two versions of metadata: each reason alone, and what means nothing."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from eidas import xml
from eidas.errors import XmlRefused
from metadata.diff import PARTS_OF, Part, compare
from metadata.diff.facts import read_entities
from metadata.diff.grades import GRADES, Grade, Why
from metadata.diff.keys import Key
from metadata.diff.topics import Subject
from tests.eidas.parts import certificate_of, private_key
from tests.metadata import versions as v
from tests.metadata.versions import changes, listed, pem, reasons, signed, version

BASE = version()
TWO_KEYS = version((v.SIGNING, v.SIGNING + v.OTHER))
DIGESTS = version((v.DIGEST, v.DIGEST + v.WEAK_DIGEST))
WEAK_ONLY = version((v.DIGEST, v.WEAK_DIGEST))
MEASURED = version((v.SP_TYPE, v.SP_TYPE + v.PUBLISHED))
LIST = listed(BASE, version(("https://el.example/metadata", "https://it.example/metadata")))


def later(date: str) -> bytes:
    """Valid until another day."""
    return version((v.UNTIL, f'validUntil="{date}"' if date else ""))


def to(old: str, new: str, octets: bytes = BASE) -> tuple[bytes, bytes]:
    """A version, and the next with a text replaced."""
    assert old in octets.decode()
    return octets, octets.decode().replace(old, new).encode()


def back(pair: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """The other way round."""
    return pair[1], pair[0]


def digest(uri: str) -> str:
    """A DigestMethod."""
    return f'<alg:DigestMethod Algorithm="{uri}"/>'


CASES: dict[Why, tuple[bytes, bytes]] = {
    Why.KEY_FIRST: to(v.SIGNING, ""),
    Why.KEY_BESIDE: (BASE, TWO_KEYS),
    Why.KEY_REPLACED_OVERLAP: to(v.OTHER, v.THIRD, TWO_KEYS),
    Why.KEY_REPLACED: to(v.SIGNING, v.OTHER),
    Why.KEY_GONE_OVERLAP: (TWO_KEYS, BASE),
    Why.KEY_GONE: to(v.SIGNING, ""),
    Why.KEYS_STRONGER: to(pem("rsa2048"), pem("rsa"), version((pem("rsa"), pem("rsa2048")))),
    Why.KEYS_WEAKER: to(pem("rsa"), pem("rsa2048")),
    Why.HOST_CHANGED: to(v.SSO, v.SSO.replace("el.example", "evil.example")),
    Why.HOST_NEW: to(v.SSO, v.SSO + v.SSO.replace("el.example", "evil.example")),
    Why.NOT_HTTPS: to(v.SSO, v.SSO.replace("https:", "http:")),
    Why.ADDRESS_CHANGED: to(v.SSO, v.SSO.replace("/sso", "/other")),
    Why.ADDRESS_NEW: to(v.SSO, v.SSO + v.SSO.replace("/sso", "/other")),
    Why.ADDRESS_GONE: to(v.SSO, ""),
    Why.DEFAULT_CHANGED: to(
        v.ACS + v.ACS_2, v.ACS.replace("isDefault", "x") + v.ACS_2.replace("index", 'isDefault="1" index')
    ),
    Why.LEVEL_RAISED: to(v.LEVELS, v.LEVELS.replace("LoA/substantial", "LoA/high")),
    Why.LEVEL_NEW: (version((f"<saml2:AttributeValue>{v.LOA}low</saml2:AttributeValue>", "")), BASE),
    Why.ATTRIBUTE_GONE: to(v.GENDER, ""),
    Why.ATTRIBUTE_ASKED: to(v.ACS_2, v.ACS_2 + v.ASKED),
    Why.ALGORITHM_WEAKER: (BASE, DIGESTS),
    Why.ALGORITHM_WEAK: to(v.WEAK_DIGEST, v.WEAK_DIGEST + digest(f"{v.MORE}md5"), DIGESTS),
    Why.ALGORITHM_STRONGER: (WEAK_ONLY, BASE),
    Why.ALGORITHM_WEAK_GONE: (DIGESTS, BASE),
    Why.ALGORITHM_STRONG_GONE: (DIGESTS, WEAK_ONLY),
    Why.ALGORITHM_NEW: to(v.DIGEST, v.DIGEST + digest(f"{v.ENC}sha512")),
    Why.ALGORITHM_GONE: to(digest(f"{v.ENC}sha512"), "", version((v.DIGEST, v.DIGEST + digest(f"{v.ENC}sha512")))),
    Why.ALGORITHM_OTHER: to(v.DIGEST, digest(f"{v.ENC}sha512")),
    Why.ALGORITHM_UNKNOWN: to(v.DIGEST, v.DIGEST + digest("urn:x#sha256")),
    Why.ALGORITHM_UNSAID: to(v.DIGEST, ""),
    Why.SIZE_LOWER: to('MinKeySize="256"', 'MinKeySize="224"'),
    Why.SIZE_HIGHER: to('MinKeySize="256"', 'MinKeySize="384"'),
    Why.SIZE_OTHER: to('MaxKeySize="521"', 'MaxKeySize="384"'),
    Why.SIGNING_DROPPED: to('WantAuthnRequestsSigned="true"', ""),
    Why.CONTACT_LOST: to(v.SUPPORT, ""),
    Why.CONTACT_DOMAIN: to("help@el.example", "help@evil.example"),
    Why.CONTACT_OTHER: to("help@el.example", "desk@el.example"),
    Why.ORGANISATION_NAME: to(">Node<", ">Another<"),
    Why.ORGANISATION_SITE: to(">https://el.example/<", ">https://other.example/<"),
    Why.ORGANISATION_OTHER: to(">Our node<", ">The node<"),
    Why.UNTIL_LATER: (BASE, later("2026-09-29T14:13:20Z")),
    Why.UNTIL_FAR: (BASE, later("2026-10-24T14:13:20Z")),
    Why.UNTIL_EARLIER: (BASE, later("2026-09-21T14:13:20Z")),
    Why.UNTIL_STATED: (later(""), BASE),
    Why.UNTIL_DROPPED: (BASE, later("")),
    Why.UNTIL_UNREADABLE: (BASE, later("soon")),
    Why.LENGTH_OTHER: to('creationInstant="2026-09-15', 'creationInstant="2026-09-14', MEASURED),
    Why.CACHE: to('cacheDuration="P1D"', 'cacheDuration="P2D"'),
    Why.ENTITY_CHANGED: to('entityID="https://el.example', 'entityID="https://it.example'),
    Why.ENTITY_NEW: (BASE, LIST),
    Why.ENTITY_GONE: (LIST, BASE),
    Why.PROTOCOL: to('Enumeration="', 'Enumeration="urn:x '),
    Why.COUNTRY_CHANGED: to(">EL<", ">IT<"),
    Why.SP_TYPE: to(">public<", ">private<"),
    Why.VERSION_NEW: (version((">1.4<", ">1.2<")), BASE),
    Why.VERSION_GONE: to(">1.4<", ">1.2<"),
    Why.APPLICATION: to("CEF:eIDAS:2.7", "CEF:eIDAS:2.8"),
    Why.CATEGORY_NEW: (version((v.CATEGORY, "")), BASE),
    Why.CATEGORY_GONE: to(v.CATEGORY, ""),
    Why.FORMAT_GONE: to(v.FORMAT, ""),
    Why.STATEMENT: to(v.CATEGORY, v.CATEGORY + v.stated("urn:x", "y")),
    Why.SIGNER_CHANGED: (signed(BASE), signed(BASE, turn=6)),
    Why.SIGNATURE_LOST: (signed(BASE), BASE),
    Why.SIGNATURE_NEW: (BASE, signed(BASE)),
    Why.UNREAD: to(v.SP_TYPE, v.SP_TYPE + "<eidas:Other>x</eidas:Other>"),
}
CASES |= {
    Why.KEY_FIRST: back(CASES[Why.KEY_FIRST]),
    Why.NOW_HTTPS: back(CASES[Why.NOT_HTTPS]),
    Why.LEVEL_GONE: back(CASES[Why.LEVEL_NEW]),
    Why.ATTRIBUTE_NEW: back(CASES[Why.ATTRIBUTE_GONE]),
    Why.ATTRIBUTE_NOT_ASKED: back(CASES[Why.ATTRIBUTE_ASKED]),
    Why.SIGNING_PROMISED: back(CASES[Why.SIGNING_DROPPED]),
    Why.FORMAT_NEW: back(CASES[Why.FORMAT_GONE]),
    Why.COUNTRY_STATED: back(to(v.COUNTRY, "")),
}
MORE_THAN_ONE: dict[Why, tuple[bytes, bytes]] = {
    Why.KEY_CERTIFICATE: to(pem(), v.renewed()),
    Why.LENGTH_MUCH_LONGER: to(v.UNTIL, 'validUntil="2026-12-22T14:13:20Z"', MEASURED),
    Why.ROLE_NEW: back(to(v.SP, "")),
    Why.ROLE_GONE: to(v.SP, ""),
    Why.SIGNATURE_UNPROVEN: to("CEF:eIDAS:2.7", "CEF:eIDAS:2.8", signed(BASE)),
}
WITH = {  # what cannot come alone
    Why.KEYS_STRONGER: {Why.KEY_REPLACED},
    Why.KEYS_WEAKER: {Why.KEY_REPLACED},
    Why.LEVEL_RAISED: {Why.LEVEL_GONE},
    Why.LENGTH_OTHER: set(),
    Why.KEY_CERTIFICATE: set(),
    Why.LENGTH_MUCH_LONGER: {Why.UNTIL_LATER},
    Why.ROLE_NEW: {Why.ADDRESS_NEW, Why.DEFAULT_CHANGED, Why.PROTOCOL},
    Why.ROLE_GONE: {Why.ADDRESS_GONE, Why.DEFAULT_CHANGED, Why.PROTOCOL},
    Why.SIGNATURE_UNPROVEN: {Why.APPLICATION},
}
ALL = CASES | MORE_THAN_ONE


@pytest.mark.parametrize("why", ALL)
def test_each_reason_is_given_for_its_own_change_and_for_no_other(why: Why):
    assert reasons(*ALL[why]) == {why} | WITH.get(why, set())


def test_every_reason_every_class_and_every_grade_has_a_case():
    told = [one for pair in ALL.values() for one in changes(*pair)]
    assert set(ALL) == set(Why) == set(GRADES)
    assert ({one.part for one in told}, {one.grade for one in told}) == (set(Part), set(Grade))


# -- what the brief of a change says ----------------------------------------------------------------------------------


def test_a_new_key_comes_with_what_is_to_be_compared_and_its_dates():
    (one,) = changes(BASE, TWO_KEYS)
    key = read_entities(TWO_KEYS)[0].keys["Proxy-Service"][1]
    assert (one.sign, one.role, one.subject, one.after) == (
        "+",
        "Proxy-Service",
        "signing key",
        "EC P-256, valid 2026-01-01 to 2036-01-01",
    )
    assert one.digests == (f"certificate sha256 {key.certificate}", f"key sha256 {key.sha256}")


OAEP_CASES = {
    "digest SHA-1 to SHA-256": (v.method(f"{v.ENC11}rsa-oaep", v.MGF), v.OAEP, Why.ALGORITHM_STRONGER),
    "mask SHA-256 to SHA-1": (v.OAEP, v.method(f"{v.ENC11}rsa-oaep", v.SHA256), Why.ALGORITHM_WEAKER),
    "the old key transport beside": (v.OAEP, v.OAEP + v.method(f"{v.ENC}rsa-1_5"), Why.ALGORITHM_WEAKER),
    "CBC in place of GCM": (v.GCM, v.method(f"{v.ENC}aes256-cbc"), Why.ALGORITHM_WEAKER),
}


@pytest.mark.parametrize("name", OAEP_CASES)
def test_what_may_be_encrypted_for_a_key_has_its_strength(name: str):
    old, new, why = OAEP_CASES[name]
    base = version((v.GCM + v.OAEP, v.GCM + v.OAEP if old in v.GCM + v.OAEP else v.GCM + old))
    assert reasons(*to(old, new, base)) == {why}


def test_methods_that_two_keys_exchange_are_a_change_of_each_key():
    curve = v.key("encryption", pem("secp384r1"), v.GCM)
    both = version((v.ENCRYPTION, v.ENCRYPTION + curve))
    crossed = version(
        (v.ENCRYPTION, v.key("encryption", pem("rsa"), v.GCM) + v.key("encryption", pem("secp384r1"), v.GCM + v.OAEP))
    )
    assert len({one.subject for one in changes(both, crossed)}) == 2


def test_a_key_that_replaces_another_with_the_same_methods_changes_no_algorithm():
    assert {one.part for one in changes(*to(pem("rsa"), pem("rsa", 1)))} == {Part.KEYS}


def test_an_endpoint_of_which_no_host_can_be_read_is_another_host():
    assert reasons(*to(v.SSO, v.SSO.replace("el.example", "[evil"))) == {Why.HOST_CHANGED}


def test_a_name_before_the_at_sign_does_not_make_a_host_known():
    assert reasons(*to(v.SSO, v.SSO.replace("el.example", "el.example@evil.example"))) == {Why.HOST_CHANGED}


def test_a_level_becomes_higher_when_its_scheme_is_notified():
    before = version((f"{v.LOA}substantial", "http://eidas.europa.eu/NotNotified/LoA/substantial"))
    assert reasons(before, BASE) == {Why.LEVEL_RAISED, Why.LEVEL_GONE}


def test_when_it_was_fetched_tells_how_long_it_counts():
    day = 86_400
    until = 1_790_086_400
    old, new = read_entities(BASE, until - 7 * day), read_entities(later("2026-10-24T14:13:20Z"), until + 25 * day)
    assert {one.why for one in compare(old, new)} == {Why.UNTIL_LATER}


def test_a_list_names_the_entity_that_changed():
    other = version(("https://el.example/metadata", "https://it.example/metadata"), (">EL<", ">IT<"))
    (one,) = changes(LIST, listed(BASE, other))
    assert (one.entity, one.before, one.after) == ("https://it.example/metadata", "EL", "IT")


def test_an_entity_that_stands_twice_in_a_list_counts_with_all_that_it_says():
    assert reasons(listed(BASE, BASE), listed(BASE, version((v.SIGNING, v.OTHER)))) == {Why.KEY_BESIDE}


def test_every_subject_has_a_class_and_a_judge():
    from metadata.diff.judges import JUDGES

    assert set(JUDGES) == set(PARTS_OF) == set(Subject)


# -- what means nothing -----------------------------------------------------------------------------------------------

SAME = {
    "another ID": to('ID="_1"', 'ID="_2"'),
    "true as 1": to('WantAuthnRequestsSigned="true"', 'WantAuthnRequestsSigned="1"'),
    "a moment with its zone": to("14:13:20Z", "16:13:20+02:00"),
    "a fraction of a second": to("14:13:20Z", "14:13:20.5Z"),
    "a duration in hours": to('cacheDuration="P1D"', 'cacheDuration="PT24H"'),
    "GR for EL": to(">EL<", ">GR<"),
    "a default that is written out": to(
        v.method(f"{v.ENC11}rsa-oaep", v.SHA256),
        v.method(f"{v.ENC11}rsa-oaep", v.SHA256 + f'<xenc11:MGF Algorithm="{v.ENC11}mgf1sha1"/>'),
        version((v.OAEP, v.method(f"{v.ENC11}rsa-oaep", v.SHA256))),
    ),
    "a key without use that is for both": (
        version((v.SIGNING, v.SIGNING.replace('use="signing"', ""))),
        version((v.SIGNING, v.SIGNING + v.key("encryption", pem()))),
    ),
    "a role in two parts": to(
        "</md:IDPSSODescriptor>",
        f"</md:IDPSSODescriptor><md:IDPSSODescriptor WantAuthnRequestsSigned='1'>{v.SSO}</md:IDPSSODescriptor>",
    ),
    "broken lines in a certificate": to(pem(), "\n".join(pem())),
}


@pytest.mark.parametrize("name", SAME)
def test_what_means_nothing_is_no_change(name: str):
    assert changes(*SAME[name]) == ()


SOURCES = {
    "base": BASE,
    "two keys": TWO_KEYS,
    "digests": DIGESTS,
    "measured": MEASURED,
    "list": LIST,
    **{why.value: pair[1] for why, pair in ALL.items()},
}
ANY = st.sampled_from(sorted(SOURCES))
TURN = st.randoms(use_true_random=False)


def unsigned(octets: bytes) -> etree._Element:
    """The root without its signature."""
    root = xml.parse(octets)
    for one in root.findall(f"{{{xml.DS}}}Signature"):
        xml.remove(one)
    return root


def reordered(root: etree._Element, turn: random.Random) -> etree._Element:
    """All elements in another order."""
    for element in list(root.iter()):
        element[:] = turn.sample(list(element), len(element))
    return root


def reindented(root: etree._Element, _turn: random.Random) -> etree._Element:
    """Other white space."""
    etree.indent(root, "\t")
    return root


def reprefixed(root: etree._Element, turn: random.Random) -> etree._Element:
    """Other prefixes, declared where they are needed."""
    text = xml.write(root).decode()
    for at, prefix in enumerate(turn.sample(sorted(root.nsmap), len(root.nsmap))):
        for before in ("<", "</"):
            text = text.replace(f"{before}{prefix}:", f"{before}{prefix}-{at}:").replace(
                f"xmlns:{prefix}=", f"xmlns:{prefix}-{at}="
            )
    return xml.parse(text.encode())


FORMS = [reordered, reindented, reprefixed]


@given(ANY, st.lists(st.sampled_from(FORMS), max_size=3), TURN)
def test_a_document_in_another_form_is_the_same(name: str, forms: list, turn: random.Random):
    root = unsigned(SOURCES[name])
    before = xml.write(root)
    for form in forms:
        root = form(root, turn)
    assert changes(before, xml.write(root)) == ()


@given(ANY.filter(lambda name: b"EntitiesDescriptor" not in SOURCES[name]), st.sampled_from(FORMS), TURN)
def test_a_document_that_is_written_and_signed_again_by_its_key_is_the_same(name: str, form, turn: random.Random):
    before = xml.write(unsigned(SOURCES[name]))
    after = xml.write(form(unsigned(SOURCES[name]), turn))
    assert changes(signed(before), signed(after)) == ()


@given(ANY, ANY)
def test_to_swap_the_versions_turns_additions_into_removals(one: str, other: str):
    there, here = changes(SOURCES[one], SOURCES[other]), changes(SOURCES[other], SOURCES[one])
    turned = Counter((c.part, c.role, c.subject, c.after, c.before) for c in here)
    assert Counter((c.part, c.role, c.subject, c.before, c.after) for c in there) == turned


WORDS = st.sampled_from(
    ["", "x", " ", "0", "-1", "999999999999999999999", "2026-13-01", "https://[", "P", "AAAA", "%00", "#sha1"]
)


@given(ANY, st.data())
def test_nothing_that_can_be_parsed_raises(name: str, data: st.DataObject):
    octets = SOURCES[name]
    root = xml.parse(octets)
    for _ in range(data.draw(st.integers(1, 6))):
        element = data.draw(st.sampled_from(list(root.iter())))
        if element.attrib and data.draw(st.booleans()):
            element.set(data.draw(st.sampled_from(sorted(element.attrib))), data.draw(WORDS))
        elif element is not root and data.draw(st.booleans()):
            xml.remove(element)
        elif not len(element):
            element.text = data.draw(WORDS)
    after = xml.write(root)
    assert Counter(c.sign for c in changes(octets, after))["+"] == Counter(c.sign for c in changes(after, octets))["-"]


@pytest.mark.parametrize("octets", [b"<a/>", b"<md:EntityDescriptor xmlns:md='urn:x'/>", listed()])
def test_what_is_no_metadata_has_no_entity(octets: bytes):
    assert read_entities(octets) == ()


@pytest.mark.parametrize("octets", [b"", b"metadata", b"<a>"])
def test_what_is_no_xml_is_refused(octets: bytes):
    with pytest.raises(XmlRefused):
        read_entities(octets)


# -- keys in every form -----------------------------------------------------------------------------------------------


def keys(text: str) -> list[Key]:
    """The signing keys of a version with this instead of the signing key."""
    return [one for one in read_entities(version((v.SIGNING, text)))[0].keys["Proxy-Service"] if one.use == "signing"]


def test_a_key_value_that_is_the_key_of_the_certificate_is_no_second_key():
    numbers = private_key("rsa").public_key().public_numbers()
    value = v.key_value(numbers.n, numbers.e)
    beside = v.key("signing", pem("rsa")).replace("<ds:X509Data>", f"{value}<ds:X509Data>")
    alone = f'<md:KeyDescriptor use="signing"><ds:KeyInfo>{value}</ds:KeyInfo></md:KeyDescriptor>'
    assert [[(one.sha256, bool(one.certificate)) for one in keys(text)] for text in (beside, alone)] == [
        [(keys(beside)[0].sha256, True)],
        [(keys(beside)[0].sha256, False)],
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (v.key("signing", "AAAA"), "certificate that cannot be read"),
        (v.key("signing", "?"), "certificate that cannot be read"),
        (
            '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:KeyName>k</ds:KeyName></ds:KeyInfo></md:KeyDescriptor>',
            "key that is only named",
        ),
        (
            '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:KeyValue>k</ds:KeyValue></ds:KeyInfo></md:KeyDescriptor>',
            "key without certificate",
        ),
    ],
)
def test_a_key_that_cannot_be_read_is_told_apart_all_the_same(text: str, kind: str):
    (one,) = keys(text)
    assert (one.kind, one.bits, len(one.sha256)) == (kind, 0, 64)


def test_a_certificate_that_only_the_lenient_reader_reads_has_a_key_without_dates():
    der = certificate_of(private_key("secp256r1"))
    odd = der.replace(b"\x18\x0f", b"\x18\x0e").replace(b"260101000000Z", b"26x101000000Z")
    assert odd != der
    (one,) = keys(v.key("signing", xml.encoded(odd)))
    assert (one.kind, one.dates) == ("EC P-256", "unknown")
