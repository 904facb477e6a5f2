"""How the broker of the demo meets its neighbours: it fetches what they publish, and the demo approves what it made itself.

After that all is as with any country: what is new later waits for a person, where the country's file says so.
"""

import logging
from contextlib import suppress

from broker.app import House
from broker.deciding import DecisionRefused, decide
from broker.ports import StoreUnavailable
from broker.web.rooms import Rooms
from metadata.errors import LedgerRefused
from metadata.ledger.kinds import WAITING

_log = logging.getLogger("passerelle")
BY, WORDS = "demo", "made on this machine by the demo"


def meet(house: House) -> None:
    """Fetch now; let the first documents of nodes count; and have all that in force when this returns."""
    try:
        rooms = house()
        rooms.refresher.refresh(rooms.settings, at_once=True)
        _approve(house.look())
    except (StoreUnavailable, LedgerRefused) as wrong:
        _log.warning("metadata is not fetched: %s", wrong)
    house.look()


def _approve(rooms: Rooms) -> None:
    """Approve what waits for nodes of which nothing usable is in force: nobody was asked about them before."""
    countries, settings = rooms.settings.parties.countries, rooms.settings
    for (type_, subject), event in rooms.ledger.standing().items():
        code, _, role = subject.partition("/")
        if type_ == WAITING and code in countries and role not in countries[code].nodes:
            needed, store = settings.trust.approvals, rooms.vault.store
            with suppress(DecisionRefused):  # where two must agree, the demo has proposed it before
                decide(rooms.ledger, store, subject, event.after, "approved", BY, WORDS, needed, rooms.clock())
