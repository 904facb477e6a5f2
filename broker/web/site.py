"""The Flask application around the views: what applies to every address of it."""

from urllib.parse import urlsplit

from flask import Flask

from broker.settings import Settings
from broker.web import (
    agreements,
    checking,
    console,
    eidas,
    errors,
    feeds,
    headers,
    journey,
    oidc,
    operations,
    proxy,
    public,
    render,
)
from broker.web.application import Application
from broker.web.models import Look
from broker.web.rooms import Current


def create(current: Current, settings: Settings) -> Flask:
    """The application, on the configuration in force."""
    app = Application("broker.web", settings.public_url)
    render.install(app, lambda: _look(current().settings), settings.theme)
    headers.install(app, hsts=settings.public_url.startswith("https://"))
    operations.measure(app)
    errors.install(app, current)
    for room in (journey, agreements, eidas, proxy, oidc, operations, public, checking, feeds, console):
        app.register_blueprint(room.blueprint(current))
    return app


def _look(settings: Settings) -> Look:
    support = settings.support
    return Look(
        product=settings.name,
        mail=support.mail,
        tel=support.tel,
        hours=support.hours,
        domain=urlsplit(settings.public_url).hostname or "",
        sandbox=settings.mode == "sandbox",
        accessibility=settings.accessibility.state,
    )
