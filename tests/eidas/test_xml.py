"""The parser: what it refuses, what it drops; the writer: that it changes nothing."""

import pytest

from eidas import xml
from eidas.errors import XmlRefused
from eidas.xml import Limits
from tests.eidas.parts import RESPONSE, fragment

BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;&c;&c;&c;</a>'
FETCH = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
DEFAULT = b'<!DOCTYPE a [<!ATTLIST a ID CDATA "_1">]><a/>'


def nested(depth):
    return b"<a>" * depth + b"</a>" * depth


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", [BOMB, FETCH, DEFAULT, b"<!DOCTYPE a><a/>", b'<!DOCTYPE a SYSTEM "http://a.example/d"><a/>']
)
def test_a_document_type_is_refused_whatever_is_in_it(data):
    with pytest.raises(XmlRefused, match="document type"):
        xml.parse(data)


@pytest.mark.parametrize(
    "data",
    [
        '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1"),
        b'<?xml version="1.0" encoding="UTF-7"?><a/>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
        b"\xef\xbb\xbf<?xml version='1.0' encoding='utf-16'?><a/>",
        b"<a>\xff</a>",
    ],
)
def test_another_encoding_than_utf8_is_refused(data):
    with pytest.raises(XmlRefused, match="not in UTF-8"):
        xml.parse(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        b"<a>",
        b"<a/><b/>",
        b"<a>&b;</a>",
        b"<a b='1' b='2'/>",
        b"<p:a/>",
        b"<a>\x00</a>",
        "<a/>".encode("utf-16-be"),
    ],
)
def test_what_is_not_well_formed_is_refused(data):
    with pytest.raises(XmlRefused, match="not well-formed"):
        xml.parse(data)


def test_the_refusal_of_what_is_not_well_formed_does_not_quote_it():
    with pytest.raises(XmlRefused) as refused:
        xml.parse(b"<Dupont></Durand>")
    assert refused.value.detail == "not well-formed XML (line 1)"
    assert refused.value.__suppress_context__


def test_a_document_may_be_as_large_as_allowed_and_no_larger():
    data = b"<a/>"
    assert xml.parse(data, Limits(size=4)).tag == "a"
    with pytest.raises(XmlRefused, match="4 octets; at most 3"):
        xml.parse(data, Limits(size=3))


def test_a_message_has_at_most_128_kib():
    with pytest.raises(XmlRefused, match="at most 131072"):
        xml.parse(b"<a>" + b" " * 131_072 + b"</a>")


def test_elements_may_stand_as_deep_as_allowed_and_no_deeper():
    assert xml.parse(nested(32)).tag == "a"
    with pytest.raises(XmlRefused, match="more than 32 elements"):
        xml.parse(nested(33))


def test_a_document_that_is_nothing_but_depth_is_refused():
    with pytest.raises(XmlRefused):
        xml.parse(nested(18_000))


def test_an_element_may_have_as_many_attributes_as_allowed_and_no_more():
    def with_attributes(count):
        return ("<a><b " + " ".join(f'c{i}=""' for i in range(count)) + "/></a>").encode()

    assert len(xml.parse(with_attributes(64))[0].attrib) == 64
    with pytest.raises(XmlRefused, match="more than 64 attributes"):
        xml.parse(with_attributes(65))


# -- what is read -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inside", [b"12345<!-- a comment -->678Z", b"12345<?a b?>678Z", b"12345<![CDATA[678]]>Z", b"1234&#53;678Z"]
)
def test_a_text_is_in_one_piece_whatever_was_put_into_it(inside):
    element = xml.parse(b"<a>" + inside + b"</a>")
    assert (xml.text(element), len(element)) == ("12345678Z", 0)


def test_utf8_may_say_so_and_begin_with_a_mark():
    root = xml.parse("\ufeff<?xml version='1.0' encoding='UTF-8'?><a>é</a>".encode())
    assert root.text == "é"


def test_octets_are_read_from_base64_on_several_lines():
    assert xml.octets(xml.parse(b"<a>\n  AAEC\n  AwQF\n</a>")) == bytes(range(6))


@pytest.mark.parametrize("text", ["AAE", "A-_A", "é", "AAEC=AAA"])
def test_what_is_not_base64_is_refused(text):
    with pytest.raises(XmlRefused, match="a does not hold base64"):
        xml.octets(xml.parse(f"<a>{text}</a>".encode()))


# -- what is written --------------------------------------------------------------------------------------------------


def test_what_was_read_is_written_as_it_was():
    assert xml.write(xml.parse(RESPONSE)) == RESPONSE


def test_an_element_is_written_without_the_text_after_it():
    assert xml.write(xml.parse(b"<a><b/>text</a>")[0]) == b"<b/>"


def test_a_separate_element_is_a_root_and_keeps_the_namespaces_around_it():
    root = xml.parse(b'<a xmlns:p="urn:p"><b type="p:T"/>text</a>')
    alone = xml.separate(root[0])
    assert (alone.getparent(), alone.tail, alone.nsmap) == (None, None, {"p": "urn:p"})
    assert len(root) == 1


def test_octets_are_read_with_the_prefixes_of_the_place_where_they_stand():
    context = xml.parse(b'<a xmlns="urn:d" xmlns:p="urn:p&amp;"/>')
    within = xml.parse_within(context, b"<p:b/><c/>")
    assert [element.tag for element in within] == ["{urn:p&}b", "{urn:d}c"]


@pytest.mark.parametrize("octets", [b"</within>", b"<b/></within><within>", b"</within><!--", b"<?xml version='1.0'?><b/>"])
def test_octets_do_not_leave_the_place_where_they_stand(octets):
    with pytest.raises(XmlRefused, match="not well-formed"):
        xml.parse_within(xml.parse(b"<a/>"), octets)


@pytest.mark.parametrize(("position", "left"), [(0, b"<a>1<c/>3</a>"), (1, b"<a><b/>13</a>")])
def test_the_text_after_a_removed_element_stays(position, left):
    root = xml.parse(b"<a><b/>1<c/>3</a>")
    xml.remove(root[position])
    assert xml.write(root) == left


def test_the_text_before_a_removed_element_stays():
    root = xml.parse(b"<a>0<b/>1</a>")
    xml.remove(root[0])
    assert xml.write(root) == b"<a>01</a>"


def test_a_root_is_not_removed():
    with pytest.raises(ValueError, match="root"):
        xml.remove(xml.parse(b"<a/>"))


def test_the_canonical_form_is_exclusive_and_without_what_stands_after():
    element = xml.parse(b'<a xmlns:p="urn:p" xmlns:q="urn:q"><p:b z="2" a="1"/>text</a>')[0]
    assert xml.canonical(element) == b'<p:b xmlns:p="urn:p" a="1" z="2"></p:b>'
    assert xml.canonical(element, ["q"]) == b'<p:b xmlns:p="urn:p" xmlns:q="urn:q" a="1" z="2"></p:b>'


def test_an_element_is_made_with_its_prefix_children_text_and_attributes():
    made = xml.make("ds", "KeyInfo", xml.make("ds", "KeyName", "a & b"), Id="_1")
    expected = (
        '<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="_1"><ds:KeyName>a &amp; b</ds:KeyName></ds:KeyInfo>'
    )
    assert xml.write(made) == expected.encode()
    assert made.tag == fragment("<ds:KeyInfo/>").tag


# -- start-up ---------------------------------------------------------------------------------------------------------


def test_the_libraries_of_this_machine_fit_each_other():
    assert xml.self_test() is None


@pytest.mark.parametrize(
    "versions",
    [((1, 2, 37), (2, 9, 14), (2, 9, 14)), ((1, 3, 9), (2, 14, 6), (2, 14, 4)), ((1, 3, 9), (2, 9, 14), (2, 14, 6))],
)
def test_libraries_that_do_not_fit_are_refused(versions):
    with pytest.raises(RuntimeError, match="install the wheels"):
        xml.check_libraries(*versions)
