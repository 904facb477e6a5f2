"""The provider of the benchmark: it vouches for one invented person as fast as it can, in a process of its own."""

import json
import sys
import time
from base64 import urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from certs.keys import State, Use, generate_private, key_of
from oidc.tokens import sign_jwt

KEY = key_of(generate_private("ES256"), Use.OP_SIGNING, "ES256", State.ACTIVE, 0)
PERSON = {
    "sub": "person",
    "given_name": "Angela Claire Louise",
    "family_name": "DUBOIS",
    "gender": "female",
    "birthdate": "1962-08-24",
    "birthplace": "75107",
    "birthcountry": "99100",
    "email": "angela@courriel.example",
}


class Handler(BaseHTTPRequestHandler):
    """Discovery, keys, token and userinfo."""

    server: ThreadingHTTPServer

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Documents and userinfo."""
        issuer = f"http://fi.localhost:{self.server.server_port}"
        match self.path:
            case "/.well-known/openid-configuration":
                paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo"}
                urls = {name: f"{issuer}/{path}" for name, path in {**paths, "jwks_uri": "jwks"}.items()}
                self._answer({"issuer": issuer, **urls})
            case "/jwks":
                self._answer({"keys": [KEY.public_jwk()]})
            case _:
                self._answer(PERSON)

    def do_POST(self) -> None:
        """A code becomes tokens; the code is the nonce."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        now = int(time.time())
        claims = {
            "iss": f"http://fi.localhost:{self.server.server_port}",
            "sub": "person",
            "aud": "passerelle",
            "iat": now,
            "exp": now + 60,
            "nonce": form["code"][0],
            "acr": "eidas1",
        }
        token = urlsafe_b64encode(form["code"][0].encode()).decode()
        self._answer({"access_token": token, "token_type": "Bearer", "id_token": sign_jwt(claims, KEY)})

    def _answer(self, members: object) -> None:
        body = json.dumps(members).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
