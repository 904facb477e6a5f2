"""passerelle run, and the file that a server runs."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import broker
from tests.broker.commands.conftest import Run

ROOT = Path(broker.__file__).parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(url: str, patience: float = 10.0) -> bytes:
    """What an address answers, as soon as somebody listens."""
    end = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(url, timeout=patience) as response:
                body: bytes = response.read()
                return body
        except urllib.error.URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


@pytest.mark.loopback
def test_an_instance_is_served_until_ctrl_c(instance: Path):
    port = free_port()
    command = [sys.executable, "-m", "broker", "run", "-C", str(instance), "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            body = answer(f"http://127.0.0.1:{port}/healthz")
        finally:
            server.send_signal(signal.SIGINT)
        said, _ = server.communicate(timeout=10)
    assert (body, server.returncode) == (b"ok\n", 0)
    assert said.startswith(f"serving {instance} on http://127.0.0.1:{port}")
    assert said.endswith("stopped\n")


@pytest.mark.loopback
def test_a_port_that_is_taken_is_named(run: Run, instance: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        result = run("run", "-C", instance, "--bind", bind)
    assert (result.exit_code, f"cannot listen on {bind}: Address already in use" in result.output) == (1, True)


@pytest.mark.parametrize("bind", ["localhost", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536"])
def test_an_address_without_a_port_is_wrong_usage(run: Run, instance: Path, bind: str):
    assert run("run", "-C", instance, "--bind", bind).exit_code == 2


def test_an_instance_without_keys_is_not_served(run: Run, instance: Path):
    for file in (instance / "secrets/keys").iterdir():
        file.unlink()
    result = run("run", "-C", instance)
    assert (result.exit_code, "no active ES256 key" in result.output) == (1, True)


# -- wsgi.py ----------------------------------------------------------------------------------------------------------


def imported(instance: Path, then: str = "") -> subprocess.CompletedProcess[str]:
    """What happens to a server that imports wsgi."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PASSERELLE_")}
    program = f"import os, wsgi\n{then}"
    environ = {**kept, "PASSERELLE_CONFIG": str(instance)}
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environ, capture_output=True, text=True)


def test_the_servers_file_holds_the_application_of_the_instance(instance: Path):
    done = imported(instance, "print(wsgi.app.test_client().get('/healthz').text, os.environ['PASSERELLE_MODE'])")
    assert (done.returncode, done.stdout) == (0, "ok\n production\n"), done.stderr


def test_the_simulated_world_cannot_come_into_a_server_of_real_people(instance: Path):
    done = imported(instance, "import broker.sandbox")
    assert "SandboxForbidden" in done.stderr


def test_a_server_with_an_invalid_configuration_says_every_problem_and_ends(instance: Path):
    (instance / "partners/fs/mairie.toml").write_text("[fs", "utf-8")
    (instance / "secrets/pepper-1").unlink()
    done = imported(instance)
    assert done.returncode == 3
    assert [line.split(" ")[1] for line in done.stderr.splitlines() if ": E" in line] == ["E001", "E021"]
    assert "Traceback" not in done.stderr


def test_a_server_whose_key_others_can_read_says_so_and_ends(instance: Path):
    next((instance / "secrets/keys").glob("*.pem")).chmod(0o644)
    done = imported(instance)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "chmod 600" in done.stderr
