"""What a European login costs Passerelle: CPU of the gunicorn worker per login, beside its floor, for curves and for RSA.

    python bench/eidas.py [--logins 200] [--quick]

Two logins: a citizen of another country here (we are the Connector: authorize, choice, countries, passage, answer, confirm,
token, userinfo), and a French one there (we are the Proxy-Service: request, choice, provider, confirm, answer). For P-256
(ECDSA, ECDH-ES) and for RSA-3072 (PSS, OAEP) on both sides, in one run:
  cost   CPU milliseconds per complete login behind gunicorn, one worker, SQLite; the country is in this process and the
         provider in another, whose CPU does not count
  floor  the same signatures, verifications, encryption or decryption, seals, openings, statements and requests to the
         provider called bare, plus the same messages behind the same gunicorn, read by Flask and answered with the same
         octets (mirror.py)
Beside them: reading the metadata of 60 countries, memory of a worker, and, where the program xmlsec1 is installed, what
pysaml2 takes to verify one signature by it, against ours. The last line is `ratio N.NN`: cost over floor, the worst of the
four.
"""

import argparse
import hashlib
import resource
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import asker, floor, instance, messages, node  # noqa: E402
from bench.citizen import Citizen  # noqa: E402
from bench.costs import Costs, measure  # noqa: E402
from bench.login import compared  # noqa: E402
from bench.processes import gunicorn, memory_mb  # noqa: E402
from bench.rows import Row, told  # noqa: E402
from certs.keyring import make_missing  # noqa: E402
from certs.keys import Use  # noqa: E402
from eidas.keys import Decrypter, Signer  # noqa: E402

KINDS = {"P-256": "P-256", "RSA-3072": "RSA-3072"}
_NODE = """
[eidas]
roles = ["connector", "proxy"]
organisation = { name = "Bench", url = "http://fc.localhost" }
contacts = [{ type = "technical", mail = "x@fc.example" }]
"""


class European(Citizen):
    """Logs in through another country, or comes from a service there."""

    def through(self, world: instance.Instance, country: node.Node) -> None:
        """A whole login here; ends the program when anything is not as it should be."""
        self.come_anew()
        form = self.form(self.sent(world))
        _, countries, _ = self.ask("POST", "/choisir", urlencode({**form, "action": "europe"}))
        form = self.form(countries)
        _, passage, _ = self.ask("POST", "/eidas/pays", urlencode({**form, "country": "EL"}))
        answer = country.answer(self.ask("GET", passage)[2])
        _, confirm, _ = self.ask("POST", "/eidas/connector/acs", urlencode(answer))
        self.read(self.handed(world, confirm))

    def abroad(self, world: instance.Instance, country: asker.Asker) -> None:
        """A whole login there; what comes back is read by every rule, and ends the program when one is broken."""
        self.come_anew()
        request = country.request()
        _, choice, _ = self.ask("POST", "/eidas/proxy/sso", urlencode(country.form(request)))
        agreed = {**self.form(self.vouched(world, choice)), "action": "continue", "attribute": "BirthName"}
        _, back, _ = self.ask("POST", "/confirmer", urlencode(agreed))
        country.check(request, self.ask("GET", back)[2])


@dataclass(frozen=True)
class Keys:
    """The keys of the two nodes of other countries."""

    greek: Signer
    italian: tuple[Signer, Decrypter]


def prepared(world: instance.Instance, algorithm: str) -> Keys:
    """Make the instance a node with keys of this kind, and pin two countries; gives the countries' keys."""
    uses = (Use.SAML_SIGNING, Use.SAML_DECRYPTION, Use.METADATA_SIGNING)
    make_missing(world.folder / "secrets/keys", uses, int(time.time()), "fc.localhost", algorithm)
    greek = node.signer_in(world.folder / "their-keys", algorithm)
    italian, opener, encryption = asker.keys_in(world.folder / "italian-keys", algorithm)
    _pin(world.folder, "EL", "proxy", node.metadata(greek.certificate))
    _pin(world.folder, "IT", "connector", asker.metadata(italian.certificate, encryption))
    for name, more in (("passerelle.toml", _NODE), ("partners/fs/service.toml", "europe = true\n")):
        path = world.folder / name
        path.write_text(path.read_text() + more)
    return Keys(greek, (italian, opener))


def _pin(folder: Path, code: str, role: str, octets: bytes) -> None:
    kept, digest = f"metadata/{code}.xml", hashlib.sha256(octets).hexdigest()
    text = f'[country]\ncode = "{code}"\n{role}_metadata = "{kept}"\n{role}_metadata_sha256 = "{digest}"\n'
    for name, content in ((kept, octets), (f"partners/countries/{code}.toml", text.encode())):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def measure_way(world: instance.Instance, way: str, keys: Keys, logins: int) -> tuple[Costs, tuple[float, float]]:
    """One way, "through" a country or "abroad": its costs, and (resident, proportional) MB of the worker."""
    with gunicorn("wsgi:app", world.port, 1, world.environ) as pids:
        citizen = European(world.port, world.host)
        country = _met(citizen, way, keys)
        log_in = getattr(citizen, way)
        costs = measure(world, pids, citizen, lambda: log_in(world, country), logins)
        return costs, memory_mb(pids[1:])


def _met(citizen: European, way: str, keys: Keys) -> node.Node | asker.Asker:
    """The country, once it has read our metadata."""
    role = "connector" if way == "through" else "proxy"
    ours = citizen.ask("GET", f"/eidas/{role}/metadata")[2].encode()
    return node.met(keys.greek, ours) if way == "through" else asker.met(*keys.italian, ours)


# -- the floor --------------------------------------------------------------------------------------------------------

# What one login does beside its messages: counted in the code, and asserted by tests/bench/test_floor.py. ES256 signatures
# (ID token, userinfo), verifications (the provider's ID token), derivations, seals, openings, reads, writes.
COUNTS = {"through": (2, 0, 16, 9, 10, 11, 5), "abroad": (0, 1, 9, 6, 6, 6, 4)}
WAYS = {"through": "European here", "abroad": "French abroad"}


ASKS = {"through": 0, "abroad": 2}  # requests to the provider


def bare(world: instance.Instance, way: str, algorithm: str, rounds: int) -> dict[str, float]:
    """The unavoidable operations of one login, called bare: milliseconds by part."""
    shared = floor.bare_ms(rounds, *COUNTS[way]).parts
    asks = floor.asks_ms(world.provider_port, rounds, ASKS[way])
    return {**shared, **messages.bare(way, algorithm, rounds), **asks}


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


def run(logins: int, quick: bool) -> tuple[float, list[Row]]:
    """Measure and print everything; the worst ratio, and the rows."""
    found: list[Row] = []
    ratios = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name, algorithm in KINDS.items():
            world = stack.enter_context(instance.make(folder / name))
            keys = prepared(world, algorithm)
            for way, words in WAYS.items():
                costs, (resident, proportional) = measure_way(world, way, keys, logins)
                ratio, rows = compared(f"{words}, {name}", costs, bare(world, way, algorithm, 100 if quick else 400))
                rows.append(Row(f"{words}, {name}: worker", f"{resident:.1f} MB, {proportional:.1f} MB proportional"))
                told(rows)
                found += rows
                ratios.append(ratio)
    beside = [Row("Metadata of 60 countries read", sixty_countries())]
    beside.append(Row("One signature verified", against_pysaml2(5 if quick else 20)))
    told(beside)
    return max(ratios), [*found, *beside]


def main() -> int:
    """Measure and print; the last line is the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logins", type=int, default=200, help="logins of each kind (default 200)")
    parser.add_argument("--quick", action="store_true", help="fewer of everything")
    options = parser.parse_args()
    ratio, _ = run(40 if options.quick else options.logins, options.quick)
    print(f"ratio {ratio:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
