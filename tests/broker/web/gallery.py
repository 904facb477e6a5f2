"""Every page with sample data, in both languages: for the tests, for axe and for screenshots.

`python -m tests.broker.web.gallery FOLDER` writes them as files to look at, with their stylesheet beside them.
"""

import functools
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask

from broker import countries, statement
from broker.changes import Change
from broker.described import Certified, Described, Seen
from broker.errors import Problem, catalogue
from broker.european import EuropeanIdentity, Spelling
from broker.geography import country_name
from broker.journey import Failure
from broker.judged import Judged, Pinned
from broker.parties import Contact, ForeignService, Text
from broker.web import attributes, labels, render, wording
from broker.web.assets import load_assets
from broker.web.i18n import LANGUAGES, Language
from broker.web.models import (
    AccessibilityPage,
    AgreementRow,
    AgreementsPage,
    AttributesPage,
    CheckPage,
    ChoosePage,
    ClaimRow,
    ConfirmPage,
    CountriesPage,
    CountryMissing,
    CountryOffer,
    DataPart,
    DataRow,
    Endonym,
    ForeignAsker,
    HomePage,
    LastFetch,
    LoggedOutPage,
    LogoutPage,
    Look,
    NodePage,
    NotChecked,
    NotOffered,
    Offer,
    Page,
    PassagePage,
    PostBackPage,
    PrivacyPage,
    ProviderState,
    ReturnPage,
    StatusPage,
    StepForm,
    TrialPage,
)
from eidas.algorithms import ECDH_ES, SIGNATURE_METHODS
from eidas.attributes import DEFINITIONS
from metadata.conformance import Finding, Report
from metadata.conformance.parts import Severity
from tests.broker.people import ANGELA
from tests.broker.web.markup import Document

NOW = 1_795_534_920  # 24 November 2026, 16:42 in Paris
SERVICES: dict[Language, str] = {"fr": "Mairie de Démo", "en": "Demo Town Hall"}
TAXES: dict[Language, str] = {"fr": "Impôts Démo", "en": "Demo Tax Office"}
SHOP: dict[Language, str] = {"fr": "Assurances Démo", "en": "Demo Insurance"}
LOOK = Look(
    product=Text("Connexion Démo", "Demo Sign-in"),
    mail="aide@connexion.example",
    tel="+33 1 99 00 00 00",
    hours="9 h – 18 h",
    domain="connexion.example",
    sandbox=True,
    accessibility="partial",
)
FORM = StepForm("/choisir", "handle-of-the-journey", "one-time-token")
CLAIMS = ("family_name", "given_name", "preferred_username", "gender", "birthdate", "birthplace", "birthcountry", "email")


def gallery_app(theme: Path | None = None) -> Flask:
    """An app that can render pages and does nothing else."""
    app = Flask("broker.web", static_folder=None)
    render.install(app, lambda: LOOK, theme)
    return app


def _choose(language: Language) -> ChoosePage:
    return ChoosePage(
        service_name=SERVICES[language],
        level="substantial",
        offers=(
            Offer("impots", TAXES[language], "substantial"),
            Offer("poste", "Identité Poste Démo", "substantial"),
            Offer("carte", "Carte Démo", "high"),
        ),
        form=FORM,
        valid_until=NOW + 1800,
        not_offered=(
            NotOffered("Mutuelle Démo", "level"),
            NotOffered("Santé Démo", "down", NOW - 9000),
            NotOffered("Notaires Démo", "down"),
        ),
    )


def _choose_again(language: Language) -> ChoosePage:
    words = {"level_got": "low", "level_asked": "substantial"}
    page = _choose(language)
    return ChoosePage(
        service_name=page.service_name,
        level=page.level,
        offers=page.offers,
        form=page.form,
        valid_until=page.valid_until,
        failure=wording.banner(Failure("FI-204", words), TAXES[language], page.service_name),
        person="Angela DUBOIS",
    )


def _nothing_to_choose(language: Language) -> ChoosePage:
    return ChoosePage(SERVICES[language], "high", (), FORM, NOW, failure=wording.banner(Failure("FI-202", {}), "", ""))


def _rows(*claims: str) -> tuple[ClaimRow, ...]:
    return labels.claim_rows(claims, ANGELA, lambda code, on: "Paris 7e", lambda code, language: "France")


def _information(language: Language) -> ConfirmPage:
    rows = _rows(*CLAIMS, "phone_number")
    return ConfirmPage(
        service_name=SERVICES[language],
        kind="information",
        rows=rows,
        level="substantial",
        account=TAXES[language],
        contact="assistance@impots.example",
        reference="7KQF-M3ZD",
        form=FORM,
        valid_until=NOW + 1800,
        sends_means=True,
        other="/choisir?j=handle-of-the-journey",
    )


def _consent(language: Language, missing: bool = False) -> ConfirmPage:
    rows = _rows("family_name", "given_name", "email")
    return ConfirmPage(
        SHOP[language], "consent", rows, "low", TAXES[language], "", "7KQF-M3ZD", FORM, NOW, consent_missing=missing
    )


INCOME: dict[Language, str] = {"fr": "Revenus Démo", "en": "Demo Income Office"}
_INCOME: dict[Language, tuple[str, str]] = {
    "fr": ("Votre revenu fiscal de référence", "Votre nombre de parts fiscales"),
    "en": ("Your reference tax income", "The number of your tax shares"),
}
_LAW = ("article L. 114-8 du CRPA", "délibération 2026-12")


def _parts(language: Language, again: bool = False) -> tuple[DataPart, ...]:
    income, shares = _INCOME[language]
    rows = (
        DataRow("revenu_fiscal", income, True, _LAW, missing=again),
        DataRow("parts_fiscales", shares, False, _LAW, ticked=again),
    )
    told = ("nom de naissance", "prénoms") if language == "fr" else ("birth name", "first names")
    points = (DataRow("points_permis", "Points", True, _LAW, available=False, missing=again),)
    return (
        DataPart("revenus-demo", INCOME[language], 600, told, rows, NOW - 9000),
        DataPart("points-demo", "Points Démo", 90, (), points),
    )


def _data(language: Language, again: bool = False) -> ConfirmPage:
    return replace(_information(language), data=_parts(language, again))


def _agreements(language: Language) -> AgreementsPage:
    labels_, who = _INCOME[language], (SERVICES[language], "revenus-demo", INCOME[language])
    row = AgreementRow(*who, "mairie-demo revenus-demo", labels_, NOW + 600, NOW - 60)
    points = AgreementRow(SHOP[language], "points-demo", "Points Démo", "assurance-demo points-demo", ("Points",), NOW)
    other = replace(points, value="mairie-demo points-demo", withdrawn=True)
    return AgreementsPage((row, points, other), "/mes-autorisations", "token-of-the-session")


def _anonymous(language: Language) -> ConfirmPage:
    return ConfirmPage(SHOP[language], "anonymous", (), "low", TAXES[language], "", "7KQF-M3ZD", FORM, NOW)


def _land(code: str, language: Language, requester: bool = False) -> CountryOffer:
    land = countries.country(code)
    endonyms = tuple(Endonym(tag, name) for tag, name in land.endonyms)
    return CountryOffer(code, land.name[language], endonyms, render.asset(f"flags/{land.flag}"), requester)


def _countries(language: Language, **changes: Any) -> CountriesPage:
    offers = (_land(one.code, language, one.code == "DE") for one in countries.in_order(_OFFERED, language))
    facts: dict[str, Any] = {
        "service_name": SERVICES[language],
        "level": "substantial",
        "offers": tuple(offers),
        "missing": (
            CountryMissing(countries.country("IE").name[language], "level"),
            CountryMissing(countries.country("LV").name[language], "expired", NOW - 9000),
            CountryMissing(countries.country("MT").name[language], "off"),
        ),
        "form": FORM,
        "valid_until": NOW + 1800,
        "back": "/choisir?j=handle-of-the-journey",
    }
    return CountriesPage(**{**facts, **changes})


_OFFERED = ("EL", "DE", "BE", "BG", "CY", "IT", "SE", "ES")


def _countries_again(language: Language) -> CountriesPage:
    words = {"contact": "support@node.el.example"}
    name = countries.country("EL").name[language]
    failure = wording.banner(Failure("EID-303", words), "", SERVICES[language], country=name)
    return _countries(language, failure=failure, discloses=True)


ARISTOTELIS = EuropeanIdentity(
    country="EL",
    identifier="EL/FR/1",
    given_names=Spelling("Aristotelis", "Αριστοτέλης"),
    current_name=Spelling("Onasis", "Ωνάσης"),
    birthdate="1966-01-20",
    address={"street_address": "1 rue X"},
)


def _passage(language: Language, requester: bool = False) -> PassagePage:
    return PassagePage(
        _land("EL", language, requester), "https://node.el.example/sso", (("SAMLRequest", "PHg+"),), "/eidas/pays?j=handle"
    )


def _european(language: Language, person: EuropeanIdentity = ARISTOTELIS) -> ConfirmPage:
    claims = (*CLAIMS, "address", "country")
    rows = labels.claim_rows(claims, person, lambda code, on: code, lambda code, language: code)
    name = countries.country("EL").name[language]
    return ConfirmPage(
        service_name=SERVICES[language],
        kind="information",
        rows=rows,
        level="low",
        account=name,
        contact="support@node.el.example",
        reference="7KQF-M3ZD",
        form=FORM,
        valid_until=NOW + 1800,
        sends_means=True,
        other="/choisir?j=handle-of-the-journey",
        country=name,
        sends_country=True,
    )


def _error(code: str) -> Callable[[Language], Page]:
    def page(language: Language) -> Page:
        return wording.error_page(
            Problem(code, "received 'https://mairie.example/retour/', nearest registered 'https://mairie.example/retour'"),
            language,
            reference="7KQF-M3ZD",
            at=NOW,
            service_name="" if code in ("SRV-401", "HTTP-404") else SERVICES[language],
            retry="/choisir?j=handle" if code in ("FI-202", "SYS-501") else "",
            choose="/choisir?j=handle" if code.startswith(("FI", "EID")) else "",
            give_up=FORM if code.startswith("FI") else None,
            home="" if code == "SRV-401" else "https://mairie.example/",
            sandbox=True,
        )

    return page


def _status(language: Language) -> StatusPage:
    states = (
        ProviderState(TAXES[language], True, NOW - 86_400),
        ProviderState("Santé Démo", False, NOW - 9000),
        ProviderState("Carte Démo", True),
        ProviderState("Notaires Démo", False),
    )
    return StatusPage(NOW, states)


# -- a service in another country -------------------------------------------------------------------------------------

MARRIED = replace(ANGELA, preferred_username="Ωνάση", address={"formatted": "1 rue de Démo\n75007 Paris"})
ROMA = ForeignService("IT", public=False, name="Comune di <Roma>", requester="https://roma.example/service?a=1&b=2")


def _abroad(language: Language, **changes: object) -> AttributesPage:
    optional = (*(name for name in statement.CLAIMS if not DEFINITIONS[name].mandatory),)
    page = AttributesPage(
        asker=labels.foreign_asker(ROMA),
        consent=True,
        mandatory=attributes.rows(statement.CLAIMS.keys() - set(optional), MARRIED, country_name),
        optional=attributes.rows(optional, MARRIED, country_name),
        level="substantial",
        account=TAXES[language],
        reference="7KQF-M3ZD",
        form=FORM,
        valid_until=NOW,
        other="/choisir?j=handle",
    )
    return replace(page, **changes)


EVIL = '<b title="x">&</b>'
PEM = (
    "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ3J5cHRvZ3JhcGh5IGlzIGZ1biwgc28gaXQgaXMu\n-----END CERTIFICATE-----\n"
)
NODE = Described(
    entities={role: f"https://connexion.example/eidas/{role}/metadata" for role in ("connector", "proxy")},
    organisation="Direction du numérique",
    contacts=(Contact("technical", "noeud@dn.example"), Contact("support", tel="+33 1 99 00 00 00")),
    valid_days=7,
    keys=tuple(
        Certified(use, "P-256", state, NOW + 86_400, ":".join(["a1b2"] * 16), "b2" * 22, PEM)
        for use, state in (("metadata-signing", "active"), ("saml-signing", "published"), ("saml-decryption", "retiring"))
    ),
    levels=("low", "substantial"),
    attributes=("PersonIdentifier", "FamilyName", "FirstName", "DateOfBirth"),
    signatures=tuple(SIGNATURE_METHODS),
    encryption=(ECDH_ES,),
    nodes=(
        Seen("EL", "proxy", "https://node.el.example", NOW + 5 * 86_400, True),
        Seen("IT", "connector", "https://node.it.example", NOW - 3 * 86_400, True),
        Seen("IS", "proxy", "https://node.is.example", NOW + 5 * 86_400, False),
        Seen("LT", "proxy", "", 0, True, "https://node.lt.example/metadata"),
    ),
    fragment='<ser:MetadataLocation Location="https://connexion.example/eidas/connector/metadata"/>',
)

FETCHES = {"https://node.lt.example/metadata": LastFetch(NOW - 3600, "it cannot be fetched: timeout")}
CHANGES = tuple(
    Change(f"urn:uuid:{at}", NOW - at * 86_400, due, planned, title, Text("", "SHA-256: a1b2:a1b2"))
    for at, (due, planned, title) in enumerate(
        (
            (NOW + 30 * 86_400, True, Text("La prochaine clé", "The next key")),
            (None, True, Text("", "Maintenance")),
            (None, False, Text("Une clé", "A key")),
        )
    )
)
FINDING = Finding(
    "EID-MD-07",
    Severity.ERROR,
    "Message Format 1.4, 4.1",
    "/md:EntityDescriptor/md:SPSSODescriptor[2]/*[local-name()='x']",
    EVIL,
    "state validUntil",
)
JUDGED = Judged(
    ":".join(["a1b2"] * 16),
    12_345,
    (":".join(["c3d4"] * 16),),
    Report((f"https://node.el.example/{EVIL}",), (FINDING, replace(FINDING, severity=Severity.WARNING))),
    (Pinned("connector", ""), Pinned("proxy", "the metadata does not say until when it counts")),
)


def _unnamed() -> ForeignAsker:
    return labels.foreign_asker(ForeignService("NL", public=True))


def _return(language: Language, **changes: object) -> ReturnPage:
    country = countries.country("IT").name[language]
    fields = (("SAMLResponse", "PD94bWw+"), ("RelayState", "état <1>"))
    return ReturnPage(country, "https://node.it.example/acs", fields, "7KQF-M3ZD", **changes)


def _post_back(language: Language, released: bool = False, **fields: str) -> PostBackPage:
    sent = {"code": "8kx", **fields, "state": "état <1>", "iss": "https://connexion.example/api/v2"}
    return PostBackPage(SERVICES[language], "https://mairie.example/retour", tuple(sent.items()), "7KQF-M3ZD", released)


PAGES: dict[str, Callable[[Language], Page]] = {
    "choose-abroad": lambda language: replace(_choose(language), foreign=labels.foreign_asker(ROMA)),
    "choose-abroad-unnamed": lambda language: replace(_choose(language), foreign=_unnamed()),
    "attributes": _abroad,
    "attributes-missing": lambda language: _abroad(language, consent_missing=True),
    "attributes-public": lambda language: _abroad(language, consent=False, asker=_unnamed(), optional=()),
    "node": lambda language: NodePage(NODE, NOW, CHANGES, FETCHES),
    "node-alone": lambda language: NodePage(replace(NODE, levels=(), nodes=(), offline=True), NOW),
    "node-untold": lambda language: NodePage(NODE, NOW, None),
    "check": lambda language: CheckPage(),
    "check-errors": lambda language: CheckPage(JUDGED, at=NOW),
    "check-fine": lambda language: CheckPage(replace(JUDGED, report=Report(("https://node.el.example",), ())), at=NOW),
    **{
        f"check-missing-{problem}": lambda language, problem=problem: CheckPage(
            problem=problem, detail="the document has more than 5000 elements"
        )
        for problem in NotChecked
    },
    "trial": lambda language: TrialPage(
        countries.country("EL").name[language], "substantial", (("Prénoms", True), ("Sexe", False)), "7KQF-M3ZD"
    ),
    "return": lambda language: _return(language, released=True),
    "return-refused": _return,
    "return-turned-away": lambda language: _return(
        language, code="SRV-404", sentence=wording.told(catalogue()["SRV-404"].message[language], {"country": "Italie"})
    ),
    "post-back": lambda language: _post_back(language, released=True),
    "post-back-refused": lambda language: _post_back(language, error="access_denied"),
    "choose": _choose,
    "choose-again": _choose_again,
    "choose-nothing": _nothing_to_choose,
    "choose-europe": lambda language: replace(_choose(language), europe=True),
    "countries": _countries,
    "countries-again": _countries_again,
    "countries-none": lambda language: _countries(language, offers=()),
    "countries-unavailable": lambda language: _countries(language, unavailable=countries.country("IE").name[language]),
    "passage": _passage,
    "passage-requester": lambda language: _passage(language, requester=True),
    "confirm-european": _european,
    "confirm-european-secret": lambda language: replace(_european(language), sends_country=False, contact=""),
    "confirm-european-unclear": lambda language: _european(language, replace(ARISTOTELIS, birth_name_known=True)),
    "confirm-european-anonymous": lambda language: replace(_european(language), kind="anonymous", rows=()),
    "logout-abroad": lambda language: LogoutPage(
        FORM, SERVICES[language], abroad=countries.country("EL").name[language], can_return=True
    ),
    "logged-out-abroad": lambda language: LoggedOutPage(
        SERVICES[language], "https://mairie.example/", abroad=countries.country("EL").name[language]
    ),
    "confirm-information": _information,
    "confirm-consent": _consent,
    "confirm-consent-missing": lambda language: _consent(language, missing=True),
    "confirm-anonymous": _anonymous,
    "confirm-data": _data,
    "confirm-data-missing": lambda language: _data(language, again=True),
    "confirm-data-consent": lambda language: replace(
        _consent(language), data=_parts(language), consented=True, other="/choisir?j=handle"
    ),
    "agreements": _agreements,
    "agreements-empty": lambda language: AgreementsPage((), "/mes-autorisations", "token"),
    "agreements-nobody": lambda language: AgreementsPage(None),
    "logout": lambda language: LogoutPage(FORM, SERVICES[language], TAXES[language], can_return=True),
    "logout-alone": lambda language: LogoutPage(FORM),
    "logged-out": lambda language: LoggedOutPage(SERVICES[language], "https://mairie.example/", TAXES[language]),
    "logged-out-alone": lambda language: LoggedOutPage(),
    "logged-out-services": lambda language: LoggedOutPage(
        confirmed=(SERVICES[language],), pending=("Assurance <Démo>",), open=("Bibliothèque Démo",)
    ),
    "help": lambda language: wording.help_page("", "7KQF-M3ZD", language),
    "help-europe": lambda language: wording.help_page("EID", "", language, europe=True),
    "help-search": lambda language: wording.help_page("cookies", "", language),
    "status": _status,
    "accessibility": lambda language: AccessibilityPage(
        "partial", "2026-11-01", "Audits Démo", "96 %", "accessibilite@connexion.example"
    ),
    "accessibility-none": lambda language: AccessibilityPage("none"),
    "privacy": lambda language: PrivacyPage(90, 30, 1, "Ville de Démo", "dpo@connexion.example"),
    "privacy-europe": lambda language: PrivacyPage(90, 30, 1, europe=True, abroad=True),
    "privacy-data": lambda language: PrivacyPage(90, 30, 1, data=True),
    "home": lambda language: HomePage(),
    "home-data": lambda language: HomePage(data=True),
    **{f"error-{code}": _error(code) for code in catalogue()},
}


def gallery() -> Iterator[tuple[str, Language, str]]:
    """Each page's name, its language and its HTML."""
    app = gallery_app()
    for language in LANGUAGES:
        for name, page in PAGES.items():
            with app.test_request_context(f"/choisir?j=handle-of-the-journey&lang={language}"):
                yield name, language, render.render(page(language))


@functools.cache
def documents() -> dict[str, tuple[Language, str, Document]]:
    """The gallery, parsed once: `name.language` leads to language, HTML and document."""
    return {f"{name}.{language}": (language, html, Document(html)) for name, language, html in gallery()}


def show(page: Page, address: str = "/choisir?j=h", language: Language = "en", **request: Any) -> Document:
    """One page, as an answer to this request."""
    with gallery_app().test_request_context(address, headers={"Cookie": f"lang={language}"}, **request):
        return Document(render.render(page))


def write(folder: Path) -> None:
    """Write the gallery as files that a browser can open without a server."""
    for name, content in load_assets(None).files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    for name, language, html in gallery():
        (folder / f"{name}.{language}.html").write_text(html.replace("/static/", ""), "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
