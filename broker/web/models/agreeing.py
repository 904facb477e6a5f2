"""What services may ask of other administrations: before the citizen agrees, and while it can be withdrawn."""

from dataclasses import dataclass

# -- on /confirmer ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DataRow:
    """One kind of data, by its scope. `needed`: the service cannot do without; `missing`: the citizen left it out although.

    `legal_basis` is the law by which the data provider delivers, and that by which the service asks. `available` is False
    when it cannot be had any more.
    """

    scope: str
    label: str
    needed: bool
    legal_basis: tuple[str, str]
    ticked: bool = False
    missing: bool = False
    available: bool = True


@dataclass(frozen=True, slots=True)
class DataPart:
    """A data provider that may be asked, for at most `seconds`. `told` are the labels of what it learns of the person.

    `last` is when the service asked it last by an earlier login of this session (Unix seconds, None for never).
    """

    id: str
    name: str
    seconds: int
    told: tuple[str, ...]
    rows: tuple[DataRow, ...]
    last: int | None = None


# -- /mes-autorisations -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """What a service may ask of a data provider: `labels`, `until` when, and when it did `last` (Unix seconds, None for not
    yet). `value` is what a withdrawal posts. A `withdrawn` one is shown until its time would have been over.
    """

    service_name: str
    data_provider: str
    data_provider_name: str
    value: str
    labels: tuple[str, ...]
    until: int
    last: int | None = None
    withdrawn: bool = False

    @property
    def anchor(self) -> str:
        """Where the page is after a withdrawal."""
        return self.value.replace(" ", "--")


@dataclass(frozen=True, slots=True)
class AgreementsPage:
    """What stands. The form posts `withdraw=<value of a row>`, and `step`, its token.

    `rows` is None when nobody is signed in here.
    """

    rows: tuple[AgreementRow, ...] | None
    action: str = ""
    token: str = ""
