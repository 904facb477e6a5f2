"""What a document of ours says, whenever it was made and signed."""

from dataclasses import replace

import pytest

from metadata.build import build_connector
from metadata.ledger.content import content_digest
from tests.eidas.parts import signer_of
from tests.metadata.test_read import ABOUT, ACS, CONNECTOR


def test_the_document_of_another_day_by_another_key_says_the_same():
    tomorrow = replace(ABOUT, valid_until=ABOUT.valid_until + 86_400)
    assert content_digest(build_connector(tomorrow, ACS, signer_of("secp384r1", 1))) == content_digest(CONNECTOR)


@pytest.mark.parametrize(
    "change",
    [{"organisation": "Autre"}, {"signing": ABOUT.encryption}, {"version": "9"}],
    ids=lambda change: next(iter(change)),
)
def test_a_document_with_another_content_says_something_else(change):
    other = build_connector(replace(ABOUT, **change), ACS, signer_of("secp256r1", 2))
    assert content_digest(other) != content_digest(CONNECTOR)
