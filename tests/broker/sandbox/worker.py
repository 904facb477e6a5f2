"""The broker as gunicorn loads it for a test: at a quick pace, and each answer names its process."""

import os
from pathlib import Path

from broker.app import create_app
from broker.settings import load
from tests.broker.sandbox.workers import PACE

app = create_app(load(Path(os.environ["PASSERELLE_CONFIG"])), pace=PACE)


def application(environ, start_response):
    """The broker's answer, with the number of the process."""

    def begin(status, headers, *rest):
        return start_response(status, [*headers, ("X-Worker", str(os.getpid()))], *rest)

    return app.wsgi_app(environ, begin)
