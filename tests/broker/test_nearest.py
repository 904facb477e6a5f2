"""The nearest registered value, and the place where a value parts from it."""

import pytest

from broker.nearest import compare, lines, nearest

REGISTERED = ("https://mairie.example/retour", "https://mairie.example/autre/retour", "com.example:/back")


def test_the_registered_value_that_is_nearest_is_found():
    assert nearest("https://mairie.example/retour/", REGISTERED) == REGISTERED[0]


@pytest.mark.parametrize(
    ("received", "place", "difference"),
    [
        ("https://mairie.example/retour/", 29, 'one character more: "/"'),
        ("https://mairie.example/retou", 28, 'one character missing: "r"'),
        ("https://mairie.example/Retour", 23, '"R" in the place of "r"'),
        ("http://mairie.example/retour", 4, 'one character missing: "s"'),
        ("https://mairie.example:8080/retour", 22, '5 characters more: ":8080"'),
        ("https://Mairie.example/Retour", 8, "differs from here on"),
        ("https://mairie.example/retour", 29, "the same, but it stands at another client or place"),
        ("", 0, "nothing was sent"),
    ],
)
def test_the_difference_is_said_with_its_place(received, place, difference):
    seen = compare("redirect_uri", received, REGISTERED[:1])
    assert (seen.place, seen.difference) == (place, difference)


def test_the_mark_stands_under_the_first_character_that_differs():
    received, registered, mark = lines(compare("redirect_uri", "https://mairie.example/Retour", REGISTERED))
    assert received[mark.index("^")] + registered[mark.index("^")] == "Rr"


def test_where_nothing_is_registered_it_says_so():
    assert lines(compare("redirect_uri", "https://a.example/", ())) == (
        "received    https://a.example/",
        "registered  (none)",
        "            ^ none is registered",
    )


def test_what_a_stranger_sends_is_bounded_and_visible():
    seen = compare("client_id", "a\x1b[2J\n" + "x" * 5000, ("mairie",))
    assert (len(seen.received), seen.received.isprintable()) == (300, True)
