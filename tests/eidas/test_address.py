"""CurrentAddress: read as real nodes write it, which is not XML by itself."""

from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eidas.address import Address, read_address, write_address
from eidas.errors import Refused
from tests.eidas.rules import refused_by

STADIOU = Address(
    po_box="12",
    locator_designator="5",
    locator_name="Megaro",
    cv_address_area="Kentro",
    thoroughfare="Stadiou & Co",
    post_name="Athina",
    admin_unit_first_line="EL",
    admin_unit_second_line="Attiki",
    post_code="10562",
)


def encoded(text):
    """A value of the attribute."""
    return b64encode(text.encode()).decode()


def test_what_is_written_is_what_is_read():
    assert read_address(write_address(STADIOU)) == STADIOU


def test_people_read_it_line_by_line():
    assert STADIOU.lines() == ("12", "Megaro", "5 Stadiou & Co", "Kentro", "10562 Athina", "Attiki", "EL")
    assert Address(post_name="Athina").lines() == ("Athina",)
    assert Address().lines() == ()


REAL = {
    "the specification's prefix": "<eidas:PostName>Athina</eidas:PostName>",
    "the node's prefix": "<eidas-natural:PostName>Athina</eidas-natural:PostName>",
    "no prefix": "<PostName>Athina</PostName>",
    "two prefixes": "<eidas:PoBox>12</eidas:PoBox><n:PostName>Athina</n:PostName>",
    "a tag that closes in another case": "<eidas:PostName>Athina</eidas:Postname>",
    "an unknown part": "<eidas:Planet>Earth</eidas:Planet><eidas:PostName>Athina</eidas:PostName>",
    "line breaks": "\n<eidas:PostName>\n Athina\n</eidas:PostName>\n",
    "a comment": "<eidas:PostName>Ath<!-- x -->ina</eidas:PostName>",
}


@pytest.mark.parametrize("name", REAL)
def test_what_real_nodes_write_is_read(name):
    assert read_address(encoded(REAL[name])).post_name == "Athina"


REFUSED = {
    "a document type": ('<!DOCTYPE a [<!ENTITY x "y">]><PostName>&x;</PostName>', "check_no_doctype"),
    "a part twice": ("<PostName>a</PostName><PostName>b</PostName>", "check_part"),
    "a part with elements": ("<PostName><b/></PostName>", "check_part"),
    "a long part": (f"<PostName>{'x' * 513}</PostName>", "check_part"),
    "a part of two lines": ("<PostName>a\nb</PostName>", "check_part"),
    "many prefixes": ("".join(f"<p{n}:a/>" for n in range(9)), "check_prefixes"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_refused(name):
    text, rule = REFUSED[name]
    assert refused_by(lambda: read_address(encoded(text))) == rule


def test_a_large_address_is_not_read():
    assert refused_by(lambda: read_address("A" * 8193)) == "check_size"


@pytest.mark.parametrize("value", ["!", encoded("<a>"), encoded("&x;"), b64encode(b"\xff").decode()])
def test_what_is_none_is_refused(value):
    with pytest.raises(Refused):
        read_address(value)


@settings(max_examples=200)
@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(["<", ">", "PostName", "/", ":", "n", " ", "&"]), max_size=20).map("".join)
)
def test_whatever_comes_is_read_or_refused(text):
    try:
        assert isinstance(read_address(b64encode(text.encode("utf-8", "surrogatepass")).decode()), Address)
    except Refused:
        return
