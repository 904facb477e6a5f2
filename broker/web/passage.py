"""The one script of all pages: it sends the form that goes to another country. A button does the same where none runs."""

from base64 import b64encode
from hashlib import sha256

SCRIPT = "document.forms[0].submit()"
SCRIPT_HASH = f"'sha256-{b64encode(sha256(SCRIPT.encode()).digest()).decode()}'"
"""Content Security Policy 3, 6.7.2: this script and no other may run."""
