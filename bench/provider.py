"""The provider of the benchmark: it vouches for one invented person as fast as it can, in a process of its own."""

import json
import sys
import time
from socketserver import StreamRequestHandler, ThreadingTCPServer
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


class Handler(StreamRequestHandler):
    """Discovery, keys, token and userinfo over kept connections; HTTP by hand, for it shares the machine."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        """One request after the other."""
        while head := self._head():
            method, path = head[0].split()[:2]
            length = next((int(line[15:]) for line in head if line.lower().startswith("content-length:")), 0)
            body = self.rfile.read(length).decode()
            self._answer(self._token(body) if method == "POST" else self._document(path))

    def _head(self) -> list[str]:
        lines = []
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            lines.append(line.decode().rstrip())
        return lines

    @property
    def _issuer(self) -> str:
        return f"http://fi.localhost:{self.server.server_address[1]}"  # type: ignore[index]  # it is a pair

    def _document(self, path: str) -> object:
        if path == "/jwks":
            return {"keys": [KEY.public_jwk()]}
        if not path.startswith("/.well-known/"):
            return PERSON
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo"}
        urls = {name: f"{self._issuer}/{path}" for name, path in {**paths, "jwks_uri": "jwks"}.items()}
        return {"issuer": self._issuer, **urls}

    def _token(self, body: str) -> object:
        """A code becomes tokens; the code is the nonce."""
        nonce, now = parse_qs(body)["code"][0], int(time.time())
        claims = {
            "iss": self._issuer,
            "sub": "person",
            "aud": "passerelle",
            "iat": now,
            "exp": now + 60,
            "nonce": nonce,
            "acr": "eidas1",
        }
        return {"access_token": "a", "token_type": "Bearer", "id_token": sign_jwt(claims, KEY)}

    def _answer(self, members: object) -> None:
        body = json.dumps(members).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)


class Server(ThreadingTCPServer):
    """A thread for each connection."""

    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
