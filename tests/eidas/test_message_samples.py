"""Other people's messages: which rule of ours each meets first.

Who sent it, to where, when, and by which key is taken from the sample itself, so that nothing but its own content can be
wrong. Messages that came unsigned are signed by the test; one that was signed and does not verify stays as it is.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from eidas import response, signature, times, xml
from eidas.algorithms import STRICT, Compatibility, Deviation
from eidas.attributes import DEFINITIONS, FAMILY_NAME
from eidas.certificates import read_certificate
from eidas.errors import CertificateRefused, Refused, XmlRefused
from eidas.messages import KnownConnector
from eidas.values import read_attributes
from eidas.vocabulary import NOTIFIED_LEVELS
from eidas.xml import DS, SAML
from tests.eidas.arrivals import ACCEPTED, outcome, posted
from tests.eidas.content_defects import ATTRIBUTES, DENIED, LEVELS, NOBODY, POLICY
from tests.eidas.exchange import REQUEST, expected, trusted_keys
from tests.eidas.parts import signer_of
from tests.eidas.rules import rule_that_fired
from tests.eidas.test_samples import cef_keys

__all__ = ["cef_keys"]

EVERYTHING = Compatibility(frozenset(Deviation))


def verdict(act):
    """The rule that refuses first; "accepted" where none does."""
    try:
        act()
    except Refused as refused:
        return rule_that_fired(refused) or refused.detail
    return "accepted"


def prepared(path):
    """The octets, the root as it stands, and the keys that it may be verified by."""
    octets = path.read_bytes()
    root = xml.parse(octets)
    found = root.find(f"{{{DS}}}Signature//{{{DS}}}X509Certificate")
    if root.find(f"{{{DS}}}Signature") is None:
        try:
            signature.sign(root, signer_of())
        except Refused:
            return octets, root, trusted_keys()
        return xml.write(root), root, trusted_keys()
    try:
        return octets, root, [read_certificate(xml.octets(found))]
    except (CertificateRefused, XmlRefused, AttributeError):
        return octets, root, trusted_keys()


def moment(root):
    """When the sample says that it was written."""
    try:
        return times.read(root.get("IssueInstant", ""))
    except XmlRefused:
        return 0


def issuer(root):
    """Who the sample says that it is from."""
    found = root.find(f"{{{SAML}}}Issuer")
    return "" if found is None else xml.text(found)


KNOWN = {"sp-": ("https://localhost:8888/metadata", "https://localhost:8888/returnUrl")}
"""What the e-gov samples' own tests know of their sender, by the beginning of a file's name."""


def request_verdict(path, compatibility=STRICT):
    """What our Proxy-Service's reader makes of a request, and what it answers."""
    octets, root, keys = prepared(path)
    known_issuer, acs = KNOWN.get(path.name[:3], (issuer(root), root.get("AssertionConsumerServiceURL", "")))
    known = KnownConnector(
        entity_id=known_issuer,
        keys=tuple(keys),
        acs=acs,
        sp_type=None,
        endpoint=root.get("Destination", ""),
        levels=frozenset(NOTIFIED_LEVELS),
        attributes=frozenset(DEFINITIONS),
        now=moment(root),
        compatibility=compatibility,
    )
    return outcome(posted(octets), known)


def elsewhere(samples):
    """Requests in the other folders."""
    files = (path for path in samples.rglob("*.xml") if path.relative_to(samples).parts[0] not in ("authnrequest", "specs"))
    return [str(path.relative_to(samples)) for path in files if b":AuthnRequest " in path.read_bytes()[:2000]]


AUDIENCE = "http://cef-eid-build-1:8080/EidasNode/ConnectorMetadata"
REQUESTS = {
    "metadata/verify-proxy-node/eidas_authn_request.xml": (ACCEPTED, NOBODY),
    "authnrequest/cznic-eidas-node/saml_request.xml": ("check_one_kind", ATTRIBUTES),
    "authnrequest/cznic-eidas-node/saml_request_minimal.xml": ("check_issuer", NOBODY),
    "authnrequest/cznic-eidas-node/saml_request_signed.xml": ("check_deviations", NOBODY),
    "authnrequest/e-gov-SpecificConnector/sp-invalid-assertion-consumer-url.xml": ("check_acs", DENIED),
    "authnrequest/e-gov-SpecificConnector/sp-invalid-issuer-id.xml": ("check_issuer", NOBODY),
    "authnrequest/e-gov-SpecificConnector/sp-invalid-name-id-format.xml": ("check_name_id_format", POLICY),
    "authnrequest/e-gov-SpecificConnector/sp-invalid-schema-invalid-attribute.xml": ("check_schema", NOBODY),
    "authnrequest/e-gov-SpecificConnector/sp-invalid-schema-missing-required-element.xml": ("check_schema", NOBODY),
    "authnrequest/e-gov-SpecificConnector/sp-invalid-schema-multiple-elements.xml": ("check_schema", NOBODY),
    "authnrequest/e-gov-SpecificConnector/sp-missing-authn-context-class-ref.xml": ("check_schema", NOBODY),
    "authnrequest/e-gov-SpecificConnector/sp-missing-extensions.xml": ("check_extensions", ATTRIBUTES),
    "authnrequest/e-gov-SpecificConnector/sp-missing-id.xml": ("check_schema", NOBODY),
    "authnrequest/e-gov-SpecificConnector/sp-missing-issuer.xml": ("check_issuer", NOBODY),
    "authnrequest/e-gov-SpecificConnector/sp-modified-request.xml": ("check_verified", NOBODY),
    "authnrequest/e-gov-SpecificConnector/sp-no-requested-attributes.xml": ("check_extensions", ATTRIBUTES),
    "authnrequest/e-gov-SpecificConnector/sp-no-sp-type.xml": ("check_sp_type", DENIED),
    "authnrequest/e-gov-SpecificConnector/sp-non-notified-loa.xml": ("check_level_published", LEVELS),
    "authnrequest/e-gov-SpecificConnector/sp-unsupported-signature-method.xml": ("check_signature_method", NOBODY),
    "authnrequest/e-gov-SpecificConnector/sp-valid-request-signature.xml": (ACCEPTED, NOBODY),
    "authnrequest/e-gov-SpecificConnector/sp1-expired-request-signature.xml": (ACCEPTED, NOBODY),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_meets_the_rule_that_its_defect_breaks_and_is_answered_for_it(samples: Path, name: str):
    assert request_verdict(samples / name) == REQUESTS[name]


def test_the_table_has_every_request_of_the_samples(samples: Path):
    found = {str(path.relative_to(samples)) for path in (samples / "authnrequest").rglob("*") if path.is_file()}
    assert found == {name for name in REQUESTS if name.startswith("authnrequest/")}
    assert all(name in REQUESTS for name in elsewhere(samples))


def response_verdict(path, keys=(), compatibility=STRICT):
    """What our Connector's reader makes of a response."""
    octets, root, trusted = prepared(path)
    known = expected(
        issuer=issuer(root),
        keys=tuple(trusted),
        acs=root.get("Destination", ""),
        now=moment(root),
        compatibility=compatibility,
        request=replace(REQUEST, id=root.get("InResponseTo", ""), name_id_format=None),
        entity_id=AUDIENCE,
        country="CA",
        recipient_country="CA",
    )
    return verdict(lambda: response.read_response(octets, known, keys))


RESPONSES = {
    "response/cef-node-2.9.0-encryption/INVALID_saml_rsa_rsa-oaep_encrypted_response_missing_keyInfo.xml": "check_verified",
    "response/cef-node-2.9.0-encryption/saml_ec_NistCurve_kw-aes128_encrypted_response.xml": "check_natural_person",
    "response/cef-node-2.9.0-encryption/saml_response.xml": "check_one_encrypted",
    "response/cef-node-2.9.0-encryption/saml_rsa_rsa-oaep-mgf1p_encrypted_response.xml": "check_deviations",
    "response/cef-node-2.9.0-encryption/saml_rsa_rsa-oaep_encrypted_response.xml": "check_oaep_hash",
    "response/cznic-eidas-node/nia_test_response.xml": "check_deviations",
    "response/cznic-eidas-node/nia_test_response_decrypted_verified.xml": "check_schema",
    "response/cznic-eidas-node/saml_response.xml": "check_reference",
    "response/cznic-eidas-node/saml_response_decrypted.xml": "check_schema",
    "response/cznic-eidas-node/saml_response_encrypted.xml": "check_deviations",
    "response/cznic-eidas-node/saml_response_failed.xml": "check_schema",
    "response/cznic-eidas-node/saml_response_failed_nia.xml": "check_one_encrypted",
    "response/cznic-eidas-node/saml_response_failed_nia_decrypted.xml": "check_schema",
    "response/cznic-eidas-node/saml_response_failed_nia_fixed.xml": "status Responder AuthnFailed",
    "response/cznic-eidas-node/saml_response_failed_unsupported_sub_status.xml": "check_schema",
    "response/cznic-eidas-node/saml_response_failed_version_mismatch.xml": "check_schema",
    "response/cznic-eidas-node/saml_response_from_light_response.xml": "check_one_encrypted",
    "response/cznic-eidas-node/saml_response_from_light_response_failed.xml": "check_issuer",
    "response/cznic-eidas-node/saml_response_from_light_response_minimal.xml": "check_schema",
    "response/cznic-eidas-node/saml_response_from_light_response_version_mismatch.xml": "check_issuer",
    "response/cznic-eidas-node/signed_failed_response.xml": "check_schema",
    "response/cznic-eidas-node/signed_response.xml": "check_schema",
    "response/cznic-eidas-node/signed_response_and_assertion.xml": "check_schema",
    "response/opensaml-eidas/example-assertion.xml": "check_schema",
    "metadata/verify-proxy-node/idp_response_unencrypted.xml": "check_schema",
}


@pytest.mark.parametrize("name", RESPONSES)
def test_a_response_meets_the_rule_that_it_breaks(samples: Path, cef_keys, name: str):
    assert response_verdict(samples / name, cef_keys) == RESPONSES[name]


FRAGMENT = "response/opensaml-eidas/example-transliteration.xml"
"""One attribute, no message."""


def test_the_table_has_every_response_of_the_samples(samples: Path):
    found = {str(path.relative_to(samples)) for path in (samples / "response").rglob("*.xml")}
    assert found == {FRAGMENT} | {name for name in RESPONSES if name.startswith("response/")}


def test_an_example_in_two_scripts_comes_back_in_both(samples: Path):
    statement = xml.make("saml2", "AttributeStatement", xml.parse((samples / FRAGMENT).read_bytes()))
    name = read_attributes(statement)[FAMILY_NAME]
    assert (name.latin, name.original) == ("Onasis", "Ωνασης")


def test_what_a_node_of_older_days_encrypts_passes_no_further_when_everything_is_allowed(samples: Path, cef_keys):
    name = "response/cef-node-2.9.0-encryption/saml_rsa_rsa-oaep-mgf1p_encrypted_response.xml"
    assert response_verdict(samples / name, cef_keys, EVERYTHING) == "check_oaep_hash"
