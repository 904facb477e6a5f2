"""Signatures over a query: what is covered, in which order, and what is read."""

from urllib.parse import parse_qs, quote, unquote_plus

import pytest

from eidas import xml
from eidas.algorithms import Compatibility, Deviation
from eidas.errors import SignatureRefused
from eidas.query import sign_query, verify_query
from tests.eidas.parts import HASHES, KEYS, signer_of, trusted
from tests.eidas.test_signature import MORE, Old

MESSAGE = "fZFfa8IwFMXf+x1K3=+/ ~é"


def refused(query, reason, trust=None):
    with pytest.raises(SignatureRefused, match=reason):
        verify_query(query, trust or [trusted()])


def query_of(*pairs, signer=None):
    """A query whose signature covers what the binding says, in the binding's order."""
    signer = signer or signer_of()
    signed = "&".join([*pairs, f"SigAlg={quote(signer.method, safe='')}"])
    return f"{signed}&Signature={quote(xml.encoded(signer.sign(signed.encode())), safe='')}"


@pytest.mark.parametrize("algorithm", HASHES, ids=lambda algorithm: algorithm.name)
@pytest.mark.parametrize("name", KEYS)
def test_a_signed_query_is_verified_with_every_key_and_hash(name, algorithm):
    query = sign_query("SAMLRequest", MESSAGE, "relay &=+", signer_of(name, algorithm=algorithm))
    verified = verify_query(query, [trusted(name)])
    assert (verified.parameter, verified.message, verified.relay_state) == ("SAMLRequest", MESSAGE, "relay &=+")
    assert (verified.certificate, verified.deviations) == (trusted(name), frozenset())


def test_a_query_has_the_parameters_in_the_order_of_the_binding():
    query = sign_query("SAMLResponse", MESSAGE, "relay", signer_of())
    assert list(parse_qs(query)) == ["SAMLResponse", "RelayState", "SigAlg", "Signature"]


@pytest.mark.parametrize("relay_state", [None, ""])
def test_a_relay_state_that_is_absent_is_not_one_that_is_empty(relay_state):
    query = sign_query("SAMLRequest", MESSAGE, relay_state, signer_of())
    assert verify_query(query, [trusted()]).relay_state == relay_state


def test_the_senders_own_way_to_escape_is_kept():
    query = query_of("SAMLRequest=%66a%2b%2F", "RelayState=%7E~%20b")
    verified = verify_query(query, [trusted()])
    assert (verified.message, verified.relay_state) == ("fa+/", "~~ b")


def test_the_order_in_which_the_parameters_arrive_does_not_matter_nor_others_beside_them():
    pairs = query_of("SAMLRequest=abc", "RelayState=r").split("&")
    assert verify_query("&".join(["lang=fr", *reversed(pairs), "x"]), [trusted()]).message == "abc"


@pytest.mark.parametrize("name", ["SAMLRequest", "RelayState", "SigAlg", "Signature", "S%41MLRequest"])
def test_no_parameter_stands_twice(name):
    refused(query_of("SAMLRequest=abc", "RelayState=r") + f"&{name}=x", "stands twice")


@pytest.mark.parametrize("missing", ["SAMLRequest", "SigAlg", "Signature"])
def test_no_part_is_missing(missing):
    query = "&".join(pair for pair in query_of("SAMLRequest=abc").split("&") if not pair.startswith(missing))
    refused(query, "not one signed message")


def test_a_request_and_a_response_do_not_come_together():
    refused(query_of("SAMLRequest=abc") + "&SAMLResponse=def", "not one signed message")


def test_a_query_is_ascii():
    refused(query_of("SAMLRequest=abc") + "&x=é", "not ASCII")


@pytest.mark.parametrize(
    "change", [("abc", "abd"), ("RelayState=r", "RelayState=s"), ("RelayState=r&", ""), ("SAMLRequest", "SAMLResponse")]
)
def test_a_changed_query_is_refused(change):
    refused(query_of("SAMLRequest=abc", "RelayState=r").replace(*change), "wrong by every trusted key")


def test_a_relay_state_that_was_added_is_refused():
    refused(query_of("SAMLRequest=abc") + "&RelayState=r", "wrong by every trusted key")


@pytest.mark.parametrize("uri", ["http://www.w3.org/2000/09/xmldsig#dsa-sha1", f"{MORE}hmac-sha256", ""])
def test_a_method_that_is_not_in_the_table_is_refused(uri):
    query = query_of("SAMLRequest=abc")
    refused(query.replace(quote(signer_of().method, safe=""), quote(uri, safe="")), "signature method is not known")


def test_another_method_than_the_signed_one_is_refused():
    query = sign_query("SAMLRequest", "abc", None, signer_of("rsa"))
    refused(query.replace("sha256-rsa", "sha512-rsa"), "wrong by every trusted key", [trusted("rsa")])


def test_a_value_that_is_not_base64_is_refused():
    refused("SAMLRequest=abc&SigAlg=" + quote(signer_of().method, safe="") + "&Signature=%3F", "not base64")


def test_a_truncated_value_is_refused():
    query = query_of("SAMLRequest=abc")
    head, _, value = query.partition("&Signature=")
    cut = xml.encoded(xml.octets(xml.make("ds", "SignatureValue", unquote_plus(value)))[:-1])
    refused(f"{head}&Signature={quote(cut, safe='')}", "has not the length")


def test_the_method_does_not_choose_how_a_key_is_understood():
    refused(sign_query("SAMLRequest", "abc", None, signer_of("rsa")), "no trusted key is of the kind")


def test_a_weak_key_is_refused():
    query = sign_query("SAMLRequest", "abc", None, signer_of("rsa2048"))
    refused(query, "weaker than", [trusted("rsa2048")])


def test_pkcs1_is_refused_but_by_name():
    query = query_of("SAMLRequest=abc", signer=Old(f"{MORE}rsa-sha256"))
    refused(query, "not allowed: rsa-pkcs1", [trusted("rsa")])
    allowed = Compatibility(frozenset({Deviation.RSA_PKCS1}))
    assert verify_query(query, [trusted("rsa")], allowed).deviations == {Deviation.RSA_PKCS1}


def test_we_sign_nothing_that_eidas_forbids():
    with pytest.raises(SignatureRefused, match="not allowed: rsa-pkcs1"):
        sign_query("SAMLRequest", "abc", None, Old(f"{MORE}rsa-sha256"))
