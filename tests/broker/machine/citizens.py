"""What citizens do, and whoever would like to be one: each act knows from the model what must come of it."""

import base64
import hashlib
import itertools
from urllib.parse import urlencode

from tests.broker.machine.bags import NONCE, STATE
from tests.broker.machine.model import REFUSAL, SESSION, Answer, Code, Form, Proof, Session, Stage, Tab, level_of, may_serve
from tests.broker.machine.parties import LEVELS, told
from tests.broker.machine.play import FLOW, SSO, Play
from tests.broker.world import ISSUER, PUBLIC, Browser

_LIMIT = 5  # failures of a provider after which it may be left in peace
_PAGES = {Stage.CHOOSING: "/choisir", Stage.PROVING: "/choisir", Stage.CONSENTING: "/confirmer"}
_numbers = itertools.count()


class Citizens(Play):
    """The browser's side of a login."""

    # -- begin --------------------------------------------------------------------------------------------------------

    def request(self, service: str, scope: str, acr: str | None, pkce: bool, **more: str) -> tuple[dict[str, str], str]:
        """A right request of a service, and its verifier ("" without PKCE). State and nonce are like no other."""
        number = next(_numbers)
        verifier = f"verifier-{number:04}-{'v' * 40}" if pkce or service == "mobile" else ""
        asked = {
            "client_id": service,
            "redirect_uri": f"https://{service}.example/retour",
            "response_type": "code",
            "scope": scope,
            "state": f"{STATE}{number:08}",
            "nonce": f"{NONCE}{number:08}",
            **({"acr_values": acr} if acr else {}),
            **({"code_challenge": _challenge(verifier), "code_challenge_method": "S256"} if verifier else {}),
            **more,
        }
        return asked, verifier

    def begin(self, browser: Browser, asked: dict[str, str], verifier: str) -> Tab:
        """The service's button; the journey that begins."""
        response = self.get(browser, f"{ISSUER}/authorize?{urlencode(asked)}")
        assert response.status_code == 303, response.text
        service = asked["client_id"]
        level = level_of(service, asked.get("acr_values"))
        tab = Tab(self.cookie(browser, FLOW), service, asked, verifier or None, level, self.now)
        self.tabs.append(tab)
        if response.location.startswith("https://"):
            assert not may_serve(self.session(browser), tab, self.now)
            self.departed(tab, response.location)
            tab.handle = tab.departure.state.partition(".")[0]  # type: ignore[union-attr]
        else:
            tab.handle = response.location.removeprefix("/choisir?j=")
        return tab

    def look(self, browser: Browser, tab: Tab, path: str) -> Form | None:
        """A page of the journey is opened; the form that it has. Nobody else's browser sees anything of it."""
        response = self.get(browser, f"{PUBLIC}{path}?j={tab.handle}")
        if not self.finds(browser, tab):
            assert "USR-102" in response.text
            return None
        if tab.stage is Stage.FINISHED:
            return None
        if response.location:
            assert (path, response.location) == ("/confirmer", f"/choisir?j={tab.handle}")
            return None
        if path == "/choisir":
            offered = "Vous êtes déjà connecté" in response.text
            assert offered == may_serve(self.session(browser), tab, self.now)
        else:
            name = told(tab.proof.citizen, tab.asked["scope"]).get("family_name", "")
            assert str(name) in response.text
        return self.form_of(tab, response.text)

    # -- choose and prove ---------------------------------------------------------------------------------------------

    def choose(self, browser: Browser, form: Form, tab: Tab, provider: str, site: str | None = None) -> None:
        """A provider is chosen with a form, which may be of another journey than the one that it is posted to."""
        response = self.post(browser, "/choisir", {**form.fields, "j": tab.handle, "provider": provider}, site)
        running = self.accepts(browser, form, tab) and site != "cross-site" and tab.stage is not Stage.FINISHED
        strong = max(LEVELS[provider]) >= tab.level
        if not running or not strong:
            assert response.status_code >= 400
        elif response.location.startswith("https://"):
            self.departed(tab, response.location)
        else:
            assert self.offices[provider].failures >= _LIMIT
            tab.move(Stage.CHOOSING)

    def vouch(self, tab: Tab, citizen: int, level: int, defect: str) -> Answer:
        """The citizen of the journey authenticates where he was sent."""
        departure = tab.departure
        assert departure is not None
        query = self.offices[departure.provider].vouch(departure.location, citizen, level, defect)
        strong = level >= departure.level and level in LEVELS[departure.provider]
        answer = Answer(departure, query, Proof(citizen, level, departure.provider, self.now), strong and not defect)
        tab.answers.append(answer)
        return answer

    def arrive(self, browser: Browser, tab: Tab, answer: Answer, provider: str, query: str | None = None) -> None:
        """A browser brings an answer to the address of a provider.

        `tab` is the journey that the answer's state names; `query` what somebody made of the answer, which must not count.
        """
        response = self.get(browser, f"{ISSUER}/oidc-callback/{provider}?{query or answer.query}")
        if not self.finds(browser, tab):
            assert "USR-102" in response.text
        elif tab.stage is not Stage.PROVING:
            expected = "/confirmer" if tab.stage is Stage.CONSENTING else "/choisir"
            assert response.location == f"{expected}?j={tab.handle}"
        elif (tab.departure.state, tab.departure.provider) != (answer.departure.state, provider):
            assert "USR-103" in response.text
        elif response.location == f"/confirmer?j={tab.handle}":
            assert answer.sound
            assert query is None
            answer.proof.at, answer.sound = self.now, False  # the provider takes its code once
            tab.move(Stage.CONSENTING, proof=answer.proof)
        else:
            assert not (answer.sound and query is None)
            assert response.location == f"/choisir?j={tab.handle}"
            answer.sound = False
            tab.move(Stage.CHOOSING)

    def reuse(self, browser: Browser, form: Form, tab: Tab) -> None:
        """The running session is used."""
        session = self.session(browser)
        response = self.post(browser, "/choisir", {**form.fields, "j": tab.handle, "action": "continue"})
        running = self.accepts(browser, form, tab) and tab.stage is not Stage.FINISHED
        if running and may_serve(session, tab, self.now):
            assert response.location == f"/confirmer?j={tab.handle}"
            tab.move(Stage.CONSENTING, proof=session.proof, reused=True)  # type: ignore[union-attr]
        else:
            assert response.status_code >= 400

    # -- consent ------------------------------------------------------------------------------------------------------

    def confirm(self, browser: Browser, form: Form, tab: Tab, consent: bool, site: str | None = None) -> None:
        """The confirmation is posted, with the box ticked or not."""
        old, running = self.cookie(browser, SSO), self.session(browser)
        accepted = self.accepts(browser, form, tab) and site != "cross-site"
        stage, proof, code = tab.stage, tab.proof, tab.code
        right = accepted and stage is Stage.CONSENTING and (consent or not tab.private)
        lost = right and tab.reused and (running is None or running.proof is not proof)
        tab.confirmed |= right and not lost
        tab.agreed |= right and consent and not lost
        reused = tab.reused
        ticked = {"consent": "yes"} if consent else {}
        response = self.post(browser, "/confirmer", {**form.fields, "j": tab.handle, "action": "continue", **ticked}, site)
        if not accepted or stage in (Stage.CHOOSING, Stage.PROVING):
            assert response.status_code >= 400
        elif stage is Stage.FINISHED:
            self._again(browser, tab, response)
        elif not right:
            assert response.location == f"/confirmer?j={tab.handle}&e=1#erreurs"
        elif lost:
            assert response.status_code >= 400
            tab.move(Stage.CHOOSING)
        else:
            self._follow(browser, tab, response)
            assert tab.code is not code
            assert tab.code is not None
            self._keep_session(browser, tab.code, old, running if reused else None)

    def _keep_session(self, browser: Browser, code: Code, old: str, reused: Session | None) -> None:
        fresh = self.cookie(browser, SSO)
        if reused is not None:
            assert fresh == old
            reused.until = min(self.now + SESSION, reused.proof.at + 8 * SESSION)
            reused.codes.append(code)
            return
        assert fresh not in self.sessions
        before = self.sessions.pop(old, None)
        same = before is not None and before.proof.citizen == code.proof.citizen
        given = before.codes if before and same and self.now < before.until else []  # nobody takes over what is another's
        self.sessions[fresh] = Session(code.proof, self.now + SESSION, [*given, code])

    def _again(self, browser: Browser, tab: Tab, response: object) -> None:
        """A repeated click gets the very same answer, for as long as it counts."""
        if self.now >= tab.until:
            assert response.status_code >= 400  # type: ignore[attr-defined]
        else:
            self._follow(browser, tab, response)

    def _follow(self, browser: Browser, tab: Tab, response: object) -> None:
        location = response.location  # type: ignore[attr-defined]
        posts = tab.asked.get("response_mode") == "form_post"
        assert location.startswith("/revenir?j=" if posts else tab.asked["redirect_uri"]), location
        if posts:
            self.get(browser, PUBLIC + location)

    def cancel(self, browser: Browser, form: Form, tab: Tab, path: str) -> None:
        """The citizen sends nothing."""
        accepted = self.accepts(browser, form, tab) and tab.code is None
        response = self.post(browser, path, {**form.fields, "j": tab.handle, "action": "cancel"})
        if not accepted:
            assert response.status_code >= 400
            return
        if tab.stage is Stage.FINISHED:
            self._again(browser, tab, response)
            return
        tab.move(Stage.FINISHED, until=self.now + REFUSAL)
        self._follow(browser, tab, response)
        assert tab.code is None

    # -- the natural next step ----------------------------------------------------------------------------------------

    def go_on(self, tab: Tab, citizen: int, to: Stage = Stage.FINISHED) -> None:
        """What the citizen of a journey does who wants to get to a step, and does nothing wrong: he gets there."""
        browser = self.owner(tab)
        while tab.stage is not to and tab.stage is not Stage.FINISHED and self.finds(browser, tab):
            before = tab.version
            self._step(browser, tab, citizen)
            if tab.version == before or (self.offices and max(o.failures for o in self.offices.values()) >= _LIMIT):
                return

    def _step(self, browser: Browser, tab: Tab, citizen: int) -> None:
        if tab.stage is Stage.PROVING:
            departure = tab.departure
            answer = self.vouch(tab, citizen, departure.level, "")  # type: ignore[union-attr]
            self.arrive(browser, tab, answer, departure.provider)  # type: ignore[union-attr]
            return
        form = self.look(browser, tab, _PAGES[tab.stage])
        assert form is not None
        if tab.stage is Stage.CHOOSING:
            self.choose(browser, form, tab, next(one for one in LEVELS if max(LEVELS[one]) >= tab.level))
        else:
            self.confirm(browser, form, tab, consent=True)


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
