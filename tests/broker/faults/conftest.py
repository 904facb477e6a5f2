"""A database for all tests of a file: they do not see one another's logins."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from broker.store.migrate import upgrade


@pytest.fixture(scope="module")
def database(postgres_url: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an upgraded database."""
    name = request.module.__name__.rpartition(".")[2]
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = str(admin.url.set(database=name).render_as_string(hide_password=False))
    upgrade(url)
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()
