"""The examples of docs/fd/integrate.md and docs/fs/data.md work together, exactly as they stand there."""

import json
import re
import runpy
import socket
import threading
from pathlib import Path

import pytest
import requests
from joserfc.jwk import ECKey, KeySet
from werkzeug.serving import make_server

from broker.app import now
from broker.sandbox import instance
from broker.sandbox.data.records import record
from broker.sandbox.parties import Address
from broker.sandbox.world import build_world
from tests.broker.sandbox.agreeing import ASSURANCE, MAIRIE, POINTS, REVENUS, withdraw
from tests.broker.sandbox.browsing import Browser
from tests.broker.sandbox.byhand import code, form_of, secret_of, tokens_of

pytestmark = pytest.mark.loopback

DOCS = Path(__file__).parents[4] / "docs"
PLAIN, BOUND = range(2)


def example(folder, page, number=0):
    """The functions of an example of a page."""
    found = re.findall(r"^```python\n(.*?)^```$", (DOCS / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    path = folder / f"{Path(page).stem}_{number}.py"
    path.write_text(found[number], "utf-8")
    return runpy.run_path(str(path))


@pytest.fixture(scope="module")
def patch():
    """Changes that last as long as the tests of this file."""
    with pytest.MonkeyPatch.context() as patched:
        yield patched


@pytest.fixture(scope="module")
def served(tmp_path_factory, patch):
    """The demo, in which the example of a data provider has taken the place of Revenus Démo; and where it is."""
    ask = socket.getaddrinfo  # Python does not know the names under .localhost everywhere (RFC 6761 6.3)
    patch.setattr(socket, "getaddrinfo", lambda host, *more, **named: ask(_ours(host), *more, **named))
    folder = tmp_path_factory.mktemp("examples")
    address = Address(_free_port())
    keys = KeySet([ECKey.generate_key("P-256", {"use": use}, auto_kid=True) for use in ("sig", "enc")])
    (folder / "keys.json").write_text(json.dumps(keys.as_dict(private=True)), "ascii")
    environ = {"ISSUER": address.issuer, "CLIENT_ID": REVENUS.id, "KEYS": str(folder / "keys.json")}
    for name, value in environ.items():
        patch.setenv(name, value)
    server = make_server("127.0.0.1", 0, example(folder, "fd/integrate.md")["app"], threaded=True)
    home = f"http://example.localhost:{server.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    world = build_world(_instance(folder / "demo", address, home), address.port, database="memory:")
    with world.serve():
        yield world, home
    server.shutdown()
    thread.join()
    server.server_close()


def _ours(host):
    return "127.0.0.1" if str(host).endswith(".localhost") else host


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _instance(folder, address, home):
    """The demo's folder, with the keys of the example."""
    instance.prepare(folder, address, now())
    file = folder / f"partners/fd/{REVENUS.id}.toml"
    text = file.read_text("utf-8")
    file.write_text(text.replace(f"{address.of(REVENUS.host)}/jwks", f"{home}/jwks"), "utf-8")
    return folder


# -- a bearer token ---------------------------------------------------------------------------------------------------


def test_the_example_of_a_service_gets_data_from_the_example_of_a_data_provider(served, tmp_path):
    world, home = served
    ask = example(tmp_path, "fs/data.md", PLAIN)["ask"]
    tokens = tokens_of(world, Browser(), "revenu_fiscal")
    assert ask(tokens, f"{home}/api/revenu_fiscal", "revenu_fiscal") == 21_430


def test_what_was_refused_is_not_even_asked_for(served, tmp_path):
    world, _ = served
    ask = example(tmp_path, "fs/data.md", PLAIN)["ask"]
    assert ask(tokens_of(world, Browser(), "revenu_fiscal"), "http://nobody.localhost:1/", "nombre_parts") is None


def test_after_a_withdrawal_there_is_nothing(served, tmp_path):
    world, home = served
    browser, ask = Browser(), example(tmp_path, "fs/data.md", PLAIN)["ask"]
    tokens = tokens_of(world, browser, "revenu_fiscal")
    withdraw(world, browser, REVENUS.id)
    assert ask(tokens, f"{home}/api/revenu_fiscal", "revenu_fiscal") is None


def called(home, token="", scheme="Bearer"):
    headers = {"Authorization": f"{scheme} {token}"} if token else {}
    answer = requests.get(f"{home}/api/revenu_fiscal", headers=headers, timeout=10)
    return answer.status_code, answer.headers.get("WWW-Authenticate")


def test_the_example_of_a_data_provider_refuses_as_the_standard_says(served):
    world, home = served
    assert called(home) == (401, "Bearer")
    assert called(home, "token", "DPoP") == (401, "Bearer")
    assert called(home, "never-issued") == (401, 'Bearer error="invalid_token"')
    token = tokens_of(world, Browser(), "nombre_parts")["access_token"]
    assert called(home, token) == (403, 'Bearer error="insufficient_scope"')


def test_the_example_of_a_data_provider_believes_no_bearer_token_that_is_bound(served, tmp_path):
    world, home = served
    bound = example(tmp_path, "fs/data.md", BOUND)
    came = code(world, Browser(), MAIRIE, "revenu_fiscal", ["revenu_fiscal"], dpop_jkt=bound["JKT"])
    endpoint = f"{world.address.issuer}/token"
    proof = {"DPoP": bound["proof"]("POST", endpoint)}
    form = form_of(world, MAIRIE, came)
    tokens = requests.post(endpoint, form, auth=(MAIRIE.id, secret_of(world, MAIRIE)), headers=proof, timeout=10).json()
    assert tokens["token_type"] == "DPoP"
    assert called(home, tokens["access_token"]) == (401, 'Bearer error="invalid_token"')


# -- a token that is bound --------------------------------------------------------------------------------------------


def bound_tokens(world, bound):
    """The token answer that the insurance got with a proof."""
    came = code(world, Browser(), ASSURANCE, "permis_points", ["permis_points"], dpop_jkt=bound["JKT"])
    credentials = {"client_id": ASSURANCE.id, "client_secret": secret_of(world, ASSURANCE)}
    form = {**form_of(world, ASSURANCE, came), **credentials}
    return bound["redeem"](f"{world.address.issuer}/token", form)


def test_the_example_with_a_key_gets_data_where_proofs_are_read(served, tmp_path):
    world, _ = served
    bound = example(tmp_path, "fs/data.md", BOUND)
    tokens = bound_tokens(world, bound)
    angela = {"given_name": "Angela Claire Louise", "family_name": "DUBOIS", "birthdate": "1962-08-24"}
    url = f"{world.address.resource(POINTS)}/permis_points"
    assert tokens["token_type"] == "DPoP"
    assert bound["ask"](tokens, url, "permis_points") == record("permis_points", angela)


def test_with_another_key_there_is_nothing(served, tmp_path):
    world, _ = served
    tokens = bound_tokens(world, example(tmp_path, "fs/data.md", BOUND))
    thief = example(tmp_path, "fs/data.md", BOUND)
    assert thief["ask"](tokens, f"{world.address.resource(POINTS)}/permis_points", "permis_points") is None
