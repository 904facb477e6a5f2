"""Plays a service around the example of docs/fs/clients.md for france-connect-py, whose path is the argument.

Says where the browser goes; reads where it came back; says what it got, and where the browser goes to sign out: a line of
JSON each. It runs in the environment of `requirements.txt`, which has nothing of ours.
"""

import json
import runpy
import socket
import sys
from urllib.parse import parse_qsl, urlsplit

resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *more, **named: resolve(
    "127.0.0.1" if str(host).endswith(".localhost") else host, *more, **named
)

fc = runpy.run_path(sys.argv[1])["fc"]
url, nonce, state = fc.get_authentication_url()
print(json.dumps({"url": url, "issuer": fc.get_configuration()["issuer"]}), flush=True)
came = dict(parse_qsl(urlsplit(sys.stdin.readline().strip()).query))
assert came["state"] == state, "state"
if "error" in came:
    print(json.dumps(came), flush=True)
    raise SystemExit
tokens, id_token = fc.get_id_token(came["code"])
assert id_token["nonce"] == nonce, "nonce"
claims = fc.get_user_info(tokens["access_token"])
assert claims["sub"] == id_token["sub"], "sub"
logout = fc.get_logout_url(tokens["id_token"], "state-of-the-logout")
print(json.dumps({"claims": claims, "id_token": id_token, "logout": logout}), flush=True)
