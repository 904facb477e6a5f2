"""Data providers and what services may ask them: each mistake is named, in an instance that is valid otherwise."""

from dataclasses import replace

import pytest
from joserfc.jwk import ECKey

from broker.parties import Contact, DataGrant, DataProvider, DataScope, ServiceKeys, Text
from tests.broker.settings.instance import (
    DATA_PROVIDER,
    DIGEST,
    GRANTS,
    MAIN_FILE,
    MAIRIE,
    REVENUS,
    SERVICE,
    Folder,
)
from tests.broker.signing import KEY, jwks

PARTS, URI = 'name = "nombre_parts"', 'jwks_uri = "https://revenus.example/jwks.json"'
POINTS = DATA_PROVIDER.replace('"revenus"', '"points"').replace("revenus.example", "points.example")
POINTS = POINTS.replace("revenu_fiscal", "points_permis").replace("nombre_parts", "date_permis")
POINTS_FILE = "partners/fd/points.toml"
FILE = "certs/revenus.jwks"


@pytest.fixture
def folder(folder: Folder) -> Folder:
    """A valid instance with a data provider, whose scopes a service may ask for."""
    folder.write(REVENUS, DATA_PROVIDER)
    folder.write(MAIRIE, SERVICE + GRANTS)
    return folder


def test_a_data_provider_is_what_its_file_says(folder: Folder):
    assert folder.problems() == []
    assert folder.load().parties.data["revenus"] == DataProvider(
        id="revenus",
        name=Text("Revenus", "Income Office"),
        client_id="revenus",
        resource="https://revenus.example/api",
        scopes=(
            DataScope("revenu_fiscal", Text("Votre revenu fiscal", "Your tax income"), "Loi 1"),
            DataScope("nombre_parts", Text("Vos parts", "Your shares"), "Loi 2"),
        ),
        authentication=frozenset(("private_key_jwt",)),
        keys=ServiceKeys(frozenset(("ES256", "PS256", "RS256")), "https://revenus.example/jwks.json"),
        identity=("family_name", "birthdate"),
        lifetime=600,
        sector="fd:revenus",
        contacts=(Contact("technical", "si@revenus.example"),),
    )


def test_what_a_data_provider_may_do_besides_is_in_its_file(folder: Folder):
    lines = (
        'client_id = "c1"',
        'encryption = "ECDH-ES"',
        'signed_response_alg = "RS256"',
        'sector = "finances"',
        "checks_per_minute = 30",
        "active = false",
        "private_addresses = true",
        'algorithms = ["ES256"]',
    )
    before = folder.load().parties.data["revenus"]
    folder.change(REVENUS, "[fd]", "\n".join(("[fd]", *lines)))
    assert folder.load().parties.data["revenus"] == replace(
        before,
        client_id="c1",
        encrypt="ECDH-ES",
        algorithm="RS256",
        sector="fd:finances",
        checks=30,
        active=False,
        keys=ServiceKeys(frozenset(("ES256",)), "https://revenus.example/jwks.json", private_addresses=True),
    )


def test_a_service_is_granted_scopes_each_by_its_law(folder: Folder):
    assert folder.load().parties.services["mairie"].data == {
        "revenu_fiscal": DataGrant("revenu_fiscal", "Délibération 1", required=True),
        "nombre_parts": DataGrant("nombre_parts", "Délibération 2"),
    }


def test_a_data_provider_without_keys_has_a_secret(folder: Folder):
    folder.change(REVENUS, URI, 'auth = "client_secret"')
    assert f"{REVENUS}: E021 fd.auth: fd-revenus cannot be read: No such file or directory" in folder.problems()
    assert "passerelle fd rotate-secret revenus" in folder.messages()[0]
    folder.hide("fd-revenus", DIGEST)
    (held,) = folder.load().parties.data["revenus"].secrets
    assert held.digest.hex() == DIGEST


@pytest.mark.parametrize(("lifetime", "seconds"), [("1m", 60), ("60s", 60), ("30m", 1800), ("1800s", 1800), ("90s", 90)])
def test_a_lifetime_is_in_minutes_or_seconds(folder: Folder, lifetime: str, seconds: int):
    folder.change(REVENUS, '"10m"', f'"{lifetime}"')
    assert folder.load().parties.data["revenus"].lifetime == seconds


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"10m"', '"59s"', "E030 fd.lifetime: must be from 60 seconds to 30 minutes"),
        ('"10m"', '"31m"', "E030 fd.lifetime: must be from 60 seconds to 30 minutes"),
        ('"10m"', '"1801s"', "E030 fd.lifetime: must be from 60 seconds to 30 minutes"),
        ('"10m"', '"10h"', 'E011 fd.lifetime: must be a number and m or s, such as "10m"'),
        ('"10m"', '"-10m"', 'E011 fd.lifetime: must be a number and m or s, such as "10m"'),
        ('"10m"', "600", "E011 fd.lifetime: must be a text"),
        ('"10m"', r'"\u0661\u0660m"', "E011 fd.lifetime: must be a number and m or s"),
        (PARTS, 'name = "email"', 'E030 fd.scope[2].name: "email" is a scope of our own'),
        (PARTS, 'name = "openid"', 'E030 fd.scope[2].name: "openid" is a scope of our own'),
        (PARTS, 'name = "offline_access"', 'E030 fd.scope[2].name: "offline_access" is a scope of our own'),
        (PARTS, 'name = "revenu_fiscal"', f'E030 fd.scope[2].name: "revenu_fiscal" is also a scope of {REVENUS}'),
        (PARTS, 'name = "nombre parts"', "E011 fd.scope[2].name: must be at most 100 visible ASCII characters"),
        (PARTS, r'name = "nombre\\parts"', "E011 fd.scope[2].name: must be at most 100 visible ASCII characters"),
        (PARTS, r'name = "nombre\"parts"', "E011 fd.scope[2].name: must be at most 100 visible ASCII characters"),
        (PARTS, 'name = "numéro"', "E011 fd.scope[2].name: must be at most 100 visible ASCII characters"),
        (PARTS, r'name = "parts\u0000"', "E011 fd.scope[2].name: must be at most 100 visible ASCII characters"),
        (PARTS, "", "E013 fd.scope[2].name: required key is missing"),
        ('"Loi 2"', '""', "E013 fd.scope[2].legal_basis: must not be empty"),
        ('"Loi 2"', '"  "', "E011 fd.scope[2].legal_basis: must be a text that is not blank"),
        ('"Your shares"', '" "', "E011 fd.scope[2].label.en: must be a text that is not blank"),
        (', en = "Your shares"', "", "E013 fd.scope[2].label.en: required key is missing"),
        ('["birthdate", "family_name"]', '["country"]', 'E011 fd.identity: value not allowed: "country"'),
        ('["birthdate", "family_name"]', '["amr"]', 'E011 fd.identity: value not allowed: "amr"'),
        ('["birthdate", "family_name"]', '["sub"]', 'E011 fd.identity: value not allowed: "sub"'),
        ("si@revenus.example", "", "W031 fd.contacts: nobody can be reached"),
        (URI, "", "E013 fd.auth: it signs with keys that nobody knows"),
        (URI, 'jwks_uri = "http://revenus.example/j"', "E030 fd.jwks_uri: http://revenus.example/j is not https"),
        (URI, 'auth = "none"', 'E011 fd.auth: value not allowed: "none"'),
        (URI, 'auth = "client_secret"\nencryption = "ECDH-ES"', "E013 fd.encryption: what it gets is encrypted for a key"),
        ("[fd]", "[fd]\nsub_generation = 2", "E030 fd.sub_generation: there is no secrets/sub-2"),
        ("[fd]", '[fd]\nclient_secret = "s3cret"', "E020 fd.client_secret: secret written in clear"),
        ("[fd]", "[fd]\nchecks_per_minute = 0", "E011 fd.checks_per_minute: must be from 1 to 1000000"),
        ("[fd]", '[fd]\nresources = "https://a.example"', 'E010 fd.resources: unknown key "resources"'),
    ],
)
def test_what_is_wrong_with_a_data_provider_is_named(folder: Folder, old: str, new: str, problem: str):
    folder.write(MAIRIE, SERVICE)
    folder.hide("fd-revenus", DIGEST)
    folder.change(REVENUS, old, new)
    (only,) = folder.problems()
    assert only.startswith(f"{REVENUS}: {problem}")


def test_the_keys_of_a_data_provider_are_in_one_place(folder: Folder):
    folder.change(REVENUS, URI, f'{URI}\njwks_file = "{FILE}"')
    assert f"{REVENUS}: E030 fd.jwks_file: the keys are in one place: jwks_uri or jwks_file, not both" in folder.problems()


def test_a_data_provider_delivers_something(folder: Folder):
    folder.write(MAIRIE, SERVICE)
    folder.write(REVENUS, DATA_PROVIDER.partition("\n[[fd.scope]]")[0])
    assert folder.problems() == [f"{REVENUS}: E013 fd.scope: required key is missing"]
    folder.change(REVENUS, "[fd]", "[fd]\nscope = []")
    assert folder.problems() == [f"{REVENUS}: E013 fd.scope: must not be empty"]


def test_a_mistake_in_a_list_of_tables_is_shown_at_its_own_line(folder: Folder):
    folder.change(REVENUS, '"Loi 2"', '""')
    line = DATA_PROVIDER.splitlines().index('legal_basis = "Loi 2"') + 1
    assert folder.messages()[0].startswith(f"{REVENUS}:{line}:1: E013 fd.scope[2].legal_basis: must not be empty")


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ("http://revenus.example/api", "is not https (only the sandbox may use http, on localhost)"),
        ("https://revenus.example/api#a", "has a fragment"),
        ("https://revenus.example/api#", "has a fragment"),
        ("/api", "is not an absolute address"),
        ("urn:fd:revenus", "is not an absolute address"),
        ("https:///api", "is not an absolute address"),
        ("https://u@revenus.example/api", "names a user"),
        ("https://*.example/api", "has a wildcard"),
        ("https://localhost/api", "is a loopback (only the sandbox may use one)"),
        ("https://fd.localhost:8443/api", "is a loopback (only the sandbox may use one)"),
    ],
)
def test_a_resource_that_must_not_be_used_is_refused(folder: Folder, resource: str, reason: str):
    folder.change(REVENUS, "https://revenus.example/api", resource)
    assert folder.problems() == [f"{REVENUS}: E030 fd.resource: {resource} {reason}"]


def test_the_sandbox_alone_has_data_providers_on_this_machine(folder: Folder):
    folder.change(REVENUS, "https://revenus.example/api", "http://fd.localhost:8000/api")
    folder.change(MAIN_FILE, '"production"', '"sandbox"')
    assert folder.problems() == []


def test_a_data_provider_may_have_no_resource(folder: Folder):
    folder.change(REVENUS, 'resource = "https://revenus.example/api"\n', "")
    folder.write(POINTS_FILE, POINTS.replace('resource = "https://points.example/api"\n', ""))
    assert folder.problems() == []
    assert folder.load().parties.data["revenus"].resource == ""


@pytest.mark.parametrize(
    "resource",
    [
        "https://revenus.example/api",
        "https://revenus.example/api/",
        "https://REVENUS.example/api",
        "HTTPS://revenus.example/api",
        "https://revenus.example:443/api",
        "https://revenus.example/%61pi",
        "https://revenus.example/x/../api",
    ],
)
def test_two_data_providers_are_not_at_one_address(folder: Folder, resource: str):
    folder.write(POINTS_FILE, POINTS.replace("https://points.example/api", resource))
    assert folder.problems() == [
        f"{REVENUS}: E030 fd.resource: https://revenus.example/api is also the address of {POINTS_FILE}"
    ]


@pytest.mark.parametrize(
    "resource", ["https://revenus.example/points", "https://revenus.example:8443/api", "https://revenus.example/api?x=1"]
)
def test_two_data_providers_may_be_on_one_host(folder: Folder, resource: str):
    folder.write(POINTS_FILE, POINTS.replace("https://points.example/api", resource))
    assert folder.problems() == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('id = "points"', 'id = "revenus"\nclient_id = "x"', f"{REVENUS}: E030 fd.id: also the id of {POINTS_FILE}"),
        ('id = "points"', 'id = "mairie"\nclient_id = "x"', f"{POINTS_FILE}: E030 fd.id: also the id of {MAIRIE}"),
        ('id = "points"', 'id = "points"\nclient_id = "revenus"', f"{REVENUS}: E030 fd.client_id: also the client_id of"),
        (
            'id = "points"',
            'id = "points"\nclient_id = "mairie"',
            f"{POINTS_FILE}: E030 fd.client_id: also the client_id of",
        ),
        (
            "points_permis",
            "revenu_fiscal",
            f'{REVENUS}: E030 fd.scope.name: "revenu_fiscal" is also a scope of {POINTS_FILE}',
        ),
    ],
)
def test_two_do_not_share_what_is_of_one(folder: Folder, old: str, new: str, problem: str):
    folder.write(POINTS_FILE, POINTS.replace(old, new))
    (only,) = folder.problems()
    assert only.startswith(problem)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"nombre_parts"', '"nombre_part"', 'E012 fs.data[2].scope: no data provider has the scope "nombre_part"'),
        ('"nombre_parts"', '"email"', 'E012 fs.data[2].scope: no data provider has the scope "email"'),
        ('"nombre_parts"', '"revenu_fiscal"', 'E030 fs.data[2].scope: "revenu_fiscal" stands twice'),
        ('"Délibération 2"', '""', "E013 fs.data[2].legal_basis: must not be empty"),
        ('"Délibération 2"', r'"\t"', "E011 fs.data[2].legal_basis: must be a text that is not blank"),
        ('legal_basis = "Délibération 2"', "", "E013 fs.data[2].legal_basis: required key is missing"),
        ("required = true", 'required = "yes"', "E011 fs.data.required: must be true or false"),
        ("public = true", 'public = true\nauth = "none"', "E030 fs.data: a public client gets no data of data providers"),
        ("public = true", 'public = true\nsector = "fd:revenus"', "E030 fs.sector: fd:… are the sectors of data providers"),
    ],
)
def test_what_is_wrong_with_a_grant_is_named(folder: Folder, old: str, new: str, problem: str):
    folder.change(MAIRIE, old, new)
    (only,) = folder.problems()
    assert only.startswith(f"{MAIRIE}: {problem}")


def test_the_scope_that_was_meant_is_named(folder: Folder):
    folder.change(MAIRIE, '"nombre_parts"', '"nombre_part"')
    assert 'hint: did you mean "nombre_parts"?' in folder.messages()[0]


def test_while_a_data_provider_cannot_be_read_nobody_says_that_its_scopes_are_missing(folder: Folder):
    folder.write(REVENUS, "[fd")
    assert folder.problems() == [f"{REVENUS}: E001 : Expected ']' at the end of a table declaration"]
    folder.write(REVENUS, DATA_PROVIDER.replace(PARTS, ""))
    assert folder.problems() == [f"{REVENUS}: E013 fd.scope[2].name: required key is missing"]


def test_scopes_of_one_that_is_off_may_be_granted(folder: Folder):
    folder.change(REVENUS, "[fd]", "[fd]\nactive = false")
    assert folder.problems() == []
    assert folder.load().parties.data_scopes == {}


ENC = ECKey.generate_key("P-256", {"kid": "enc-1", "use": "enc"})


@pytest.mark.parametrize(
    ("lines", "document", "problem"),
    [
        ("", jwks(KEY), ""),
        ('encryption = "ECDH-ES"', jwks(KEY, ENC), ""),
        ('auth = "client_secret"\nencryption = "ECDH-ES"', jwks(ENC), ""),
        ('encryption = "ECDH-ES"', jwks(ENC), "the file has no key for ES256, PS256, RS256"),
        ('encryption = "RSA-OAEP-256"', jwks(KEY, ENC), "the file has no key for RSA-OAEP-256"),
        ("", b"{}", "the key set has no list of keys"),
        ("", b'{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}', "the file holds a private key"),
    ],
)
def test_a_data_provider_may_have_handed_its_keys_over(folder: Folder, lines: str, document: bytes, problem: str):
    folder.change(REVENUS, URI, f'jwks_file = "{FILE}"\n{lines}')
    folder.hide("fd-revenus", DIGEST)
    (folder.path / "certs").mkdir()
    (folder.path / FILE).write_bytes(document)
    found = [line for line in folder.problems() if line.startswith(f"{REVENUS}: E032 fd.jwks_file: {problem}")]
    assert bool(found) is bool(problem), folder.problems()


def test_the_fingerprint_covers_data_providers_and_grants(folder: Folder):
    before = folder.load().fingerprint
    folder.change(REVENUS, '"10m"', '"11m"')
    changed = folder.load().fingerprint
    folder.change(MAIRIE, "required = true", "required = false")
    assert len({before, changed, folder.load().fingerprint}) == 3
