"""Rules between keys and between files: each is provoked alone, in an instance that is valid otherwise."""

import pytest

from tests.broker.settings.instance import IMPOTS, MAIN_FILE, MAIRIE, PROVIDER, SERVICE, Folder

URL = '"https://connexion.example.fr"'
URIS = '["https://mairie.example/retour"]'
HOME = '"https://mairie.example/"'
ISSUER = '"https://impots.example"'
NOT_HTTPS = "is not https (only the sandbox may use http, on localhost)"


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        (
            MAIN_FILE,
            URL,
            '"http://connexion.example.fr"',
            "E030 broker.public_url: http://connexion.example.fr " + NOT_HTTPS,
        ),
        (MAIN_FILE, URL, '"http://fc.localhost"', "E030 broker.public_url: http://fc.localhost " + NOT_HTTPS),
        (MAIN_FILE, URL, '"https://a.fr/app"', "E030 broker.public_url: must be scheme and host alone"),
        (MAIN_FILE, URL, '"https://a.fr?x=1"', "E030 broker.public_url: must be scheme and host alone"),
        (MAIN_FILE, '"memory:"', '"postgresql://u:p@h/d"', "E020 broker.database: password written in clear"),
        (MAIN_FILE, "[session]", 'theme = "none"\n[session]', "E030 broker.theme: there is no folder none"),
        (IMPOTS, 'client_secret_file = "secrets/fi-impots"\n', "", "E013 fi.client_secret_file: missing: our secret there"),
        (IMPOTS, "[fi]", '[fi]\nauth = "private_key_jwt"', "E030 fi.client_secret_file: with private_key_jwt there is no"),
        (MAIRIE, '"si@mairie.example"', '""', "W031 fs.contacts: nobody can be reached"),
        (IMPOTS, '[{ type = "support", mail = "aide@impots.example" }]', "[]", "W031 fi.contacts: nobody can be reached"),
        (MAIRIE, "[fs]", '[fs]\nsector = ""', "E030 fs.sector: the addresses have not one host: say of which sector"),
        (MAIRIE, '["openid", ', "[", "E013 fs.scopes: openid is missing"),
        (
            MAIRIE,
            '"substantial"',
            '"high"',
            "E030 fs.min_loa: no provider of this service reaches it: the strongest is substa",
        ),
        (MAIRIE, "[fs]", '[fs]\nidp_hints = ["poste"]', 'E030 fs.idp_hints: there is no provider "poste"'),
        (MAIRIE, "[fs]", '[fs]\nproviders = ["poste", "impots"]', 'E030 fs.providers: there is no provider "poste"'),
        (MAIRIE, "[fs]", '[fs]\nmax_loa = "low"', "E030 fs.max_loa: it is below min_loa, which is substantial"),
        (
            MAIRIE,
            "[fs]",
            '[fs]\nidp_hints = ["impots"]\nhidden_providers = ["impots"]',
            "E030 fs.idp_hints: impots may not be used by this service",
        ),
        (MAIRIE, "[fs]", '[fs]\nhidden_providers = ["poste"]', 'E030 fs.hidden_providers: there is no provider "poste"'),
        (MAIRIE, "[fs]", "[fs]\nsub_generation = 2", "E030 fs.sub_generation: there is no secrets/sub-2"),
        (IMPOTS, ISSUER, '"http://impots.example"', "E030 fi.issuer: http://impots.example " + NOT_HTTPS),
        (IMPOTS, "[fi]", '[fi]\njwks_uri = "https://a.fr/j"', "E030 fi.jwks_uri: endpoints stand here together"),
    ],
)
def test_what_does_not_fit_together_is_named(folder: Folder, name: str, old: str, new: str, problem: str):
    if "sector" in new:
        folder.change(MAIRIE, URIS, '["https://a.example/", "https://b.example/"]')
    folder.change(name, old, new)
    assert [found for found in folder.problems() if found.startswith(f"{name}: {problem}")]


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("http://mairie.example/retour", NOT_HTTPS),
        ("http://localhost:5000/cb", NOT_HTTPS),
        ("javascript:alert(1)", "is not an absolute address"),
        ("/retour", "is not an absolute address"),
        ("https:///retour", "is not an absolute address"),
        ("https://[bad/retour", "is not an absolute address"),
        ("https://mairie.example:port/retour", "is not an absolute address"),
        ("https://mairie.example/ retour", "is not an absolute address"),
        ("https://mairie.example/\\n", "is not an absolute address"),
        ("https://mairie.example/é", "is not an absolute address"),
        ("https://mairie.example/{id}", "is not an absolute address"),
        ("https://mairie.example/retour#a", "has a fragment"),
        ("https://mairie.example/retour#", "has a fragment"),
        ("https://user@mairie.example/retour", "names a user"),
        ("https://*.mairie.example/retour", "has a wildcard"),
        ("fr.mairie.app:/retour", "is not an absolute address"),
    ],
)
@pytest.mark.parametrize("key", ["redirect_uris", "post_logout_redirect_uris", "home", "backchannel_logout_uri"])
def test_an_address_of_a_service_that_must_not_be_used_is_refused(folder: Folder, key: str, uri: str, reason: str):
    if key == "home":
        folder.change(MAIRIE, HOME, f'"{uri}"')
    elif key == "backchannel_logout_uri":
        folder.change(MAIRIE, "[fs]", f'[fs]\n{key} = "{uri}"')
    else:
        folder.change(
            MAIRIE, f"redirect_uris = {URIS}", f'{key} = ["{uri}"]\nredirect_uris = {URIS}'.partition("\nredirect")[0]
        )
    assert [found for found in folder.problems() if f"E030 fs.{key}: " in found and found.endswith(reason)]


@pytest.mark.parametrize("uri", ["http://fs.localhost:8000/retour", "http://127.0.0.1/cb", "http://[::1]:5000/cb"])
def test_the_sandbox_alone_takes_plain_http_on_this_machine(folder: Folder, uri: str):
    folder.change(MAIRIE, URIS, f'["{uri}"]')
    assert [found for found in folder.problems() if NOT_HTTPS in found]
    folder.change(MAIN_FILE, '"production"', '"sandbox"')
    assert folder.problems() == []


def test_a_service_may_be_told_of_logouts_at_an_address_with_a_query(folder: Folder):
    lines = 'backchannel_logout_uri = "https://mairie.example/fin?de=fc"\nprivate_addresses = true'
    folder.change(MAIRIE, "[fs]", f"[fs]\n{lines}")
    service = folder.load().parties.services["mairie"]
    assert (service.tell_at, service.private_addresses) == ("https://mairie.example/fin?de=fc", True)


def test_plain_http_to_another_machine_is_refused_in_the_sandbox_too(folder: Folder):
    folder.change(MAIN_FILE, '"production"', '"sandbox"')
    folder.change(MAIRIE, URIS, '["http://localhost.mairie.example/retour"]')
    assert [found for found in folder.problems() if NOT_HTTPS in found]


def test_a_public_client_may_use_its_own_scheme_when_it_names_its_sector(folder: Folder):
    folder.change(MAIRIE, URIS, '["fr.mairie.app:/retour"]\nauth = "none"')
    assert "fs.sector" in folder.problems()[0]
    folder.change(MAIRIE, "[fs]", '[fs]\nsector = "mairie.example"')
    assert folder.problems() == []


def test_several_hosts_pass_when_the_sector_is_said(folder: Folder):
    folder.change(MAIRIE, URIS, '["https://a.mairie.example/", "https://b.mairie.example/"]\nsector = "mairie.example"')
    assert folder.problems() == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("none", "none", "E030 fs.id: also the id of partners/fs/ecole.toml"),
        (
            'id = "mairie"',
            'id = "other"\nclient_id = "mairie"',
            "E030 fs.client_id: also the client_id of partners/fs/ecole.toml",
        ),
        (
            'id = "mairie"',
            'id = "other"',
            "E030 fs.redirect_uris: https://mairie.example/retour is also an address of partners/fs/ecole.toml",
        ),
    ],
)
def test_two_services_do_not_share_what_is_of_one(folder: Folder, old: str, new: str, problem: str):
    folder.hide("fs-other", "d4" * 32)
    folder.write("partners/fs/ecole.toml", SERVICE.replace(old, new))
    assert f"partners/fs/mairie.toml: {problem}" in folder.problems()


def test_two_providers_have_two_ids(folder: Folder):
    folder.write("partners/fi/autre.toml", PROVIDER)
    assert "partners/fi/impots.toml: E030 fi.id: also the id of partners/fi/autre.toml" in folder.problems()


def test_a_provider_and_a_service_may_have_one_id(folder: Folder):
    folder.change(MAIRIE, 'id = "mairie"', 'id = "impots"')
    folder.hide("fs-impots", "d4" * 32)
    assert folder.problems() == []


@pytest.mark.parametrize("change", ["active = false", "hidden", "another alone"])
def test_a_provider_that_may_not_be_used_reaches_no_level(folder: Folder, change: str):
    weaker = PROVIDER.replace('"impots"', '"poste"').replace(', "eidas2"', "")
    folder.write("partners/fi/poste.toml", weaker)
    shut = {"hidden": 'hidden_providers = ["impots"]', "another alone": 'providers = ["poste"]'}
    if change in shut:
        folder.change(MAIRIE, "[fs]", f"[fs]\n{shut[change]}")
    else:
        folder.change(IMPOTS, "[fi]", "[fi]\nactive = false")
    assert "fs.min_loa: no provider of this service reaches it: the strongest is low" in folder.problems()[0]


def test_without_any_provider_no_level_is_called_out_of_reach(folder: Folder):
    (folder.path / IMPOTS).unlink()
    assert folder.problems() == []


def test_while_a_provider_cannot_be_read_nobody_says_that_it_is_missing(folder: Folder):
    folder.change(MAIRIE, "[fs]", '[fs]\nidp_hints = ["impots"]')
    folder.write(IMPOTS, "[fi")
    assert folder.problems() == ["partners/fi/impots.toml: E001 : Expected ']' at the end of a table declaration"]


def test_the_rules_look_at_what_is_in_order_of_a_file_that_is_not(folder: Folder):
    folder.change(MAIRIE, "public = true", "public = 1")
    folder.change(MAIRIE, HOME, '"http://mairie.example/"')
    codes = [problem.split(" ")[1] for problem in folder.problems()]
    assert codes == ["E011", "E030"]


@pytest.mark.parametrize("name", ["partners/fss/x.toml", "partners/x.toml", "partners/fs/old/x.toml"])
def test_a_file_where_no_partner_belongs_is_not_ignored(folder: Folder, name: str):
    folder.write(name, SERVICE)
    assert folder.problems() == [f"{name}: E010 : no partner's file belongs here"]


def test_a_file_of_another_name_is_an_example(folder: Folder):
    folder.write("partners/fs/example.toml.txt", "not TOML")
    assert folder.problems() == []


def test_a_theme_is_a_folder(folder: Folder):
    (folder.path / "theme").mkdir()
    folder.change(MAIN_FILE, "[session]", 'theme = "theme"\n[session]')
    assert folder.load().theme == folder.path / "theme"
