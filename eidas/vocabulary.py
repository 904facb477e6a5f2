"""The words of SAML and eIDAS that stand in messages: URIs and their meaning, nothing else (Message Format 1.4)."""

# -- levels of assurance (2.4, 3.1) -----------------------------------------------------------------------------------

LOA_PREFIX = "http://eidas.europa.eu/LoA/"
LOA_LOW = f"{LOA_PREFIX}low"
LOA_SUBSTANTIAL = f"{LOA_PREFIX}substantial"
LOA_HIGH = f"{LOA_PREFIX}high"
NOTIFIED_LEVELS = (LOA_LOW, LOA_SUBSTANTIAL, LOA_HIGH)
"""Notified schemes, lowest first."""

NOT_NOTIFIED_LEVELS = tuple(f"http://eidas.europa.eu/NotNotified/LoA/{word}" for word in ("low", "substantial", "high"))
"""Schemes that are not notified, lowest first; countries may agree on other URIs."""

# -- SAML Core 8.1.2, 8.2.2, 8.3: formats ------------------------------------------------------------------------------

ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
NAME_ID_FORMATS = (PERSISTENT, TRANSIENT, UNSPECIFIED)
URI_NAME = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
CONSENT_UNSPECIFIED = "urn:oasis:names:tc:SAML:2.0:consent:unspecified"

# -- SAML Bindings -----------------------------------------------------------------------------------------------------

HTTP_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
HTTP_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"

# -- SAML Core 3.2.2.2: status -----------------------------------------------------------------------------------------

STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
SUCCESS = f"{STATUS}Success"
REQUESTER = f"{STATUS}Requester"
RESPONDER = f"{STATUS}Responder"
VERSION_MISMATCH = f"{STATUS}VersionMismatch"
TOP_STATUS = frozenset({SUCCESS, REQUESTER, RESPONDER, VERSION_MISMATCH})
AUTHN_FAILED = f"{STATUS}AuthnFailed"
INVALID_ATTRIBUTE = f"{STATUS}InvalidAttrNameOrValue"
INVALID_NAME_ID_POLICY = f"{STATUS}InvalidNameIDPolicy"
REQUEST_DENIED = f"{STATUS}RequestDenied"
NO_AUTHN_CONTEXT = f"{STATUS}NoAuthnContext"
REQUEST_UNSUPPORTED = f"{STATUS}RequestUnsupported"
NO_PASSIVE = f"{STATUS}NoPassive"
UNSUPPORTED_BINDING = f"{STATUS}UnsupportedBinding"

# -- metadata (3.3, 3.4, 4) --------------------------------------------------------------------------------------------

PROTOCOL_VERSION = "http://eidas.europa.eu/entity-attributes/protocol-version"
APPLICATION_IDENTIFIER = "http://eidas.europa.eu/entity-attributes/application-identifier"
ASSURANCE_CERTIFICATION = "urn:oasis:names:tc:SAML:attribute:assurance-certification"
ENTITY_CATEGORY = "http://macedir.org/entity-category"
WANTS_REQUESTER_ID = "http://eidas.europa.eu/entity-attributes/termsofaccess/requesterid"
SAML_PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
PROTOCOL_VERSIONS = ("1.4", "1.3", "1.2")
"""The versions of the message format that we speak, as metadata names them."""
