"""Lists of where metadata is: what can be used is used, what cannot is told, and nothing odd stops the rest."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from eidas import signature, times, xml
from eidas.errors import Refused
from eidas.keys import LocalSigner
from metadata.mdsl import Endpoint, Skipped, build_location, read_list
from metadata.trust.links import Policy
from tests.eidas.parts import NS
from tests.eidas.rules import refused_by
from tests.metadata.authorities import DAY, NOW, anchors, beside, holder

KEY, OTHER = holder("List anchor"), holder("Other anchor")
EPT = "http://eidas.europa.eu/metadata/ept"
NODE = f'<ser:Endpoint EndpointType="{EPT}/ProxyService" EntityID="https://el.example/p"/>'


def keys(*texts: str) -> str:
    """A KeyInfo with certificates in base64, as written."""
    inner = "".join(f"<ds:X509Certificate>{text}</ds:X509Certificate>" for text in texts)
    return f'<ds:KeyInfo xmlns:ds="{xml.DS}"><ds:X509Data>{inner}</ds:X509Data></ds:KeyInfo>'


def location(address: str = "https://el.example/p", inner: str = NODE, more: str = "") -> str:
    """A MetadataLocation."""
    return f'<ser:MetadataLocation Location="{address}" {more}>{inner}</ser:MetadataLocation>'


def part(*locations: str, territory: str = "EL") -> str:
    """One country's part."""
    return (
        f'<ser:MetadataList xmlns:ser="{xml.SERVICE_LIST}" Territory="{territory}">{"".join(locations)}</ser:MetadataList>'
    )


def whole(*parts: str, issued: int = NOW - DAY, update: int = NOW + DAY) -> bytes:
    """A whole list."""
    return f"""<ser:MetadataServiceList xmlns:ser="{xml.SERVICE_LIST}" Version="1.0" ID="_list" \
IssueDate="{times.written(issued)}" NextUpdate="{times.written(update)}"><ser:SchemeInformation>\
<ser:IssuerName>DN</ser:IssuerName><ser:SchemeIdentifier>urn:x</ser:SchemeIdentifier>\
<ser:SchemeTerritory>FR</ser:SchemeTerritory></ser:SchemeInformation>{"".join(parts)}<ser:DistributionPoints>\
<ser:DistributionPoint>https://fr.example/list</ser:DistributionPoint></ser:DistributionPoints>\
</ser:MetadataServiceList>""".encode()


def read(*parts: str):
    """The list of these parts."""
    return read_list(whole(*parts), NOW)


# -- in order ---------------------------------------------------------------------------------------------------------


def test_a_list_says_who_made_it_and_when():
    header = read(part(location())).header
    assert (header.issuer, header.scheme, header.territory, header.version) == ("DN", "urn:x", "FR", "1.0")
    assert (header.issued, header.next_update, header.distribution) == (NOW - DAY, NOW + DAY, ("https://fr.example/list",))


def test_a_location_has_its_nodes_and_its_anchors():
    certificates = keys(xml.encoded(KEY.der), xml.encoded(OTHER.der))
    (found,) = read(part(location(inner=NODE + certificates, more='Priority="1"'))).locations
    assert (found.territory, found.address, found.attributes) == ("EL", "https://el.example/p", {"Priority": "1"})
    assert found.endpoints == (Endpoint("proxy", "https://el.example/p"),)
    assert [(one.country, one.link.certificate.der) for one in found.anchors()] == [("EL", KEY.der), ("EL", OTHER.der)]


def test_a_part_of_a_list_can_be_read_alone():
    found = read_list(part(location(), territory="GR").encode(), NOW)
    assert (found.header, [one.territory for one in found.locations]) == (None, ["EL"])


@pytest.mark.parametrize(
    ("stated", "hidden", "suspended"),
    [('HideFromDiscovery="true"', True, False), ('HideFromDiscovery="false"', False, False), ('Suspend="1"', False, True)],
)
def test_what_sweden_says_of_a_node_is_read(stated: str, hidden: bool, suspended: bool):
    (found,) = read(part(location(inner=NODE.replace("/>", f" {stated}/>")))).locations
    assert (found.endpoints[0].hidden, found.endpoints[0].suspended) == (hidden, suspended)


def test_a_location_may_leave_its_nodes_unsaid():
    (found,) = read(part(location(inner=""))).locations
    assert (found.endpoints, found.certificates) == ((), ())


# -- what is left out -------------------------------------------------------------------------------------------------

GOOD = location("https://good.example/p", NODE.replace("el.example", "good.example"))
SKIPPED: dict[str, tuple[str, str]] = {
    "an address without TLS": (part(location("http://el.example/p")), "the address is not https"),
    "an address that is none": (part(location("https://[/p")), "the address is not https"),
    "no host": (part(location("https:///p")), "the address is not https"),
    "a territory of three letters": (part(location(), territory="GRC"), "the territory is not two letters"),
    "a node of another kind": (
        part(location(inner=NODE.replace("ProxyService", "Other"))),
        "an endpoint is neither a Connector nor a Proxy-Service",
    ),
    "a node without a name": (
        part(location(inner=NODE.replace("https://el.example/p", ""))),
        "an endpoint has no entity ID",
    ),
    "a certificate that is none": (part(location(inner=NODE + keys("MAA="))), "the certificate cannot be read"),
    "a certificate that is not base64": (part(location(inner=keys("?"))), "X509Certificate does not hold base64"),
}


@pytest.mark.parametrize("name", SKIPPED)
def test_what_cannot_be_used_is_told_and_the_rest_is_read(name: str):
    spoilt, reason = SKIPPED[name]
    found = read(spoilt, part(GOOD, territory="SE"))
    assert [one.reason for one in found.skipped] == [reason]
    assert found.locations[-1].endpoints[0].entity_id == "https://good.example/p"


def test_a_location_is_read_without_the_certificate_that_cannot_be():
    found = read(part(location(inner=NODE + keys("MAA=", xml.encoded(KEY.der)))))
    assert (found.locations[0].certificates, len(found.locations[0].endpoints)) == ((KEY.der,), 1)
    assert found.skipped == (Skipped("EL", "https://el.example/p", "the certificate cannot be read"),)


REMARKS: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "in order": (whole(part(location())), ()),
    "out of date": (whole(update=NOW), (f"the list is out of date since {times.written(NOW)}",)),
    "one node at two addresses": (
        whole(part(location(), location("https://el.example/q"))),
        ("the proxy https://el.example/p stands twice",),
    ),
    "one address twice": (whole(part(location(), location(inner=""))), ("the address https://el.example/p stands twice",)),
    "one node of two countries": (
        whole(part(location()), part(location("https://se.example/"), territory="SE")),
        ("the proxy https://el.example/p stands in EL and in SE",),
    ),
}


@pytest.mark.parametrize("name", REMARKS)
def test_what_is_odd_about_a_list_is_told(name: str):
    octets, told = REMARKS[name]
    assert read_list(octets, NOW).remarks == told


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "metadata": (lambda: b'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"/>', "check_list_root"),
    "no date": (lambda: whole().replace(b"IssueDate", b"Date"), "check_dated"),
    "a date that is none": (lambda: whole().replace(b'IssueDate="', b'IssueDate="x'), "a moment is not one"),
    "of the future": (lambda: whole(issued=NOW + 301), "check_issued"),
    "a document type": (lambda: b"<!DOCTYPE a>" + whole(), "check_no_doctype"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_list_of_today_is_refused(name: str):
    make, rule = REFUSED[name]
    assert refused_by(lambda: read_list(make(), NOW)) == rule


def test_a_clock_may_be_a_little_late():
    assert read_list(whole(issued=NOW + 300), NOW).header.issued == NOW + 300


# -- signed lists -----------------------------------------------------------------------------------------------------


def signed(by=KEY, *, within: str = "") -> bytes:
    """A list that a key signed; its signature comes last. `within`: what is put into it afterwards."""
    root = xml.parse(whole(part(location())))
    signature.sign(root, LocalSigner(by.private, SHA256(), by.der))
    root.append(root.find("ds:Signature", NS))
    if within:
        beside(root, by.der)
        root.find("ds:Signature/ds:KeyInfo", NS).append(etree.fromstring(within))
    return xml.write(root)


def proven(octets: bytes):
    """The list, if France vouches for it."""
    return read_list(octets, NOW, anchors(KEY, country="FR"), Policy("FR"))


def test_a_signed_list_is_proven_by_its_publishers_anchor():
    found = proven(signed())
    assert (found.vouched.signer.der, [one.territory for one in found.locations]) == (KEY.der, ["EL"])


def test_what_stands_in_the_signature_of_a_list_is_not_read():
    found = proven(signed(within=part(location("https://evil.example/"))))
    assert [one.address for one in found.locations] == ["https://el.example/p"]


UNPROVEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "not signed": (lambda: whole(part(location())), "check_only_signature"),
    "signed by another": (lambda: signed(OTHER), "check_some_path"),
    "changed": (lambda: signed().replace(b"https://el.example/p", b"https://evil.example/p"), "check_verified"),
}


@pytest.mark.parametrize("name", UNPROVEN)
def test_a_list_that_is_not_proven_is_refused_where_it_must_be(name: str):
    make, rule = UNPROVEN[name]
    assert refused_by(lambda: proven(make())) == rule


# -- what we write ----------------------------------------------------------------------------------------------------

OURS = build_location(
    "https://fr.example/eidas/connector/metadata",
    [Endpoint("connector", "https://fr.example/eidas/connector/metadata")],
    [KEY.der, OTHER.der],
)


def test_what_we_write_for_others_is_what_is_read():
    (found,) = read(part(OURS.decode(), territory="FR")).locations
    assert found.endpoints == (Endpoint("connector", found.address),)
    assert found.certificates == (KEY.der, OTHER.der)


def test_a_list_with_what_we_write_is_valid():
    folder = Path(find_spec("saml2").origin).parent / "data" / "schemas"
    schema = etree.fromstring((folder / "eidas-schema-metadata-servicelist.xsd").read_bytes())
    schema[0].set("schemaLocation", "xmldsig-core-schema.xsd")
    parser = etree.XMLParser(no_network=True, load_dtd=False)
    schema = etree.XMLSchema(etree.fromstring(etree.tostring(schema), parser, base_url=f"{folder}/"))
    bare = build_location("https://fr.example/", [], [])
    schema.assertValid(etree.fromstring(whole(part(OURS.decode(), bare.decode(), territory="FR"))))


# -- whatever comes ---------------------------------------------------------------------------------------------------

LIST = whole(part(location(inner=NODE + keys(xml.encoded(KEY.der)))), part(GOOD, territory="SE"))


@pytest.mark.filterwarnings("ignore")  # the library warns of numbers that are not positive
@settings(max_examples=200)
@given(st.integers(0, len(LIST) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_whatever_a_list_says_it_is_read_or_refused(at: int, put: bytes, gone: int):
    try:
        found = read_list(LIST[:at] + put + LIST[at + gone :], NOW)
    except Refused:
        return
    assert all(one.address.lower().startswith("https:") for one in found.locations)
