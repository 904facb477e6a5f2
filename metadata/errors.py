"""How metadata is refused: as messages are, with a `detail` for whoever operates a node."""

from eidas.errors import Refused


class MetadataRefused(Refused):
    """Metadata that breaks a rule of the profile, or that is not of the role that was looked for."""


class MetadataExpired(MetadataRefused):
    """Metadata that counted until `until` (Unix seconds)."""

    def __init__(self, until: int) -> None:
        super().__init__("the metadata has expired")
        self.until = until


class CertificateExpired(MetadataRefused):
    """A certificate between a signature and its anchor counted until `until` (Unix seconds)."""

    def __init__(self, name: str, until: int) -> None:
        super().__init__(f"the certificate {name} has expired")
        self.until = until


class CertificateRevoked(MetadataRefused):
    """A certificate between a signature and its anchor that its issuer has revoked."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the certificate {name} is revoked")


class LedgerRefused(Refused):
    """A ledger, a checkpoint or a proof that does not hold together."""


class ReportRefused(Refused):
    """A report that does not hold, or that cannot be made."""
