"""Lines and columns of keys."""

import pytest

from broker.settings import places

TEXT = '''\
title = "x"
[broker]
mode = "production"
  name = { fr = "A", en = "B" }
support.mail = "m"
[ "fs" ]
"id" = 1
text = """
id = 2
lost = 3
"""
[fs.name]
fr = "C"
[[fs.contacts]]
mail = "D"
[[fs.contacts]]
mail = "E"
[fs.contacts.more]
a = 1
[[ fs . contacts ]]
'''.splitlines()


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("title", (1, 1)),
        ("broker", (2, 2)),
        ("broker.mode", (3, 1)),
        ("broker.name", (4, 3)),
        ("broker.name.en", (4, 22)),
        ("broker.support", (5, 1)),
        ("broker.support.mail", (5, 1)),
        ("fs.id", (7, 1)),
        ("fs.name.fr", (13, 1)),
        ("fs.contacts.mail", (15, 1)),
        ("fs.contacts[2].mail", (17, 1)),
        ("fs.contacts[3].mail", (20, 4)),
        ("broker.name[2].en", (4, 22)),
        ("broker.list[2].en", (2, 2)),
    ],
)
def test_a_key_is_found_however_it_is_written(name: str, place: tuple[int, int]):
    assert places.find(TEXT, name) == place


def test_a_text_of_several_lines_holds_no_keys():
    assert places.find(TEXT, "fs.lost") == places.find(TEXT, "fs")


def test_what_is_absent_stands_at_the_nearest_table_above():
    assert places.find(TEXT, "broker.name.de") == (4, 3)
    assert places.find(TEXT, "fi.id") == (0, 0)
