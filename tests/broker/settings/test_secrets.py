"""Files under secrets/."""

import pytest

from broker.parties import HeldSecret
from broker.settings import secrets
from tests.broker.settings.instance import DIGEST, IMPOTS, MAIRIE, PEPPER, SUB, Folder

MIDNIGHT = 1_796_083_200  # 2026-12-01T00:00:00Z


@pytest.mark.parametrize("name", ["pepper-1", "sub-1", "client-secrets.key"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("short", "has less than 16 bytes"),
        ("ab" * 31, "has less than 32 bytes"),
        ("xy" * 32, "is not hex"),
    ],
)
def test_a_key_of_the_instance_that_is_not_one_is_refused(folder: Folder, name: str, content: str, reason: str):
    folder.hide(name, content)
    assert folder.problems() == [f"secrets/{name}: E021 : {name} {reason}"]


@pytest.mark.parametrize("name", ["pepper-1", "sub-1"])
def test_there_is_a_first_generation(folder: Folder, name: str):
    (folder.path / "secrets" / name).unlink()
    assert folder.problems() == [f"secrets/{name}: E021 : there is no {name}"]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("pepper-1", "secrets/pepper-1: E021 "),
        ("client-secrets.key", "secrets/client-secrets.key: E021 "),
        ("fs-mairie", f"{MAIRIE}: E021 fs.auth"),
        ("fi-impots", f"{IMPOTS}: E021 fi.client_secret_file"),
    ],
)
def test_a_secret_that_others_can_read_is_refused(folder: Folder, name: str, place: str):
    (folder.path / "secrets" / name).chmod(0o640)
    assert folder.problems() == [f"{place}: {name} can be read by others"]
    assert f"chmod 600 {folder.path}/secrets/{name}" in folder.messages()[0]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("fs-mairie", f"{MAIRIE}: E021 fs.auth: fs-mairie cannot be read: No such file or directory"),
        ("fi-impots", f"{IMPOTS}: E021 fi.client_secret_file: fi-impots cannot be read: No such file or directory"),
    ],
)
def test_the_secret_of_a_partner_that_is_absent_is_missed_in_his_file(folder: Folder, name: str, problem: str):
    (folder.path / "secrets" / name).unlink()
    assert folder.problems() == [problem]


def test_the_hint_for_a_services_secret_is_the_command_to_run(folder: Folder):
    (folder.path / "secrets" / "fs-mairie").unlink()
    assert "passerelle fs rotate-secret mairie" in folder.messages()[0]


def test_a_secret_of_a_provider_has_128_bits(folder: Folder):
    folder.hide("fi-impots", "fifteen-letters")
    assert folder.problems() == [f"{IMPOTS}: E021 fi.client_secret_file: fi-impots has less than 16 bytes"]


def test_the_path_of_a_secret_may_be_nonsense(folder: Folder):
    folder.change(IMPOTS, "secrets/fi-impots", "a\\u0000b")
    assert "is not a text" in folder.problems()[0]


@pytest.mark.parametrize(
    "line",
    ["xyz", "d4", f"{DIGEST} since 2026-12-01", f"{DIGEST} until", f"{DIGEST} until soon", f"{DIGEST} x y z", "é" * 32],
)
def test_a_line_that_is_no_held_secret_is_refused(folder: Folder, line: str):
    folder.hide("fs-mairie", f"{DIGEST}\n{line}")
    assert "has a line that is not `hmac [until date]`" in folder.problems()[0]


@pytest.mark.parametrize("date", ["2026-12-01", "2026-12-01T00:00:00Z", "2026-12-01T01:00:00+01:00"])
def test_a_former_secret_counts_until_its_date(folder: Folder, date: str):
    folder.hide("fs-mairie", f"{DIGEST}\n\n{PEPPER} until {date}\n")
    held = folder.load().parties.services["mairie"].secrets
    assert held == (HeldSecret(bytes.fromhex(DIGEST)), HeldSecret(bytes.fromhex(PEPPER), MIDNIGHT))


def test_held_secrets_are_read_as_they_were_written(folder: Folder):
    held = (HeldSecret(bytes(32)), HeldSecret(bytes(range(32)), MIDNIGHT))
    assert secrets.held_secrets(folder.hide("fs-mairie", secrets.written(held))) == held


def test_the_newest_pepper_and_the_one_before_are_used(folder: Folder):
    for number in (2, 9, 10):
        folder.hide(f"pepper-{number}", f"{number:02}" * 32)
    assert folder.load().peppers == (b"\x10" * 32, b"\x09" * 32)


def test_every_generation_of_the_subs_is_known_by_its_number(folder: Folder):
    folder.hide("sub-3", "e5" * 32)
    assert folder.load().sub_keys == {1: bytes.fromhex(SUB), 3: bytes.fromhex("e5" * 32)}


def test_one_key_for_two_purposes_is_refused(folder: Folder):
    folder.hide("sub-1", PEPPER)
    assert [found for found in folder.problems() if "E021" in found and "pepper-1 and sub-1 are the same key" in found]


@pytest.mark.parametrize("name", ["sub-1.bak", "sub-0", "sub-01", "sub-²", "sub-x"])
def test_what_is_not_called_like_a_generation_is_none(folder: Folder, name: str):
    folder.hide(name, PEPPER)
    assert list(folder.load().sub_keys) == [1]


def test_a_public_client_has_no_secret(folder: Folder):
    (folder.path / "secrets" / "fs-mairie").unlink()
    folder.change(MAIRIE, "[fs]", '[fs]\nauth = "none"')
    service = folder.load().parties.services["mairie"]
    assert (service.secrets, service.authentication) == ((), {"none"})
