from dataclasses import replace

import pytest

from broker.seal import Unreadable, locator

NEW, OLD = b"n" * 32, b"o" * 32
SECRET = b"what the browser brings"
place = next(locator((NEW,))(SECRET, "journey"))
row = place.seal(b"plain", 2000, 3)


def test_what_was_sealed_opens_with_its_secret():
    assert next(locator((NEW,))(SECRET, "journey")).open(row) == b"plain"


def test_the_row_shows_nothing_of_what_it_holds():
    assert b"plain" not in row.body
    assert SECRET not in row.id


@pytest.mark.parametrize(
    ("secret", "purpose", "pepper"), [(b"other", "journey", NEW), (SECRET, "code", NEW), (SECRET, "journey", OLD)]
)
def test_another_secret_purpose_or_pepper_finds_another_place(secret, purpose, pepper):
    assert next(locator((pepper,))(secret, purpose)).id != place.id


@pytest.mark.parametrize(
    "altered",
    [
        replace(row, expires=row.expires + 1),
        replace(row, version=row.version - 1),
        replace(row, id=b"i" * 32),
        replace(row, body=row.body[:-1] + bytes((row.body[-1] ^ 1,))),
        replace(row, body=b"short"),
    ],
    ids=["expiry", "version", "id", "body", "length"],
)
def test_an_altered_row_does_not_open(altered):
    with pytest.raises(Unreadable):
        place.open(altered)


def test_two_rows_of_one_value_differ():
    assert place.seal(b"plain", 2000, 3).body != row.body


def test_rows_are_looked_up_under_the_newest_pepper_and_its_predecessor():
    assert list(locator((NEW, OLD))(SECRET, "journey")) == [place, *locator((OLD,))(SECRET, "journey")]
