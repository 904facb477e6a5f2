"""What the citizen reads when he leaves."""

from dataclasses import dataclass

from broker.web.models.parts import StepForm


@dataclass(frozen=True, slots=True)
class LogoutPage:
    """Ask before ending the session. The form posts `action=leave`, `action=leave_all` or `action=cancel` (stay).

    `service_name` is the service that asked, or ""; `account` who vouched, or "" when its session cannot be closed from
    here (no `leave_all` button then); `can_return` says whether there is a service to go back to. `abroad` is the country
    that vouched, whose session is not ours to close.
    """

    form: StepForm
    service_name: str = ""
    account: str = ""
    can_return: bool = False
    abroad: str = ""


@dataclass(frozen=True, slots=True)
class LoggedOutPage:
    """The session is over, or there was none. `account` is a provider whose session may still be open, or "".

    `abroad` is the country that vouched, whose session is not ours to close. Of the services that were open, those in
    `confirmed` have said that they are closed, those in `pending` not yet, and those in `open` cannot be told.
    """

    service_name: str = ""
    home: str = ""
    account: str = ""
    abroad: str = ""
    confirmed: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
