"""Logouts: asked by services, by citizens, and by whoever would like others to be logged out."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.broker.machine.model import LEAVING, Exit, Token
from tests.broker.machine.play import FLOW, SSO
from tests.broker.machine.services import Services
from tests.broker.world import ISSUER, PUBLIC, Browser


class Leaving(Services):
    """The ways out of a session."""

    def log_out(self, browser: Browser, service: str, hint: Token | None) -> None:
        """A service sends a browser to the logout, with an ID token or without."""
        after = f"https://{service}.example/"
        asked = {"client_id": service, "post_logout_redirect_uri": after}
        session = self.session(browser)
        asked |= {"id_token_hint": hint.id_token} if hint else {}
        old = self.cookie(browser, SSO)
        response = self.get(browser, f"{ISSUER}/session/end?{urlencode(asked)}")
        if hint and hint.code.tab.service != service:
            assert response.status_code >= 400
        elif session is None:
            assert response.location == after
        elif hint and hint.code.proof.citizen == session.proof.citizen:
            self._ended(browser, old, after, response.location, at_provider=True)
        else:
            handle = response.location.removeprefix("/deconnexion?j=")
            page = self.get(browser, PUBLIC + response.location).text
            (step,) = re.findall(r'name="step" value="([^"]+)"', page)
            self.exits.append(Exit(self.cookie(browser, FLOW), handle, step, after, self.now + LEAVING))

    def leave(self, browser: Browser, exit_: Exit, step: str, action: str, site: str | None = None) -> None:
        """The form of the logout's page is posted, with a token that may be of another page."""
        form = {"j": exit_.handle, "step": step, "action": action}
        own = exit_.secret == self.cookie(browser, FLOW) and self.now < exit_.until and step == exit_.step != ""
        old, session = self.cookie(browser, SSO), self.session(browser)
        response = self.post(browser, "/deconnexion", form, site)
        if site == "cross-site" or not own:
            assert response.status_code >= 400
        elif action == "cancel" or not old:
            assert response.location == exit_.after
        elif session is None:
            assert response.location == exit_.after
            assert self.cookie(browser, SSO) == ""
        else:
            self._ended(browser, old, exit_.after, response.location, at_provider=action == "leave_all")

    def _ended(self, browser: Browser, old: str, after: str, location: str, at_provider: bool) -> None:
        """Law: the session is gone, here and in the browser, and everything that it gave ends."""
        session = self.sessions.pop(old)
        for code in session.codes:
            code.ended = True
        assert self.cookie(browser, SSO) == ""
        if not at_provider:
            assert location == after
            return
        assert urlsplit(location).netloc == f"{session.proof.provider}.example"
        state = dict(parse_qsl(urlsplit(location).query))["state"]
        self.exits.append(Exit(self.cookie(browser, FLOW), state, "", after, self.now + LEAVING))

    def come_back_from_logout(self, browser: Browser, exit_: Exit) -> None:
        """The provider sends the citizen back; once, and in his own browser."""
        response = self.get(browser, f"{ISSUER}/client/logout-callback?state={exit_.handle}")
        if exit_.secret == self.cookie(browser, FLOW) and self.now < exit_.until:
            assert response.location == exit_.after
            exit_.until = 0
        else:
            assert "USR-102" in response.text
