"""What pysaml2 takes for what we do in process: it calls the program xmlsec1 for each signature.

ECDSA on P-256: of the signatures that eIDAS demands, Debian's program knows no other.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from certs.authority import self_signed
from certs.keys import Use
from eidas import signature, xml
from eidas.certificates import read_certificate
from eidas.keys import LocalSigner

_MESSAGE = b"""<saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_a" Version="2.0">
<saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">https://node.example</saml2:Issuer>%s</saml2p:Response>"""


def compare(program: str, rounds: int) -> tuple[float, float]:
    """Milliseconds of wall clock for one verification: by pysaml2 with the program, and by us."""
    from saml2.sigver import CryptoBackendXmlSec1

    private = ec.generate_private_key(ec.SECP256R1())
    der = self_signed(private, Use.SAML_SIGNING, "node.example", int(time.time()) - 60)
    root = xml.parse(_MESSAGE % b"<saml2p:Status/>")
    signature.sign(root, LocalSigner(private, SHA256(), der))
    octets, trusted = xml.write(root), [read_certificate(der)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "node.pem")
        path.write_bytes(load_der_x509_certificate(der).public_bytes(Encoding.PEM))
        backend = CryptoBackendXmlSec1(program)

        def theirs() -> object:
            return backend.validate_signature(
                octets.decode(), str(path), "pem", "urn:oasis:names:tc:SAML:2.0:protocol:Response", "_a"
            )

        return _wall(theirs, rounds), _wall(lambda: signature.verify(xml.parse(octets), trusted), rounds)


def _wall(work: Callable[[], object], rounds: int) -> float:
    work()
    began = time.perf_counter()
    for _ in range(rounds):
        work()
    return (time.perf_counter() - began) / rounds * 1000
