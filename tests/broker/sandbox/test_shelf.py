"""What a party remembers, it remembers for a while."""

from broker.sandbox.shelf import Shelf


def test_a_value_is_taken_once() -> None:
    shelf: Shelf[str] = Shelf(60, lambda: 1000)
    name = shelf.put("value")
    assert [shelf.take(name), shelf.take(name)] == ["value", None]


def test_a_value_may_be_read_again() -> None:
    shelf: Shelf[str] = Shelf(60, lambda: 1000)
    name = shelf.put("value")
    assert [shelf.read(name), shelf.read(name)] == ["value", "value"]


def test_a_value_lasts_for_its_seconds() -> None:
    moments = iter((1000, 1059, 1060))
    shelf: Shelf[str] = Shelf(60, lambda: next(moments))
    name = shelf.put("value")
    assert [shelf.read(name), shelf.read(name)] == ["value", None]


def test_the_oldest_goes_when_there_are_too_many() -> None:
    shelf: Shelf[int] = Shelf(60, lambda: 1000)
    names = [shelf.put(number) for number in range(1001)]
    assert [shelf.read(names[0]), shelf.read(names[1])] == [None, 1]


def test_no_name_names_nothing() -> None:
    assert Shelf[str](60, lambda: 1000).take(None) is None


def test_a_name_from_outside_is_kept_once_until_its_seconds_are_over() -> None:
    moments = iter((1000, 1059, 1060, 1060))
    shelf: Shelf[str] = Shelf(60, lambda: next(moments))
    assert [shelf.first("name", "value") for _ in range(3)] == [True, False, True]
