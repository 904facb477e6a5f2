"""The console at /console: what an auditor reads, and the few things that an operator decides.

`gate` lets people in and holds them to their rights, `entry` is how they sign in; `desk` reads the ledger for all pages;
`pages` and `registry` are read, `decisions` are taken. What the pages say is in `models`, how they look in
`templates/console*.html`.
"""

from flask import Blueprint

from broker.web.console import decisions, entry, filters, gate, pages, registry
from broker.web.rooms import Current


def blueprint(current: Current) -> Blueprint:
    """The console, on the configuration in force."""
    console = Blueprint("console", __name__, url_prefix="/console")
    gate.install(console, current)
    filters.install(console)
    for part in (entry, pages, decisions, registry):
        part.install(console)
    return console
