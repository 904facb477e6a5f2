"""What went wrong, and how to go on."""

from dataclasses import dataclass

from broker.errors import Side
from broker.web.models.parts import StepForm


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """Something failed. Made by `wording.error_page`, which fills the catalogue's texts.

    `retry` and `choose` are addresses, "" to hide their buttons. The way back is `give_up`, a form that posts
    `action=cancel` and brings the citizen to the service with a protocol error, or else `home`, the service's own page.
    `nothing_sent` is False only when that would not be true. `detail` is for developers: pass it in the sandbox only.
    """

    code: str
    reference: str
    at: int
    side: Side
    title: str
    message: str
    todo: tuple[str, ...]
    service_name: str = ""
    nothing_sent: bool = True
    retry: str = ""
    choose: str = ""
    give_up: StepForm | None = None
    home: str = ""
    developer: str = ""
    detail: str = ""
