"""How messages travel: the fields of a form, the parameters of an address."""

import zlib
from base64 import b64encode

import pytest

from eidas import binding
from tests.eidas.rules import refused_by


def test_a_form_carries_the_message_and_the_state():
    fields = binding.post_fields("SAMLRequest", b"<a/>", "state")
    assert fields == {"SAMLRequest": "PGEvPg==", "RelayState": "state"}
    assert binding.read_post(fields["SAMLRequest"]) == b"<a/>"


def test_without_a_state_there_is_none():
    assert binding.post_fields("SAMLResponse", b"<a/>") == {"SAMLResponse": "PGEvPg=="}


def test_base64_may_have_line_breaks():
    assert binding.read_post("PGEv\r\nPg==\n") == b"<a/>"


def test_what_is_deflated_comes_back():
    assert binding.inflated(binding.deflated(b"<a/>" * 100)) == b"<a/>" * 100


@pytest.mark.parametrize("value", ["PGEvPg", "PGE*", "é"])
def test_what_is_no_base64_is_refused(value):
    assert refused_by(lambda: binding.read_post(value)) == "the message is not base64"


def test_a_long_message_is_not_read():
    assert refused_by(lambda: binding.read_post("A" * 131_073)) == "check_length"


def test_a_small_message_must_not_become_a_large_one():
    assert refused_by(lambda: binding.inflated(binding.deflated(b"x" * 200_000))) == "check_whole"


def test_a_message_that_does_not_end_is_refused():
    cut = b64encode(zlib.compress(b"<a/>" * 100)[2:-6]).decode()
    assert refused_by(lambda: binding.inflated(cut)) == "check_whole"


def test_what_is_not_deflated_is_refused():
    assert refused_by(lambda: binding.inflated("////")) == "the message is not deflated"


def test_a_state_has_eighty_octets_at_most():
    assert binding.post_fields("SAMLRequest", b"", "é" * 40)
    assert refused_by(lambda: binding.post_fields("SAMLRequest", b"", "é" * 41)) == "check_relay_state"
