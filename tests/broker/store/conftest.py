"""Databases of their own for the tests of stores."""

import os
from itertools import count

import pytest
from sqlalchemy import create_engine, text

from broker.store.migrate import upgrade

_numbers = count()


@pytest.fixture
def sqlite_url(tmp_path):
    """The URL of a file that does not exist yet."""
    return f"sqlite:///{tmp_path}/passerelle.db"


@pytest.fixture
def empty_postgres(postgres_url):
    """The URL of a new, empty database on the server."""
    name = f"passerelle_{os.getpid()}_{next(_numbers)}"
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield str(admin.url.set(database=name).render_as_string(hide_password=False))
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def postgres(empty_postgres):
    """The URL of an upgraded database."""
    upgrade(empty_postgres)
    return empty_postgres
