"""What each page says: one frozen dataclass per page, the typed contract between views and templates.

Values are ready to show: names of parties in the citizen's language, moments as Unix seconds (templates write them in
Paris time), levels as the words `low`, `substantial`, `high` (templates translate them). A view fills a page and calls
`render.render(page)`; the template is chosen by the page's type. Nothing here knows how a page looks.
"""

from broker.web.models.agreeing import AgreementRow, AgreementsPage, DataPart, DataRow
from broker.web.models.choosing import (
    Banner,
    ChoosePage,
    CountriesPage,
    CountryMissing,
    CountryOffer,
    Endonym,
    NotOffered,
    Offer,
    PassagePage,
)
from broker.web.models.confirming import (
    AttributeRow,
    AttributesPage,
    ClaimRow,
    ConfirmPage,
    PostBackPage,
    ReturnPage,
    TrialPage,
)
from broker.web.models.failing import ErrorPage
from broker.web.models.leaving import LoggedOutPage, LogoutPage
from broker.web.models.parts import Conformity, ForeignAsker, Look, StepForm
from broker.web.models.public import (
    AccessibilityPage,
    CheckPage,
    HelpCode,
    HelpPage,
    HomePage,
    LastFetch,
    NodePage,
    NotChecked,
    PrivacyPage,
    ProviderState,
    StatusPage,
)

Page = (
    ChoosePage
    | CountriesPage
    | PassagePage
    | ConfirmPage
    | AttributesPage
    | AgreementsPage
    | ReturnPage
    | PostBackPage
    | TrialPage
    | ErrorPage
    | LogoutPage
    | LoggedOutPage
    | HelpPage
    | StatusPage
    | AccessibilityPage
    | PrivacyPage
    | NodePage
    | CheckPage
    | HomePage
)

__all__ = [
    "AccessibilityPage",
    "AgreementRow",
    "AgreementsPage",
    "AttributeRow",
    "AttributesPage",
    "Banner",
    "CheckPage",
    "ChoosePage",
    "ClaimRow",
    "ConfirmPage",
    "Conformity",
    "CountriesPage",
    "CountryMissing",
    "CountryOffer",
    "DataPart",
    "DataRow",
    "Endonym",
    "ErrorPage",
    "ForeignAsker",
    "HelpCode",
    "HelpPage",
    "HomePage",
    "LastFetch",
    "LoggedOutPage",
    "LogoutPage",
    "Look",
    "NodePage",
    "NotChecked",
    "NotOffered",
    "Offer",
    "Page",
    "PassagePage",
    "PostBackPage",
    "PrivacyPage",
    "ProviderState",
    "ReturnPage",
    "StatusPage",
    "StepForm",
    "TrialPage",
]
