"""The machine: citizens, services and providers in any order, with any fault. Its laws are those of `play` and `services`.

Each rule is one act, right or wrong; what must come of it is for the acts to know. `at` counts from what is newest.
"""

from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.broker.machine.bags import persons_in
from tests.broker.machine.leaving import Leaving
from tests.broker.machine.model import Stage, Tab
from tests.broker.machine.offices import DEFECTS
from tests.broker.machine.parties import CITIZENS, PROVIDERS, SCOPES, SERVICES
from tests.broker.machine.play import FLOW, SSO
from tests.broker.world import ISSUER, Browser

BROWSER = st.integers(0, 2)
NEWEST = st.sampled_from((0, 0, 0, 1, 1, 2, 3))
OWNER = st.sampled_from((None, None, None, 0, 1, 2))
SERVICE, PROVIDER, SCOPE = st.sampled_from(tuple(SERVICES)), st.sampled_from(tuple(PROVIDERS)), st.sampled_from(SCOPES)
CITIZEN = st.integers(0, len(CITIZENS) - 1)
ACR = st.sampled_from((None, "eidas1", "eidas1", "eidas2", "eidas3"))
PROMPT = st.sampled_from(({}, {}, {}, {"prompt": "login"}, {"prompt": "consent"}, {"max_age": "0"}, {"max_age": "60"}))
HOW = st.sampled_from(({}, {}, {"response_mode": "form_post"}, {"idp_hint": "fiscalis"}))
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
SITE = st.sampled_from((None, None, None, None, "same-origin", "cross-site"))
SECONDS = st.sampled_from((1, 1, 10, 29, 31, 59, 61, 299, 900, 1801))
_MOST = 14  # journeys of one play


class Machine(RuleBasedStateMachine):
    """One play. `instance` is a folder with keys, `database` an empty one to copy."""

    instance: ClassVar[Path]
    database: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.play = Leaving(self.instance, self.database)

    def teardown(self) -> None:
        """At the end every token and every code is what the model says, and everybody can still log in."""
        try:
            self._reckon()
        finally:
            self.play.close()

    def _reckon(self) -> None:
        play = self.play
        for token in play.tokens:
            play.userinfo(token)
        for code in play.codes:
            play.redeem(code, code.tab.service)
        for office in play.offices.values():
            office.failures = 0
        play.clock.advance(61)
        for number in range(3):
            self._whole_login(play.browsers[number], number)
        play.check_blindness()
        play.check_nothing_at_rest()
        assert persons_in(play.disk.whole()) == []

    def _whole_login(self, browser: Browser, citizen: int) -> None:
        asked, verifier = self.play.request("mairie", SCOPES[2], "eidas1", pkce=True, prompt="login")
        tab = self.play.begin(browser, asked, verifier)
        self.play.go_on(tab, citizen)
        assert tab.code is not None
        token = self.play.redeem(tab.code, "mairie")
        assert token is not None
        self.play.userinfo(token)

    # -- picking ------------------------------------------------------------------------------------------------------

    def _tab(self, at: int) -> Tab:
        return self.play.tabs[-1 - at % len(self.play.tabs)]

    def _who(self, tab: Tab, other: int | None) -> Browser:
        return self.play.owner(tab) if other is None else self.play.browsers[other]

    def _form(self, tab: Tab, browser: Browser, old: int) -> object:
        """A form of the journey: a new one where none is old enough, and where the browser may see it."""
        page = "/confirmer" if tab.stage is Stage.CONSENTING else "/choisir"
        fresh = self.play.look(browser, tab, page) if not old else None
        return fresh or (tab.forms[-1 - old % len(tab.forms)] if tab.forms else None)

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

    @rule(at=NEWEST, other=OWNER, path=st.sampled_from(("/choisir", "/confirmer")))
    def look(self, at, other, path) -> None:
        """A page is opened, again, by the back button, or in another browser."""
        self.play.look(self._who(self._tab(at), other), self._tab(at), path)

    @rule(at=NEWEST, other=OWNER)
    def look_for_the_answer(self, at, other) -> None:
        """The page that posts an answer is opened: by its own browser, or by one that learnt its address."""
        tab = self._tab(at)
        self.play.get(self._who(tab, other), f"https://connexion.example/revenir?j={tab.handle}")

    @rule(at=NEWEST, other=OWNER, old=NEWEST, provider=PROVIDER, site=SITE, of=st.sampled_from((0, 0, 0, 1)))
    def choose(self, at, other, old, provider, site, of) -> None:
        """A provider is chosen, with a form that may be old, or of another journey."""
        tab, forms = self._tab(at), self._tab(at + of)
        browser = self._who(tab, other)
        if form := self._form(forms, browser, old):
            self.play.choose(browser, form, tab, provider, site)

    @precondition(lambda self: any(tab.stage is Stage.PROVING for tab in self.play.tabs))
    @rule(
        at=NEWEST,
        other=OWNER,
        citizen=CITIZEN,
        level=st.sampled_from((0, 0, 0, 1, 2, 3)),
        defect=st.sampled_from((*[""] * 10, *DEFECTS)),
        elsewhere=st.sampled_from((None, None, None, None, *PROVIDERS)),
    )
    def come_back(self, at, other, citizen, level, defect, elsewhere) -> None:
        """A citizen authenticates and comes back: well, badly, in another browser, or at another provider's address."""
        proving = [tab for tab in self.play.tabs if tab.stage is Stage.PROVING]
        tab = proving[-1 - at % len(proving)]
        answer = self.play.vouch(tab, citizen, level or tab.departure.level, defect)
        self.play.arrive(self._who(tab, other), tab, answer, elsewhere or answer.departure.provider)

    @precondition(lambda self: any(tab.answers for tab in self.play.tabs))
    @rule(at=NEWEST, old=NEWEST, other=OWNER, injected=st.booleans())
    def come_back_again(self, at, old, other, injected) -> None:
        """An answer arrives twice, late, or with the code of another login in it."""
        answers = [(tab, answer) for tab in self.play.tabs for answer in tab.answers]
        tab, answer = answers[-1 - old % len(answers)]
        _, stolen = answers[-1 - (old + 1 + at) % len(answers)]
        query = None
        if injected and stolen is not answer:
            query = urlencode({**dict(parse_qsl(answer.query)), "code": dict(parse_qsl(stolen.query)).get("code", "c")})
            stolen.sound = stolen.sound and stolen.departure.provider != answer.departure.provider
        self.play.arrive(self._who(tab, other), tab, answer, answer.departure.provider, query)

    @rule(at=NEWEST, other=OWNER, old=NEWEST)
    def reuse(self, at, other, old) -> None:
        """Go on with the running session."""
        tab = self._tab(at)
        browser = self._who(tab, other)
        if form := self._form(tab, browser, old):
            self.play.reuse(browser, form, tab)

    @rule(at=NEWEST, other=OWNER, old=NEWEST, consent=st.booleans(), site=SITE, of=st.sampled_from((0, 0, 0, 1)))
    def confirm(self, at, other, old, consent, site, of) -> None:
        """The confirmation is posted: at any step, by anybody, with the box or without."""
        tab, forms = self._tab(at), self._tab(at + of)
        browser = self._who(tab, other)
        if form := self._form(forms, browser, old):
            self.play.confirm(browser, form, tab, consent, site)

    @rule(at=NEWEST, other=OWNER, old=NEWEST, path=st.sampled_from(("/choisir", "/confirmer")))
    def cancel(self, at, other, old, path) -> None:
        """Nothing shall be sent."""
        tab = self._tab(at)
        browser = self._who(tab, other)
        if form := self._form(tab, browser, old):
            self.play.cancel(browser, form, tab, path)

    @rule(at=NEWEST, citizen=CITIZEN, to=st.sampled_from((Stage.PROVING, Stage.CONSENTING, Stage.FINISHED, Stage.FINISHED)))
    def go_on(self, at, citizen, to) -> None:
        """A citizen does nothing wrong, up to a step: he gets there."""
        self.play.go_on(self._tab(at), citizen, to)

    # -- services -----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.play.codes)
    @rule(at=NEWEST)
    def redeem(self, at) -> None:
        """The right service changes a code: the first time it gets tokens, the second time it ends them."""
        code = self.play.codes[-1 - at % len(self.play.codes)]
        if token := self.play.redeem(code, code.tab.service):
            self.play.userinfo(token)

    @precondition(lambda self: self.play.codes)
    @rule(
        at=NEWEST,
        thief=st.sampled_from((None, *SERVICES)),
        wrong=st.sampled_from(
            (
                {},
                {"client_secret": "guessed"},
                {"code_verifier": "w" * 43},
                {"code_verifier": None},
                {"redirect_uri": "https://evil.example/"},
            )
        ),
    )
    def redeem_wrong(self, at, thief, wrong) -> None:
        """Somebody changes a code who has no right to, or not in this way."""
        code = self.play.codes[-1 - at % len(self.play.codes)]
        self.play.redeem(code, thief or code.tab.service, **wrong)

    @precondition(lambda self: self.play.tokens)
    @rule(at=NEWEST)
    def userinfo(self, at) -> None:
        """A token is shown: while it counts it tells what was agreed to."""
        self.play.userinfo(self.play.tokens[-1 - at % len(self.play.tokens)])

    @precondition(lambda self: self.play.tokens)
    @rule(at=NEWEST, stranger=st.sampled_from((None, None, *SERVICES)))
    def revoke(self, at, stranger) -> None:
        """A token is given back, by its service or by another."""
        token = self.play.tokens[-1 - at % len(self.play.tokens)]
        self.play.revoke(token, stranger or token.code.tab.service)

    @precondition(lambda self: self.play.codes)
    @rule(at=NEWEST)
    def misuse(self, at) -> None:
        """Each secret is shown where another is due."""
        code = self.play.codes[-1 - at % len(self.play.codes)]
        self.play.misuse(code, next((token for token in self.play.tokens if token.code is code), None))

    # -- leaving ------------------------------------------------------------------------------------------------------

    @rule(who=BROWSER, service=SERVICE, at=NEWEST, hinted=st.booleans(), own=st.booleans())
    def log_out(self, who, service, at, hinted, own) -> None:
        """A service sends a browser to the logout: with a right hint, another's, or none."""
        tokens = self.play.tokens
        hint = tokens[-1 - at % len(tokens)] if tokens and hinted else None
        self.play.log_out(self.play.browsers[who], hint.code.tab.service if hint and own else service, hint)

    @precondition(lambda self: self.play.exits)
    @rule(at=NEWEST, other=OWNER, action=st.sampled_from(("leave", "leave_all", "cancel")), site=SITE)
    def leave(self, at, other, action, site) -> None:
        """The page of a logout is answered, by its browser or by another."""
        way_out = self.play.exits[-1 - at % len(self.play.exits)]
        owner = (one for one in self.play.browsers if self.play.cookie(one, FLOW) == way_out.secret)
        browser = self.play.browsers[other] if other is not None else next(owner, self.play.browsers[0])
        self.play.leave(browser, way_out, action, site)

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
