"""What a European login costs Passerelle: CPU of the gunicorn worker per login, beside its floor, for curves and for RSA.

    python bench/eidas.py [--logins 200] [--quick]

For P-256 (ECDSA, ECDH-ES) and for RSA-3072 (PSS, OAEP) on both sides, in one run:
  cost   CPU milliseconds per complete login (authorize, choice, countries, passage, answer, confirm, token, userinfo)
         behind gunicorn, one worker, SQLite; the country is in this process, whose CPU does not count
  floor  the same signatures, verification, decryption, seals and openings called bare, plus the same number of empty Flask
         requests behind the same gunicorn
Beside them: reading the metadata of 60 countries, memory of a worker, and, where the program xmlsec1 is installed, what
pysaml2 takes to verify one signature by it, against ours. The last line is `ratio N.NN`: cost over floor, the
worse of the two kinds of key.
"""

import argparse
import hashlib
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa  # noqa: E402
from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: E402
from cryptography.hazmat.primitives.hashes import SHA256  # noqa: E402
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap  # noqa: E402

from bench import floor, instance, node  # noqa: E402
from bench.login import Citizen, cpu_ms, family, gunicorn, measure_empty, memory_mb  # noqa: E402
from certs.keyring import make_missing  # noqa: E402
from certs.keys import Use  # noqa: E402
from eidas.keys import Signer  # noqa: E402

KINDS = {"P-256": "P-256", "RSA-3072": "RSA-3072"}
_NODE = """
[eidas]
roles = ["connector"]
organisation = { name = "Bench", url = "http://fc.localhost" }
contacts = [{ type = "technical", mail = "x@fc.example" }]
"""
_HIDDEN = instance.HIDDEN


class European(Citizen):
    """Logs in through another country."""

    def through(self, world: instance.Instance, country: node.Node) -> None:
        """A whole login; ends the program when anything is not as it should be."""
        self.come_anew()
        _, choice, _ = self.ask("GET", "/api/v2/authorize?" + urlencode(world.request()))
        form = dict(_HIDDEN.findall(self.ask("GET", choice)[2]))
        _, countries, _ = self.ask("POST", "/choisir", urlencode({**form, "action": "europe"}))
        form = dict(_HIDDEN.findall(self.ask("GET", countries)[2]))
        _, passage, _ = self.ask("POST", "/eidas/pays", urlencode({**form, "country": "EL"}))
        answer = country.answer(self.ask("GET", passage)[2])
        _, confirm, _ = self.ask("POST", "/eidas/connector/acs", urlencode(answer))
        form = dict(_HIDDEN.findall(self.ask("GET", confirm)[2]))
        _, back, _ = self.ask("POST", "/confirmer", urlencode({**form, "action": "continue"}))
        code = dict(parse_qsl(urlsplit(back).query))["code"]
        _, _, tokens = self.ask("POST", "/api/v2/token", urlencode(world.token_request(code)))
        access_token = tokens.partition('"access_token":"')[2].partition('"')[0]
        status, _, userinfo = self.ask("GET", "/api/v2/userinfo", bearer=access_token)
        if status != 200 or userinfo.count(".") != 2:
            raise SystemExit(f"the login failed: {status} {userinfo[:200]}")


def prepared(world: instance.Instance, algorithm: str) -> Signer:
    """Make the instance a Connector with keys of this kind, and pin the country; gives the country's key."""
    uses = (Use.SAML_SIGNING, Use.SAML_DECRYPTION, Use.METADATA_SIGNING)
    make_missing(world.folder / "secrets/keys", uses, int(time.time()), "fc.localhost", algorithm)
    signer = node.signer_in(world.folder / "their-keys", algorithm)
    octets = node.metadata(signer.certificate)
    for name, content in (
        ("metadata/EL.xml", octets),
        ("partners/countries/EL.toml", _country(octets)),
        ("passerelle.toml", (world.folder / "passerelle.toml").read_bytes() + _NODE.encode()),
        ("partners/fs/service.toml", (world.folder / "partners/fs/service.toml").read_bytes() + b"europe = true\n"),
    ):
        path = world.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return signer


def _country(octets: bytes) -> bytes:
    digest = hashlib.sha256(octets).hexdigest()
    return f'[country]\ncode = "EL"\nproxy_metadata = "metadata/EL.xml"\nproxy_metadata_sha256 = "{digest}"\n'.encode()


def measure(world: instance.Instance, signer: Signer, logins: int) -> tuple[float, float, tuple[float, float]]:
    """(CPU ms, requests) per login, and (resident, proportional) MB of the worker."""
    with gunicorn("wsgi:app", world.port, 1, world.environ) as pid:
        citizen = European(world.port, world.host)
        country = node.met(signer, citizen.ask("GET", "/eidas/connector/metadata")[2].encode())
        for _ in range(20):
            citizen.through(world, country)
        pids, before, asked = family(pid), cpu_ms(family(pid)), citizen.requests
        for _ in range(logins):
            citizen.through(world, country)
        cost, requests = (cpu_ms(pids) - before) / logins, (citizen.requests - asked) / logins
        return cost, requests, max(memory_mb(worker) for worker in pids[1:])


# -- the floor --------------------------------------------------------------------------------------------------------

# What one European login does beside its seals: counted in the code, and asserted by tests/bench/test_floor.py.
SIGNATURES = 2  # ID token and userinfo, ES256
DERIVATIONS, SEALS, OPENINGS, READS, WRITES = 16, 9, 10, 11, 5


def bare(algorithm: str, rounds: int) -> dict[str, float]:
    """The unavoidable operations of one login, called bare: milliseconds by part."""
    shared = floor.bare_ms(rounds, SIGNATURES, 0, DERIVATIONS, SEALS, OPENINGS, READS, WRITES).parts
    return {**shared, **(_bare_curve(rounds) if algorithm == "P-256" else _bare_rsa(rounds))}


def _each(work: Callable[[], object], rounds: int) -> float:
    began = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - began) / rounds * 1000


def _bare_curve(rounds: int) -> dict[str, float]:
    own, theirs = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    data, peer, ecdsa = os.urandom(500), theirs.public_key(), ec.ECDSA(SHA256())
    signature, wrapped = theirs.sign(data, ecdsa), aes_key_wrap(bytes(32), bytes(32))
    return {
        "1 signature of a request": _each(lambda: own.sign(data, ecdsa), rounds),
        "1 verification of a response": _each(lambda: peer.verify(signature, data, ecdsa), rounds),
        "1 agreement, key unwrap": _each(lambda: own.exchange(ec.ECDH(), peer), rounds)
        + _each(lambda: aes_key_unwrap(bytes(32), wrapped), rounds),
        **_content(rounds),
    }


def _bare_rsa(rounds: int) -> dict[str, float]:
    own = rsa.generate_private_key(65537, 3072)
    public, data = own.public_key(), os.urandom(500)
    pss = padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH)
    oaep = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
    signature, wrapped = own.sign(data, pss, SHA256()), public.encrypt(bytes(32), oaep)
    return {
        "1 signature of a request": _each(lambda: own.sign(data, pss, SHA256()), rounds),
        "1 verification of a response": _each(lambda: public.verify(signature, data, pss, SHA256()), rounds),
        "1 decryption of a key": _each(lambda: own.decrypt(wrapped, oaep), rounds),
        **_content(rounds),
    }


def _content(rounds: int) -> dict[str, float]:
    cipher = AESGCM(bytes(32))
    sealed = cipher.encrypt(bytes(12), bytes(4096), None)
    return {"1 decryption of 4 KiB": _each(lambda: cipher.decrypt(bytes(12), sealed, None), rounds)}


# -- beside -----------------------------------------------------------------------------------------------------------


def sixty_countries() -> str:
    """Reading the metadata of sixty nodes, each with a key of its own: CPU and memory."""
    from metadata.read import read_proxy_service

    documents = [_document(number) for number in range(60)]
    read_proxy_service(documents[0], now=0, sandbox=True)  # the schemas are compiled
    memory, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    kept = [read_proxy_service(octets, now=0, sandbox=True) for octets in documents]
    took = time.process_time() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024
    return f"{len(kept)} countries in {took:.3f} s CPU, {grown:.1f} MB more"


def _document(number: int) -> bytes:
    from certs.authority import self_signed
    from certs.keys import generate_private

    certificate = self_signed(generate_private("P-256"), Use.SAML_SIGNING, f"node-{number}", int(time.time()))
    return node.metadata(certificate, f"http://node{number}.localhost/metadata")


def against_pysaml2(rounds: int) -> str:
    """One signature verified: pysaml2 with the program xmlsec1, against ours."""
    program = shutil.which("xmlsec1")
    if program is None:
        return "not measured: no xmlsec1 here (apt-get install xmlsec1)"
    from bench import elsewhere

    theirs, ours = elsewhere.compare(program, rounds)
    return f"pysaml2 with xmlsec1 {theirs:.1f} ms, ours {ours:.2f} ms: {theirs / ours:.0f} times"


def main() -> int:
    """Measure and print; the last line is the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logins", type=int, default=200, help="logins of each kind (default 200)")
    parser.add_argument("--quick", action="store_true", help="fewer of everything")
    options = parser.parse_args()
    logins = 40 if options.quick else options.logins
    ratios = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name, algorithm in KINDS.items():
            world = stack.enter_context(instance.make(folder / name))
            cost, requests, memory = measure(world, prepared(world, algorithm), logins)
            empty = measure_empty(world, round(requests), logins)
            parts = bare(algorithm, 100 if options.quick else 400)
            least = sum(parts.values()) + empty * requests
            ratios.append(cost / least)
            print(f"{name}", flush=True)
            print(f"  cost    {cost:6.2f} ms CPU per login in {requests:.0f} requests")
            whole = sum(parts.values())
            print(f"  floor   {least:6.2f} ms = {requests:.0f} empty requests of {empty:.3f} ms + {whole:.2f} ms bare")
            for part, milliseconds in parts.items():
                print(f"            {milliseconds:6.3f} ms {part}")
            print(
                f"  ratio   {cost / least:6.2f}; worker {memory[0]:.1f} MB resident, {memory[1]:.1f} MB proportional",
                flush=True,
            )
    print(f"metadata  {sixty_countries()}")
    print(f"pysaml2   {against_pysaml2(5 if options.quick else 20)}", flush=True)
    print(f"ratio {max(ratios):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
