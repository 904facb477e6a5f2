"""One file against the schema."""

import pytest

from broker.settings.reader import Document
from broker.settings.schema import MAIN
from tests.broker.settings.instance import IMPOTS, MAIN_FILE, MAIRIE, Folder


def test_a_valid_instance_has_no_problem(folder: Folder):
    assert folder.problems() == []


def test_an_unknown_key_is_shown_with_its_place_its_line_and_what_was_meant(folder: Folder):
    folder.change(MAIRIE, "redirect_uris =", "redirect_uri =")
    assert folder.messages()[0] == (
        'partners/fs/mairie.toml:5:1: E010 fs.redirect_uri: unknown key "redirect_uri"\n'
        '    5 | redirect_uri = ["https://mairie.example/retour"]\n'
        '    hint: did you mean "redirect_uris"?'
    )


def test_a_fault_of_syntax_has_line_and_column(folder: Folder):
    folder.change(MAIN_FILE, '"production"', "production")
    assert folder.messages()[0].startswith("passerelle.toml:2:8: E001 Invalid value\n    2 | mode = production")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"[broker\n", "Expected ']'"),
        (b"[broker]\nname = \xff", "the file is not UTF-8"),
        (b"a = " + b"[" * 5000, "nested too deep"),
        (b"a = " + b"1" * 5000, "Exceeds the limit"),
        (b"a = 'x", "Expected"),
    ],
)
def test_whatever_is_not_toml_is_one_problem(content: bytes, sentence: str):
    problems = Document("x.toml", content).problems
    assert [problem.code for problem in problems] == ["E001"]
    assert sentence in problems[0].sentence


def test_a_file_that_is_not_there_says_how_to_make_one(folder: Folder):
    (folder.path / MAIN_FILE).unlink()
    assert folder.problems() == ["passerelle.toml: E002 : the file cannot be read: No such file or directory"]
    assert "passerelle init" in folder.messages()[0]


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        (MAIN_FILE, "[session]", "[sesion]", 'E010 sesion: unknown table "sesion"'),
        (MAIN_FILE, "mail =", "mial =", 'E010 broker.support.mial: unknown key "mial"'),
        (MAIRIE, 'mail = "si@', 'mial = "si@', 'E010 fs.contacts.mial: unknown key "mial"'),
        (MAIN_FILE, '"production"', "true", "E011 broker.mode: must be a text"),
        (MAIN_FILE, '"production"', '"prod"', 'E011 broker.mode: value not allowed: "prod"'),
        (MAIN_FILE, '"memory:"', '"mysql://x"', "E011 broker.database: must be memory:, sqlite:///path or postgresql://…"),
        (MAIN_FILE, "= 20", "= true", "E011 session.sso_minutes: must be a whole number"),
        (MAIN_FILE, "= 20", "= 0", "E011 session.sso_minutes: must be from 1 to 1440"),
        (MAIN_FILE, "= 20", "= 1441", "E011 session.sso_minutes: must be from 1 to 1440"),
        (MAIN_FILE, '{ fr = "Connexion", en = "Sign-in" }', '"Connexion"', "E011 broker.name: must be a table"),
        (MAIRIE, "true", "1", "E011 fs.public: must be true or false"),
        (MAIRIE, '["openid", "identite_pivot"]', '"openid"', "E011 fs.scopes: must be a list of texts"),
        (MAIRIE, '["openid", "identite_pivot"]', '["openid", 1]', "E011 fs.scopes: must be a list of texts"),
        (MAIRIE, '[{ type = "technical", mail = "si@mairie.example" }]', '["x"]', "E011 fs.contacts: must be a table"),
        (MAIRIE, '"technical"', '"tecnical"', 'E011 fs.contacts.type: value not allowed: "tecnical"'),
        (MAIRIE, '"mairie"', '"../mairie"', "E011 fs.id: must be 1 to 63 of a-z, 0-9 and -"),
        (MAIRIE, '"mairie"', '"Mairie"', "E011 fs.id: must be 1 to 63 of a-z, 0-9 and -"),
        (IMPOTS, '"eidas2"', '"eidas4"', 'E011 fi.levels: value not allowed: "eidas4"'),
        (MAIRIE, '"identite_pivot"', '"identite_pivo"', 'E012 fs.scopes: unknown scope "identite_pivo"'),
        (MAIRIE, 'id = "mairie"\n', "", "E013 fs.id: required key is missing"),
        (MAIRIE, ', en = "Town Hall"', "", "E013 fs.name.en: required key is missing"),
        (MAIRIE, '"Town Hall"', '""', "E013 fs.name.en: must not be empty"),
        (IMPOTS, '["eidas1", "eidas2"]', "[]", "E013 fi.levels: must not be empty"),
        (MAIN_FILE, "[session]", 'password = "x"\n[session]', "E020 broker.password: secret written in clear"),
        (MAIRIE, "public =", 'client_secret = "x"\npublic =', "E020 fs.client_secret: secret written in clear"),
        (IMPOTS, "client_secret_file =", "client_secret =", "E020 fi.client_secret: secret written in clear"),
    ],
)
def test_what_the_schema_does_not_take_is_named(folder: Folder, name: str, old: str, new: str, problem: str):
    folder.change(name, old, new)
    assert f"{name}: {problem}" in folder.problems()


def test_a_slip_in_the_name_of_a_key_with_secret_in_it_is_no_secret(folder: Folder):
    folder.change(IMPOTS, "client_secret_file", "client_secret_fille")
    assert 'unknown key "client_secret_fille"' in folder.problems()[0]


def test_allowed_values_are_listed_with_the_nearest_first(folder: Folder):
    folder.change(MAIRIE, '"substantial"', '"substancial"')
    assert folder.messages()[0].endswith('hint: did you mean "substantial"?; allowed: low, substantial, high')


def test_a_missing_key_is_shown_at_its_table_with_an_example(folder: Folder):
    folder.change(MAIRIE, 'home = "https://mairie.example/"\n', "")
    assert folder.messages()[0] == (
        "partners/fs/mairie.toml:1:2: E013 fs.home: required key is missing\n"
        "    1 | [fs]\n"
        '    hint: home = "https://mairie.example/"'
    )


def test_a_secret_in_clear_is_not_printed(folder: Folder):
    folder.change(MAIRIE, "public =", 'client_secret = "hunter2"\npublic =')
    folder.change(MAIN_FILE, '"memory:"', '"postgres://broker:hunter2@db/x"')
    assert "hunter2" not in "\n".join(folder.messages())


def test_a_file_cannot_command_the_terminal(folder: Folder):
    folder.change(MAIRIE, '"openid"', '"open\\u001b[2Jid"')
    assert "\x1b" not in "\n".join(folder.messages())


def test_every_problem_of_every_file_is_found_in_one_run(folder: Folder):
    folder.change(MAIN_FILE, '"production"', '"prod"')
    folder.change(MAIRIE, '"openid"', '"opnid"')
    folder.change(MAIRIE, "public = true", "public = 1")
    folder.write(IMPOTS, "[fi")
    folder.write("partners/fs/ecole.toml", "")
    folder.hide("pepper-1", "short")
    codes = [problem.split(" ")[1] for problem in folder.problems()]
    assert codes == ["E011", *["E013"] * 6, "W031", "E011", "E012", "E001", "E021"]


def test_defaults_are_filled_in_at_every_depth():
    document = Document("x.toml", b'[broker]\npublic_url = "https://a.fr"\nname = { fr = "A", en = "B" }\n')
    document.read(MAIN)
    assert document.values["broker"]["support"] == {"mail": "", "tel": "", "hours": ""}
    assert document.values["session"] == {"sso_minutes": 30, "step_minutes": 30}
