"""The broker as gunicorn loads it for these tests: its store is mortal, its provider at hand; it names its process."""

import os
import time
from pathlib import Path

from broker.app import create_app
from broker.housekeeping import Housekeeper
from broker.refreshing import MetadataWays
from broker.store import open_store
from tests.broker.faults.mortal import MortalStore, lives
from tests.broker.faults.provider import Provider
from tests.broker.world import settings_of

FOLDER = Path(os.environ["PASSERELLE_FAULTS"])
DATABASE = os.environ["PASSERELLE_DATABASE_URL"]


def now() -> int:
    """Unix seconds."""
    return int(time.time())


provider = Provider(FOLDER)
store = MortalStore(open_store(DATABASE, now))
app = create_app(
    settings_of(FOLDER, DATABASE), store=store, fetch=provider, metadata_ways=MetadataWays(provider, provider), clock=now
)
app.extensions["chores"] += (Housekeeper(store, period=0.1),)  # one that purges while everything happens


def application(environ, start_response):
    """One answer, unless the request says after how many acts its worker dies."""
    lives.set(int(environ.get("HTTP_X_LIVES", "-1")))
    environ["wsgi.url_scheme"] = "https"

    def begin(status, headers, *rest):
        return start_response(status, [*headers, ("X-Worker", str(os.getpid()))], *rest)

    return app.wsgi_app(environ, begin)
