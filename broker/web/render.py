"""From a page's value to its HTML: the template is chosen by the page's type."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

from flask import Flask, current_app, request
from jinja2 import Environment
from markupsafe import Markup

from broker.web import assets, dates, i18n, labels, models, passage
from broker.web.assets import Assets
from broker.web.i18n import Language
from broker.web.models import Look, Page

_TEMPLATES: dict[type[Page], str] = {
    models.ChoosePage: "choose.html",
    models.CountriesPage: "countries.html",
    models.PassagePage: "passage.html",
    models.ConfirmPage: "confirm.html",
    models.AttributesPage: "attributes.html",
    models.AgreementsPage: "agreements.html",
    models.ReturnPage: "return.html",
    models.PostBackPage: "post_back.html",
    models.TrialPage: "trial.html",
    models.ErrorPage: "error.html",
    models.LogoutPage: "logout.html",
    models.LoggedOutPage: "logged_out.html",
    models.HelpPage: "help.html",
    models.StatusPage: "status.html",
    models.AccessibilityPage: "accessibility.html",
    models.PrivacyPage: "privacy.html",
    models.NodePage: "node.html",
    models.CheckPage: "check.html",
    models.HomePage: "home.html",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page: the instance's look in the citizen's language, and the way to the other language."""

    look: Look
    language: Language
    other: Language
    other_address: str
    stylesheet: str
    logo: str
    icon: str

    @property
    def product(self) -> str:
        """The name of this instance."""
        return self.look.product[self.language]


@dataclass(frozen=True, slots=True)
class _Studio:
    look: Callable[[], Look]
    assets: Assets
    environments: dict[Language, Environment]


def install(app: Flask, look: Callable[[], Look], theme: Path | None = None) -> None:
    """Let this app render pages and serve what they need. `app` is made with `static_folder=None`.

    `look` is asked for each page, so that a reload takes effect.
    """
    i18n.install(app)
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {
        "clock": dates.clock,
        "day_and_clock": dates.day_and_clock,
        "utc_clock": dates.utc_clock,
        "date_words": dates.date_words,
        "machine": dates.machine,
        "day": dates.day,
        "level_word": labels.level_word,
        "with_article": labels.with_article,
        "in_country": labels.in_country,
    }
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["passage_script"] = Markup(passage.SCRIPT)  # noqa: S704 - ours, and known by its hash
    loaded = assets.load_assets(theme)
    app.register_blueprint(assets.blueprint(loaded))
    environments = i18n.speaking(app.jinja_env)
    for template in _TEMPLATES.values():
        for environment in environments.values():
            environment.get_template(template)  # compiled now, so that forked workers share them
    app.extensions["studio"] = _Studio(look, loaded, environments)


def render(page: Page) -> str:
    """The page as HTML, in the language of the running request."""
    return draw(_TEMPLATES[type(page)], page)


def draw(name: str, page: object) -> str:
    """A page by the template of this name, as HTML, in the language of the running request."""
    template = _studio().environments[i18n.language()].get_template(name)
    gettext = i18n.markup_translator()
    return template.render(page=page, frame=_frame(), gettext=gettext, _=gettext, ngettext=i18n.markup_plural())


def asset(name: str) -> str:
    """The address of a static file of the running app."""
    return _studio().assets.address(name)


def current_look() -> Look:
    """The look of the running app."""
    return _studio().look()


def _studio() -> _Studio:
    return cast(_Studio, current_app.extensions["studio"])


def _frame() -> Frame:
    studio, other = _studio(), i18n.other_language()
    address = studio.assets.address
    return Frame(
        look=studio.look(),
        language=i18n.language(),
        other=other,
        other_address=_here(other),
        stylesheet=address("passerelle.css"),
        logo=address("logo.svg"),
        icon=address("icon.svg"),
    )


def _here(language: Language) -> str:
    """This very page in `language`, as a relative address: the journey's handle stays, also when it came in a form."""
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    if request.method == "POST" and "j" in request.form and "j" not in request.args:
        query.append(("j", request.form["j"]))
    return "?" + urlencode([*query, ("lang", language)])
