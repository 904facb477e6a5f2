"""What a check of a token costs Passerelle: CPU of the gunicorn worker per check, beside its floor, and checks per second.

    python bench/checktoken.py [--checks 4000] [--quick]

A data provider has the token of one login checked again and again, twenty times over a connection, in two ways: by a
secret, answered in a signed JWT; and by its key (private_key_jwt), answered in one that is encrypted as well. In one run,
in turns, with the same gunicorn settings:
  cost   CPU milliseconds of our processes per check behind gunicorn, ES256 keys, SQLite
  floor  the same signature, verification, derivations, seals, openings, statements and encryption called bare, plus the
         same messages behind the same gunicorn, read by Flask and answered with the same octets (mirror.py)
  rate   checks per second measured with gunicorn on all cores, with SQLite and with PostgreSQL, beside the CPU share that
         everybody else on the machine took (the data provider runs on the same cores)

PostgreSQL is used when a server can be started here. The last line is `ratio N.NN`: cost over floor, the worse of the two.
"""

import argparse
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402
from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: E402
from joserfc import jws  # noqa: E402
from joserfc.jwk import ECKey  # noqa: E402

from bench import floor, instance  # noqa: E402
from bench.citizen import Citizen, spread  # noqa: E402
from bench.costs import Costs, measure  # noqa: E402
from bench.processes import cpu_ms, gunicorn, machine_ms  # noqa: E402
from bench.rows import Row, told  # noqa: E402
from broker.client_secrets import digest  # noqa: E402
from broker.commands.skeleton import write_secret  # noqa: E402

_CROWD, _AT_ONCE = 8, 20
_GRANTS = '\n[[fs.data]]\nscope = "income"\nlegal_basis = "law"\n'
_DATA_PROVIDER = """
[fd]
id = "fd"
name = {{ fr = "Revenus", en = "Income" }}
resource = "http://fd.localhost/api"
identity = ["given_name", "family_name", "birthdate"]
lifetime = "30m"
checks_per_minute = 1000000
{way}
contacts = [{{ type = "technical", mail = "x@fd.example" }}]

[[fd.scope]]
name = "income"
label = {{ fr = "Votre revenu", en = "Your income" }}
legal_basis = "law"
"""


@dataclass(frozen=True)
class Way:
    """How the data provider says who it is and is answered: the words of its file, what one check does beside its messages
    (see `floor.bare_ms`), and how often something is encrypted for it.
    """

    words: str
    counts: dict[str, int]
    encryptions: int = 0


# Counted in the code, and asserted by tests/bench/test_floor.py.
WAYS = {
    "secret, signed": Way(
        'auth = "client_secret_post"',
        {"signatures": 1, "verifications": 0, "derivations": 1, "seals": 0, "openings": 1, "reads": 1, "writes": 1},
    ),
    "key, encrypted": Way(
        'auth = "private_key_jwt"\njwks_file = "certs/fd.jwks"\nencryption = "ECDH-ES"',
        {"signatures": 1, "verifications": 1, "derivations": 2, "seals": 1, "openings": 1, "reads": 1, "writes": 2},
        1,
    ),
}


class Office(Citizen):
    """A data provider, which was handed the token of a login."""

    def __init__(self, world: instance.Instance, key: ECKey, way: str) -> None:
        super().__init__(world.port, world.host)
        self._key = key
        self._signs = "key" in way
        self._audience = f"http://{world.host}/api/v2"
        choice = self.sent(world, scope="openid identite_pivot income")
        self._token = self.handed(world, self.vouched(world, choice), data="income")

    def check(self) -> None:
        """Checks over a new connection; ends the program when anything is not as it should be."""
        self.come_anew()
        for _ in range(_AT_ONCE):
            status, _, answer = self.ask("POST", "/api/v2/checktoken", urlencode(self._request()))
            if status != 200 or answer.count(".") != (4 if self._signs else 2) or len(answer) < 600:
                raise SystemExit(f"the check failed: {status} {answer[:200]}")

    def _request(self) -> dict[str, str]:
        asked = {"token": self._token, "client_id": "fd"}
        if not self._signs:
            return {**asked, "client_secret": instance.SECRET}
        now = int(time.time())
        claims = {"iss": "fd", "sub": "fd", "aud": self._audience, "iat": now, "exp": now + 60}
        octets = json.dumps({**claims, "jti": secrets.token_urlsafe(16)}).encode()
        assertion = jws.serialize_compact({"alg": "ES256", "kid": self._key.kid}, octets, self._key)
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return {**asked, "client_assertion": assertion, "client_assertion_type": kind}


def prepared(world: instance.Instance, way: str) -> ECKey:
    """Register the data provider, and grant the service what it delivers; its key."""
    signing, opening = (ECKey.generate_key("P-256", {"kid": use, "use": use}) for use in ("sig", "enc"))
    service = world.folder / "partners/fs/service.toml"
    service.write_text(service.read_text() + _GRANTS)
    for name, text in (
        ("partners/fd/fd.toml", _DATA_PROVIDER.format(way=WAYS[way].words)),
        ("certs/fd.jwks", json.dumps({"keys": [key.as_dict(private=False) for key in (signing, opening)]})),
    ):
        (world.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (world.folder / name).write_text(text)
    key = bytes.fromhex((world.folder / "secrets/client-secrets.key").read_text().strip())
    write_secret(world.folder / "secrets/fd-fd", digest(key, "fd", instance.SECRET).hex())
    return signing


def measure_cost(world: instance.Instance, key: ECKey, way: str, checks: int) -> Costs:
    """One data provider, one worker: what twenty checks cost."""
    with gunicorn("wsgi:app", world.port, 1, world.environ) as pids:
        office = Office(world, key, way)
        return measure(world, pids, office, office.check, checks // _AT_ONCE)


def compared(way: str, costs: Costs, rounds: int) -> tuple[float, list[Row]]:
    """The ratio of a check over its floor, and the rows that say of what the floor consists."""
    parts = {**floor.bare_ms(rounds, **WAYS[way].counts).parts, **encryption_ms(rounds, WAYS[way].encryptions)}
    parts = {part: milliseconds for part, milliseconds in parts.items() if milliseconds}
    cost, same, empty = (whole / _AT_ONCE for whole in (costs.cost, costs.same, costs.empty))
    bare = sum(parts.values())
    ratio = cost / (same + bare)
    rows = [
        Row(f"Check, {way}: CPU", f"{cost:.3f} ms"),
        Row(f"Check, {way}: floor", f"{same + bare:.3f} ms"),
        Row("- the same messages, nothing done", f"{same:.3f} ms"),
        *(Row(f"- {part}", f"{milliseconds:.3f} ms") for part, milliseconds in parts.items()),
        Row(f"Check, {way}: ratio, cost over floor", f"{ratio:.2f}", "≤ 2.0"),
        Row(f"Check, {way}: ratio, were the messages empty ({empty:.2f} ms)", f"{cost / (empty + bare):.2f}"),
    ]
    return ratio, rows


def encryption_ms(rounds: int, times: int) -> dict[str, float]:
    """ECDH-ES on P-256 with AES-256-GCM, called bare."""
    theirs, data = ec.generate_private_key(ec.SECP256R1()).public_key(), os.urandom(700)

    def encrypt() -> bytes:
        shared = ec.generate_private_key(ec.SECP256R1()).exchange(ec.ECDH(), theirs)
        return AESGCM(shared).encrypt(shared[:12], data, None)

    return {f"{times} encryption": times * _each(encrypt, rounds)}


def _each(work: Callable[[], object], rounds: int) -> float:
    began = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - began) / rounds * 1000


def rate(name: str, world: instance.Instance, checks: int) -> list[Row]:
    """Checks per second on all cores by eight data providers' processes, and how the CPU was shared."""
    cores, way = os.cpu_count() or 1, "secret, signed"
    key = prepared(world, way)
    with gunicorn("wsgi:app", world.port, cores, world.environ) as pids:
        offices: list[Citizen] = [Office(world, key, way) for _ in range(_CROWD)]
        spread(offices, _check, _CROWD)
        ours, all_of_it = cpu_ms(pids), machine_ms()
        seconds = spread(offices, _check, checks // _AT_ONCE)
        ours, all_of_it = cpu_ms(pids) - ours, machine_ms() - all_of_it
    done = checks // _AT_ONCE // _CROWD * _CROWD * _AT_ONCE
    return [
        Row(f"{name}: checks per second on {cores} cores", f"{done / seconds:.0f}"),
        Row(f"{name}: our share of the CPU in use meanwhile", f"{ours / all_of_it:.0%}"),
        Row(f"{name}: capacity of {cores} cores, at {ours / done:.3f} ms", f"{cores * 1000 * done / ours:.0f}/s"),
    ]


def _check(office: Citizen) -> None:
    assert isinstance(office, Office)  # noqa: S101 - they are made here
    office.check()


def run(checks: int, quick: bool) -> tuple[float, list[Row]]:
    """Measure and print everything; the worse ratio, and the rows."""
    found: list[Row] = []
    ratios = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for number, way in enumerate(WAYS):
            world = stack.enter_context(instance.make(folder / f"way{number}"))
            costs = measure_cost(world, prepared(world, way), way, checks)
            ratio, rows = compared(way, costs, 100 if quick else 400)
            told(rows)
            found += rows
            ratios.append(ratio)
        databases: dict[str, str | None] = {"SQLite": None}
        if not quick and (postgres := stack.enter_context(instance.postgres(folder))):
            databases["PostgreSQL"] = postgres
        elif not quick:
            print("PostgreSQL is not measured: no server here (apt-get install postgresql)")
        for name, database in databases.items():
            rows = rate(name, stack.enter_context(instance.make(folder / name, database)), 1600 if quick else 8000)
            told(rows)
            found += rows
    return max(ratios), found


def main() -> int:
    """Measure and print; the last line is the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checks", type=int, default=4000, help="checks of the cost (default 4000)")
    parser.add_argument("--quick", action="store_true", help="fewer of everything, no PostgreSQL")
    options = parser.parse_args()
    ratio, _ = run(800 if options.quick else options.checks, options.quick)
    print(f"ratio {ratio:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
