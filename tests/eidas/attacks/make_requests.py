"""Makes the attacks on a Proxy-Service anew, with new keys: `python -m tests.eidas.attacks.make_requests`."""

from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from eidas import xml
from tests.eidas.attacks.connector import RSA, SIGNER, Attacks, Made
from tests.eidas.attacks.queried_requests import QUERIED
from tests.eidas.attacks.signed_requests import SIGNED
from tests.eidas.attacks.wrapped_requests import WRAPPED
from tests.eidas.parts import certificate_of

HERE = Path(__file__).parent
WORDS = "# Which rule refuses each file; where no rule is named the message is in order, and says what was signed.\n"


def main() -> None:
    """Write every file."""
    for path in HERE.glob("request-*"):
        path.unlink()
    rules = write("request", {**WRAPPED, **SIGNED}, ".xml") | write("request-query", QUERIED, ".query")
    lines = (f'"{name}" = "{rule}"\n' for name, rule in rules.items())
    (HERE / "request-expect.toml").write_text(WORDS + "".join(lines), "utf-8")
    certificates = (load_der_x509_certificate(der) for der in (SIGNER.certificate, certificate_of(RSA)))
    (HERE / "request-keys.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in certificates))


def write(begin: str, attacks: Attacks, end: str) -> dict[str, str]:
    """The files of a table: their names, and the rules."""
    names = {name: f"{begin}-{name.replace(',', '').replace(' ', '-').lower()}{end}" for name in attacks}
    for name, (make, _) in attacks.items():
        (HERE / names[name]).write_bytes(octets(make()))
    return {names[name]: rule for name, (_, rule) in attacks.items()}


def octets(made: Made) -> bytes:
    """What stands in a file."""
    if isinstance(made, str):
        return made.encode()
    return made if isinstance(made, bytes) else xml.write(made)


if __name__ == "__main__":
    main()
