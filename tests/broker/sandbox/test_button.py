"""The button that the documentation gives is the button that the demo shows."""

import re
from pathlib import Path

import pytest

from broker.sandbox.pages import HERE
from tests.broker.sandbox.providers import Fi

DOCUMENT = (Path(__file__).parents[3] / "docs" / "fs" / "button.md").read_text("utf-8")
NAMES = {"fr": "Connexion Démo", "en": "Demo Sign-in"}


def blocks(kind):
    """The code blocks of a kind in the documentation."""
    return re.findall(rf"```{kind}\n(.*?)```", DOCUMENT, re.DOTALL)


def shown(language):
    """The button as the demo's services show it, without the mark for tests."""
    app = Fi().browser.application
    with app.test_request_context(f"/?lang={language}"):
        app.preprocess_request()
        template = app.jinja_env.get_template("button.html")
        context = {"broker": NAMES[language], "about": "https://connexion.example.fr/"}
        app.update_template_context(context)
        return template.render(context).replace(' data-testid="login"', "").strip() + "\n"


@pytest.mark.parametrize(("language", "position"), [("fr", 0), ("en", 1)])
def test_the_documented_button_is_the_demos(language, position):
    assert blocks("html")[position] == shown(language)


def test_the_documented_style_is_the_demos():
    assert blocks("css") == [(HERE / "static" / "button.css").read_text("utf-8")]
