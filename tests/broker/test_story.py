"""What the journal tells of a login, and what people paste when they ask."""

import json
import re
from pathlib import Path

import pytest

import broker
from broker.story import code_in, events_of, reference_in, tell

REF = "7KQF-M3ZD"
ROOT = Path(broker.__file__).parent


def line(time, event, **facts):
    return json.dumps({"time": time, "event": event, "ref": REF, **facts})


FAILED = (
    line(100, "demand.received", service="mairie", level="eidas2"),
    line(101, "provider.asked", provider="impots"),
    line(130, "provider.failed", code="FI-203", detail="nonce is another"),
)


@pytest.mark.parametrize(
    "pasted", ["7KQF-M3ZD", "7kqf-m3zd", "7KQFM3ZD", "FI-203 · 7KQF-M3ZD", "[7KQF-M3ZD]", "Référence : 7KQF-M3ZD."]
)
def test_a_reference_is_found_in_what_people_paste(pasted):
    assert reference_in(pasted) == REF


def test_letters_that_no_reference_has_are_put_right():
    assert reference_in("OKIL-M3ZD") == "0K11-M3ZD"


@pytest.mark.parametrize(("pasted", "code"), [("srv-402", "SRV-402"), ("code EID-303!", "EID-303"), ("hello", "")])
def test_a_code_is_found_in_what_people_paste(pasted, code):
    assert (code_in(pasted), reference_in(pasted)) == (code, "")


@pytest.mark.parametrize(
    "other",
    [
        f"not JSON {REF}",
        f'{{"ref": "{REF}"}}',
        f'{{"time": "x", "event": "e", "ref": "{REF}"}}',
        f"{REF} {'[' * 100_000}",
        json.dumps({"time": 1, "event": "e", "ref": "AAAA-AAAA", "detail": REF}),
        json.dumps([REF]),
    ],
)
def test_other_lines_of_the_file_are_passed_over(other):
    assert len(events_of([other, *FAILED], REF)) == 3


def test_events_come_in_the_order_of_time_with_whatever_a_logger_puts_before():
    shuffled = [f"passerelle[1]: {text}" for text in reversed(FAILED)]
    assert [event.name for event in events_of(shuffled, REF)] == ["demand.received", "provider.asked", "provider.failed"]


def story(*more):
    return tell(REF, events_of([*FAILED, *more], REF))


def test_a_login_that_failed_has_the_last_code_and_whom_to_ask():
    told = story()
    assert (told.code, told.sent, told.level) == ("FI-203", False, "eidas2")
    assert told.parties == {"service": "mairie", "provider": "impots"}


@pytest.mark.parametrize(
    ("more", "code", "sent", "taken"),
    [
        ((line(140, "release.sent", claims="email"),), "", True, False),
        ((line(140, "release.sent"), line(141, "token.issued"), line(142, "problem", code="USR-103")), "", True, True),
        ((line(140, "country.answered", country="IT"),), "", True, True),
        ((line(140, "demand.refused", code="USR-101"),), "USR-101", False, False),
        ((line(140, "problem", code="XXX-999"),), "FI-203", False, False),
    ],
)
def test_what_went_wrong_before_it_went_well_is_no_failure(more, code, sent, taken):
    told = story(*more)
    assert (told.code, told.sent, told.taken) == (code, sent, taken)


def test_each_event_that_the_code_base_records_has_words():
    recorded = re.compile(r"record\(\s*\"([a-z]+\.?[a-z]*)\"")
    named = {name for path in ROOT.rglob("*.py") for name in recorded.findall(path.read_text("utf-8"))}
    assert {"demand.received", "country.asks", "problem"} <= named
    assert [name for name in sorted(named) if tell(REF, events_of([line(1, name)], REF)).lines[0].what == name] == []


def test_what_a_stranger_sent_commands_no_terminal():
    told = story(line(140, "problem", code="SRV-402", detail="received '\x1b[2J'"))
    assert told.lines[-1].more == "SRV-402, received ' [2J'"
