"""Countries whose metadata is fetched, and lists, in the configuration: who vouches for them is never left open."""

from collections.abc import Callable

import pytest

from tests.broker.settings.instance import MAIN_FILE, Folder
from tests.broker.settings.test_countries import EL, NODE
from tests.metadata.authorities import authority

ROOT = authority("Greek root")
ADDRESS = "https://node.el.example/metadata"
LISTS = """
[trust]
lists = ["https://lists.example/mdsl.xml"]
list_anchors = ["certs/anchors/lists.pem"]
"""


def entry(more: str = 'anchors = ["certs/anchors/EL.pem"]\n', address: str = ADDRESS) -> str:
    return f'[country]\ncode = "EL"\nproxy_metadata = "{address}"\n{more}'


@pytest.fixture
def fetching(folder: Folder) -> Folder:
    """A valid instance with one country, which is fetched."""
    folder.change(MAIN_FILE, "[session]", f"{NODE}\n[session]")
    for name in ("EL", "lists"):
        folder.write(f"certs/anchors/{name}.pem", ROOT.pem.decode())
    folder.write(EL, entry())
    return folder


def listed(folder: Folder, text: str = LISTS, more: str = "") -> None:
    """The country's address is what a list says."""
    folder.change(MAIN_FILE, "[session]", f"{text}\n[session]")
    folder.write(EL, entry(more, "list"))


def test_nothing_is_read_until_it_was_fetched(fetching: Folder):
    greece = fetching.load().parties.countries["EL"]
    assert (greece.sources, greece.nodes, greece.updates) == ({"proxy": ADDRESS}, {}, "approve")
    assert [anchor.link.certificate.der for anchor in greece.anchors] == [ROOT.der]


def test_a_list_may_say_where(fetching: Folder):
    listed(fetching)
    settings = fetching.load()
    assert settings.parties.countries["EL"].sources == {"proxy": "list"}
    assert settings.trust.lists == ("https://lists.example/mdsl.xml",)
    assert [anchor.country for anchor in settings.trust.list_anchors] == ["EU"]


def test_how_trust_changes_can_be_said(fetching: Folder):
    more = "[trust]\napprovals = 2\nrefresh_minutes = 15\noverlap_minutes = 0\n"
    fetching.change(MAIN_FILE, "[session]", f"{more}\n[session]")
    trust = fetching.load().trust
    assert (trust.approvals, trust.refresh_minutes, trust.overlap_minutes) == (2, 15, 0)


WRONG: dict[str, tuple[Callable[[Folder], object], str]] = {
    "no anchor": (lambda it: it.write(EL, entry("")), "E013 country.anchors: no anchor vouches for what is fetched"),
    "a pin": (
        lambda it: it.write(EL, entry(f'anchors = ["certs/anchors/EL.pem"]\nproxy_metadata_sha256 = "{"a" * 64}"\n')),
        "E030 country.proxy_metadata_sha256: a pin is for a file",
    ),
    "plain http": (
        lambda it: it.write(EL, entry(address="http://node.el.example/metadata")),
        "E030 country.proxy_metadata: http://node.el.example/metadata is not https",
    ),
    "a user in the address": (
        lambda it: it.write(EL, entry(address="https://a:b@node.el.example/")),
        "names a user",
    ),
    "another scheme": (lambda it: it.write(EL, entry(address="file:///etc/passwd")), "is not an absolute address"),
    "an anchor that is not there": (
        lambda it: it.write(EL, entry('anchors = ["certs/anchors/DE.pem"]\n')),
        "E031 country.anchors: certs/anchors/DE.pem cannot be used",
    ),
    "no list": (lambda it: listed(it, ""), "E030 country.proxy_metadata: no list is named"),
    "a list without anchor": (
        lambda it: listed(it, '[trust]\nlists = ["https://lists.example/mdsl.xml"]\n'),
        "E013 trust.list_anchors: no anchor vouches for the lists",
    ),
    "a list by http": (
        lambda it: listed(it, LISTS.replace("https://lists", "http://lists")),
        "E030 trust.lists: http://lists.example/mdsl.xml is not https",
    ),
    "a list's anchor that is not there": (
        lambda it: listed(it, LISTS.replace("lists.pem", "none.pem")),
        "E031 trust.list_anchors: certs/anchors/none.pem cannot be used",
    ),
    "three approvals": (
        lambda it: it.change(MAIN_FILE, "[session]", "[trust]\napprovals = 3\n\n[session]"),
        "E011 trust.approvals",
    ),
    "another word": (
        lambda it: it.write(EL, entry('anchors = ["certs/anchors/EL.pem"]\nupdates = "always"\n')),
        "E011 country.updates",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named(fetching: Folder, name: str):
    spoil, sentence = WRONG[name]
    spoil(fetching)
    assert [found for found in fetching.problems() if sentence in found] != []
