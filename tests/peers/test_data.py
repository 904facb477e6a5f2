"""oauth4webapi has tokens checked as a data provider, and asks data providers as a service: neither side is ours."""

import json
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import pytest
import requests

from broker.app import now
from broker.sandbox import instance
from broker.sandbox.data.records import record
from broker.sandbox.parties import Address
from broker.sandbox.service import CALLBACK
from broker.sandbox.world import World, build_world
from tests.broker.sandbox.agreeing import ASSURANCE, POINTS, REVENUS, withdraw
from tests.broker.sandbox.browsing import Browser
from tests.broker.sandbox.byhand import came, code, form_of, secret_of, tokens_of
from tests.peers.programs import free_port, program
from tests.peers.world import HERE

ANGELA = {"given_name": "Angela Claire Louise", "family_name": "DUBOIS", "birthdate": "1962-08-24"}


@dataclass(frozen=True)
class Served:
    """The demo, and data providers of others in the place of its own at this port."""

    world: World
    port: int

    def check(self, way: str, token: str) -> tuple[int, dict]:
        """Somebody brings a token to a data provider: its answer, and what it found."""
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.get(f"http://127.0.0.1:{self.port}/{way}", headers=headers, timeout=10)
        return answer.status_code, answer.json()


@pytest.fixture(scope="module")
def served(tmp_path_factory, node) -> Iterator[Served]:
    """Everything, for the tests of this file."""
    folder, address, port = tmp_path_factory.mktemp("data"), Address(free_port()), free_port()
    instance.prepare(folder / "demo", address, now())
    file = folder / f"demo/partners/fd/{REVENUS.id}.toml"
    home = f"http://peer.localhost:{port}"
    file.write_text(file.read_text("utf-8").replace(f"{address.of(REVENUS.host)}/jwks", f"{home}/jwks"), "utf-8")
    other = folder / f"demo/partners/fd/{POINTS.id}.toml"
    other.write_text(other.read_text("utf-8").replace("client_secret_basic", "client_secret"), "utf-8")
    secret = {"client_id": POINTS.id, "client_secret": instance.secret_of(folder / "demo", POINTS)}
    facts = {"port": port, "issuer": address.issuer, "keyed": REVENUS.id, "secret": secret}
    command = [node, str(HERE / "resource.mjs"), json.dumps(facts)]
    with program(folder, "resource", port, command):
        world = build_world(folder / "demo", address.port, database="memory:")
        with world.serve():
            yield Served(world, port)


@pytest.fixture(autouse=True)
def names(monkeypatch):
    """Python does not know the names under .localhost everywhere (RFC 6761 6.3)."""
    ask = socket.getaddrinfo
    ours = "127.0.0.1"
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *more, **how: ask(ours if str(host).endswith(".localhost") else host, *more, **how),
    )


# -- another's data provider ------------------------------------------------------------------------------------------


def test_an_encrypted_answer_is_opened_and_its_signature_verified(served):
    tokens = tokens_of(served.world, Browser(), "revenu_fiscal")
    status, answer = served.check("sealed", tokens["access_token"])
    assert (status, answer["found"]["active"]) == (200, True)
    assert {name: answer["found"][name] for name in ANGELA} == ANGELA
    assert (answer["found"]["scope"], answer["found"]["aud"]) == ("revenu_fiscal", "mairie-demo")


def points_token(served, browser):
    """A token of the insurance that is for whoever delivers points."""
    world = served.world
    form = form_of(world, ASSURANCE, code(world, browser, ASSURANCE, "permis_points", ["permis_points"]))
    form |= {"client_id": ASSURANCE.id, "client_secret": secret_of(world, ASSURANCE)}
    return requests.post(f"{world.address.issuer}/token", form, timeout=10).json()["access_token"]


@pytest.mark.parametrize("way", ["signed", "plain"])
def test_a_data_provider_with_a_secret_is_answered_in_the_form_that_it_asks_for(served, way):
    status, answer = served.check(way, points_token(served, Browser()))
    found = answer["found"]
    assert (status, found["active"], found["scope"]) == (200, True, "permis_points")
    named = {"signed": ("aud", "assurance-demo"), "plain": ("client_id", "assurance-demo")}[way]
    assert found[named[0]] == named[1]


@pytest.mark.parametrize("way", ["sealed", "signed", "plain"])
def test_what_is_no_token_is_inactive_and_no_error(served, way):
    assert served.check(way, "never-issued") == (401, {"found": {"active": False}})


@pytest.mark.parametrize("way", ["signed", "plain"])
def test_a_token_for_another_data_provider_is_inactive(served, way):
    tokens = tokens_of(served.world, Browser(), "revenu_fiscal")
    assert served.check(way, tokens["access_token"]) == (401, {"found": {"active": False}})


def test_after_a_withdrawal_it_is_inactive(served):
    browser = Browser()
    token = tokens_of(served.world, browser, "revenu_fiscal")["access_token"]
    assert served.check("sealed", token)[0] == 200
    withdraw(served.world, browser, REVENUS.id)
    assert served.check("sealed", token) == (401, {"found": {"active": False}})


# -- another's service ------------------------------------------------------------------------------------------------


def line(said: IO[str]) -> dict | str:
    """What the service says next."""
    got = said.readline()
    assert got[:1] in ('"', "{"), got + said.read()
    return json.loads(got)


def test_a_service_asks_by_a_token_that_is_for_one_alone_and_bound_to_its_key(served, node):
    address = served.world.address
    facts = {
        "issuer": address.issuer,
        "client_id": ASSURANCE.id,
        "client_secret": secret_of(served.world, ASSURANCE),
        "redirect_uri": address.of(ASSURANCE.host, CALLBACK),
        "scope": "openid identite_pivot permis_points retraite_estimation",
        "resource": address.resource(POINTS),
    }
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen([node, str(HERE / "asking.mjs"), json.dumps(facts)], **pipes) as service:
        back = came(Browser(), line(service.stdout), ["permis_points"])
        print(back, file=service.stdin, flush=True)
        got = line(service.stdout)
        service.kill()
    assert got["tokens"] == {"type": "dpop", "scope": "openid permis_points"}  # it opens no userinfo
    assert got["data"] == {"permis_points": record("permis_points", ANGELA)}
    assert (got["bearer"], got["userinfo"]) == ("invalid_token", "invalid_token")
