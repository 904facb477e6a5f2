"""What a signature's way to an anchor must be, one rule a function."""

from collections.abc import Collection, Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from eidas.algorithms import DIGESTS, Compatibility, Deviation
from eidas.xml import DS, MD, Element
from metadata.errors import CertificateExpired, CertificateRevoked, MetadataRefused
from metadata.trust.links import Link, Path, Policy

MOST_CERTIFICATES = 8
_ROOTS = (f"{{{MD}}}EntityDescriptor", f"{{{MD}}}EntitiesDescriptor")
_SIGNATURE = f"{{{DS}}}Signature"
_HASHES = frozenset(digest.hash.name for digest in DIGESTS.values() if not digest.deviations)
_PROCESSED = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,  # no policy is asked for, so any will do
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,  # names are for finding the issuer alone
    }
)
_RESTRICTING = frozenset({ExtensionOID.NAME_CONSTRAINTS, ExtensionOID.POLICY_CONSTRAINTS, ExtensionOID.INHIBIT_ANY_POLICY})
_OTHER_PURPOSES = frozenset(
    {
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CODE_SIGNING,
        ExtendedKeyUsageOID.TIME_STAMPING,
        ExtendedKeyUsageOID.OCSP_SIGNING,
    }
)


# -- the document -----------------------------------------------------------------------------------------------------


def check_root(root: Element) -> None:
    """SAML Metadata 2.3: the document is about one entity, or about several."""
    if root.tag not in _ROOTS:
        raise MetadataRefused("the document is neither an EntityDescriptor nor an EntitiesDescriptor")


def check_only_signature(root: Element) -> None:
    """Interoperability Architecture 1.4, 6.3: the document is signed as a whole, and by nobody in part."""
    count = sum(1 for _ in root.iter(_SIGNATURE))
    if count != 1 or root.find(_SIGNATURE) is None:
        raise MetadataRefused(f"the document has {count} signatures; it needs one, the root's")


def check_few_certificates(found: Sequence[Element]) -> None:
    """A chain is short. Who is not known yet shall not make us look at every order of many certificates."""
    if len(found) > MOST_CERTIFICATES:
        raise MetadataRefused(f"the signature names {len(found)} certificates; at most {MOST_CERTIFICATES} are read")


# -- the way to an anchor ---------------------------------------------------------------------------------------------


def check_some_anchor(anchors: Collection[Link], country: str) -> None:
    """Interoperability Architecture 1.4, 6.2: a country's metadata stands on anchors of its own, and on no other's."""
    if not anchors:
        raise MetadataRefused(f"there is no anchor of {country}")


def check_some_path(found: Collection[Path], country: str) -> None:
    """RFC 5280 6.1 (a) to (c): the names lead from the signer's certificate to an anchor of that country."""
    if not found:
        raise MetadataRefused(f"the signer's certificate does not lead to an anchor of {country}")


def check_issued(below: Link, issuer: Link) -> None:
    """RFC 5280 6.1.3 (a) (1): the certificate is signed by the key of its issuer."""
    try:
        below.fields.verify_directly_issued_by(issuer.fields)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        raise MetadataRefused(f"the certificate {below.name} is not signed by its issuer's key") from None


def check_begun(link: Link, now: int) -> None:
    """RFC 5280 6.1.3 (a) (2): a certificate counts from its first day on."""
    if now < link.since:
        raise MetadataRefused(f"the certificate {link.name} does not count yet")


def check_not_over(link: Link, policy: Policy, now: int) -> None:
    """RFC 5280 6.1.3 (a) (2): a certificate counts until its last day, unless this country's entry says otherwise."""
    if link.until < now and policy.expired == "refuse":
        raise CertificateExpired(link.name, link.until)


def check_authority(issuer: Link) -> None:
    """RFC 5280 6.1.4 (k): only an authority issues certificates. A pinned certificate that is none vouches for itself."""
    constraints = issuer.extension(x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        raise MetadataRefused(f"the certificate {issuer.name} is no authority's, and issues another")


def check_path_length(path: Path) -> None:
    """RFC 5280 6.1.4 (l), (m): below an authority stand no more than it allows; self-issued ones do not count."""
    below = 0
    for issuer in path[1:]:
        constraints = issuer.extension(x509.BasicConstraints)
        allowed = constraints.path_length if constraints else None
        if allowed is not None and below > allowed:
            raise MetadataRefused(f"below the certificate {issuer.name} stand more authorities than it allows")
        below += not issuer.self_issued


def check_issuer_usage(issuer: Link) -> None:
    """RFC 5280 6.1.4 (n): an authority's key is for signing certificates, if it says for what it is."""
    usage = issuer.extension(x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        raise MetadataRefused(f"the key of {issuer.name} is not for signing certificates")


def check_signer_usage(signer: Link) -> None:
    """RFC 5280 4.2.1.3: the signer's key is for signing, if it says for what it is."""
    usage = signer.extension(x509.KeyUsage)
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        raise MetadataRefused(f"the key of {signer.name} is not for signing documents")


def check_purpose(path: Path) -> None:
    """RFC 5280 4.2.1.12: what an authority issued for web servers, programs or time stamps alone vouches for no metadata.

    A signer that is the anchor was handed over for this very purpose.
    """
    purposes = path[0].extension(x509.ExtendedKeyUsage)
    if len(path) > 1 and purposes is not None and _OTHER_PURPOSES.issuperset(purposes):
        raise MetadataRefused(f"the certificate {path[0].name} is for another purpose")


def check_extensions(link: Link) -> None:
    """RFC 5280 6.1.4 (o), 6.1.5 (f): no critical extension is overlooked, and no restriction that is not computed here."""
    for extension in link.fields.extensions:
        overlooked = extension.critical and extension.oid not in _PROCESSED
        if overlooked or extension.oid in _RESTRICTING:
            raise MetadataRefused(
                f"the certificate {link.name} has an extension that is not read: {extension.oid.dotted_string}"
            )


# -- how strong it is -------------------------------------------------------------------------------------------------


def check_key_strong(link: Link, compatibility: Compatibility) -> None:
    """Cryptographic Requirements 1.4, table 8: RSA from 3072 bits, or a named curve, in the whole chain."""
    if lacking := compatibility.lacks(link.certificate.deviations):
        raise MetadataRefused(f"the key of {link.name} is weaker than this country is allowed ({lacking})")


def check_hash_known(link: Link) -> None:
    """Cryptographic Requirements 1.4, 3.1.1: SHA-2. No deviation: whoever finds a collision of SHA-1 is an authority."""
    if link.hash not in _HASHES:
        raise MetadataRefused(f"the certificate {link.name} is signed with another hash than SHA-2")


def check_signature_strong(link: Link, compatibility: Compatibility) -> None:
    """Cryptographic Requirements 1.4, table 8: RSASSA-PSS or ECDSA.

    Not of the anchor: it is trusted as it was handed over, whoever signed it.
    """
    if lacking := compatibility.lacks(signature_deviations(link)):
        raise MetadataRefused(f"the certificate {link.name} is signed as this country is not allowed ({lacking})")


def signature_deviations(link: Link) -> frozenset[Deviation]:
    """What must be allowed for the signature of a certificate."""
    return frozenset({Deviation.RSA_PKCS1} if link.pkcs1 else ())


# -- revocation -------------------------------------------------------------------------------------------------------


def check_list_signed(revoked: x509.CertificateRevocationList, issuer: Link) -> None:
    """RFC 5280 6.3.3 (g): a list of revoked certificates is signed by the key that issued them."""
    try:
        right = revoked.is_signature_valid(issuer.certificate.key)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        right = False
    if not right:
        raise MetadataRefused(f"a list of revoked certificates is not signed by {issuer.name}")


def check_list_usage(issuer: Link) -> None:
    """RFC 5280 6.3.3 (f): the key is for signing such lists, if it says for what it is."""
    usage = issuer.extension(x509.KeyUsage)
    if usage is not None and not usage.crl_sign:
        raise MetadataRefused(f"the key of {issuer.name} is not for signing lists of revoked certificates")


def check_list_whole(revoked: x509.CertificateRevocationList) -> None:
    """RFC 5280 5.2: a list with a critical extension is a part of one, or speaks of others: it is not read."""
    if any(extension.critical for extension in revoked.extensions):
        raise MetadataRefused("a list of revoked certificates is not a whole one")


def check_not_revoked(revoked: x509.CertificateRevocationList, link: Link) -> None:
    """RFC 5280 6.3.3 (i): the certificate is not on its issuer's list."""
    if revoked.get_revoked_certificate_by_serial_number(link.fields.serial_number) is not None:
        raise CertificateRevoked(link.name)
