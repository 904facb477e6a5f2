"""Other people's XML security against ours, both ways: signxml, pybergshamra, libxmlsec, Java.

Ours is signed by `cryptography` over lxml's canonical form, and verified by libxmlsec; so each other one is independent in
at least one half.
"""

import shutil
import subprocess
from pathlib import Path

import pybergshamra as bergshamra
import pytest
import signxml
import xmlsec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509 import load_der_x509_certificate
from lxml import etree

from eidas import encryption, signature, xml
from eidas.algorithms import AES128_GCM, AES256_GCM
from tests.eidas.parts import (
    HASHES,
    KEYS,
    NIST,
    RESPONSE,
    certificate_of,
    find,
    names,
    private_key,
    private_pem,
    public_pem,
    signed,
    signer_of,
    trusted,
)
from tests.eidas.test_encryption import decrypter, opened

PERSON = ["ES/FR/12345678Z"]
BERGSHAMRA = ["rsa", *NIST]  # it knows no brainpool
JAVA = BERGSHAMRA  # nor does Java
every_hash = pytest.mark.parametrize("algorithm", HASHES, ids=lambda algorithm: algorithm.name)


def tampered(root):
    """The same message about somebody else."""
    return xml.write(root).replace(b"12345678Z", b"12345678Y")


# -- what we sign -----------------------------------------------------------------------------------------------------


def signxml_accepts(written, name):
    expected = signxml.SignatureConfiguration(require_x509=False, location="./")
    verifier = signxml.XMLVerifier()
    try:
        verifier.verify(written, x509_cert=_pem(name), id_attribute="ID", expect_config=expected)
    except signxml.exceptions.InvalidSignature:
        return False
    return True


def _pem(name):
    return load_der_x509_certificate(certificate_of(private_key(name))).public_bytes(Encoding.PEM).decode()


def bergshamra_accepts(written, name):
    manager = bergshamra.KeysManager()
    manager.add_key(bergshamra.load_spki_pem(public_pem(private_key(name))))
    result = bergshamra.verify(bergshamra.DsigContext(manager), written.decode())
    return bool(result) and result.all_reference_digests_verified


def xmlsec_accepts(written, name):
    root = etree.fromstring(written)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(certificate_of(private_key(name)), xmlsec.constants.KeyDataFormatCertDer)
    context.register_id(root, "ID")
    try:
        context.verify(find(root, "ds:Signature"))
    except xmlsec.Error:
        return False
    return True


ACCEPTS = [*((signxml_accepts, name) for name in KEYS), *((xmlsec_accepts, name) for name in KEYS)]
ACCEPTS += [(bergshamra_accepts, name) for name in BERGSHAMRA]


@every_hash
@pytest.mark.parametrize(("accepts", "name"), ACCEPTS)
def test_another_accepts_what_we_sign_and_refuses_it_changed(accepts, name, algorithm):
    root = signed(signer_of(name, algorithm=algorithm))
    assert accepts(xml.write(root), name)
    assert not accepts(tampered(root), name)


# -- what others sign -------------------------------------------------------------------------------------------------


def xmlsec_signs(name, algorithm):
    """libxmlsec fills a template: our own signature with its values taken out."""
    root = signed(signer_of(name, algorithm=algorithm))
    for value in root.iter(f"{{{xml.DS}}}DigestValue", f"{{{xml.DS}}}SignatureValue"):
        value.text = None
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(private_pem(private_key(name)), xmlsec.constants.KeyDataFormatPem)
    context.register_id(root, "ID")
    context.sign(find(root, "ds:Signature"))
    return xml.write(root)


def bergshamra_signs(name, algorithm):
    """Its own template."""
    manager = bergshamra.KeysManager()
    manager.add_key(bergshamra.load_pem_auto(private_pem(private_key(name))))
    method, digest = signer_of(name, algorithm=algorithm).method, signature.digest_uri(algorithm)
    context = bergshamra.DsigContext(manager)
    options = {"reference_id": "_response", "signature_method": method, "digest_method": digest}
    written = bergshamra.sign_enveloped(context, RESPONSE.decode(), cert_pem=_pem(name), **options)
    return written.encode()


def signxml_signs(name, algorithm):
    """Its own template."""
    method = signxml.algorithms.SignatureMethod(signer_of(name, algorithm=algorithm).method)
    signer = signxml.XMLSigner(
        signature_algorithm=method,
        digest_algorithm=algorithm.name,
        c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#",
    )
    root = etree.fromstring(RESPONSE)
    done = signer.sign(
        root, key=private_pem(private_key(name)), cert=_pem(name), reference_uri="_response", id_attribute="ID"
    )
    return etree.tostring(done)


SIGNS = [*((signxml_signs, name) for name in KEYS), *((xmlsec_signs, name) for name in KEYS)]
SIGNS += [(bergshamra_signs, name) for name in BERGSHAMRA]


@every_hash
@pytest.mark.parametrize(("signs", "name"), SIGNS)
def test_we_accept_what_another_signs_and_refuse_it_changed(signs, name, algorithm):
    written = signs(name, algorithm)
    assert names(signature.verify(xml.parse(written), [trusted(name)]).element) == PERSON
    with pytest.raises(signature.rules.SignatureRefused, match="wrong by every"):
        signature.verify(xml.parse(written.replace(b"12345678Z", b"12345678Y")), [trusted(name)])


# -- encryption -------------------------------------------------------------------------------------------------------


def encrypted_by_us(name, content):
    data = encryption.encrypt(find(xml.parse(RESPONSE), "saml2:Assertion"), trusted(name), content)
    return xml.parse(xml.write(xml.make("saml2", "EncryptedAssertion", data)))


@pytest.mark.parametrize("content", [AES128_GCM, AES256_GCM])
@pytest.mark.parametrize("name", BERGSHAMRA)
def test_bergshamra_decrypts_what_we_encrypt(name, content):
    manager = bergshamra.KeysManager()
    manager.add_key(bergshamra.load_pem_auto(private_pem(private_key(name))))
    read = bergshamra.decrypt(bergshamra.EncContext(manager), xml.write(encrypted_by_us(name, content)).decode())
    assert names(etree.fromstring(read)) == PERSON


def xmlsec_decrypts(container, name, turn=0):
    """libxmlsec reads no point from a message, so it is handed the originator's key by a name (and so is ours)."""
    manager = xmlsec.KeysManager()
    keys = {"own": private_pem(private_key(name, turn))}
    for point in container.iter(f"{{{xml.DSIG11}}}PublicKey"):
        peer = ec.EllipticCurvePublicKey.from_encoded_point(private_key(name, turn).curve, xml.octets(point))
        keys["peer"] = peer.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for key_name, pem in keys.items():
        key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)
        key.name = key_name
        manager.add_key(key)
    for path, key_name in (("OriginatorKeyInfo", "peer"), ("RecipientKeyInfo", "own")):
        for info in container.iter(f"{{{xml.XENC}}}{path}"):
            info[:] = [xml.make("ds", "KeyName", key_name)]
    return xmlsec.EncryptionContext(manager).decrypt(find(container, "xenc:EncryptedData"))


@pytest.mark.parametrize("content", [AES128_GCM, AES256_GCM])
@pytest.mark.parametrize("name", KEYS)
def test_libxmlsec_decrypts_what_we_encrypt(name, content):
    assert names(xmlsec_decrypts(encrypted_by_us(name, content), name)) == PERSON


@pytest.mark.parametrize("content", [AES128_GCM, AES256_GCM])
def test_we_decrypt_what_libxmlsec_encrypts(content):
    """Its octets carry no namespaces: they are those of the place where they stand."""
    root = encrypted_by_us("rsa", content)
    for value in root.iter(f"{{{xml.XENC}}}CipherValue"):
        value.text = None
    response = xml.parse(RESPONSE)
    manager = xmlsec.KeysManager()
    manager.add_key(xmlsec.Key.from_memory(public_pem(private_key("rsa")), xmlsec.constants.KeyDataFormatPem))
    context = xmlsec.EncryptionContext(manager)
    context.key = xmlsec.Key.generate(xmlsec.constants.KeyDataAes, 128 if content == AES128_GCM else 256, 1)
    context.encrypt_xml(find(root, "xenc:EncryptedData"), find(response, "saml2:Assertion"))
    assert names(opened(xml.parse(xml.write(response)), decrypter("rsa")).element) == PERSON


# -- Java -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def java():
    """Java 17 or later, which compiles and runs a file."""
    program = shutil.which("java")
    if program is None or shutil.which("javac") is None:
        pytest.skip("Java absent: apt-get install --no-install-recommends openjdk-17-jdk-headless")
    return program


@pytest.fixture(scope="module")
def java_folder(java, tmp_path_factory):
    """A folder in which Java has verified what we signed (and what was changed then), and has signed itself."""
    folder = tmp_path_factory.mktemp("java")
    for name in JAVA:
        private = private_key(name)
        for algorithm in HASHES:
            case = f"{name}-{algorithm.name}"
            root = signed(signer_of(name, algorithm=algorithm))
            for label, written in ((case, xml.write(root)), (f"{case}-changed", tampered(root))):
                (folder / f"{label}.xml").write_bytes(written)
                (folder / f"{label}.der").write_bytes(certificate_of(private))
            (folder / f"{case}.todo.xml").write_bytes(RESPONSE)
            (folder / f"{case}.method").write_text(signer_of(name, algorithm=algorithm).method)
            (folder / f"{case}.key").write_bytes(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    program = Path(__file__).with_name("Peer.java")
    done = subprocess.run([java, str(program), str(folder)], capture_output=True, text=True, check=True)
    (folder / "verdicts").write_text(done.stdout)
    return folder


@pytest.mark.peer
def test_java_accepts_what_we_sign_and_refuses_it_changed(java_folder):
    verdicts = dict(line.split() for line in (java_folder / "verdicts").read_text().splitlines())
    assert len(verdicts) == 2 * len(JAVA) * len(HASHES)
    assert {case for case, verdict in verdicts.items() if verdict == "good"} == {
        f"{name}-{algorithm.name}" for name in JAVA for algorithm in HASHES
    }


@pytest.mark.peer
@every_hash
@pytest.mark.parametrize("name", JAVA)
def test_we_accept_what_java_signs(java_folder, name, algorithm):
    written = (java_folder / f"{name}-{algorithm.name}.signed.xml").read_bytes()
    assert names(signature.verify(xml.parse(written), [trusted(name)]).element) == PERSON
