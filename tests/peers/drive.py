"""As drive.mjs, for the Python example of docs/fs/integrate.md."""

import json
import runpy
import socket
import sys
from urllib.parse import parse_qsl, urlsplit

resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *more, **named: resolve(
    "127.0.0.1" if host.endswith(".localhost") else host, *more, **named
)

example = runpy.run_path(sys.argv[1])
session = {}
print(json.dumps(example["login"](session)), flush=True)
came = sys.stdin.readline().strip()
claims = example["callback"](session, dict(parse_qsl(urlsplit(came).query)))
print(json.dumps({"claims": claims, "logout": example["logout"](session)}), flush=True)
