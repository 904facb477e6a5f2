"""How a message is refused. `detail` says why, in English: for logs, not for the sender, and without a person's data."""


class Refused(Exception):
    """Something that others sent and that must not be used."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class XmlRefused(Refused):
    """Octets that are not the plain, small XML that we read."""


class CertificateRefused(Refused):
    """A certificate whose key cannot be read, or is of no use here."""


class SignatureRefused(Refused):
    """A signature that is absent, malformed, too weak or wrong."""


class EncryptionRefused(Refused):
    """An encrypted element that is malformed or too weak, or a key that nothing may be encrypted for."""


class DecryptionFailed(EncryptionRefused):
    """None of our keys opens it, or it was changed on its way: which of the two is not said."""

    def __init__(self) -> None:
        super().__init__("the message cannot be decrypted")
