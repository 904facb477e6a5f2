"""Databases of their own for the tests of stores."""

import pytest


@pytest.fixture
def sqlite_url(tmp_path):
    """The URL of a file that does not exist yet."""
    return f"sqlite:///{tmp_path}/passerelle.db"
