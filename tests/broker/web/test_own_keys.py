"""Our own keys seen from outside: each service's algorithm, at_hash, and a rotation while citizens log in."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from broker.parties import Parties
from certs.keyring import load_keyring, new_key
from certs.keys import State, Use
from tests.broker.world import ISSUER, PROVIDERS, SERVICES, World, payload, service

ALGORITHMS = ("ES256", "RS256", "PS256")


def get(world, path):
    return world.browser().get(ISSUER + path).json


def verified(world, token, algorithm="ES256"):
    """The header and claims of a token, by another implementation and with the keys that we publish."""
    read = jwt.decode(token, KeySet.import_key_set(get(world, "/jwks")), algorithms=[algorithm])
    return read.header, read.claims


@pytest.fixture(scope="module")
def three_keys(tmp_path_factory):
    """The folder of an instance with a key for each algorithm."""
    folder = tmp_path_factory.mktemp("three")
    keys = folder / "secrets/keys"
    keys.mkdir(parents=True)
    for algorithm in ALGORITHMS:
        new_key(keys, Use.OP_SIGNING, algorithm, State.ACTIVE, 1_700_000_000)
    return folder


@pytest.fixture
def three(three_keys):
    services = {name.lower(): service(name.lower(), algorithm=name) for name in ALGORITHMS}
    return World(three_keys, parties=Parties({**SERVICES, **services}, PROVIDERS))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_both_tokens_are_signed_in_the_services_algorithm(three, algorithm):
    browser, name = three.browser(), algorithm.lower()
    tokens = browser.redeem(browser.log_in(name)["code"], name).json
    for token in (tokens["id_token"], browser.userinfo(tokens["access_token"]).text):
        assert verified(three, token, algorithm)[0]["alg"] == algorithm


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_at_hash_is_the_left_half_of_the_hash_of_the_access_token(three, algorithm):
    browser, name = three.browser(), algorithm.lower()
    tokens = browser.redeem(browser.log_in(name)["code"], name).json
    half = urlsafe_b64encode(sha256(tokens["access_token"].encode()).digest()[:16]).rstrip(b"=").decode()
    assert payload(tokens["id_token"])["at_hash"] == half


def test_discovery_names_an_algorithm_beside_franceconnects_where_there_is_a_key(three, world):
    name = "id_token_signing_alg_values_supported"
    named = [get(one, "/.well-known/openid-configuration")[name] for one in (world, three)]
    assert named == [["ES256", "RS256"], ["ES256", "RS256", "PS256"]]


def test_an_instance_without_the_key_of_a_service_does_not_start(make_world):
    with pytest.raises(LookupError, match="keys new op-signing --alg PS256"):
        make_world(parties=Parties({**SERVICES, "ps": service("ps", algorithm="PS256")}, PROVIDERS))


# -- rotation ---------------------------------------------------------------------------------------------------------


class Rotating(World):
    """An instance whose key for ES256 can be replaced while it serves."""

    def __init__(self, folder, monkeypatch):
        super().__init__(folder)
        self.keys = folder / "secrets/keys"
        monkeypatch.setattr("broker.app.load", lambda _: self.settings)
        monkeypatch.setattr("broker.app.load_keyring", load_keyring)  # as it is, not as it was when the test began

    def publish(self):
        """The next key is published: everybody can fetch it, nobody sees a signature of it."""
        new_key(self.keys, Use.OP_SIGNING, "ES256", State.PUBLISHED, self.clock())
        self.reload()

    def activate(self):
        """The next key signs, the old one verifies."""
        for facts in self.keys.glob("*es256*.toml"):
            text = facts.read_text()
            old, new = ("active", "retiring") if '"active"' in text else ("published", "active")
            facts.write_text(text.replace(f'"{old}"', f'"{new}"'))
        self.reload()

    def remove(self):
        """The old key is gone."""
        for facts in self.keys.glob("*es256*.toml"):
            if "retiring" in facts.read_text():
                facts.with_suffix(".pem").unlink()
                facts.unlink()
        self.reload()

    def reload(self):
        """As `passerelle reload` does."""
        self.store.raise_generation()
        self.app.extensions["passerelle"]._looked = 0.0


@pytest.fixture
def rotating(tmp_path, monkeypatch):
    return Rotating(tmp_path, monkeypatch)


STEPS = ("authorize", "choose", "prove", "confirm", "token", "userinfo")


@pytest.mark.parametrize("at", STEPS)
@pytest.mark.parametrize("change", ["publish", "activate"])
def test_a_rotation_at_any_step_of_a_login_loses_it_not(rotating, at, change):
    if change == "activate":
        rotating.publish()
    known = KeySet.import_key_set(get(rotating, "/jwks"))  # what the service fetched before
    browser = rotating.browser()

    def step(name, answer):
        if name == at:
            getattr(rotating, change)()
        return answer

    asked = step("authorize", browser.authorize())
    departure = step("choose", browser.choose(browser.page(asked)))
    confirmation = step("prove", browser.page(browser.prove(departure)))
    back = step("confirm", browser.confirm(confirmation))
    code = back.location.partition("code=")[2].partition("&")[0]
    tokens = step("token", browser.redeem(code).json)
    userinfo = step("userinfo", browser.userinfo(tokens["access_token"]).text)
    for token in (tokens["id_token"], userinfo):
        assert jwt.decode(token, known, algorithms=["ES256"]).claims["aud"] == "mairie"


def kids(world):
    return {key["kid"] for key in get(world, "/jwks")["keys"] if key["alg"] == "ES256"}


def log_in(world):
    browser = world.browser()
    return browser, browser.redeem(browser.log_in()["code"]).json["id_token"]


def test_next_active_and_retiring_keys_are_all_published(rotating):
    counts = [len(kids(rotating))]
    for change in ("publish", "activate", "remove"):
        getattr(rotating, change)()
        counts.append(len(kids(rotating)))
    assert counts == [1, 2, 2, 1]


def test_the_next_key_signs_only_once_it_is_active(rotating):
    signed = []
    for change in ("publish", "activate"):
        getattr(rotating, change)()
        signed.append(verified(rotating, log_in(rotating)[1])[0]["kid"])
    assert len(set(signed)) == 2


def test_a_hint_of_the_retiring_key_counts_and_one_of_a_removed_key_does_not(rotating):
    rotating.publish()
    browser, hint = log_in(rotating)
    rotating.activate()
    assert browser.authorize(id_token_hint=hint).location.startswith("/choisir")
    rotating.remove()
    assert "error=invalid_request" in browser.authorize(id_token_hint=hint).location


def test_a_reload_that_would_leave_no_key_changes_nothing(rotating):
    for facts in rotating.keys.glob("*es256*.toml"):
        facts.write_text(facts.read_text().replace("active", "retiring"))
    rotating.reload()
    assert verified(rotating, log_in(rotating)[1])[1]["aud"] == "mairie"
    assert "the old one stays in force" in rotating.browser().get("/readyz").text


def test_the_keys_show_no_private_part(three):
    published = json.dumps(get(three, "/jwks"))
    assert not any(f'"{name}"' in published for name in ("d", "p", "q", "dp", "dq", "qi", "k"))
