"""As told.mjs, for the Python example of docs/fs/logout.md."""

import json
import runpy
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *more, **named: resolve(
    "127.0.0.1" if host.endswith(".localhost") else host, *more, **named
)

_, port, path = sys.argv
example = runpy.run_path(path)


class End(BaseHTTPRequestHandler):
    """The address where the service is told."""

    def do_POST(self) -> None:
        """One token."""
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        try:
            example["told"](form.get("logout_token", ""), lambda sid: print(json.dumps({"sid": sid}), flush=True))
            self.send_response(200)
        except Exception as wrong:  # noqa: BLE001 - whatever is wrong, the token is not believed
            print(json.dumps({"error": str(wrong)}), flush=True)
            self.send_response(400)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: what is printed is for the test."""


ThreadingHTTPServer(("127.0.0.1", int(port)), End).serve_forever()
