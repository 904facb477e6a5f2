"""passerelle fd."""

import csv
import io
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from broker.client_secrets import matches
from broker.parties import DataProvider
from broker.settings import load
from tests.broker.commands.conftest import Run
from tests.broker.settings.instance import DATA_PROVIDER, GRANTS, SERVICE
from tests.broker.signing import jwks

SECRET = re.compile(r"client_secret (\S+)")
KEPT = "k" * 43
SIG = ECKey.generate_key("P-256", {"kid": "sig-1", "use": "sig"})
SCOPE = ("--scope", "points_permis", "--label-fr", "Vos points", "--legal-basis", "Code de la route, art. L223-1")
URI = ("--jwks-uri", "https://points.example/jwks.json")
POINTS = DATA_PROVIDER.replace('"revenus"', '"points"').replace("revenus.example", "points.example")
POINTS = POINTS.replace("revenu_fiscal", "points_permis").replace("nombre_parts", "date_permis")


@pytest.fixture
def delivering(instance: Path) -> Path:
    """An instance with a data provider, which a service may ask."""
    (instance / "partners/fd/revenus.toml").write_text(DATA_PROVIDER, "utf-8")
    (instance / "partners/fs/mairie.toml").write_text(SERVICE + GRANTS.rpartition("\n[[fs.data]]")[0], "utf-8")
    return instance


def accepts(one: DataProvider, instance: Path, secret: str, now: int = 0) -> bool:
    return matches(one, load(instance, {}).client_secret_key, secret, now)


def test_the_list_has_a_row_for_each_data_provider(run: Run, delivering: Path):
    (row,) = json.loads(run("fd", "list", "-C", delivering, "--format", "json").output)
    assert row == {
        "id": "revenus",
        "name": "Income Office",
        "active": True,
        "scopes": ["revenu_fiscal", "nombre_parts"],
        "services": ["mairie"],
        "lifetime": 600,
        "resource": "https://revenus.example/api",
    }


def test_the_grants_are_a_table_of_who_gets_what_by_which_law(run: Run, delivering: Path):
    shown = run("fd", "list", "--grants", "-C", delivering, "--format", "csv").output
    granted, open_ = csv.DictReader(io.StringIO(shown))
    assert granted == {
        "data_provider": "revenus",
        "scope": "revenu_fiscal",
        "delivered_by_law": "Loi 1",
        "service": "mairie",
        "asked_by_law": "Délibération 1",
        "required": "yes",
    }
    assert (open_["scope"], open_["service"], open_["required"]) == ("nombre_parts", "", "")


def test_a_list_of_nothing_says_so(run: Run, empty: Path):
    assert run("fd", "list", "-C", empty).output == "(none)\n"
    assert run("fd", "list", "--grants", "-C", empty, "--format", "json").output == "[]\n"


def test_a_data_provider_is_shown_with_what_it_delivers_to_whom(run: Run, delivering: Path):
    facts = json.loads(run("fd", "show", "revenus", "-C", delivering, "--format", "json").output)
    assert facts["checks tokens at"] == "https://connexion.mairie.fr/api/v2/checktoken"
    assert facts["scope revenu_fiscal"] == "Votre revenu fiscal / Your tax income (Loi 1)"
    assert facts["revenu_fiscal for mairie"] == "required: Délibération 1"
    assert "nombre_parts for mairie" not in facts


def test_a_service_is_shown_with_what_it_may_ask_data_providers(run: Run, delivering: Path):
    facts = json.loads(run("fs", "show", "mairie", "-C", delivering, "--format", "json").output)
    assert facts["data revenu_fiscal"] == "required: Délibération 1"


@pytest.mark.parametrize("command", [("show",), ("test",)])
def test_a_data_provider_that_does_not_exist_is_wrong_usage(run: Run, instance: Path, command: tuple[str, ...]):
    result = run("fd", *command, "points", "-C", instance)
    assert (result.exit_code, result.output) == (2, 'passerelle: no data provider "points": passerelle fd list\n')


# -- new --------------------------------------------------------------------------------------------------------------


def test_a_new_data_provider_is_what_the_options_say(run: Run, instance: Path):
    more = (
        "--name-fr",
        "Points",
        "--client-id",
        "c1",
        "--resource",
        "https://points.example/api",
        "--label-en",
        "Your points",
    )
    result = run("fd", "new", "points", *SCOPE, *URI, *more, "-C", instance)
    assert (result.exit_code, "client_secret" in result.output) == (0, False)
    one = load(instance, {}).parties.data["points"]
    assert (one.name.en, one.client_id, one.resource, one.lifetime) == ("Points", "c1", "https://points.example/api", 600)
    assert [(scope.name, scope.label.fr, scope.label.en) for scope in one.scopes] == [
        ("points_permis", "Vos points", "Your points")
    ]
    assert one.keys is not None
    assert one.keys.address == URI[1]


def test_a_new_data_provider_may_have_a_secret_that_is_printed_once(run: Run, instance: Path):
    found = SECRET.search(run("fd", "new", "points", *SCOPE, "--secret", "-C", instance).output)
    assert found is not None
    assert accepts(load(instance, {}).parties.data["points"], instance, found[1])
    assert found[1] not in (instance / "secrets/fd-points").read_text()


def test_a_data_provider_keeps_the_secret_that_it_has(run: Run, instance: Path):
    result = run("fd", "new", "points", *SCOPE, "--secret-file", "-", "-C", instance, stdin=f"{KEPT}\n")
    assert KEPT not in result.output
    assert accepts(load(instance, {}).parties.data["points"], instance, KEPT)


def test_a_file_of_its_own_is_taken_as_it_is(run: Run, instance: Path):
    result = run("fd", "new", "points", "--from", "-", "-C", instance, stdin=POINTS)
    assert result.exit_code == 0, result.output
    assert (instance / "partners/fd/points.toml").read_text("utf-8") == POINTS


def test_a_file_of_its_own_may_say_that_it_has_a_secret(run: Run, instance: Path):
    text = POINTS.replace('jwks_uri = "https://points.example/jwks.json"', 'auth = "client_secret_post"\nclient_id = "c1"')
    found = SECRET.search(run("fd", "new", "points", "--from", "-", "-C", instance, stdin=text).output)
    assert found is not None
    assert accepts(load(instance, {}).parties.data["points"], instance, found[1])


def test_a_dry_run_prints_the_file_and_writes_nothing(run: Run, instance: Path):
    result = run("fd", "new", "points", *SCOPE, "--secret", "--dry-run", "-C", instance)
    assert result.output.startswith('[fd]\nid   = "points"\n')
    assert not list(instance.rglob("*points*"))


@pytest.mark.parametrize(
    ("name", "more", "told"),
    [
        ("points", (), "missing: --scope, --label-fr, --legal-basis; or --from"),
        ("points", SCOPE, "say how it has tokens checked, in one way: --jwks-uri (best)"),
        ("points", (*SCOPE, *URI, "--secret"), "say how it has tokens checked, in one way"),
        ("points", ("--from", "-", "--scope", "x"), "with --from everything is in that file"),
        ("points", ("--from", "-", "--secret"), "with private_key_jwt there is no secret"),
        ("autres", ("--from", "-"), 'the file is that of "points": passerelle fd new points'),
        ("../points", (*SCOPE, *URI), "E011 fd.id"),
        ("mairie", (*SCOPE, *URI), "E030 fd.id: also the id of partners/fs/mairie.toml"),
        ("points", (*SCOPE, *URI, "--client-id", "mairie"), "E030 fd.client_id: also the client_id of"),
        ("points", (*SCOPE, *URI, "--resource", "http://points.example/"), "E030 fd.resource"),
        ("points", ("--scope", "openid", *SCOPE[2:], *URI), 'E030 fd.scope.name: "openid" is a scope of our own'),
        ("points", ("--scope", "revenu_fiscal", *SCOPE[2:], *URI), "is also a scope of partners/fd/revenus.toml"),
        ("points", ("--legal-basis", " ", *SCOPE[:4], *URI), "E011 fd.scope.legal_basis"),
        ("revenus", (*SCOPE, *URI), "revenus.toml exists already"),
    ],
)
def test_one_that_would_not_be_valid_is_refused_before_anything_is_written(
    run: Run, delivering: Path, name: str, more: tuple[str, ...], told: str
):
    before = sorted(delivering.rglob("*"))
    result = run("fd", "new", name, *more, "-C", delivering, stdin=POINTS)
    assert (result.exit_code, told in result.output) == (2, True), result.output
    assert sorted(delivering.rglob("*")) == before


# -- rotate-secret ----------------------------------------------------------------------------------------------------


def test_a_former_secret_counts_until_the_grace_is_over(run: Run, instance: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("broker.commands.held.now", lambda: 1_790_000_000)
    run("fd", "new", "points", *SCOPE, "--secret-file", "-", "-C", instance, stdin=KEPT)
    found = SECRET.search(run("fd", "rotate-secret", "points", "--grace", "1h", "-C", instance).output)
    assert found is not None
    one = load(instance, {}).parties.data["points"]
    counts = [accepts(one, instance, secret, now) for secret in (KEPT, found[1]) for now in (1_790_003_599, 1_790_003_600)]
    assert counts == [True, False, True, True]


@pytest.mark.parametrize(
    ("name", "told"),
    [("revenus", "revenus has no secret, but keys"), ("points", 'no data provider "points" whose file is in order')],
)
def test_only_one_that_has_a_secret_gets_another(run: Run, delivering: Path, name: str, told: str):
    result = run("fd", "rotate-secret", name, "-C", delivering)
    assert (result.exit_code, told in result.output) == (2, True)


# -- test -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "two tokens", "a\r\nX-Evil: 1", "é"])
def test_a_file_without_a_token_is_wrong_usage(run: Run, delivering: Path, token: str):
    result = run("fd", "test", "revenus", "--token-file", "-", "-C", delivering, stdin=token)
    assert (result.exit_code, "the file holds no access token" in result.output) == (2, True)


class Points:
    """A data provider on the loopback interface. It asks nobody: `known` is the one token that it takes."""

    def __init__(self, port: int) -> None:
        self.at = f"http://points.localhost:{port}"
        self.known = "a-real-token"
        self.keys = jwks(SIG)

    def answer(self, path: str, authorization: str | None) -> tuple[int, bytes]:
        if path == "/jwks.json":
            return 200, self.keys
        return (200, b'{"points": 12}') if authorization == f"Bearer {self.known}" else (401, b"")


@pytest.fixture
def points() -> Iterator[Points]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = said.answer(self.path, self.headers.get("Authorization"))
            self.send_response(status)
            self.send_header("WWW-Authenticate", "Bearer")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    said = Points(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield said
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def nearby(instance: Path, points: Points, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance with a data provider on this machine."""
    monkeypatch.setenv("PASSERELLE_MODE", "sandbox")
    text = POINTS.replace("[fd]", "[fd]\nprivate_addresses = true").replace("https://points.example", points.at)
    (instance / "partners/fd/points.toml").write_text(text, "utf-8")
    return instance


@pytest.mark.loopback
def test_a_data_provider_that_does_its_part_ends_with_0(run: Run, nearby: Path):
    result = run("fd", "test", "points", "--token-file", "-", "-C", nearby, "--format", "json", stdin="a-real-token\n")
    found = {(row["about"], row["verdict"]) for row in json.loads(result.output)}
    assert (result.exit_code, found) == (
        0,
        {
            ("authentication", "fine"),
            ("grants", "decide"),
            ("keys", "fine"),
            ("resource", "fine"),
            ("delivery", "fine"),
        },
    )


@pytest.mark.loopback
def test_a_data_provider_that_refuses_a_token_for_it_ends_with_1(run: Run, nearby: Path, points: Points):
    points.known = "another"
    result = run("fd", "test", "points", "--token-file", "-", "-C", nearby, stdin="a-real-token")
    assert (result.exit_code, "for the token that was given: 401" in result.output) == (1, True)


@pytest.mark.loopback
@pytest.mark.parametrize(("keys", "code", "mark"), [(b"{}", 1, "✘ K06"), (None, 0, "")])
def test_published_keys_are_looked_at_where_the_operator_wants_it(
    run: Run, nearby: Path, points: Points, keys: bytes | None, code: int, mark: str
):
    points.keys = keys or points.keys
    assert "K06" not in run("check", "-C", nearby).output
    result = run("check", "--online", "-C", nearby)
    assert (result.exit_code, mark in result.output) == (code, True)
