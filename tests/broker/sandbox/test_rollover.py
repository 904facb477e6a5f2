"""Nodes that change their keys while citizens stand there: with notice, step by step, and without."""

import json
from base64 import b64decode

import pytest
from click.testing import CliRunner

from broker.__main__ import group
from broker.sandbox.faults import Faults
from broker.sandbox.world import build_world
from metadata.ledger.kinds import WAITING
from tests.broker.sandbox.browsing import Browser
from tests.broker.sandbox.travelling import GERMANY, GREECE, at_cards, login

pytestmark = pytest.mark.loopback
WORDS = "phone +30 210 000 0000, fingerprint read by N. P."


class Story:
    """A world of its own, whose keys change; commands work on its folder while it runs."""

    def __init__(self, folder, world):
        self.folder = folder
        self.world = world
        self.lost = []

    @property
    def house(self):
        return self.world.broker.extensions["passerelle"]

    def command(self, *words):
        """What a command says; it must end well."""
        result = CliRunner().invoke(group, [*words, "-C", str(self.folder)], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    def said(self, type_):
        return self.house().ledger.standing().get((type_, "EL/proxy"))

    def press(self, button, code="EL"):
        """What the node's operator does on its page."""
        browser, home = Browser("en"), self.world.address.of(f"node.{code.lower()}.localhost", "/")
        return browser.press(browser.open(home), button)

    def step(self, name, happen, node=GREECE):
        """Something happens while a citizen stands at the node and another's answer is on its way; a third comes after."""
        standing, answered = Browser(), Browser()
        cards = at_cards(self.world, standing, node)
        answer = answered.press(at_cards(self.world, answered, node), "persona-el-onasis")
        happen()
        self.house.look()  # which each worker does once a second
        pages = [
            standing.press(standing.press(cards, "persona-el-onasis"), "go"),
            answered.press(answer, "go"),
        ]
        for browser, page in zip((standing, answered), pages, strict=True):
            arrived = browser.press(page, "continue", consent="yes") if "continue" in page.marked else page
            self.seen(name, arrived)
        self.seen(name, login(self.world, Browser(), node=node))

    def seen(self, name, page):
        if "claim-given_name" not in page.marked:
            self.lost.append((name, page.url))


@pytest.fixture
def story(tmp_path):
    world = build_world(tmp_path, faults=Faults(), sleep=lambda _seconds: None)
    with world.serve():
        yield Story(tmp_path, world)


# -- with notice ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_rollover_is_seen_reviewed_approved_and_logged_without_one_lost_login(story):
    old = story.world.rollovers["EL"].keys.signing
    story.step("begin", lambda: story.press("begin"))
    story.step("fetch", lambda: story.command("metadata", "fetch", "EL"))
    assert story.said(WAITING).facts["news"] == "keys"
    assert "EL/proxy" in story.command("trust", "pending")
    story.step("approve", lambda: story.command("trust", "approve", "EL/proxy", "--verified-by", WORDS, "--yes"))
    assert story.said(WAITING) is None
    story.step("sign", lambda: story.press("sign"))
    story.step("withdraw", lambda: story.press("withdraw"))
    story.step("fetch again", lambda: story.command("metadata", "fetch", "EL"))
    assert story.lost == []
    (key,) = story.house().settings.parties.countries["EL"].proxy.signing
    assert key.der not in (b64decode(old.der), b"")
    told(story)


def told(story):
    """The ledger has every step; each command that reads it tells its part."""
    log = json.loads(story.command("trust", "log", "--format", "json"))
    words = [one["word"] for one in log if one["subject"] == "EL/proxy"]
    assert words == "waits approved settled trusted waits approved settled version version".split()
    assert WORDS in story.command("trust", "show", "EL/proxy")
    spans = json.loads(story.command("metadata", "history", "EL/proxy", "--format", "json"))
    assert [one["ground"] for one in spans] == ["approval", "approval", "renewal"]
    for versions, change in {("1", "2"): "+ Proxy-Service signing key", ("2", "3"): "- Proxy-Service signing key"}.items():
        named = (f"EL/proxy@{version}" for version in versions)
        assert change in CliRunner().invoke(group, ["metadata", "diff", *named, "-C", str(story.folder)]).output
    assert "hold" in story.command("audit", "verify")


def test_an_answer_signed_with_the_old_key_counts_after_the_key_was_withdrawn(story):
    browser = Browser()
    answer = browser.press(at_cards(story.world, browser), "persona-el-onasis")
    for happen in (
        lambda: story.press("begin"),
        lambda: story.command("metadata", "fetch", "EL"),
        lambda: story.command("trust", "approve", "EL/proxy", "--verified-by", WORDS, "--yes"),
        lambda: story.press("sign"),
        lambda: story.press("withdraw"),
        lambda: story.command("metadata", "fetch", "EL"),
    ):
        happen()
        story.house.look()
    assert "continue" in browser.press(answer, "go").marked


def test_a_new_key_does_not_count_before_somebody_has_approved_it(story):
    browser = Browser()
    cards = at_cards(story.world, browser)
    story.press("replace")
    page = browser.press(browser.press(cards, "persona-el-onasis"), "go")
    assert "EID-303" in page.source
    assert story.said(WAITING).facts["news"] == "keys"


# -- without notice ---------------------------------------------------------------------------------------------------


def test_where_an_anchor_suffices_no_login_is_lost_by_a_change_without_notice(story):
    browser = Browser()
    cards = at_cards(story.world, browser, GERMANY)
    story.press("replace", "DE")
    page = browser.press(browser.press(cards, "persona-el-onasis"), "go")
    assert "claim-given_name" in browser.press(page, "continue", consent="yes").marked


def test_a_second_unknown_key_within_the_same_minute_is_refused(story):
    for expected in ("confirmer", "EID-303"):
        browser = Browser()
        cards = at_cards(story.world, browser, GERMANY)
        story.press("replace", "DE")
        page = browser.press(browser.press(cards, "persona-el-onasis"), "go")
        assert expected in page.url + page.source


# -- the node's page --------------------------------------------------------------------------------------------------


def test_the_page_offers_the_next_step_alone(story):
    page = story.press("begin")
    assert {"sign"} == {"begin", "replace", "sign", "withdraw"} & set(page.marked)
    page = story.press("sign")
    assert {"withdraw"} == {"begin", "replace", "sign", "withdraw"} & set(page.marked)
    page = story.press("withdraw")
    assert {"begin", "replace"} == {"begin", "replace", "sign", "withdraw"} & set(page.marked)
