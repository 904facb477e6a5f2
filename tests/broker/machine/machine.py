"""The machine: citizens, services and providers in any order, with any fault. Its laws are those of `play` and `services`.

Each rule is one act, right or wrong; what must come of it is for the acts to know. `at` counts from what is newest.
"""

from urllib.parse import parse_qsl, urlencode

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from tests.broker.machine.ground import Ground
from tests.broker.machine.model import Stage
from tests.broker.machine.offices import DEFECTS
from tests.broker.machine.parties import CITIZENS, PROVIDERS, SCOPES, SERVICES
from tests.broker.machine.play import FLOW, SSO
from tests.broker.world import ISSUER

BROWSER = st.integers(0, 2)
NEWEST = st.sampled_from((0, 0, 0, 1, 1, 2, 3))
READY = st.sampled_from((True, True, True, False))
SERVICE, PROVIDER, SCOPE = st.sampled_from(tuple(SERVICES)), st.sampled_from(tuple(PROVIDERS)), st.sampled_from(SCOPES)
CITIZEN = st.integers(0, len(CITIZENS) - 1)
ACR = st.sampled_from((None, "eidas1", "eidas1", "eidas2", "eidas3"))
PROMPT = st.sampled_from(
    ({}, {}, {"prompt": "login"}, {"prompt": "consent"}, {"max_age": "0"}, {"max_age": "60"}, {"max_age": "60"})
)
HOW = st.sampled_from(({}, {}, {"response_mode": "form_post"}, {"idp_hint": "fiscalis"}))
FORGED = ("an old form", "a form of another journey", "another site", "another browser")
"""What may be wrong with the post of a form; "" for nothing. One thing at a time: two would hide each other."""
WRONG = st.sampled_from(
    (
        {"redirect_uri": "https://evil.example/retour"},
        {"redirect_uri": "https://mairie.example/retour/../x"},
        {"client_id": "nobody"},
        {"response_type": "token"},
        {"nonce": "short"},
        {"scope": "openid phone"},
        {"scope": "email"},
        {"state": ""},
        {"code_challenge": "x" * 43, "code_challenge_method": "plain"},
        {"prompt": "none"},
        {"prompt": "none login"},
        {"id_token_hint": "e30.e30.e30"},
        {"request": "e30.e30."},
        {"request_uri": "urn:ietf:params:oauth:request_uri:guessed"},
        {"idp_hint": "postalis"},
    )
)
SECONDS = st.sampled_from((1, 1, 10, 29, 31, 59, 61, 299, 900, 1801))
_MOST = 20  # journeys of one play


class Machine(Ground):
    """Every act that there is."""

    # -- citizens -----------------------------------------------------------------------------------------------------

    @initialize(service=SERVICE, scope=SCOPE)
    def first(self, service: str, scope: str) -> None:
        """There is always a journey."""
        self.play.begin(self.play.browsers[0], *self.play.request(service, scope, "eidas1", pkce=False))

    @precondition(lambda self: len(self.play.tabs) < _MOST)
    @rule(who=BROWSER, service=SERVICE, scope=SCOPE, acr=ACR, pkce=st.booleans(), prompt=PROMPT, how=HOW)
    def begin(self, who, service, scope, acr, pkce, prompt, how) -> None:
        """A service's button, in any browser: a second tab, or a first."""
        self.play.begin(self.play.browsers[who], *self.play.request(service, scope, acr, pkce, **prompt, **how))

    @rule(who=BROWSER, service=SERVICE, wrong=WRONG)
    def begin_wrong(self, who, service, wrong) -> None:
        """A request that is wrong, or that forbids every page: nothing begins, and nobody gets a code."""
        asked, _ = self.play.request(service, "openid email", None, False)
        response = self.play.get(self.play.browsers[who], f"{ISSUER}/authorize?{urlencode({**asked, **wrong})}")
        told = response.location or ""
        assert response.status_code >= 400 or told.startswith(f"https://{service}.example/retour?error=")

    @rule(at=NEWEST, stranger=st.booleans(), path=st.sampled_from(("/choisir", "/confirmer")))
    def look(self, at, stranger, path) -> None:
        """A page is opened, again, by the back button, or in another browser."""
        tab = self.tab(at)
        self.play.look(self.other(tab) if stranger else self.play.owner(tab), tab, path)

    @rule(at=NEWEST, stranger=st.booleans())
    def look_for_the_answer(self, at, stranger) -> None:
        """The page that posts an answer is opened: by its own browser, or by one that learnt its address."""
        tab = self.tab(at)
        browser = self.other(tab) if stranger else self.play.owner(tab)
        self.play.get(browser, f"https://connexion.example/revenir?j={tab.handle}")

    @rule(at=NEWEST, provider=PROVIDER, twist=st.sampled_from(("", "", *FORGED)))
    def choose(self, at, provider, twist) -> None:
        """A provider is chosen, again perhaps."""
        tab = self.tab(at)
        if post := self.post(tab, twist, "/choisir"):
            browser, form, site = post
            self.play.choose(browser, form, tab, provider, site)

    @rule(
        at=NEWEST,
        citizen=CITIZEN,
        ready=READY,
        twist=st.sampled_from((*[""] * 4, *DEFECTS, "another browser", "another address", "level 1", "level 2", "level 3")),
    )
    def come_back(self, at, citizen, ready, twist) -> None:
        """A citizen authenticates and comes back: well, badly, in another browser, or at another provider's address."""
        tab = self.tab(at, Stage.PROVING, ready)
        if tab.departure is None:
            return
        level = int(twist[-1]) if twist.startswith("level") else tab.departure.level
        answer = self.play.vouch(tab, citizen, level, twist if twist in DEFECTS else "")
        browser = self.other(tab) if twist == "another browser" else self.play.owner(tab)
        others = [name for name in PROVIDERS if name != answer.departure.provider]
        address = others[at % len(others)] if twist == "another address" else answer.departure.provider
        self.play.arrive(browser, tab, answer, address)

    @precondition(lambda self: any(tab.answers for tab in self.play.tabs))
    @rule(at=NEWEST, stranger=st.booleans())
    def come_back_again(self, at, stranger) -> None:
        """An answer arrives twice, or late."""
        answers = [(tab, answer) for tab in self.play.tabs for answer in tab.answers]
        tab, answer = answers[-1 - at % len(answers)]
        self.play.arrive(self.other(tab) if stranger else self.play.owner(tab), tab, answer, answer.departure.provider)

    @rule(at=NEWEST, who=BROWSER, citizen=CITIZEN, provider=PROVIDER)
    def inject_a_code(self, at, who, citizen, provider) -> None:
        """The code of one login is put into the answer of another one, at the same provider: of a victim, or the thief."""
        mine, theirs = self.tab(at, Stage.PROVING, True), self.new(self.play.browsers[who], at)
        for tab in (theirs, mine):
            if tab.departure is None or tab.departure.provider != provider:
                post = self.post(tab, "", "/choisir")
                if post and tab.stage is not Stage.FINISHED:
                    self.play.choose(post[0], post[1], tab, provider)
        if not (mine.departure and theirs.departure):
            return
        answer, stolen = (self.play.vouch(tab, citizen, tab.departure.level, "") for tab in (mine, theirs))
        stolen.sound = stolen.sound and stolen.departure.provider != answer.departure.provider
        query = urlencode({**dict(parse_qsl(answer.query)), "code": dict(parse_qsl(stolen.query))["code"]})
        self.play.arrive(self.play.owner(mine), mine, answer, answer.departure.provider, query)

    @rule(at=NEWEST, twist=st.sampled_from(("", "", *FORGED)))
    def reuse(self, at, twist) -> None:
        """Go on with the running session, which may be too old, too weak, or somebody's."""
        tab = self.tab(at)
        post = self.post(tab, twist, "/choisir")
        if post and twist != "another site":
            self.play.reuse(post[0], post[1], tab)

    @rule(at=NEWEST, citizen=CITIZEN, ready=READY, box=st.booleans(), twist=st.sampled_from(("", "", "", *FORGED)))
    def confirm(self, at, citizen, ready, box, twist) -> None:
        """The confirmation is posted: with the box or without, at any step, by anybody."""
        tab = self.tab(at, Stage.CONSENTING, ready, citizen)
        if post := self.post(tab, twist, "/confirmer" if tab.stage is Stage.CONSENTING else "/choisir"):
            browser, form, site = post
            self.play.confirm(browser, form, tab, box, site)

    @rule(at=NEWEST, path=st.sampled_from(("/choisir", "/confirmer")), twist=st.sampled_from(("", *FORGED)))
    def cancel(self, at, path, twist) -> None:
        """Nothing shall be sent."""
        tab = self.tab(at)
        post = self.post(tab, twist, "/choisir")
        if post and twist != "another site":
            self.play.cancel(post[0], post[1], tab, path)

    @rule(at=NEWEST, citizen=CITIZEN, to=st.sampled_from((Stage.PROVING, Stage.CONSENTING, Stage.FINISHED, Stage.FINISHED)))
    def go_on(self, at, citizen, to) -> None:
        """A citizen does nothing wrong, up to a step: he gets there."""
        self.play.go_on(self.tab(at), citizen, to)

    # -- services -----------------------------------------------------------------------------------------------------

    @rule(at=NEWEST, ready=READY)
    def redeem(self, at, ready) -> None:
        """The right service changes a code: the first time it gets tokens, the second time it ends them."""
        code = self.code(at, ready)
        if code and (token := self.play.redeem(code, code.tab.service)):
            self.play.userinfo(token)

    @rule(
        at=NEWEST,
        ready=READY,
        twist=st.sampled_from((*SERVICES, "a guessed secret", "another verifier", "no verifier", "another address")),
    )
    def redeem_wrong(self, at, ready, twist) -> None:
        """Somebody changes a code who has no right to, or not in this way; then the right one does."""
        if not (code := self.code(at, ready)):
            return
        changes = {
            "a guessed secret": {"client_secret": "guessed"},
            "another verifier": {"code_verifier": "w" * 43},
            "no verifier": {"code_verifier": None},
            "another address": {"redirect_uri": "https://evil.example/"},
        }
        self.play.redeem(code, twist if twist in SERVICES else code.tab.service, **changes.get(twist, {}))
        self.play.redeem(code, code.tab.service)

    @rule(at=NEWEST, ready=READY)
    def userinfo(self, at, ready) -> None:
        """A token is shown: while it counts it tells what was agreed to."""
        if token := self.token(at, ready):
            self.play.userinfo(token)

    @rule(at=NEWEST, ready=READY, stranger=st.sampled_from((None, None, *SERVICES)))
    def revoke(self, at, ready, stranger) -> None:
        """A token is given back, by its service or by another."""
        if token := self.token(at, ready):
            self.play.revoke(token, stranger or token.code.tab.service)
            self.play.userinfo(token)

    @precondition(lambda self: self.play.codes)
    @rule(at=NEWEST)
    def misuse(self, at) -> None:
        """Each secret is shown where another is due."""
        code = self.play.codes[-1 - at % len(self.play.codes)]
        self.play.misuse(code, next((token for token in self.play.tokens if token.code is code), None))

    # -- leaving ------------------------------------------------------------------------------------------------------

    @rule(
        at=NEWEST,
        ready=READY,
        service=SERVICE,
        twist=st.sampled_from(("", "", "no hint", "no hint", "another browser", "another service")),
        waiting=st.booleans(),
    )
    def log_out(self, at, ready, service, twist, waiting) -> None:
        """A service sends a browser to the logout: with its own hint there, with another's, or with none.

        A code that is `waiting` was not redeemed before: it is worth nothing if that session ended.
        """
        token, code = self.token(at, ready), self.code(at, ready) if waiting else None
        if token is None:
            return
        browser = self.other(token.code.tab) if twist == "another browser" else self.play.owner(token.code.tab)
        asks = service if twist == "another service" else token.code.tab.service
        self.play.log_out(browser, asks, None if twist == "no hint" else token)
        self.play.userinfo(token)
        if code:
            self.play.redeem(code, code.tab.service)

    @precondition(lambda self: self.play.exits)
    @rule(at=NEWEST, action=st.sampled_from(("leave", "leave_all", "cancel")), twist=st.sampled_from(("", "", *FORGED)))
    def leave(self, at, action, twist) -> None:
        """The page of a logout is answered, by its browser or by another."""
        way_out = self.play.exits[-1 - at % len(self.play.exits)]
        owner = next((one for one in self.play.browsers if self.play.cookie(one, FLOW) == way_out.secret), None)
        browser = owner if owner and twist != "another browser" else self.play.browsers[at % 3]
        other = self.play.exits[at % len(self.play.exits)] if twist == "a form of another journey" else way_out
        step = "guessed" if twist == "an old form" else other.step
        self.play.leave(browser, way_out, step, action, "cross-site" if twist == "another site" else None)

    @precondition(lambda self: self.play.exits)
    @rule(at=NEWEST, who=BROWSER)
    def come_back_from_logout(self, at, who) -> None:
        """A provider's logout has ended."""
        self.play.come_back_from_logout(self.play.browsers[who], self.play.exits[-1 - at % len(self.play.exits)])

    # -- the world ----------------------------------------------------------------------------------------------------

    @rule(seconds=SECONDS)
    def wait(self, seconds) -> None:
        """Time passes."""
        self.play.clock.advance(seconds)

    @rule()
    def purge(self) -> None:
        """What has expired goes."""
        while self.play.world.store.purge(limit=3):
            pass

    @rule(who=BROWSER, worker=st.integers(0, 1))
    def another_worker(self, who, worker) -> None:
        """A browser's next requests reach another worker."""
        self.play.browsers[who].client.application = self.play.workers[worker]

    @rule(who=BROWSER, whose=BROWSER, name=st.sampled_from((FLOW, SSO)))
    def take_a_cookie(self, who, whose, name) -> None:
        """One cookie of a browser gets into another one, and only that one: two secrets that do not belong together."""
        value = self.play.cookie(self.play.browsers[whose], name)
        self._plant(who, name, value)

    @rule(who=BROWSER, name=st.sampled_from((FLOW, SSO)), value=st.sampled_from(("", "A" * 43, "é", "x" * 43)))
    def lose_a_cookie(self, who, name, value) -> None:
        """A cookie is deleted, or somebody planted one of his own."""
        self._plant(who, name, value)

    def _plant(self, who: int, name: str, value: str) -> None:
        client = self.play.browsers[who].client
        if value:
            client.set_cookie(name, value, domain="connexion.example", secure=True)
        else:
            client.delete_cookie(name, domain="connexion.example")

    # -- laws ---------------------------------------------------------------------------------------------------------

    @invariant()
    def blind(self) -> None:
        """No provider learns of a service, no service of a provider."""
        self.play.check_blindness()

    @invariant()
    def nothing_at_rest(self) -> None:
        """No person in the database, none in a log."""
        self.play.check_nothing_at_rest()
