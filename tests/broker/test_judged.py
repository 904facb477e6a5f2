"""What a stranger's metadata would be told, and what a document must not be able to do to us."""

import hashlib
import time

import pytest

from broker.judged import MOST_ELEMENTS, MOST_ENTITIES, Pinned, judge
from certs.keys import Use, fingerprint
from eidas import xml
from eidas.xml import MD
from metadata.errors import MetadataRefused
from tests.metadata.conformance_documents import CONNECTOR, METADATA, NOW, PROXY, certificate, listed, replacing

ROOT = f'<md:EntityDescriptor xmlns:md="{MD}" entityID="x">'.encode()


def test_a_document_in_order_has_no_finding_and_would_do():
    judged = judge(CONNECTOR, NOW)
    assert (judged.report.findings, judged.pinned) == ((), (Pinned("connector", ""),))


def test_the_digests_are_those_that_people_compare():
    judged = judge(PROXY, NOW)
    assert judged.digest.replace(":", "") == hashlib.sha256(PROXY).hexdigest()
    assert judged.signers == (fingerprint(certificate(METADATA, Use.METADATA_SIGNING)),)


def test_each_role_is_told_why_it_could_not_be_used():
    assert judge(PROXY, NOW + 8 * 86_400).pinned == (Pinned("proxy", "the metadata has expired"),)
    assert judge(listed(CONNECTOR, PROXY.replace(b'ID="_', b'ID="_p')), NOW).pinned == (
        Pinned("connector", ""),
        Pinned("proxy", ""),
    )


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\0",
        b"\xff\xfe<\0a\0",
        b"<a",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<a>" * 40 + b"</a>" * 40,
        b"<a/>" + b" " * 1_048_576,
        b"<?xml version='1.0' encoding='utf-16'?><a/>",
    ],
    ids=["nothing", "nul", "utf-16", "cut", "entities", "deep", "large", "encoding"],
)
def test_what_is_no_xml_that_we_read_is_a_finding(octets):
    judged = judge(octets, NOW)
    assert judged.report.has_errors
    assert judged.pinned == ()


def test_entities_are_not_expanded():
    bomb = b"<!DOCTYPE a [<!ENTITY b 'lol'>" + b"".join(
        b"<!ENTITY b%d '%s'>" % (n, b"&b%d;" % (n - 1) * 10) for n in range(1, 20)
    )
    judged = judge(bomb + b"]><a>&b19;</a>", NOW)
    assert "document type" in judged.report.findings[0].what


@pytest.mark.parametrize(
    "octets",
    [
        ROOT + b"<a/>" * MOST_ELEMENTS + b"</md:EntityDescriptor>",
        listed(*[ROOT + b"</md:EntityDescriptor>"] * (MOST_ENTITIES + 1)),
    ],
    ids=["elements", "entities"],
)
def test_a_document_that_would_keep_a_worker_busy_is_not_looked_at(octets):
    with pytest.raises(MetadataRefused, match="more than"):
        judge(octets, NOW)


@pytest.mark.parametrize(
    "unit",
    [
        b"<md:SPSSODescriptor/>",
        b"<md:IDPSSODescriptor><md:SingleSignOnService Location='a'/></md:IDPSSODescriptor>",
        b"<md:SPSSODescriptor><md:KeyDescriptor/></md:SPSSODescriptor>",
        b"<" + b"n" * 400 + b"/>",
        b"<md:ContactPerson>" + b"\xe2\x80\xae" * 200 + b"</md:ContactPerson>",
    ],
)
def test_the_most_that_is_looked_at_takes_seconds_at_most(unit):
    whole = ROOT + unit * min((MOST_ELEMENTS - 1) // unit.count(b"<"), 1_040_000 // len(unit)) + b"</md:EntityDescriptor>"
    before = time.process_time()
    judge(whole, NOW)
    assert time.process_time() - before < 4


def test_names_of_any_length_do_not_make_the_answer_long():
    name = b"n" * 40_000
    inside = ROOT + b"<md:SPSSODescriptor/></md:EntityDescriptor>"
    judged = judge(ROOT + b"<%s>" % name * 10 + inside * 10 + b"</%s>" % name * 10 + b"</md:EntityDescriptor>", NOW)
    assert judged.report.findings
    assert max(len(one.xpath) + len(one.what) for one in judged.report.findings) < 1_000


def test_nothing_that_is_shown_can_hide_or_turn_letters_round():
    turned = replacing(CONNECTOR, "https://node.example/metadata", "https://node.example/\u202e\u200bx")
    judged = judge(turned, NOW)
    shown = [*judged.report.entities, *(one.what + one.xpath for one in judged.report.findings)]
    assert judged.report.entities == ("https://node.example/\\u202e\\u200bx",)
    assert all(text.isprintable() for text in shown)


def test_a_signature_without_a_readable_certificate_has_no_digest():
    root = xml.parse(CONNECTOR)
    for one in root.iterfind(".//{*}Signature//{*}X509Certificate"):
        one.text = "?"
    assert judge(xml.write(root), NOW).signers == ()
