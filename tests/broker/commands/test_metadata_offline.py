"""passerelle metadata build, sign, publish: our metadata signed by a key that is on another machine."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_der_x509_certificate

from broker.commands import check, metadata_offline
from broker.published import place
from certs.authority import self_signed
from certs.keyring import new_key
from certs.keys import State, Use, generate_private
from tests.broker.commands.conftest import NOW, Run
from tests.broker.settings.test_countries import NODE

DAY = 86_400
OFFLINE = 'metadata_key = "offline"\nmetadata_certificate = "certs/metadata.pem"\n'


class Safe:
    """The machine with the key."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.private = generate_private("P-256")
        self.certificate = self_signed(self.private, Use.METADATA_SIGNING, "connexion.mairie.fr", NOW - DAY)
        self.key, self.pem = folder / "key.pem", folder / "cert.pem"
        self.key.write_bytes(self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self.pem.write_bytes(load_der_x509_certificate(self.certificate).public_bytes(Encoding.PEM))

    def sign(self, run: Run, document: Path, **more: object):
        """Sign without being asked."""
        return run("metadata", "sign", "--offline", document, "--key", self.key, "--certificate", self.pem, "--yes", **more)


class Clock:
    """The clock of the commands."""

    now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time as the commands see it."""
    held = Clock()
    monkeypatch.setattr(metadata_offline, "now", held)
    monkeypatch.setattr(check, "now", held)
    return held


@pytest.fixture
def safe(tmp_path: Path) -> Safe:
    """The machine with the key."""
    return Safe(tmp_path / "safe")


@pytest.fixture
def node(instance: Path, safe: Safe, clock: Clock) -> Path:
    """An instance with both roles, whose metadata is signed elsewhere."""
    main = instance / "passerelle.toml"
    both = NODE.replace('roles = ["connector"]', 'roles = ["connector", "proxy"]')
    main.write_text(main.read_text("utf-8") + both + OFFLINE, "utf-8")
    (instance / "certs").mkdir()
    (instance / "certs/metadata.pem").write_bytes(safe.pem.read_bytes())
    for use in (Use.SAML_SIGNING, Use.SAML_DECRYPTION):
        new_key(instance / "secrets/keys", use, "P-256", State.ACTIVE, NOW - DAY, "connexion.mairie.fr")
    return instance


def made(run: Run, node: Path, safe: Safe, role: str = "connector", *options: object) -> Path:
    """The document of a role, built here and signed there."""
    unsigned = node.parent / f"{role}.xml"
    assert run("metadata", "build", "--role", role, "-o", unsigned, "-C", node, *options).exit_code == 0
    result = safe.sign(run, unsigned)
    assert result.exit_code == 0, result.output
    return unsigned.with_suffix(".signed.xml")


def told(output: str) -> list[str]:
    """The lines that people compare."""
    return [
        line for line in output.splitlines() if line.split()[0] in ("role", "entityID", "validUntil", "signing", "content")
    ]


def test_what_was_signed_elsewhere_is_published_and_is_in_order(run: Run, node: Path, safe: Safe):
    for role in ("connector", "proxy"):
        signed = made(run, node, safe, role)
        result = run("metadata", "publish", signed, "-C", node)
        assert (result.exit_code, "published; generation" in result.output) == (0, True)
        assert place(node, role).read_bytes() == signed.read_bytes()
    assert " N02 " not in run("check", "-C", node).output


def test_the_document_is_the_same_all_day(run: Run, node: Path, clock: Clock):
    first = run("metadata", "build", "--role", "proxy", "-C", node).stdout_bytes
    clock.now += 3600
    assert run("metadata", "build", "--role", "proxy", "-C", node).stdout_bytes == first
    clock.now += DAY
    assert run("metadata", "build", "--role", "proxy", "-C", node).stdout_bytes != first


def test_the_same_lines_are_read_on_both_machines(run: Run, node: Path, safe: Safe):
    unsigned = node.parent / "c.xml"
    here = told(run("metadata", "build", "--role", "connector", "-o", unsigned, "-C", node).output)
    there = safe.sign(run, unsigned)
    assert told(there.output) == here
    assert len(here) == 5
    assert "signed by" in there.output


def test_nothing_is_signed_before_somebody_agrees(run: Run, node: Path, safe: Safe):
    unsigned = node.parent / "c.xml"
    run("metadata", "build", "--role", "connector", "-o", unsigned, "-C", node)
    arguments = ("metadata", "sign", "--offline", unsigned, "--key", safe.key, "--certificate", safe.pem)
    refused = run(*arguments, stdin="n\n")
    assert (refused.exit_code, "entityID" in refused.output, unsigned.with_suffix(".signed.xml").exists()) == (
        1,
        True,
        False,
    )
    assert run(*arguments, stdin="y\n").exit_code == 0


def test_the_key_may_be_under_a_password(run: Run, node: Path, safe: Safe):
    safe.key.write_bytes(safe.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open")))
    password = safe.folder / "password"
    password.write_text("open\n")
    unsigned = node.parent / "c.xml"
    run("metadata", "build", "--role", "connector", "-o", unsigned, "-C", node)
    arguments = ("metadata", "sign", "--offline", unsigned, "--key", safe.key, "--certificate", safe.pem, "--yes")
    assert "a password is needed" in run(*arguments).output
    assert run(*arguments, "--password-file", password).exit_code == 0


def test_a_certificate_of_another_key_and_a_weak_key_are_refused(run: Run, node: Path, safe: Safe, tmp_path: Path):
    unsigned = node.parent / "c.xml"
    run("metadata", "build", "--role", "connector", "-o", unsigned, "-C", node)
    other = Safe(tmp_path / "other")
    safe.pem.write_bytes(other.pem.read_bytes())
    assert "another key's" in safe.sign(run, unsigned).output
    safe.key.write_text("no key")
    assert "not a private key" in safe.sign(run, unsigned).output


def test_a_dry_run_publishes_nothing(run: Run, node: Path, safe: Safe):
    result = run("metadata", "publish", made(run, node, safe), "--dry-run", "-C", node)
    assert (result.exit_code, place(node, "connector").exists()) == (0, False)


# -- attacks ----------------------------------------------------------------------------------------------------------


def test_a_file_that_another_key_signed_is_refused(run: Run, node: Path, safe: Safe, tmp_path: Path):
    result = run("metadata", "publish", made(run, node, Safe(tmp_path / "other")), "-C", node)
    assert (result.exit_code, place(node, "connector").exists()) == (5, False)


def test_a_file_whose_keys_are_no_more_ours_is_refused(run: Run, node: Path, safe: Safe):
    signed = made(run, node, safe)
    new_key(node / "secrets/keys", Use.SAML_SIGNING, "P-256", State.PUBLISHED, NOW, "connexion.mairie.fr")
    result = run("metadata", "publish", signed, "-C", node)
    assert (result.exit_code, "build it anew" in result.output) == (5, True)


def test_an_older_file_is_refused_unless_it_is_wanted(run: Run, node: Path, safe: Safe, clock: Clock):
    old = made(run, node, safe).read_bytes()
    clock.now += DAY
    run("metadata", "publish", made(run, node, safe), "-C", node)
    (node.parent / "old.xml").write_bytes(old)
    replay = run("metadata", "publish", node.parent / "old.xml", "-C", node)
    assert (replay.exit_code, "--replace" in replay.output) == (5, True)
    assert run("metadata", "publish", node.parent / "old.xml", "--replace", "-C", node).exit_code == 0


def test_a_file_that_has_ended_is_refused(run: Run, node: Path, safe: Safe, clock: Clock):
    signed = made(run, node, safe, "connector", "--days", 1)
    clock.now += 2 * DAY
    assert "expired" in run("metadata", "publish", signed, "-C", node).output


def test_a_file_of_a_role_that_we_have_not_is_refused(run: Run, node: Path, safe: Safe):
    signed = made(run, node, safe, "proxy")
    main = node / "passerelle.toml"
    main.write_text(main.read_text("utf-8").replace('["connector", "proxy"]', '["connector"]'), "utf-8")
    result = run("metadata", "publish", signed, "-C", node)
    assert (result.exit_code, place(node, "proxy").exists()) == (2, False)


def test_a_link_in_the_place_of_the_file_is_replaced_and_not_followed(run: Run, node: Path, safe: Safe):
    victim = node.parent / "victim"
    victim.write_text("untouched")
    place(node, "connector").parent.mkdir(parents=True)
    place(node, "connector").symlink_to(victim)
    signed = made(run, node, safe)
    assert run("metadata", "publish", signed, "-C", node).exit_code == 0
    assert (victim.read_text(), place(node, "connector").is_symlink()) == ("untouched", False)


@pytest.mark.parametrize("linked", ["metadata", "metadata/published"])
def test_a_link_in_the_place_of_the_folder_is_refused(run: Run, node: Path, safe: Safe, linked: str):
    elsewhere = node.parent / "elsewhere"
    elsewhere.mkdir()
    (node / linked).parent.mkdir(exist_ok=True)
    if (node / linked).is_dir():
        (node / linked).rename(node / "kept")
    (node / linked).symlink_to(elsewhere)
    result = run("metadata", "publish", made(run, node, safe), "-C", node)
    assert (result.exit_code, "it is a link" in result.output, list(elsewhere.iterdir())) == (1, True, [])


def test_what_was_checked_is_what_is_published(run: Run, node: Path, safe: Safe, monkeypatch: pytest.MonkeyPatch):
    signed = made(run, node, safe)
    honest, checked = signed.read_bytes(), metadata_offline._checked

    def swapped(*arguments: object):
        said = checked(*arguments)
        signed.write_bytes(b"<evil/>")
        return said

    monkeypatch.setattr(metadata_offline, "_checked", swapped)
    assert run("metadata", "publish", signed, "-C", node).exit_code == 0
    assert place(node, "connector").read_bytes() == honest


def test_a_file_that_is_too_large_is_refused(run: Run, node: Path):
    large = node.parent / "large.xml"
    large.write_bytes(b" " * 1_048_577)
    result = run("metadata", "publish", large, "-C", node)
    assert (result.exit_code, "at most 1048576 are read" in result.output) == (5, True)


# -- what the operator is told ----------------------------------------------------------------------------------------


def test_check_says_what_is_missing_or_old_or_about_to_end(run: Run, node: Path, safe: Safe, clock: Clock):
    assert "our connector metadata is not served: nothing is published" in run("check", "-C", node).output
    for role in ("connector", "proxy"):
        run("metadata", "publish", made(run, node, safe, role), "-C", node)
    clock.now += 5 * DAY
    ending = run("check", "-C", node)
    assert " ✘ N02 our proxy metadata ends on " in ending.output
    clock.now += 3 * DAY
    assert "and is not served any more" in run("check", "-C", node).output


def test_check_says_when_what_is_published_is_not_what_should_be(run: Run, node: Path, safe: Safe):
    for role in ("connector", "proxy"):
        run("metadata", "publish", made(run, node, safe, role), "-C", node)
    new_key(node / "secrets/keys", Use.SAML_SIGNING, "P-256", State.PUBLISHED, NOW, "connexion.mairie.fr")
    output = run("check", "-C", node).output
    assert " ! N02 our connector metadata does not say what the configuration and the keys say now" in output


def test_check_says_when_the_offline_key_is_not_offline(run: Run, node: Path, safe: Safe):
    run("keys", "import", "metadata-signing", "--key", safe.key, "--cert", safe.pem, "-C", node)
    assert "K04 the offline metadata key lies in secrets/keys" in run("check", "-C", node).output


def test_with_a_key_online_nothing_is_published_by_hand(run: Run, node: Path, safe: Safe):
    signed = made(run, node, safe)
    main = node / "passerelle.toml"
    main.write_text(main.read_text("utf-8").replace(OFFLINE, ""), "utf-8")
    assert run("metadata", "publish", signed, "-C", node).exit_code == 2


def test_an_offline_key_needs_its_certificate_here(run: Run, node: Path):
    (node / "certs/metadata.pem").unlink()
    result = run("check", "-C", node)
    assert (result.exit_code, "E031 eidas.metadata_certificate" in result.output) == (3, True)


def test_a_node_without_keys_builds_nothing(run: Run, node: Path):
    for file in (node / "secrets/keys").glob("saml-*"):
        file.unlink()
    result = run("metadata", "build", "--role", "proxy", "-C", node)
    assert (result.exit_code, "passerelle keys new saml-signing" in result.output) == (3, True)
