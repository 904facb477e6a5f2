"""The answer to a service that asked for it in a form: a page that posts it (OAuth 2.0 Form Post Response Mode 1.0)."""

from collections.abc import Mapping

from broker.journey import Finished, Passage
from broker.parties import Service
from broker.visit import Visit
from broker.web.headers import allow_form_to, allow_script
from broker.web.i18n import language
from broker.web.models import PostBackPage
from broker.web.passage import SCRIPT_HASH
from broker.web.render import render


def answer_page(service: Service, visit: Visit, step: Finished, passage: Passage) -> str:
    """The page that brings a citizen back to a service, with the answer of his journey."""
    return _page(service, passage.location, passage.fields, visit.demand.reference, released=step.released)


def refusal_page(service: Service, redirect_uri: str, fields: Mapping[str, str], reference: str) -> str:
    """The page that tells a service what was wrong with its request."""
    return _page(service, redirect_uri, fields, reference, released=False)


def _page(service: Service, address: str, fields: Mapping[str, str], reference: str, *, released: bool) -> str:
    # Chromium follows a post no further than form-action says: the callback, and its home when it sends people there.
    allow_form_to(address, service.home)
    allow_script(SCRIPT_HASH)
    return render(PostBackPage(service.name[language()], address, tuple(fields.items()), reference, released))
