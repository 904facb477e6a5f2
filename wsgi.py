"""The application that a server runs: `PASSERELLE_CONFIG=FOLDER gunicorn wsgi:app`."""

import gc
import os
import sys
from pathlib import Path

from broker import production
from broker.app import create_app
from broker.ports import SchemaOutdated, StoreUnavailable
from broker.settings import SettingsInvalid, load
from certs.keyring import KeyRefused

try:
    settings = load(Path(os.environ.get("PASSERELLE_CONFIG", ".")))
    if settings.mode == production.PRODUCTION:
        production.declare()
    app = create_app(settings)
except SettingsInvalid as invalid:
    print("\n".join(str(problem) for problem in invalid.problems), file=sys.stderr)
    sys.exit(3)
except (KeyRefused, LookupError, SchemaOutdated, StoreUnavailable) as refused:
    print(f"passerelle: {refused}", file=sys.stderr)
    sys.exit(3)

gc.collect()
gc.freeze()  # what was loaded stays shared between forked workers, and is not searched for garbage at each collection
