"""Checkpoints: signed notes that others can read, and what is refused of them."""

import hashlib
from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from metadata.errors import LedgerRefused
from metadata.ledger.checkpoint import Checkpoint, check_head, read_checkpoint, write_checkpoint
from tests.metadata.ledgers import NOW, ORIGIN, checkpoint, entries_of, ledger, signing_key

ROOT = bytes(range(32))
CHECKPOINT = Checkpoint(ORIGIN, 12, ROOT, NOW)


@pytest.fixture(scope="module")
def key():
    return signing_key()


@pytest.fixture
def note(key):
    return write_checkpoint(CHECKPOINT, key)


def test_a_checkpoint_is_a_signed_note(note, key):
    body, _, line = note.decode().partition("\n\n")
    assert body == f"connexion.example/ledger\n12\n{b64encode(ROOT).decode()}\ntime 1790000000"
    dash, name, octets = line.rstrip("\n").split(" ")
    spki = key.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert (dash, name, b64decode(octets)[:4]) == ("—", ORIGIN, hashlib.sha256(spki).digest()[:4])
    key.public_key.verify(b64decode(octets)[4:], f"{body}\n".encode(), ec.ECDSA(SHA256()))


def test_a_checkpoint_is_read_as_it_was_written(note, key):
    assert read_checkpoint(note, [signing_key().public_key, key.public_key]) == CHECKPOINT


def test_signatures_of_others_are_passed_over(note, key):
    witness = "— witness.example/w AAAAAAEC\n".encode()
    assert read_checkpoint(note + witness, [key.public_key]) == CHECKPOINT


def refusal(octets, key):
    with pytest.raises(LedgerRefused) as refused:
        read_checkpoint(octets, [key.public_key])
    return refused.value.detail


def test_a_checkpoint_of_another_key_is_refused(note):
    assert refusal(note, signing_key()) == "the checkpoint is not signed by a key that is known here"


def test_an_altered_checkpoint_is_refused(note, key):
    assert refusal(note.replace(b"\n12\n", b"\n13\n"), key) == "the checkpoint's signature is wrong"


def test_the_name_of_the_key_is_the_ledgers(note, key):
    other = note.replace(f"— {ORIGIN}".encode(), "— other.example/ledger".encode())
    assert "not signed by a key" in refusal(other, key)


def test_a_checkpoint_without_a_signature_is_refused(note, key):
    assert refusal(note.partition("—".encode())[0], key) == "the checkpoint has no signature"


def test_a_text_below_the_signatures_is_refused(note, key):
    assert refusal(note + b"a text\n", key) == "the checkpoint has no signature"


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"\n12\n", b"\n012\n"), (b"\n12\n", b"\n-1\n"), (b"ledger\n", b"led ger\n"), (b"time", b"tide"), (b"AAEC", b"AAE")],
    ids=str,
)
def test_a_text_of_another_form_is_no_checkpoint(note, key, old, new):
    assert refusal(note.replace(old, new, 1), key) == "the text is no checkpoint"


def test_octets_that_are_no_text_are_refused(key):
    assert refusal(b"\xff\xff\n\n", key) == "the checkpoint is not a text"


def test_a_long_text_is_not_read(note, key):
    assert refusal(note + b"x" * 20_000, key) == "the checkpoint is too long"


def test_no_octet_of_a_checkpoint_can_be_altered(note, key):
    for position in range(len(note)):
        altered = note[:position] + bytes([note[position] ^ 1]) + note[position + 1 :]
        with pytest.raises(LedgerRefused):
            read_checkpoint(altered, [key.public_key])


def test_a_ledger_whose_name_cannot_be_written_is_not_signed(key):
    with pytest.raises(LedgerRefused, match="no checkpoint"):
        write_checkpoint(Checkpoint("two words", 1, ROOT, NOW), key)


# -- what it is over --------------------------------------------------------------------------------------------------


def test_a_checkpoint_fits_the_ledger_and_what_it_became(key):
    lines = ledger(turns=3)
    signed = read_checkpoint(checkpoint(lines[:4], key), [key.public_key])
    check_head(signed, entries_of(lines[:4]))
    check_head(signed, entries_of(lines))


def test_a_ledger_that_has_lost_entries_does_not_fit(key):
    lines = ledger(turns=3)
    signed = read_checkpoint(checkpoint(lines, key), [key.public_key])
    with pytest.raises(LedgerRefused, match="missing: 4 to 5; the checkpoint was signed over 6 entries"):
        check_head(signed, entries_of(lines[:4]))


def test_another_ledger_does_not_fit(key):
    signed = Checkpoint(ORIGIN, 4, ROOT, NOW)
    with pytest.raises(LedgerRefused, match="altered, somewhere in 0 to 3"):
        check_head(signed, entries_of(ledger()))
