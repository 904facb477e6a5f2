"""The report for a regulator in a browser: accessible on screen and as it is printed, and nothing is asked of anybody."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from broker.reporting import told_files
from tests.browser.test_gallery import RULES
from tests.metadata import past as p
from tests.metadata.report.reported import BEGIN, OTHER_KEY, Told, half_a_year

pytestmark = pytest.mark.browser

EVERYTHING = half_a_year().tell(BEGIN + 100, p.in_force(OTHER_KEY))
CASES = {"everything": EVERYTHING, "nothing": Told()}


@pytest.fixture
def opened(visitor, tmp_path: Path):
    """A browser that has opened a report from its folder."""

    def opened(name: str):
        path = tmp_path / "report.html"
        path.write_bytes(told_files(CASES[name].basis(signed=name == "everything"))["report.html"]())
        page = visitor(locale="en-GB")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        assert asked == [path.as_uri()]
        return page

    return opened


@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("name", CASES)
def test_a_report_is_accessible_and_fits_at_every_width(opened, picture, name: str, media: str):
    page = opened(name)
    page.emulate_media(media=media)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []
        if media == "screen":
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    picture(page, f"report-{name}-{media}")


def test_a_report_becomes_a_pdf(opened):
    octets = opened("everything").pdf(prefer_css_page_size=True)
    assert octets.startswith(b"%PDF-")
