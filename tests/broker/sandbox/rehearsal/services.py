"""Services to rehearse: the example of docs/fs/integrate.md with pages around it, as it stands or with one defect.

A defect is one change of the example's text, or of the pages. So what the documentation recommends is what passes, and each
of its checks is one that a rehearsal misses when it is gone.
"""

import re
import secrets
import threading
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import pytest
from flask import Flask, redirect, request, session
from joserfc.errors import JoseError
from werkzeug.serving import WSGIRequestHandler, make_server

import broker

GUIDE = Path(broker.__file__).parents[1] / "docs/fs/integrate.md"

_SIGNED = 'algorithms=["ES256"]).claims'
_OURS = 'if claims["iss"] != ISSUER or claims["aud"] != CLIENT_ID:'
_FRESH = 'if not (id_token["exp"] + 30 > time.time() and abs(time.time() - id_token["iat"]) < 600):'
_STATE = 'if not state or not hmac.compare_digest(answer.get("state", "").encode(), state.encode()):'
_ONCE = '(session.pop(name, "") for name in ('
_KEPT = 'keys = KeySet.import_key_set(json.loads(read(metadata()["jwks_uri"])))'
_END = 'session["id_token"] = tokens["id_token"]'
_AFTER = '"post_logout_redirect_uri": AFTER_LOGOUT'
DEFECTS: Mapping[str, tuple[str, str]] = {
    "signature": (f"claims = jwt.decode(token, keys, {_SIGNED}", "claims = read_unsigned(token)"),
    "alg none": (_SIGNED, f'{_SIGNED} if token[-1] != "." else read_unsigned(token)'),
    "nonce": ('if not hmac.compare_digest(id_token["nonce"], nonce):', "if False:"),
    "iss": (_OURS, 'if claims["aud"] != CLIENT_ID:'),
    "iss of the answer": ('if answer.get("iss") != ISSUER:', "if False:"),
    "aud": (_OURS, 'if claims["iss"] != ISSUER:'),
    "exp": (_FRESH, "if False:"),
    "acr": ('if id_token["acr"] not in LEVELS:', "if False:"),
    "state": (_STATE, "if not state:"),
    "no state at all": (_STATE, 'if answer.get("state") and answer["state"] != state:'),
    "code twice": (_ONCE, _ONCE.replace("pop", "get")),
    "sub": ('if claims["sub"] != id_token["sub"]:', "if False:"),
    "userinfo unverified": (
        'claims = verified(read(metadata()["userinfo',
        'claims = read_unsigned(read(metadata()["userinfo',
    ),
    "birthplace": (_END, f'{_END}; claims["birthplace"]'),
    "empty birthplace": (_END, f'{_END}; int(claims["birthplace"][:2])'),
    "birthdate": (_END, f"{_END}; date(claims)"),
    "gender": (_END, f'{_END}; claims["gender"]'),
    "no session on success": (_END, 'raise Refused("by mistake")'),
    "keys for ever": (_KEPT, "keys = kept_keys()"),
    "keys for one failure": (_KEPT, "keys = slow_keys(token)"),
    "logout with a slash": (_AFTER, f'{_AFTER} + "/"'),
    "logout without an address": (f", {_AFTER}", ""),
    "logout without a hint": ('{"id_token_hint": session["id_token"], ', '{"client_id": CLIENT_ID, '),
}
"""What is changed in the example: one piece of its text, into another."""

VARIANTS: Mapping[str, tuple[str, str]] = {
    "form_post": ('"response_type": "code",', '"response_type": "code", "response_mode": "form_post",'),
    "pushed": (
        "return f\"{metadata()['authorization_endpoint']}?{urlencode(asked)}\"",
        "return f\"{metadata()['authorization_endpoint']}?{urlencode(pushed(asked))}\"",
    ),
    "encrypted": (_KEPT, f"token = opened(token); {_KEPT}"),
}
"""Other right ways to do it, likewise."""

PAGES = frozenset(
    (
        "crash on error",
        "traceback on error",
        "blank on error",
        "error as HTML",
        "session on error",
        "crash on refusal",
        "local logout",
        "logout keeps the session",
        "no page after logout",
        "no way out",
        "no way in",
        "a form",
        "callback shows the claims",
        "names nobody",
        "shows nothing",
    )
)
"""What is changed in the pages around it."""

_HELPERS = """
import base64, datetime
def read_unsigned(token):
    part = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if claims["iss"] != ISSUER or claims["aud"] != CLIENT_ID:
        raise Refused("the token is not ours")
    return claims
def date(claims):
    return datetime.date.fromisoformat(claims["birthdate"])
def pushed(asked):
    answer = json.loads(read(f"{ISSUER}/par", {**asked, "client_secret": CLIENT_SECRET}))
    return {"client_id": CLIENT_ID, "request_uri": answer["request_uri"]}
def opened(token):
    from joserfc import jwe
    from joserfc.jwk import ECKey
    key, registry = ECKey.import_key(json.loads(os.environ["ENCRYPTION_KEY"])), jwe.JWERegistry(strict_check_header=False)
    return jwe.decrypt_compact(token, key, registry=registry).plaintext.decode()
_KEPT = []
def fetched():
    return KeySet.import_key_set(json.loads(read(metadata()["jwks_uri"])))
def kept_keys():
    if not _KEPT:
        _KEPT.append(fetched())
    return _KEPT[0]
def slow_keys(token):
    keys = kept_keys()
    header = token.split(".")[0]
    kid = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4))).get("kid")
    if kid not in [key.kid for key in keys.keys]:
        _KEPT.clear()
    return keys
"""


def example(environ: Mapping[str, str], defect: str = "", level: str = "eidas2", variant: str = "") -> types.ModuleType:
    """The example in Python as a module, which asks for a level, in a variant, with a defect."""
    (code,) = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    changes = [('"acr_values": "eidas1"', f'"acr_values": "{level}"')]
    changes += [('LEVELS = ("eidas1", ', "LEVELS = (")] if level == "eidas2" else []
    changes += [VARIANTS[variant]] if variant else []
    changes += [DEFECTS[defect]] if defect in DEFECTS else []
    for before, after in changes:
        assert code.count(before) == 1, f"the example has changed: {before}"
        code = code.replace(before, after)
    module = types.ModuleType("example")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        exec(compile(code + _HELPERS, "example.py", "exec"), module.__dict__)
    return module


class Pages:
    """Pages around the example: a home with a link in or out, a callback, an account."""

    def __init__(self, module: types.ModuleType, defect: str = "", same_site: str = "Lax") -> None:
        self.module = module
        self.defect = defect
        self.same_site = same_site

    def app(self) -> Flask:
        app = Flask("service")
        app.secret_key = "of-a-test"
        app.config["SESSION_COOKIE_SAMESITE"], app.config["SESSION_COOKIE_SECURE"] = self.same_site, True
        for path, view in {"/": self.home, "/account": self.account, "/enter": self.enter, "/cb": self.callback}.items():
            app.add_url_rule(path, view_func=view, methods=["GET", "POST"])
        for path, view in {"/leave": self.leave, "/bye": self.bye}.items():
            app.add_url_rule(path, view_func=view)
        app.add_url_rule("/bye/", "bye-too", view_func=self.bye)
        return app

    def home(self):
        if "who" not in session and self.defect == "a form":
            session["token"] = secrets.token_hex(8)
            button = f'<input type="hidden" name="token" value="{session["token"]}"><button>Sign in</button>'
            return f'<form method="post" action="/enter">{button}</form><a href="/leave">Log out</a>'
        if "who" not in session:
            return "Welcome." if self.defect == "no way in" else 'Welcome. <a href="/enter">S’identifier</a>'
        out = "" if self.defect == "no way out" else '<a href="/leave">Se déconnecter</a>'
        return f"Hello {session['who']}. {out}"

    def account(self):
        if "who" not in session:
            return redirect("/")
        return {"names nobody": "Your account.", "shows nothing": "Welcome."}.get(self.defect) or self.home()

    def enter(self):
        if self.defect == "a form" and request.form.get("token") != session.pop("token", "-"):
            return "Whose form is this?", 403
        return redirect(self.module.login(session))

    def callback(self):
        answer = request.values.to_dict()
        if "error" in answer and "error" in self.defect:
            return self.on_error(answer)
        try:
            claims = self.module.callback(session, answer)
        except (self.module.Refused, JoseError, HTTPError):
            if self.defect == "crash on refusal":
                raise
            return "It did not work. <a href='/'>Again</a>", 400
        session["who"] = f"{claims.get('given_name')} {claims.get('family_name')}"
        if self.defect == "shows nothing":
            session.pop("who")
        return f"Hello {session['who']}" if self.defect == "callback shows the claims" else redirect("/account")

    def on_error(self, answer):
        match self.defect.partition(" ")[0]:
            case "crash":
                raise RuntimeError
            case "traceback":
                return "<pre>Traceback (most recent call last):\n  File</pre>", 400
            case "session":
                session["who"] = "Angela DUBOIS"
                return redirect("/account")
            case "error":
                return f"It did not work: {answer.get('error_description')}", 400
        return "", 200

    def leave(self):
        location = "/bye" if self.defect == "local logout" else self.module.logout(session)
        if self.defect != "logout keeps the session":
            session.clear()
        return redirect(location)

    def bye(self):
        return ("Nothing here.", 404) if self.defect == "no page after logout" else "Good bye."


class _Quiet(WSGIRequestHandler):
    def log(self, type, message, *args):
        """Nobody reads it."""


@contextmanager
def served(app: Flask, port: int) -> Iterator[None]:
    """The service on a port of this machine."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
