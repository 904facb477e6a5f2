"""Real messages, metadata and lists. They are no part of the project: see `samples` in the shared fixtures."""

import re
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12

from eidas import encryption, signature, xml
from eidas.algorithms import Compatibility, Deviation
from eidas.certificates import read_certificate
from eidas.errors import CertificateRefused, EncryptionRefused, SignatureRefused, XmlRefused
from eidas.keys import LocalDecrypter
from tests.eidas.parts import find

EGOV_REQUESTS, EGOV_METADATA = "authnrequest/e-gov-SpecificConnector", "metadata/e-gov-SpecificConnector"
UK, CEF, CZ = "metadata/verify-proxy-node", "response/cef-node-2.9.0-encryption", "response/cznic-eidas-node"
METADATA = xml.Limits(size=10 * 1024 * 1024)
OLD = Compatibility(frozenset({Deviation.RSA_PKCS1, Deviation.RSA_2048, Deviation.DOCUMENT_REFERENCE}))


def read(samples, name):
    return xml.parse((samples / name).read_bytes(), METADATA)


def shown(root):
    """The certificates of the signature itself: whom to trust is not the question here."""
    found = root.iterfind("ds:Signature/ds:KeyInfo//ds:X509Certificate", {"ds": xml.DS})
    return [read_certificate(xml.octets(certificate)) for certificate in found]


@pytest.mark.parametrize(
    "name",
    [
        f"{EGOV_REQUESTS}/sp-missing-issuer.xml",
        f"{EGOV_REQUESTS}/sp-invalid-name-id-format.xml",
        f"{EGOV_REQUESTS}/sp1-expired-request-signature.xml",
        f"{EGOV_METADATA}/sp-valid-metadata.xml",
        f"{EGOV_METADATA}/sp1-valid-metadata.xml",
        f"{EGOV_METADATA}/sp-expired-request-signing-cert.xml",
    ],
)
def test_a_real_signature_is_right_without_any_deviation(samples, name):
    root = read(samples, name)
    assert signature.verify(root, shown(root)).element.tag == root.tag


@pytest.mark.parametrize(
    "name", ["mdsl/opensaml-eidas/mdservicelist.xml", f"{UK}/proxy-node-metadata.xml", f"{UK}/stub-connector-metadata.xml"]
)
def test_a_real_signature_of_older_days_passes_by_name_alone(samples, name):
    root = read(samples, name)
    assert signature.verify(root, shown(root), OLD).deviations == OLD.deviations
    with pytest.raises(SignatureRefused, match="document-reference, rsa-pkcs1"):
        signature.verify(root, shown(root))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (f"{EGOV_REQUESTS}/sp-modified-request.xml", "wrong by every"),
        (f"{EGOV_REQUESTS}/sp-unsupported-signature-method.xml", "not known here"),
        (f"{EGOV_METADATA}/sp-modified-content.xml", "wrong by every"),
        (f"{EGOV_METADATA}/sp-invalid-signature.xml", "wrong by every"),
        ("mdsl/opensaml-eidas/mdservicelist-badsign.xml", "wrong by every"),
        (f"{CZ}/saml_response.xml", "covers another element"),
    ],
)
def test_a_real_signature_that_is_wrong_is_refused(samples, name, reason):
    root = read(samples, name)
    with pytest.raises(SignatureRefused, match=reason):
        signature.verify(root, shown(root), Compatibility(frozenset(Deviation)))


def test_every_document_is_read_and_every_countrys_certificate(samples):
    """Two of them have fields that a strict reader refuses."""
    refused = []
    for path in sorted(samples.rglob("*.xml")):
        root = read(samples, path)
        refused += [path.name for text in root.iter(f"{{{xml.DS}}}X509Certificate") if not _is_read(text)]
    assert set(refused) == {"connector_node_metadata_template.xml", "expired_connector_node_metadata_template.xml"}


def _is_read(text):
    """Templates have a placeholder, and a hint at a key may be empty."""
    try:
        return text.text is None or bool(read_certificate(xml.octets(text)))
    except (XmlRefused, CertificateRefused):
        return False


@pytest.fixture(scope="session")
def cef_keys(samples):
    """All keys of the CEF node's store, which is in an old form: Python alone reads the first of them."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl absent: apt-get install openssl")
    store = samples / "keys/cef-node-2.9.0-encryption/test.p12"
    shown = [program, "pkcs12", "-legacy", "-in", store, "-passin", "pass:local-demo", "-nodes", "-nocerts"]
    done = subprocess.run(shown, capture_output=True, check=True)
    keys = re.findall(b"-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----", done.stdout, re.DOTALL)
    return [LocalDecrypter(load_pem_private_key(key, None)) for key in keys]


def test_what_a_cef_node_encrypts_for_a_curve_is_decrypted(samples, cef_keys):
    root = read(samples, f"{CEF}/saml_ec_NistCurve_kw-aes128_encrypted_response.xml")
    decrypted = encryption.decrypt(find(root, "saml2:EncryptedAssertion"), cef_keys)
    assert (decrypted.element.tag, decrypted.deviations) == (f"{{{xml.SAML}}}Assertion", frozenset())


def test_what_an_older_node_encrypts_for_rsa_passes_by_name_alone(samples):
    """The fault for which this sample was made, a missing KeyInfo, is none for us: we try every key."""
    store = (samples / "keys/cef-node-2.9.0-encryption/test.p12").read_bytes()
    keys = [LocalDecrypter(pkcs12.load_pkcs12(store, b"local-demo").key)]
    root = read(samples, f"{CEF}/INVALID_saml_rsa_rsa-oaep_encrypted_response_missing_keyInfo.xml")
    container = find(root, "saml2:EncryptedAssertion")
    with pytest.raises(EncryptionRefused, match="not allowed: oaep-sha1"):
        encryption.decrypt(container, keys)
    allowed = Compatibility(frozenset({Deviation.RSA_OAEP_MGF1P}))
    assert encryption.decrypt(container, keys, allowed).element.tag == f"{{{xml.SAML}}}Assertion"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (f"{CEF}/saml_rsa_rsa-oaep_encrypted_response.xml", "needs a DigestMethod"),
        (f"{CEF}/saml_rsa_rsa-oaep-mgf1p_encrypted_response.xml", "needs a DigestMethod"),
        (f"{CZ}/nia_test_response.xml", "in GCM"),
    ],
)
def test_real_encryption_with_sha1_or_without_gcm_is_refused_whatever_is_allowed(samples, name, reason):
    container = find(read(samples, name), "saml2:EncryptedAssertion")
    with pytest.raises(EncryptionRefused, match=reason):
        encryption.decrypt(container, [], Compatibility(frozenset(Deviation)))
