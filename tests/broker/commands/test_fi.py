"""passerelle fi."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from broker.assurance import Level
from broker.settings import load
from tests.broker.commands.conftest import Run

SECRET = "our-secret-at-poste-and-more"


def test_the_list_has_a_row_for_each_provider(run: Run, instance: Path):
    (row,) = json.loads(run("fi", "list", "-C", instance, "--format", "json").output)
    assert (row["id"], row["levels"], row["active"]) == ("impots", ["eidas1", "eidas2"], True)


def test_a_provider_is_shown_with_what_it_must_register(run: Run, instance: Path):
    shown = run("fi", "show", "impots", "-C", instance, "--format", "json").output
    facts = json.loads(shown)
    assert facts["redirect_uri"] == "https://connexion.mairie.fr/api/v2/oidc-callback/impots"
    assert facts["post_logout_redirect_uri"] == "https://connexion.mairie.fr/api/v2/client/logout-callback"
    assert "our-secret" not in shown


def test_a_provider_that_does_not_exist_is_wrong_usage(run: Run, instance: Path):
    result = run("fi", "show", "poste", "-C", instance)
    assert (result.exit_code, result.output) == (2, 'passerelle: no provider "poste": passerelle fi list\n')


# -- with a provider that answers -------------------------------------------------------------------------------------


class Poste:
    """A provider on the loopback interface: what it says of itself may be changed."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://poste.localhost:{port}"
        ends = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
        self.document: dict[str, Any] = {"issuer": self.issuer, **{name: f"{self.issuer}/{name}" for name in ends}}
        self.document |= {
            "acr_values_supported": ["eidas2", "eidas1", "other"],
            "id_token_signing_alg_values_supported": ["none", "RS256"],
        }


@pytest.fixture
def poste() -> Iterator[Poste]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/.well-known/openid-configuration"
            body = json.dumps(said.document).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    said = Poste(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield said
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.loopback
@pytest.mark.parametrize("end", ["", "/.well-known/openid-configuration"])
def test_a_provider_is_discovered_with_a_file_to_start_from(run: Run, poste: Poste, end: str):
    shown = run("fi", "discover", poste.issuer + end, "--allow-http").output
    assert f"token_endpoint                         {poste.issuer}/token_endpoint\n" in shown
    assert f'issuer = "{poste.issuer}"\n' in shown
    assert 'levels = ["eidas1", "eidas2"]' in shown


@pytest.mark.loopback
def test_what_is_discovered_can_be_read_by_a_program(run: Run, poste: Poste):
    shown = run("fi", "discover", poste.issuer, "--allow-http", "--format", "json").output
    assert json.loads(shown)["id_token_signing_alg_values_supported"] == ["none", "RS256"]


@pytest.mark.loopback
def test_a_provider_cannot_command_the_operators_terminal(run: Run, poste: Poste):
    poste.document["scopes_supported"] = ["openid", "\x1b[2J\nlevels", 7]
    poste.document["claims_supported"] = "\x1b[2J"
    assert "\x1b" not in run("fi", "discover", poste.issuer, "--allow-http").output


@pytest.mark.loopback
def test_a_new_provider_is_what_it_says_of_itself(run: Run, poste: Poste, instance: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PASSERELLE_MODE", "sandbox")
    more = ("--name-fr", "Poste", "--client-id", "us", "--secret-file", "-", "--allow-http")
    result = run("fi", "new", "poste", "--issuer", poste.issuer, *more, "-C", instance, stdin=f"{SECRET}\n")
    assert result.exit_code == 0, result.output
    provider = load(instance).parties.providers["poste"]
    assert (provider.issuer, provider.client_id, provider.client_secret) == (poste.issuer, "us", SECRET)
    assert (provider.levels, provider.algorithms) == ({Level.LOW, Level.SUBSTANTIAL}, {"RS256"})


@pytest.mark.loopback
def test_a_new_provider_without_its_secret_says_where_to_put_it(run: Run, poste: Poste, instance: Path, monkeypatch):
    monkeypatch.setenv("PASSERELLE_MODE", "sandbox")
    result = run("fi", "new", "poste", "--issuer", poste.issuer, "--allow-http", "-C", instance)
    assert f"put our secret there into {instance}/secrets/fi-poste (mode 0600)" in result.output


@pytest.mark.loopback
def test_a_dry_run_prints_the_file_and_writes_nothing(run: Run, poste: Poste, instance: Path, monkeypatch):
    monkeypatch.setenv("PASSERELLE_MODE", "sandbox")
    result = run("fi", "new", "poste", "--issuer", poste.issuer, "--allow-http", "--dry-run", "-C", instance)
    assert result.output.startswith('[fi]\nid     = "poste"\n')
    assert not list(instance.rglob("*poste*"))


@pytest.mark.loopback
@pytest.mark.parametrize(("name", "told"), [("../poste", "E011 fi.id"), ("poste", "is not https"), ("impots", "")])
def test_a_provider_that_would_not_be_valid_is_refused(run: Run, poste: Poste, instance: Path, name: str, told: str):
    before = sorted(instance.rglob("*"))
    result = run("fi", "new", name, "--issuer", poste.issuer, "--allow-http", "-C", instance)
    assert (result.exit_code, told in result.output) == (2, True)
    assert sorted(instance.rglob("*")) == before


@pytest.mark.loopback
def test_a_file_that_is_there_is_not_overwritten(run: Run, poste: Poste, instance: Path, monkeypatch):
    monkeypatch.setenv("PASSERELLE_MODE", "sandbox")
    result = run("fi", "new", "impots", "--issuer", poste.issuer, "--allow-http", "-C", instance)
    assert (result.exit_code, "impots.toml exists already" in result.output) == (2, True)


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("member", "value", "told"),
    [
        ("issuer", "https://other.example", "answers 200: the discovery document is of another issuer"),
        ("token_endpoint", None, "answers 200: the discovery document has no https address for token_endpoint"),
    ],
)
def test_a_document_that_is_not_right_is_the_peers_failure(run: Run, poste: Poste, member: str, value: str, told: str):
    poste.document[member] = value
    result = run("fi", "discover", poste.issuer, "--allow-http")
    assert (result.exit_code, told in result.output) == (4, True)


@pytest.mark.loopback
def test_a_provider_that_does_not_answer_is_named_with_the_reason(run: Run):
    result = run("fi", "discover", "http://localhost:1", "--allow-http")
    assert result.exit_code == 4
    assert result.output == "passerelle: no answer from http://localhost:1/.well-known/openid-configuration: refused\n"


def test_plain_http_must_be_wanted(run: Run):
    result = run("fi", "discover", "http://localhost:1")
    assert (result.exit_code, result.output.endswith(": scheme\n")) == (4, True)


# -- by a key of ours -------------------------------------------------------------------------------------------------


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("offered", "options", "auth"),
    [
        (None, (), "client_secret_basic"),
        (["tls_client_auth", "private_key_jwt", "client_secret_post"], (), "client_secret_post"),
        (["private_key_jwt"], (), "private_key_jwt"),
        (["client_secret_basic", "private_key_jwt"], ("--auth", "private_key_jwt"), "private_key_jwt"),
    ],
    ids=str,
)
def test_we_authenticate_by_what_the_provider_offers(
    run: Run, instance: Path, poste: Poste, offered: list[str] | None, options: tuple[str, ...], auth: str, monkeypatch
):
    monkeypatch.setenv("PASSERELLE_MODE", "sandbox")
    poste.document["token_endpoint_auth_methods_supported"] = offered
    text = run("fi", "new", "poste", "--issuer", poste.issuer, "--allow-http", "--dry-run", *options, "-C", instance).output
    assert f'auth   = "{auth}"' in text
    assert ("client_secret_file" in text) == (auth != "private_key_jwt")


def test_a_provider_is_shown_with_the_address_of_our_keys(run: Run, instance: Path):
    facts = json.loads(run("fi", "show", "impots", "-C", instance, "--format", "json").output)
    assert facts["our keys"] == "https://connexion.mairie.fr/api/v2/client/.well-known/keys"


# -- whether it may be admitted ---------------------------------------------------------------------------------------


def test_a_provider_that_is_not_there_cannot_be_tried(run: Run, instance: Path):
    assert run("fi", "test", "nobody", "-C", instance).exit_code == 2


def test_a_link_for_a_test_login_is_made(run: Run, instance: Path):
    result = run("fi", "test", "impots", "--login", "-C", instance)
    assert result.output.startswith("https://connexion.mairie.fr/essai?t=")


@pytest.fixture
def near(run: Run, poste: Poste, instance: Path, monkeypatch) -> Poste:
    """A provider on this computer, with a file that allows it."""
    monkeypatch.setenv("PASSERELLE_MODE", "sandbox")
    more = ("--secret-file", "-", "--allow-http")
    run("fi", "new", "poste", "--issuer", poste.issuer, *more, "-C", instance, stdin=f"{SECRET}\n")
    with (instance / "partners/fi/poste.toml").open("a") as file:
        file.write("private_addresses = true\n")
    return poste


@pytest.mark.loopback
def test_a_provider_that_is_not_what_its_file_says_ends_with_4(run: Run, near: Poste, instance: Path):
    near.document["issuer"] = "https://evil.example"
    result = run("fi", "test", "poste", "-C", instance)
    assert (result.exit_code, "answers 200: the discovery document is of another issuer" in result.output) == (4, True)


@pytest.mark.loopback
def test_a_provider_is_tried_and_has_a_report(run: Run, near: Poste, instance: Path):
    result = run("fi", "test", "poste", "-C", instance, "--format", "json")
    assert result.exit_code == 1, result.output
    assert near.issuer
    assert {row["verdict"] for row in json.loads(result.output)} == {"fine", "decide", "fix"}
    assert SECRET not in result.output
