"""From files to settings."""

from pathlib import Path

import pytest

from broker.assurance import Level
from broker.parties import Contact, Provider, Service, Text
from broker.settings import Accessibility, SettingsInvalid, Support
from oidc.discovery import ProviderMetadata
from tests.broker.settings.instance import CLIENT_KEY, IMPOTS, MAIN_FILE, MAIRIE, Folder


def test_the_main_file_becomes_settings(folder: Folder):
    settings = folder.load()
    assert (settings.mode, settings.public_url) == ("production", "https://connexion.example.fr")
    assert (settings.name, settings.support) == (Text("Connexion", "Sign-in"), Support("aide@example.fr"))
    assert (settings.sso_minutes, settings.step_minutes, settings.journal_days) == (20, 30, 30)
    assert (settings.accessibility, settings.theme, settings.warnings) == (Accessibility(), None, ())
    assert settings.client_secret_key == bytes.fromhex(CLIENT_KEY)


def test_a_service_is_what_its_file_says_and_defaults(folder: Folder):
    service = folder.load().parties.services["mairie"]
    assert service == Service(
        id="mairie",
        name=Text("Mairie", "Town Hall"),
        client_id="mairie",
        public=True,
        redirect_uris=("https://mairie.example/retour",),
        post_logout_redirect_uris=(),
        home="https://mairie.example/",
        sector="mairie.example",
        scopes=frozenset(("openid", "identite_pivot")),
        minimum=Level.SUBSTANTIAL,
        authentication=frozenset(("client_secret_basic", "client_secret_post")),
        secrets=service.secrets,
        contacts=(Contact("technical", "si@mairie.example"),),
    )


def test_a_provider_is_what_its_file_says_and_defaults(folder: Folder):
    assert folder.load().parties.providers["impots"] == Provider(
        id="impots",
        name=Text("Impôts", "Taxes"),
        issuer="https://impots.example",
        client_id="passerelle",
        client_secret="our-secret-at-impots",
        authentication="client_secret_basic",
        levels=frozenset((Level.LOW, Level.SUBSTANTIAL)),
        algorithms=frozenset(("ES256",)),
        contacts=(Contact("support", "aide@impots.example"),),
    )


def test_what_a_file_says_stands_against_every_default(folder: Folder):
    folder.change(MAIRIE, "[fs]", '[fs]\nclient_id = "6925fb81"\nsector = "ville.example"\nauth = "client_secret_post"')
    folder.change(IMPOTS, "[fi]", "[fi]\ndisplay = { order = 7, visible = false }\nlogout = false")
    parties = folder.load().parties
    service, provider = parties.clients["6925fb81"], parties.providers["impots"]
    assert (service.sector, service.authentication) == ("ville.example", {"client_secret_post"})
    assert (provider.order, provider.visible, provider.logout) == (7, False, False)


def test_endpoints_written_by_hand_replace_discovery(folder: Folder):
    ends = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
    lines = "\n".join(f'{name} = "https://impots.example/{name}"' for name in ends)
    folder.change(IMPOTS, "[fi]", f"[fi]\n{lines}")
    endpoints = [f"https://impots.example/{name}" for name in ends]
    assert folder.load().parties.providers["impots"].static == ProviderMetadata("https://impots.example", *endpoints)


def test_a_slash_behind_the_public_url_is_not_part_of_it(folder: Folder):
    folder.change(MAIN_FILE, "example.fr", "example.fr/")
    assert folder.load().public_url == "https://connexion.example.fr"


@pytest.mark.parametrize(
    ("stated", "used"),
    [
        ("sqlite:///var/p.db", "sqlite:///{folder}/var/p.db"),
        ("sqlite:////srv/p.db", "sqlite:////srv/p.db"),
        ("postgresql:///passerelle", "postgresql:///passerelle"),
    ],
)
def test_a_database_file_is_looked_for_in_the_instances_folder(folder: Folder, stated: str, used: str):
    folder.change(MAIN_FILE, '"memory:"', f'"{stated}"')
    assert folder.load().database == used.format(folder=folder.path)


# -- environment ------------------------------------------------------------------------------------------------------


def test_variables_stand_for_the_database_and_the_mode(folder: Folder):
    folder.environ = {"PASSERELLE_DATABASE_URL": "postgresql://u:p@h/d", "PASSERELLE_MODE": "sandbox"}
    settings = folder.load()
    assert (settings.database, settings.mode) == ("postgresql://u:p@h/d", "sandbox")


def test_a_variable_is_checked_like_a_key_and_its_value_is_not_printed(folder: Folder):
    folder.environ = {"PASSERELLE_DATABASE_URL": "mysql://u:hunter2@h/d"}
    assert folder.problems() == [
        "PASSERELLE_DATABASE_URL: E011 broker.database: must be memory:, sqlite:///path or postgresql://…"
    ]


def test_an_unknown_mode_is_no_mode(folder: Folder):
    folder.environ = {"PASSERELLE_MODE": "prod"}
    assert folder.problems() == ['PASSERELLE_MODE: E011 broker.mode: value not allowed: "prod"']


def test_the_mode_of_the_environment_decides_what_may_be_http(folder: Folder):
    folder.change(MAIN_FILE, "https://connexion.example.fr", "http://fc.localhost:8000")
    folder.environ = {"PASSERELLE_MODE": "sandbox"}
    assert folder.problems() == []


def test_the_secrets_may_lie_elsewhere(folder: Folder, tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    (folder.path / "secrets").rename(elsewhere)
    folder.environ = {"PASSERELLE_SECRETS_DIR": str(elsewhere)}
    settings = folder.load()
    assert settings.secrets_folder == elsewhere
    assert settings.parties.providers["impots"].client_secret == "our-secret-at-impots"


def test_a_secret_may_have_a_place_of_its_own(folder: Folder, tmp_path: Path):
    (folder.path / "secrets" / "fi-impots").rename(tmp_path / "credential")
    folder.change(IMPOTS, "secrets/fi-impots", str(tmp_path / "credential"))
    assert folder.problems() == []


# -- fingerprint ------------------------------------------------------------------------------------------------------


def test_the_fingerprint_does_not_change_with_layout_or_secrets(folder: Folder):
    before = folder.load().fingerprint
    folder.change(MAIRIE, "public = true", "# a comment\n\npublic   =   true")
    folder.hide("fi-impots", "another-secret-at-impots")
    assert folder.load().fingerprint == before


@pytest.mark.parametrize(("name", "old", "new"), [(MAIN_FILE, "20", "21"), (MAIRIE, '"Mairie"', '"Ville"')])
def test_the_fingerprint_changes_with_any_value(folder: Folder, name: str, old: str, new: str):
    before = folder.load().fingerprint
    folder.change(name, old, new)
    assert folder.load().fingerprint != before


def test_the_fingerprint_knows_no_password(folder: Folder):
    folder.environ = {"PASSERELLE_DATABASE_URL": "postgresql://u:one@h/d"}
    before = folder.load().fingerprint
    folder.environ = {"PASSERELLE_DATABASE_URL": "postgresql://u:two@h/d"}
    assert folder.load().fingerprint == before


def test_no_secret_is_in_what_python_shows_of_settings(folder: Folder):
    folder.environ = {"PASSERELLE_DATABASE_URL": "postgresql://u:hunter2@h/d"}
    shown = repr(folder.load())
    assert not any(secret in shown for secret in ("hunter2", "our-secret-at-impots", repr(bytes.fromhex("c3" * 32))[2:-1]))


def test_invalid_settings_say_how_many_errors_they_have(folder: Folder):
    folder.change(MAIRIE, '"openid"', '"opnid"')
    with pytest.raises(SettingsInvalid, match="1 errors in the configuration"):
        folder.load()
