"""What the pages of a journey have in common, whoever asks and whoever vouches: their form, their banner, the way back."""

from broker.journey import Choosing, Demand, Passage, Step
from broker.parties import Asker, Service
from broker.visit import Visit
from broker.web import labels, wording
from broker.web.headers import allow_form_to
from broker.web.models import Banner, StepForm
from broker.web.rooms import Rooms


def step_form(action: str, visit: Visit) -> StepForm:
    """The form of this step."""
    return StepForm(action, visit.handle, visit.token)


def allow_back(asker: Asker, demand: Demand) -> None:
    """Our form may end at the service: at its callback, and at its home when the callback sends people there.

    To a service abroad people go by a page of ours.
    """
    if isinstance(asker, Service):
        allow_form_to(demand.note["redirect_uri"], asker.home)


def banner(rooms: Rooms, step: Step, service: Asker, lang: str) -> Banner | None:
    """Why the last attempt failed, if one did."""
    if not isinstance(step, Choosing) or step.failure is None:
        return None
    words = step.failure.words
    provider = rooms.parties.providers.get(words.get("provider", ""))
    account = provider.name[lang] if provider else ""
    country = labels.country_name(words.get("country", ""))
    return wording.banner(step.failure, account, labels.asker_name(service), country=country)


def way_back(visit: Visit, passage: Passage) -> str:
    """The address that brings the citizen back: whoever asked, or our page that posts the answer to him."""
    return f"/revenir?j={visit.handle}" if passage.fields else passage.location
