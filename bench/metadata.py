"""What the metadata of other countries costs: taking that of sixty nodes out of the ledger at a start, and fetching it.

    python bench/metadata.py [--nodes 60] [--rounds 5]

In one process, with a memory store and no network, for P-256 and RSA-3072:
  cost   CPU milliseconds to build the countries from the ledger: every document proven again by its anchor, and read
  floor  the same documents parsed, validated against the schema and their signatures verified, called bare
Beside them the memory that the countries take, one turn of the refresher when every node has signed anew without news, and
one when none has changed (304). The last line is `ratio N.NN`: cost over floor, the worse of the two.
"""

import argparse
import gc
import sys
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cryptography.hazmat.primitives.hashes import SHA256  # noqa: E402

from bench.rows import Row, told  # noqa: E402
from broker.ledger import Ledger  # noqa: E402
from broker.parties import Country, Parties, Text  # noqa: E402
from broker.refreshing import MetadataWays, Refresher  # noqa: E402
from broker.seal import locator  # noqa: E402
from broker.settings.model import Settings, Support  # noqa: E402
from broker.store import open_store  # noqa: E402
from broker.trusting import with_trusted  # noqa: E402
from broker.vault import Vault  # noqa: E402
from certs.authority import self_signed  # noqa: E402
from certs.keys import Use, generate_private  # noqa: E402
from eidas import signature, xml  # noqa: E402
from eidas.algorithms import STRICT  # noqa: E402
from eidas.attributes import DEFINITIONS  # noqa: E402
from eidas.certificates import read_certificate  # noqa: E402
from eidas.keys import LocalSigner  # noqa: E402
from eidas.schema import check_schema  # noqa: E402
from eidas.vocabulary import NOTIFIED_LEVELS  # noqa: E402
from metadata.build import AboutUs, Mailbox, build_proxy_service  # noqa: E402
from metadata.read import LIMITS  # noqa: E402
from metadata.trust.links import Policy, read_anchor  # noqa: E402
from oidc.messages import HttpRequest, HttpResponse  # noqa: E402

NOW = 1_790_000_000
DAY = 86_400


class World:
    """So many nodes, each with an anchor and a message key of its own, and an instance that trusts them."""

    def __init__(self, kind: str, count: int) -> None:
        self.now = NOW
        self.unchanged = False
        self.signers = [self._signer(kind, Use.METADATA_SIGNING, number) for number in range(count)]
        self.messages = [self._signer(kind, Use.SAML_SIGNING, number) for number in range(count)]
        self.addresses = [f"https://node{number}.example/metadata" for number in range(count)]
        countries = {_code(number): self._country(number) for number in range(count)}
        store = open_store("memory:", lambda: self.now)
        self.ledger = Ledger(store)
        self.settings = Settings(
            folder=ROOT,
            secrets_folder=ROOT,
            mode="production",
            public_url="https://fc.example",
            name=Text("", ""),
            support=Support(),
            database="memory:",
            sso_minutes=30,
            step_minutes=30,
            journal_days=30,
            peppers=(bytes(32),),
            sub_keys={},
            client_secret_key=bytes(32),
            parties=Parties({}, {}, countries),
        )
        vault, ways = Vault(store, locator((bytes(32),))), MetadataWays(self.fetch, self.fetch)
        self.refresher = Refresher(self.ledger, vault, ways, lambda: self.now)

    def _signer(self, kind: str, use: Use, number: int) -> LocalSigner:
        private = generate_private(kind)
        return LocalSigner(private, SHA256(), self_signed(private, use, f"node {number}", NOW - DAY))

    def _country(self, number: int) -> Country:
        code, anchor = _code(number), self.signers[number].certificate
        return Country(
            code=code,
            proxy=None,
            compatibility=STRICT,
            sources={"proxy": self.addresses[number]},
            anchors=(read_anchor(code, anchor),),
            policy=Policy(code),
            updates="auto",
        )

    def document(self, number: int) -> bytes:
        """What a node publishes now."""
        about = AboutUs(
            entity_id=self.addresses[number],
            country=_code(number),
            organisation="Bench",
            site="https://bench.example",
            contacts=(Mailbox("technical", "a@bench.example"), Mailbox("support", "b@bench.example")),
            signing=(self.messages[number].certificate,),
            encryption=(),
            valid_until=self.now + 7 * DAY,
            version="1.0",
        )
        sso = f"https://node{number}.example/sso"
        return build_proxy_service(about, sso, NOTIFIED_LEVELS, list(DEFINITIONS)[:12], self.signers[number])

    def fetch(self, request: HttpRequest, *, allow_private: bool = False) -> HttpResponse:  # noqa: ARG002 - the port's
        """As a node answers."""
        if self.unchanged:
            return HttpResponse(304, {}, b"")
        return HttpResponse(200, {"etag": '"1"'}, self.prepared[request.url])

    def prepare(self) -> None:
        """Sign what is published, outside of what is measured."""
        self.prepared = {address: self.document(number) for number, address in enumerate(self.addresses)}

    def refresh(self) -> float:
        """One turn; its CPU in milliseconds."""
        settings = with_trusted(self.settings, self.ledger, self.now)
        began = time.process_time()
        self.refresher.refresh(settings, at_once=True)
        return (time.process_time() - began) * 1000

    def load(self) -> tuple[Settings, float]:
        """The countries out of the ledger; the CPU in milliseconds."""
        began = time.process_time()
        settings = with_trusted(self.settings, self.ledger, self.now)
        return settings, (time.process_time() - began) * 1000

    def bare(self) -> float:
        """The floor: the same octets parsed, validated and verified; the CPU in milliseconds."""
        trusted = [read_certificate(signer.certificate) for signer in self.signers]
        began = time.process_time()
        for number, address in enumerate(self.addresses):
            root = xml.parse(self.prepared[address], LIMITS)
            check_schema(root)
            signature.verify(root, [trusted[number]], STRICT)
        return (time.process_time() - began) * 1000


def _code(number: int) -> str:
    return f"{chr(65 + number // 26)}{chr(65 + number % 26)}"


def measure(kind: str, count: int, rounds: int) -> tuple[float, list[Row]]:
    """The ratio for one kind of key, and the rows."""
    world = World(kind, count)
    world.prepare()
    first = world.refresh()
    gc.collect()
    tracemalloc.start()
    settings, _ = world.load()
    taken = tracemalloc.get_traced_memory()[0] / 1_000_000
    tracemalloc.stop()
    found = sum(country.proxy is not None for country in settings.parties.countries.values())
    if found != count:
        sys.exit(f"only {found} of {count} nodes are in force")
    size = sum(map(len, world.prepared.values())) // count
    cost = min(world.load()[1] for _ in range(rounds))
    floor = min(world.bare() for _ in range(rounds))
    world.now += 3600
    world.prepare()
    again = world.refresh()
    world.unchanged = True
    world.settings = replace(world.settings)
    nothing = world.refresh()
    name = f"{count} nodes of {size} octets, {kind}"
    rows = [
        Row(f"{name}: out of the ledger", f"{cost:.0f} ms CPU", "≤ 500 ms"),
        Row(f"{name}: floor", f"{floor:.0f} ms CPU"),
        Row(f"{name}: ratio, cost over floor", f"{cost / floor:.2f}", "≤ 2.0"),
        Row(f"{name}: Python objects", f"{taken:.1f} MB", "≤ 15 MB"),
        Row(f"{name}: a turn, all new", f"{first:.0f} ms CPU"),
        Row(f"{name}: a turn, all signed anew", f"{again:.0f} ms CPU"),
        Row(f"{name}: a turn, none changed", f"{nothing:.0f} ms CPU"),
    ]
    return cost / floor, rows


def run(nodes: int, rounds: int) -> tuple[float, list[Row]]:
    """Measure and print everything; the worse ratio, and the rows."""
    ratios, found = [], []
    for kind in ("P-256", "RSA-3072"):
        ratio, rows = measure(kind, nodes, rounds)
        told(rows)
        ratios.append(ratio)
        found += rows
    return max(ratios), found


def main() -> None:
    """Measure, and say the ratio."""
    parser = argparse.ArgumentParser(description="What the metadata of other countries costs.")
    parser.add_argument("--nodes", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    ratio, _ = run(asked.nodes, asked.rounds)
    print(f"ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
