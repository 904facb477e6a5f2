"""The application that a server runs: `PASSERELLE_CONFIG=FOLDER gunicorn wsgi:app`."""

import os
import sys
from pathlib import Path

from broker.app import create_app
from broker.settings import SettingsInvalid, load

try:
    app = create_app(load(Path(os.environ.get("PASSERELLE_CONFIG", "."))))
except SettingsInvalid as invalid:
    print("\n".join(str(problem) for problem in invalid.problems), file=sys.stderr)
    sys.exit(3)
