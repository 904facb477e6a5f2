"""The operator's page lists the rules as they are."""

from tests.tools import metadata_page


def test_the_page_has_the_rules_as_they_say_themselves():
    written = metadata_page.PAGE.read_text("utf-8").partition(metadata_page.HEADING)[2]
    assert written == metadata_page.table(), "python -m tests.tools.metadata_page"
