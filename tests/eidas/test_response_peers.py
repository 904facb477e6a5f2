"""Software that others wrote verifies, decrypts and validates the Responses that we write, and refuses them changed.

| who | verifies | decrypts | validates |
|---|---|---|---|
| signxml | every key | | |
| libxmlsec | every key | for every key (it is handed the ephemeral one) | |
| pybergshamra | RSA, NIST's curves | for RSA, NIST's curves | |
| Java 17 | RSA, NIST's curves | | by the published schemas |
| Apache Santuario 2.1.7 (Debian 12) | | for RSA: this one has no ECDH-ES | |
| xmldsigjs 2.8.8 | RSA, NIST's curves | | |
| xml-crypto 6.3.2 | RSA with SHA-256: it has no ECDSA, and PSS with no other hash | | |
| xml-encryption 6.0.1 | | for RSA: it has no ECDH-ES | |

For RSA all of them read what XML Encryption 1.1 brought: RSA-OAEP whose mask is made with SHA-256.
What each finds in the assertion is what was given, letter for letter.
"""

import re
import shutil
import subprocess
from collections import defaultdict
from itertools import product
from pathlib import Path

import pybergshamra as bergshamra
import pytest
import xmlsec
from lxml import etree

from tests.conftest import PEERS
from tests.eidas.parts import NIST, find, private_key, private_pem
from tests.eidas.responses import (
    CASES,
    ENCRYPTIONS,
    FAILURES,
    GIVEN,
    RECIPIENT,
    RESPONSES,
    SIGNATURES,
    changed,
    changes,
    rows,
    rows_of,
    write_cases,
    write_schemas,
)
from tests.eidas.test_peers import bergshamra_accepts, signxml_accepts, xmlsec_accepts, xmlsec_decrypts

WITHOUT_BRAINPOOL = ["rsa", *NIST]  # what pybergshamra, Java and Node's WebCrypto know


def those(cases, **facts):
    """The cases of which these facts are true."""
    return [case for case in cases if all(getattr(case, name) == fact for name, fact in facts.items())]


def name_of(value):
    """A part of a test's name."""
    return getattr(value, "__name__", None) or getattr(value, "name", value)


# -- Python: signatures -----------------------------------------------------------------------------------------------

ACCEPTS = [(accepts, *signed) for accepts, signed in product((signxml_accepts, xmlsec_accepts), SIGNATURES)]
ACCEPTS += [(bergshamra_accepts, *signed) for signed in SIGNATURES if signed[0] in WITHOUT_BRAINPOOL]
every_verifier = pytest.mark.parametrize(("accepts", "signer", "algorithm"), ACCEPTS, ids=name_of)


@every_verifier
def test_another_verifies_what_we_write_for_every_recipient_and_refuses_it_changed(accepts, signer, algorithm):
    cases = those(RESPONSES, signer=signer, algorithm=algorithm)
    assert all(accepts(case.written, signer) for case in cases)
    assert not any(accepts(octets, signer) for case in cases for octets in changes(case.written).values())


@every_verifier
def test_another_verifies_a_failure_and_refuses_it_changed(accepts, signer, algorithm):
    (case,) = those(FAILURES, signer=signer, algorithm=algorithm)
    assert accepts(case.written, signer)
    assert not any(accepts(octets, signer) for octets in changes(case.written).values())


# -- Python: encryption -----------------------------------------------------------------------------------------------


def bergshamra_decrypts(written, recipient):
    manager = bergshamra.KeysManager()
    manager.add_key(bergshamra.load_pem_auto(private_pem(private_key(recipient, RECIPIENT))))
    read = bergshamra.decrypt(bergshamra.EncContext(manager), written.decode())
    return re.search("<saml2:Assertion.*</saml2:Assertion>", read, re.DOTALL)[0].encode()


def libxmlsec_decrypts(written, recipient):
    container = find(etree.fromstring(written), "saml2:EncryptedAssertion")
    return etree.tostring(xmlsec_decrypts(container, recipient, RECIPIENT), encoding="utf-8")


DECRYPTS = [(libxmlsec_decrypts, *encrypted) for encrypted in ENCRYPTIONS]
DECRYPTS += [(bergshamra_decrypts, *encrypted) for encrypted in ENCRYPTIONS if encrypted[0] in WITHOUT_BRAINPOOL]
every_decrypter = pytest.mark.parametrize(("decrypts", "recipient", "content"), DECRYPTS, ids=name_of)


@every_decrypter
def test_another_decrypts_what_every_signer_writes_and_finds_what_was_given(decrypts, recipient, content):
    cases = those(RESPONSES, recipient=recipient, content=content)
    assert [rows(decrypts(case.written, recipient)) for case in cases] == [GIVEN] * len(SIGNATURES)


@every_decrypter
def test_another_decrypts_nothing_that_was_changed(decrypts, recipient, content):
    case = those(RESPONSES, recipient=recipient, content=content)[0]
    with pytest.raises((bergshamra.BergshamraError, xmlsec.Error)):
        decrypts(changed(case.written, "content"), recipient)


# -- Java and Node: each one runs once, over all cases ------------------------------------------------------------------


def verdicts(command):
    """What a program prints: a verdict a line, as {what it did: {name of the file: "good" or "bad"}}."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = defaultdict(dict)
    for line in done.stdout.splitlines():
        name, what, verdict = line.split()
        found[what][name] = verdict
    return found


def due(cases, bad):
    """The verdicts that must be: good on what we write; bad on it where it was changed at one of these places."""
    found = {}
    for case in cases:
        found[case.name] = "good"
        found |= {f"{case.name}~{place}": "bad" if place in bad else "good" for place in changes(case.written)}
    return found


ANYWHERE = ("instant", "signature", "content", "message")
SIGNED = [case for case in CASES if case.signer in WITHOUT_BRAINPOOL]
TO_RSA = those(RESPONSES, recipient="rsa")


@pytest.fixture(scope="module")
def java():
    """Java 17 or later, with Apache Santuario: the beginning of a command."""
    program, jars = (
        shutil.which("java"),
        [Path("/usr/share/java", f"{jar}.jar") for jar in ("xmlsec", "slf4j-api", "slf4j-nop")],
    )
    if program is None or shutil.which("javac") is None:
        pytest.skip("Java absent: apt-get install --no-install-recommends default-jdk-headless")
    if not all(jar.exists() for jar in jars):
        pytest.skip("Apache Santuario absent: apt-get install --no-install-recommends libxml-security-java")
    return [program, "-cp", ":".join(map(str, jars)), str(Path(__file__).with_name("ResponsePeer.java"))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Every message that we write, and every one changed."""
    made = tmp_path_factory.mktemp("messages")
    write_cases(made, WITHOUT_BRAINPOOL, ["rsa"])
    return made


@pytest.fixture(scope="module")
def java_said(java, folder, tmp_path_factory):
    """Java's verdicts on all messages, and on what libxmlsec decrypts of them."""
    assertions, schemas = tmp_path_factory.mktemp("assertions"), tmp_path_factory.mktemp("schemas")
    for case in RESPONSES:
        octets = libxmlsec_decrypts(case.written, case.recipient)
        (assertions / f"{case.name}.assertion.xml").write_bytes(octets)
        (assertions / f"{case.name}.assertion~instant.xml").write_bytes(changed(octets, "instant"))
    write_schemas(schemas)
    return verdicts([*java, str(folder), str(assertions), str(schemas / "driver.xsd")])


@pytest.mark.peer
def test_java_verifies_every_message_and_refuses_it_changed(java_said):
    assert java_said["signature"] == due(SIGNED, ANYWHERE)


@pytest.mark.peer
def test_java_decrypts_what_is_for_rsa_and_nothing_changed(java_said):
    assert java_said["decryption"] == due(TO_RSA, ["content"])


@pytest.mark.peer
def test_java_finds_what_was_given(java_said, folder):
    assert [rows_of(folder / f"{case.name}.java.tsv") for case in TO_RSA] == [GIVEN] * len(TO_RSA)


@pytest.mark.peer
def test_every_message_and_every_assertion_is_valid_by_the_published_schemas(java_said):
    assertions = {f"{case.name}.assertion": "good" for case in RESPONSES}
    no_moment = {f"{name}~instant": "bad" for name in assertions}
    assert java_said["schema"] == due(CASES, ["instant"]) | assertions | no_moment


@pytest.fixture(scope="module")
def node_said(node, folder):
    """The verdicts of Node's packages."""
    if not (PEERS / "node_modules/xmldsigjs").is_dir():
        pytest.skip("Node's peers are of another day: npm ci --prefix tests/peers")
    return verdicts([node, str(PEERS / "responses.mjs"), str(folder)])


def test_xmldsigjs_verifies_every_message_and_refuses_it_changed(node_said):
    assert node_said["xmldsigjs"] == due(SIGNED, ANYWHERE)


def test_xml_crypto_verifies_every_message_of_the_method_that_it_knows_and_refuses_it_changed(node_said):
    cases = [case for case in those(CASES, signer="rsa") if case.algorithm.name == "sha256"]
    assert node_said["xml-crypto"] == due(cases, ANYWHERE)


def test_xml_encryption_decrypts_what_is_for_rsa_and_nothing_changed(node_said):
    assert node_said["xml-encryption"] == due(TO_RSA, ["content"])


def test_node_finds_what_was_given(node_said, folder):
    assert [rows_of(folder / f"{case.name}.node.tsv") for case in TO_RSA] == [GIVEN] * len(TO_RSA)
