"""How a message is refused. `detail` says why, in English and without a person's data: for logs; and for the Connector that
signed a request that breaks a rule.
"""

from eidas.vocabulary import (
    INVALID_ATTRIBUTE,
    INVALID_NAME_ID_POLICY,
    NO_AUTHN_CONTEXT,
    NO_PASSIVE,
    REQUEST_DENIED,
    REQUEST_UNSUPPORTED,
    REQUESTER,
    UNSUPPORTED_BINDING,
    VERSION_MISMATCH,
)


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


class SchemaRefused(Refused):
    """A message that is not valid by the schemas of SAML and eIDAS."""


class RequestRefused(Refused):
    """An AuthnRequest that breaks a rule of the message format: `code` and `sub` are what its sender is answered with."""

    code = REQUESTER
    sub = REQUEST_DENIED


class VersionRefused(RequestRefused):
    """A version of SAML that is not spoken here."""

    code = VERSION_MISMATCH
    sub = ""


class PassiveRefused(RequestRefused):
    """The citizen would not be asked anything."""

    sub = NO_PASSIVE


class SubjectRefused(RequestRefused):
    """The answer is wanted for somebody who is named in advance."""

    sub = REQUEST_UNSUPPORTED


class BindingRefused(RequestRefused):
    """The answer is wanted by a binding that eIDAS does not have for it."""

    sub = UNSUPPORTED_BINDING


class LevelsRefused(RequestRefused):
    """Levels of assurance that cannot be asked so, or of which this node has none."""

    sub = NO_AUTHN_CONTEXT


class AttributesRefused(RequestRefused):
    """Attributes that cannot be asked so."""

    sub = INVALID_ATTRIBUTE


class UnsupportedAttributes(AttributesRefused):
    """Attributes that were required and that this node does not have: `names` are their URIs."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__("required attributes that are not published: " + ", ".join(n.rpartition("/")[2] for n in names))
        self.names = names


class UnsupportedLevel(LevelsRefused):
    """No level of assurance of this node is one that was asked."""


class NameIdPolicyRefused(RequestRefused):
    """A format of names that eIDAS does not have."""

    sub = INVALID_NAME_ID_POLICY


class ResponseRefused(Refused):
    """A Response that breaks a rule of the message format, or that is not the answer to what we asked."""


class AuthenticationFailed(Refused):
    """The country answered in due form that there is no identification: `code` and `sub` are SAML status URNs.

    `sub` is "" when there is none; `message` is what the country wrote, for the restricted log alone.
    """

    def __init__(self, code: str, sub: str, message: str = "") -> None:
        super().__init__(f"status {code.rpartition(':')[2]} {sub.rpartition(':')[2]}".rstrip())
        self.code = code
        self.sub = sub
        self.message = message


class LevelRefused(ResponseRefused):
    """The level of assurance is not one that was asked: `got` is its URI."""

    def __init__(self, got: str) -> None:
        super().__init__("the level of assurance is not one that was asked")
        self.got = got


class AttributesMissing(ResponseRefused):
    """Attributes that were required are absent or empty: `names` are their URIs."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__("required attributes are missing: " + ", ".join(name.rpartition("/")[2] for name in names))
        self.names = names


class NotAPerson(ResponseRefused):
    """A legal person, or somebody who represents another: people act for themselves here."""
