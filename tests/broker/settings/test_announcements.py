"""What an operator announces to other nodes: read as it stands, and refused where it could not be shown."""

import pytest

from broker.parties import Text
from broker.settings.model import Announcement
from tests.broker.settings.instance import MAIN_FILE, Folder

ONE = '[[eidas.announcements]]\nannounced = "2026-11-02"\ndate = "2026-12-07"\ntitle = { en = "Maintenance" }\n'
SPOILT = {
    "a day that does not exist": (ONE.replace("12-07", "02-30"), "E011 eidas.announcements: there is no day 2026-02-30"),
    "no day": (ONE.replace("2026-11-02", "soon"), "E011 eidas.announcements.announced: must be YYYY-MM-DD"),
    "the same twice": (ONE * 2, 'E030 eidas.announcements: "Maintenance" stands twice'),
    "no English": (ONE.replace("en =", "fr ="), "E013 eidas.announcements.title.en"),
    "no title": (ONE.replace("title", "text"), "E013 eidas.announcements.title"),
    "another key": (ONE + "url = 'x'\n", 'E010 eidas.announcements.url: unknown key "url"'),
}


@pytest.fixture
def announcing(folder: Folder):
    """A function that lets the instance announce something."""

    def announce(stated: str) -> Folder:
        folder.write(MAIN_FILE, f"{(folder.path / MAIN_FILE).read_text('utf-8')}\n{stated}")
        return folder

    return announce


def test_an_announcement_is_read_and_french_may_be_absent(announcing):
    settings = announcing(ONE + 'text = { en = "Some minutes.", fr = "Quelques minutes." }\n').load()
    told = Text("Quelques minutes.", "Some minutes.")
    assert settings.node.announcements == (Announcement("2026-11-02", "2026-12-07", Text("", "Maintenance"), told),)


@pytest.mark.parametrize("name", SPOILT)
def test_what_could_not_be_shown_is_refused(announcing, name):
    stated, problem = SPOILT[name]
    assert [found for found in announcing(stated).problems() if problem in found]
