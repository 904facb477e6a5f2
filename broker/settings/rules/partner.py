"""A partner's file, as the rules see it."""

from dataclasses import dataclass

from broker.settings.reader import Accepted, Document


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner's file: the document, and what is in order of its one table."""

    document: Document
    table: Accepted

    @property
    def kind(self) -> str:
        """The name of its table: fs, fi, fd or country."""
        return next(iter(self.document.values))

    @property
    def id(self) -> str:
        """What it is called in commands. Raises Refused when that is wrong."""
        name: str = self.table["code" if "code" in self.table else "id"]
        return name
