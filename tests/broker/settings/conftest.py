from pathlib import Path

import pytest

from tests.broker.settings.instance import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A valid instance."""
    return Folder(tmp_path)
