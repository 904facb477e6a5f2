"""What machines ask: the operator's addresses, our metadata, and the headers of every answer."""

import json

import pytest

from broker.ports import StoreUnavailable
from oidc.discovery import read_discovery
from tests.broker.world import ISSUER


def get(world, path):
    return world.browser().get(path)


def test_a_living_process_says_so_even_without_a_store(world, monkeypatch):
    _break(world, monkeypatch)
    assert get(world, "/healthz").text == "ok\n"


def _break(world, monkeypatch):
    def down(*_):
        raise StoreUnavailable("down")

    for name in ("ping", "read", "put", "swap", "transaction"):
        monkeypatch.setattr(world.store, name, down)


def test_a_ready_instance_says_so(world):
    assert get(world, "/readyz").status_code == 200


def test_an_instance_without_its_store_is_not_ready(world, monkeypatch):
    _break(world, monkeypatch)
    assert get(world, "/readyz").status_code == 503


def test_a_citizen_is_told_when_the_store_is_down(world, monkeypatch):
    browser = world.browser()
    _break(world, monkeypatch)
    page = browser.authorize()
    assert (page.status_code, "SYS-504" in page.text) == (503, True)


def test_the_status_names_configuration_and_providers(world):
    status = get(world, "/status.json").json
    assert (status["status"], [provider["id"] for provider in status["providers"]]) == ("UP", ["impots", "poste"])


def test_the_metrics_count_logins_by_service_and_answers_by_provider_but_never_both(world):
    world.browser().log_in()
    text = get(world, "/metrics").text
    assert 'passerelle_releases_total{service="mairie"}' in text
    assert 'passerelle_provider_answers_total{outcome="vouched",provider="impots"}' in text
    assert [line for line in text.splitlines() if "mairie" in line and "impots" in line] == []


def test_the_discovery_document_is_one(world):
    response = get(world, f"{ISSUER}/.well-known/openid-configuration")
    metadata = read_discovery(response.data, ISSUER)
    assert metadata.token_endpoint == f"{ISSUER}/token"
    assert metadata.iss_in_answer


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks"])
def test_documents_may_be_kept_for_ten_minutes(world, path):
    assert get(world, ISSUER + path).headers["Cache-Control"] == "public, max-age=600"


def test_the_keys_are_public_ones(world):
    keys = get(world, f"{ISSUER}/jwks").json["keys"]
    assert {key["alg"] for key in keys} == {"ES256", "RS256"}
    assert [key for key in keys if {"d", "p", "q"} & key.keys()] == []


def test_discovery_names_only_addresses_that_exist(world):
    document = json.loads(get(world, f"{ISSUER}/.well-known/openid-configuration").data)
    addresses = [value for name, value in document.items() if name.endswith(("_endpoint", "_uri"))]
    rules = {rule.rule for rule in world.app.url_map.iter_rules()}
    assert {address.removeprefix("https://connexion.example") for address in addresses} <= rules


@pytest.mark.parametrize("path", ["/", "/aide", "/statut", "/choisir?j=x", "/nowhere", f"{ISSUER}/jwks"])
def test_every_answer_protects_itself(world, path):
    headers = get(world, path).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "max-age=31536000" in headers["Strict-Transport-Security"]


def test_pages_run_no_script_and_are_not_kept(world):
    headers = get(world, "/").headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_a_token_answer_is_not_kept(world):
    browser = world.browser()
    assert browser.redeem(browser.log_in()["code"]).headers["Cache-Control"] == "no-store"


def test_the_choice_page_lets_its_form_end_at_the_providers_and_the_service(world):
    browser = world.browser()
    policy = browser.page(browser.authorize()).response.headers["Content-Security-Policy"]
    allowed = policy.partition("form-action ")[2].split()
    assert allowed == ["'self'", "https://mairie.example", "https://impots.example", "https://poste.example"]


def test_a_form_that_is_too_large_is_refused(world):
    refused = world.browser().post("/api/v2/token", code="x" * 70_000)
    assert (refused.status_code, refused.json["error"]) == (413, "invalid_request")


def test_a_page_form_that_is_too_large_gets_a_page(world):
    refused = world.browser().post("/choisir", provider="x" * 70_000)
    assert (refused.status_code, "HTTP-400" in refused.text) == (413, True)


def test_a_bug_is_told_with_a_reference_and_logged_without_its_text(world, monkeypatch, caplog):
    def boom(*_):
        raise ValueError("DUBOIS, born in 1962")

    monkeypatch.setattr("broker.flow.Flow.begin", boom)
    page = world.browser().authorize()
    assert (page.status_code, "SYS-501" in page.text, "DUBOIS" in page.text) == (500, True, False)
    assert "ValueError at" in caplog.text
    assert "DUBOIS" not in caplog.text
