"""A provider that needs no process: what a citizen proved is in the code itself, so that each worker can answer for it.

That a code counts once is a file in a folder that all workers share.
"""

import json
import os
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc.jwk import ECKey

from oidc.messages import HttpRequest, HttpResponse
from tests.broker.world import Fi, json_answer

KEY = "fi.json"


class Provider(Fi):
    """One provider, `impots`, as one process sees it."""

    def __init__(self, folder: Path) -> None:
        super().__init__("https://impots.example", "passerelle", "secret-at-impots", lambda: int(time.time()))  # type: ignore[arg-type]
        self._folder = folder
        self.key = ECKey.import_key(json.loads((folder / KEY).read_text()))

    def __call__(self, request: HttpRequest, *, allow_private: bool = False) -> HttpResponse:
        """One request of the broker."""
        return self.fetch(request)

    def _token(self, request: HttpRequest) -> HttpResponse:
        code = parse_qs(request.body.decode())["code"][0]
        try:
            os.close(os.open(self._folder / f"used-{code[-40:]}", os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return json_answer({"error": "invalid_grant"}, 400)
        self.asked = json.loads(urlsafe_b64decode(code))
        return super()._token(request)


def new_provider(folder: Path) -> None:
    """Its key, for all processes."""
    key = ECKey.generate_key("P-256", {"kid": "fi-1"})
    (folder / KEY).write_text(json.dumps(key.as_dict(private=True)))


def authenticate(location: str) -> str:
    """A citizen authenticates where he was sent; the path of the broker to which he comes back."""
    asked = dict(parse_qsl(urlsplit(location).query))
    kept = {name: asked[name] for name in ("nonce", "code_challenge")}
    code = urlsafe_b64encode(json.dumps({**kept, "salt": os.urandom(16).hex()}).encode()).decode()
    answer = urlencode({"code": code, "state": asked["state"], "iss": "https://impots.example"})
    return f"/api/v2/oidc-callback/impots?{answer}"
