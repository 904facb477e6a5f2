"""How grave a change of metadata is, and why: a table, and the strength of algorithms that it rests on."""

import re
from collections.abc import Mapping
from enum import IntEnum, StrEnum

from eidas.algorithms import (
    AES128_GCM,
    AES256_GCM,
    CONCAT_KDF,
    DIGESTS,
    ECDH_ES,
    KEY_WRAPS,
    MASKS,
    RSA_OAEP,
    RSA_OAEP_MGF1P,
    SIGNATURE_METHODS,
    Deviation,
)


class Grade(IntEnum):
    """What a change means to the one who must decide, the least first."""

    BETTER = 0
    NEUTRAL = 1
    ATTENTION = 2
    DANGEROUS = 3


_B, _N, _A, _D = Grade.BETTER, Grade.NEUTRAL, Grade.ATTENTION, Grade.DANGEROUS


class Why(StrEnum):
    """The reason of a grade, by a name that programs can keep to."""

    KEY_FIRST = "key-first"
    KEY_BESIDE = "key-beside"
    KEY_REPLACED_OVERLAP = "key-replaced-overlap"
    KEY_REPLACED = "key-replaced"
    KEY_GONE_OVERLAP = "key-gone-overlap"
    KEY_GONE = "key-gone"
    KEY_CERTIFICATE = "key-certificate"
    KEYS_STRONGER = "keys-stronger"
    KEYS_WEAKER = "keys-weaker"
    HOST_CHANGED = "host-changed"
    HOST_NEW = "host-new"
    NOT_HTTPS = "not-https"
    NOW_HTTPS = "now-https"
    ADDRESS_CHANGED = "address-changed"
    ADDRESS_NEW = "address-new"
    ADDRESS_GONE = "address-gone"
    DEFAULT_CHANGED = "default-changed"
    LEVEL_RAISED = "level-raised"
    LEVEL_NEW = "level-new"
    LEVEL_GONE = "level-gone"
    ATTRIBUTE_NEW = "attribute-new"
    ATTRIBUTE_GONE = "attribute-gone"
    ATTRIBUTE_ASKED = "attribute-asked"
    ATTRIBUTE_NOT_ASKED = "attribute-not-asked"
    ALGORITHM_WEAKER = "algorithm-weaker"
    ALGORITHM_WEAK = "algorithm-weak"
    ALGORITHM_STRONGER = "algorithm-stronger"
    ALGORITHM_WEAK_GONE = "algorithm-weak-gone"
    ALGORITHM_STRONG_GONE = "algorithm-strong-gone"
    ALGORITHM_NEW = "algorithm-new"
    ALGORITHM_GONE = "algorithm-gone"
    ALGORITHM_OTHER = "algorithm-other"
    ALGORITHM_UNKNOWN = "algorithm-unknown"
    ALGORITHM_UNSAID = "algorithm-unsaid"
    SIZE_LOWER = "size-lower"
    SIZE_HIGHER = "size-higher"
    SIZE_OTHER = "size-other"
    SIGNING_DROPPED = "signing-dropped"
    SIGNING_PROMISED = "signing-promised"
    CONTACT_LOST = "contact-lost"
    CONTACT_DOMAIN = "contact-domain"
    CONTACT_OTHER = "contact-other"
    ORGANISATION_NAME = "organisation-name"
    ORGANISATION_SITE = "organisation-site"
    ORGANISATION_OTHER = "organisation-other"
    UNTIL_LATER = "until-later"
    UNTIL_FAR = "until-far"
    UNTIL_EARLIER = "until-earlier"
    UNTIL_STATED = "until-stated"
    UNTIL_DROPPED = "until-dropped"
    UNTIL_UNREADABLE = "until-unreadable"
    LENGTH_MUCH_LONGER = "length-much-longer"
    LENGTH_OTHER = "length-other"
    CACHE = "cache"
    ENTITY_CHANGED = "entity-changed"
    ENTITY_NEW = "entity-new"
    ENTITY_GONE = "entity-gone"
    ROLE_NEW = "role-new"
    ROLE_GONE = "role-gone"
    PROTOCOL = "protocol"
    COUNTRY_STATED = "country-stated"
    COUNTRY_CHANGED = "country-changed"
    SP_TYPE = "sp-type"
    VERSION_NEW = "version-new"
    VERSION_GONE = "version-gone"
    APPLICATION = "application"
    CATEGORY_NEW = "category-new"
    CATEGORY_GONE = "category-gone"
    FORMAT_NEW = "format-new"
    FORMAT_GONE = "format-gone"
    STATEMENT = "statement"
    SIGNER_CHANGED = "signer-changed"
    SIGNATURE_LOST = "signature-lost"
    SIGNATURE_UNPROVEN = "signature-unproven"
    SIGNATURE_NEW = "signature-new"
    UNREAD = "unread"


GRADES: Mapping[Why, tuple[Grade, str]] = {
    Why.KEY_FIRST: (_A, "a new key, and none that was known beside it"),
    Why.KEY_BESIDE: (_A, "a new key beside one that was known (overlap)"),
    Why.KEY_REPLACED_OVERLAP: (_A, "a new key for an old one; another that was known stays (overlap)"),
    Why.KEY_REPLACED: (_D, "a new key for an old one, without overlap: no key that was known is left"),
    Why.KEY_GONE_OVERLAP: (_N, "another key that was known stays (overlap)"),
    Why.KEY_GONE: (_D, "without overlap: no key that was known is left"),
    Why.KEY_CERTIFICATE: (_N, "the same key in another certificate"),
    Why.KEYS_STRONGER: (_B, "the weakest key is stronger"),
    Why.KEYS_WEAKER: (_D, "the weakest key is weaker"),
    Why.HOST_CHANGED: (_D, "messages about people go to another host"),
    Why.HOST_NEW: (_D, "messages about people may go to a host that was not there"),
    Why.NOT_HTTPS: (_D, "the address is not https"),
    Why.NOW_HTTPS: (_B, "the address is https now"),
    Why.ADDRESS_CHANGED: (_A, "another address on the same host"),
    Why.ADDRESS_NEW: (_A, "one more address on a known host"),
    Why.ADDRESS_GONE: (_A, "messages sent there will be lost"),
    Why.DEFAULT_CHANGED: (_A, "answers go to another address"),
    Why.LEVEL_RAISED: (_D, "it vouches for more than before: is the scheme notified at this level?"),
    Why.LEVEL_NEW: (_A, "one more level, not above those before"),
    Why.LEVEL_GONE: (_A, "services that need this level lose its citizens"),
    Why.ATTRIBUTE_NEW: (_N, "one more attribute can be had"),
    Why.ATTRIBUTE_GONE: (_A, "services that need this attribute go without"),
    Why.ATTRIBUTE_ASKED: (_A, "its services ask more about people"),
    Why.ATTRIBUTE_NOT_ASKED: (_B, "its services ask less about people"),
    Why.ALGORITHM_WEAKER: (_D, "a weaker algorithm is allowed than any before"),
    Why.ALGORITHM_WEAK: (_A, "one more weak algorithm is allowed"),
    Why.ALGORITHM_STRONGER: (_B, "a stronger algorithm for a weaker one"),
    Why.ALGORITHM_WEAK_GONE: (_B, "a weak algorithm is no longer allowed"),
    Why.ALGORITHM_STRONG_GONE: (_D, "only weak algorithms are left"),
    Why.ALGORITHM_NEW: (_N, "one more strong algorithm"),
    Why.ALGORITHM_GONE: (_A, "messages made with it may be refused"),
    Why.ALGORITHM_OTHER: (_N, "another algorithm, as strong"),
    Why.ALGORITHM_UNKNOWN: (_A, "an algorithm that is not known here"),
    Why.ALGORITHM_UNSAID: (_A, "it no longer says which algorithms it takes"),
    Why.SIZE_LOWER: (_D, "shorter keys are allowed"),
    Why.SIZE_HIGHER: (_B, "short keys are no longer allowed"),
    Why.SIZE_OTHER: (_N, "other long keys are allowed"),
    Why.SIGNING_DROPPED: (_D, "messages may go unsigned"),
    Why.SIGNING_PROMISED: (_B, "messages must be signed"),
    Why.CONTACT_LOST: (_A, "no contact of this kind is left"),
    Why.CONTACT_DOMAIN: (_A, "mail to a domain that was not there: ask the contact that you knew"),
    Why.CONTACT_OTHER: (_N, "people and numbers change"),
    Why.ORGANISATION_NAME: (_A, "another body answers for the node"),
    Why.ORGANISATION_SITE: (_A, "the body's site is on another host"),
    Why.ORGANISATION_OTHER: (_N, "how the body is shown"),
    Why.UNTIL_LATER: (_N, "renewed, as metadata is"),
    Why.UNTIL_FAR: (_A, "counts more than 31 days longer than the version before"),
    Why.UNTIL_EARLIER: (_A, "ends before the version before does: is this one the newer?"),
    Why.UNTIL_STATED: (_B, "it now says until when it counts"),
    Why.UNTIL_DROPPED: (_A, "much longer than before: it counts for ever"),
    Why.UNTIL_UNREADABLE: (_A, "not a moment that can be read"),
    Why.LENGTH_MUCH_LONGER: (_A, "counts at least twice as long as before, or had ended when it was fetched"),
    Why.LENGTH_OTHER: (_N, "not much longer than before"),
    Why.CACHE: (_N, "how often it wants to be fetched"),
    Why.ENTITY_CHANGED: (_D, "another entity: what was agreed was agreed with the one before"),
    Why.ENTITY_NEW: (_A, "an entity that was not in the list"),
    Why.ENTITY_GONE: (_D, "an entity is no longer in the list"),
    Why.ROLE_NEW: (_A, "the entity has one more role"),
    Why.ROLE_GONE: (_A, "logins through this role end"),
    Why.PROTOCOL: (_A, "what the role speaks"),
    Why.COUNTRY_STATED: (_A, "it now says of which country it is"),
    Why.COUNTRY_CHANGED: (_D, "it is no longer of the country that was agreed"),
    Why.SP_TYPE: (_A, "whether services are public decides what they get"),
    Why.VERSION_NEW: (_N, "one more version of the message format"),
    Why.VERSION_GONE: (_A, "messages of this version may be refused"),
    Why.APPLICATION: (_N, "another software, or version of it"),
    Why.CATEGORY_NEW: (_A, "the node has one more demand or promise"),
    Why.CATEGORY_GONE: (_D, "a demand or promise of the node is withdrawn"),
    Why.FORMAT_NEW: (_N, "one more form of names"),
    Why.FORMAT_GONE: (_A, "requests for this form of names may be refused"),
    Why.STATEMENT: (_A, "an entity attribute whose meaning is not known here"),
    Why.SIGNER_CHANGED: (_D, "signed by another key"),
    Why.SIGNATURE_LOST: (_D, "no longer signed"),
    Why.SIGNATURE_UNPROVEN: (_D, "the signature is not right by a key that it names"),
    Why.SIGNATURE_NEW: (_A, "right by a key that nobody has compared yet"),
    Why.UNREAD: (_A, "something whose meaning is not known here"),
}


# -- how strong an algorithm is ---------------------------------------------------------------------------------------

BROKEN, TOLERATED, STRONG = 0, 1, 2
"""SHA-1 and older; what was allowed once; what version 1.4 of the Cryptographic Requirements allows."""

_XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_XMLENC = "http://www.w3.org/2001/04/xmlenc#"
_MGF1_SHA1 = "http://www.w3.org/2009/xmlenc11#mgf1sha1"
_AES192_GCM = "http://www.w3.org/2009/xmlenc11#aes192-gcm"


def _rank(deviations: frozenset[Deviation]) -> int:
    if Deviation.SHA1 in deviations:
        return BROKEN
    return TOLERATED if deviations else STRONG


_RANKS: Mapping[str, int] = {
    **{uri: _rank(method.deviations) for uri, method in SIGNATURE_METHODS.items()},
    **{uri: _rank(digest.deviations) for uri, digest in DIGESTS.items()},
    **dict.fromkeys((AES128_GCM, _AES192_GCM, AES256_GCM, *KEY_WRAPS, RSA_OAEP, *MASKS, ECDH_ES, CONCAT_KDF), STRONG),
    **dict.fromkeys((f"{_XMLENC}aes{bits}-cbc" for bits in (128, 192, 256)), TOLERATED),
    **dict.fromkeys((RSA_OAEP_MGF1P, _MGF1_SHA1, f"{_MORE}ecdsa-sha224", f"{_MORE}sha224"), TOLERATED),
    **dict.fromkeys((f"{_XMLENC}rsa-1_5", f"{_XMLENC}tripledes-cbc", f"{_XMLENC}kw-tripledes"), BROKEN),
    **dict.fromkeys((f"{_MORE}ecdsa-sha1", f"{_XMLDSIG}dsa-sha1", f"{_MORE}md5", f"{_MORE}rsa-md5"), BROKEN),
}
_PARAMETER = re.compile(r"\w+=")
_WORDS = {uri.rpartition("#")[2]: rank for uri, rank in _RANKS.items()}


def short(uri: str) -> str:
    """The last word of an algorithm that is known here; any other stays whole, so that it cannot pass for a known one."""
    return uri.rpartition("#")[2] if uri in _RANKS else f"({'-'.join(uri.split())})"


def strength(written: str) -> int | None:
    """The rank of an algorithm as `short` words: that of the weakest, None when one is not known.

    A parameter, `name=value`, does not count.
    """
    ranks = [_WORDS.get(word) for word in written.split() if not _PARAMETER.match(word)]
    known = [rank for rank in ranks if rank is not None]
    return min(known) if ranks and len(known) == len(ranks) else None


_RSA_BITS = ((15360, 256), (7680, 192), (3072, 128), (2048, 112), (1024, 80))


def rsa_strength(size: int) -> int:
    """NIST SP 800-57 part 1, table 2: the security of an RSA or DSA key of this size, in bits."""
    return next((bits for least, bits in _RSA_BITS if size >= least), 40)
