"""passerelle fs test: what it takes, what it refuses, what it writes. The scenarios have tests of their own."""

import json
import re
import socket
from pathlib import Path

import pytest

from broker.sandbox.rehearsal.course import SCENARIOS
from tests.broker.commands.conftest import Run
from tests.broker.sandbox.rehearsal.services import Pages, example, served
from tests.peers.programs import free_port

SECRET = re.compile(r"client_secret (\S+)")


@pytest.fixture
def home() -> str:
    return f"http://localhost:{free_port()}"


@pytest.fixture
def public() -> str:
    return f"http://localhost:{free_port()}"


@pytest.fixture
def sandbox(empty: Path, public: str) -> Path:
    """An instance for trying things out."""
    main = (empty / "passerelle.toml").read_text("utf-8")
    changed = re.sub(r"(?m)^public_url .*$", f'public_url = "{public}"', main)
    (empty / "passerelle.toml").write_text(re.sub(r"(?m)^mode .*$", 'mode = "sandbox"', changed), "utf-8")
    return empty


@pytest.fixture
def secret(run: Run, sandbox: Path, home: str) -> str:
    """The secret of a service that was registered there."""
    registered = run("fs", "new", "ecole", "--redirect-uri", f"{home}/cb", "-C", sandbox)
    found = SECRET.search(registered.output)
    assert found, registered.output
    return found[1]


def module(home: str, public: str, secret: str, defect: str = ""):
    environ = {"ISSUER": f"{public}/api/v2", "CLIENT_ID": "ecole", "CLIENT_SECRET": secret}
    return example({**environ, "REDIRECT_URI": f"{home}/cb", "AFTER_LOGOUT": f"{home}/"}, defect)


@pytest.mark.loopback
@pytest.mark.parametrize(("defect", "code"), [("", 0), ("nonce", 1)])
def test_a_service_is_rehearsed_in_the_place_of_its_broker(run: Run, sandbox, home, public, secret, defect, code):
    with served(Pages(module(home, public, secret, defect), defect).app(), int(home.rpartition(":")[2])):
        result = run("fs", "test", "ecole", "--callback", f"{home}/cb", "--only", "5, 16", "-C", sandbox)
    lines = result.output.splitlines()
    assert (result.exit_code, lines[0]) == (code, f"FS ecole  {home}/cb    issuer {public}/api/v2")
    assert lines[2].startswith(" ✘ 05 id_token with a wrong nonce" if defect else " ✔ 05 id_token with a wrong nonce")
    assert ("docs/fs/test.md#nonce" in result.output, "report: fs-test-ecole.json" in lines[-1]) == (bool(defect), True)
    report = json.loads(Path("fs-test-ecole.json").read_text("utf-8"))
    assert ([one["number"] for one in report["scenarios"]], report["counts"]["fail"]) == ([1, 5, 16], code)
    assert secret not in json.dumps(report)


@pytest.mark.loopback
def test_a_secret_that_is_wrong_is_told_in_the_words_of_the_broker(run: Run, sandbox, home, public, secret):
    with served(Pages(module(home, public, "wrong")).app(), int(home.rpartition(":")[2])):
        result = run("fs", "test", "ecole", "--callback", f"{home}/cb", "-C", sandbox, "--report", "r.json")
    assert "the broker had answered token with invalid_client: client authentication failed" in result.output
    assert (result.exit_code, " 1 failed" in result.output) == (1, True)


@pytest.mark.loopback
def test_a_service_that_does_not_run_is_told(run: Run, sandbox, home, secret):
    result = run("fs", "test", "ecole", "--callback", f"{home}/cb", "-C", sandbox)
    assert (result.exit_code, f"no answer from {home}" in result.output) == (1, True)


@pytest.mark.loopback
def test_a_port_that_the_demo_has_is_told_with_another(run: Run, sandbox, home, public, secret):
    port = int(public.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        result = run("fs", "test", "ecole", "--callback", f"{home}/cb", "-C", sandbox)
    hint = f"stop the demo, whose place this takes; or --at http://localhost:{port + 1}"
    assert (result.exit_code, hint in result.output) == (1, True)


def test_an_instance_that_serves_people_is_refused(run: Run, instance: Path):
    result = run("fs", "test", "mairie", "--callback", "https://mairie.example/retour", "-C", instance)
    assert (result.exit_code, "this instance serves real people" in result.output) == (5, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ecole", "--callback", "{home}/cb/"), "the nearest is {home}/cb"),
        (("lycee", "--callback", "{home}/cb"), 'no service "lycee"'),
        (("ecole", "--callback", "{home}/cb", "--only", "0"), f"numbers from 1 to {len(SCENARIOS)}"),
        (("ecole", "--callback", "{home}/cb", "--only", "one"), f"numbers from 1 to {len(SCENARIOS)}"),
        (("ecole", "--callback", "{home}/cb", "--at", "https://connexion.example"), "is not on this computer"),
        (("ecole", "--callback", "{home}/cb", "--at", "http://connexion.example"), "is not on this computer"),
    ],
)
def test_what_cannot_be_played_is_wrong_usage(run: Run, sandbox, home, secret, words, said):
    result = run("fs", "test", *(word.format(home=home) for word in words), "-C", sandbox)
    assert (result.exit_code, said.format(home=home) in result.output) == (2, True)
