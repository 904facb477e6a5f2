"""One key: what others fetch, and what it signs, against joserfc."""

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import JWKRegistry

from certs.keys import InMemory, Key, PrivateKey, State, Use, generate_private, key_of

SMALL_RSA = rsa.generate_private_key(65537, 2048)


def key(private: PrivateKey) -> Key:
    algorithm: str = "RS256" if isinstance(private, rsa.RSAPrivateKey) else "ES256"
    return key_of(private, Use.OP_SIGNING, algorithm, State.ACTIVE, 1)


def test_the_public_key_is_a_jwk_for_signatures() -> None:
    made = key(generate_private("ES256"))
    jwk = made.public_jwk()
    assert (jwk["kty"], jwk["crv"], jwk["use"], jwk["alg"], jwk["kid"]) == ("EC", "P-256", "sig", "ES256", made.kid)
    assert jwk.keys() == {"kty", "crv", "x", "y", "use", "alg", "kid"}


def test_an_rsa_key_shows_modulus_and_exponent_only() -> None:
    assert key(SMALL_RSA).public_jwk().keys() == {"kty", "n", "e", "use", "alg", "kid"}


def test_the_kid_is_the_thumbprint_of_rfc_7638() -> None:
    for made in (key(generate_private("ES256")), key(SMALL_RSA)):
        assert made.kid == JWKRegistry.import_key(made.public_jwk()).thumbprint()


def test_a_coordinate_with_leading_zeros_keeps_its_32_bytes() -> None:
    """RFC 7518 6.2.1.2. The coordinate x of 379 G begins with a zero byte."""
    x = key(ec.derive_private_key(379, ec.SECP256R1())).public_jwk()["x"]
    assert (x[0], len(x)) == ("A", 43)


def test_es256_signs_r_and_s_with_32_bytes_each() -> None:
    """RFC 7518 3.4. One signature in 128 has a number that is shorter; none of these may be."""
    private = ec.generate_private_key(ec.SECP256R1())
    signatures = [InMemory(private).sign(b"data") for _ in range(600)]
    assert {len(signature) for signature in signatures} == {64}


def test_an_es256_signature_is_good() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    signature = key(private).sign(b"data")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    private.public_key().verify(encode_dss_signature(r, s), b"data", ec.ECDSA(SHA256()))


def test_an_rs256_signature_is_good() -> None:
    SMALL_RSA.public_key().verify(key(SMALL_RSA).sign(b"data"), b"data", padding.PKCS1v15(), SHA256())


def test_a_ps256_signature_is_good_and_salted() -> None:
    """RFC 7518 3.5: the salt is as long as the digest."""
    made = key_of(SMALL_RSA, Use.OP_SIGNING, "PS256", State.ACTIVE, 1)
    SMALL_RSA.public_key().verify(made.sign(b"data"), b"data", padding.PSS(padding.MGF1(SHA256()), 32), SHA256())
    assert made.public_jwk()["alg"] == "PS256"


def test_the_private_part_may_lie_elsewhere() -> None:
    class Token:
        def sign(self, data: bytes) -> bytes:
            return b"signed elsewhere: " + data

    made = key(SMALL_RSA)
    elsewhere = Key(made.kid, made.use, made.algorithm, made.state, made.created, made.public_key, Token())
    assert elsewhere.sign(b"data") == b"signed elsewhere: data"


def test_nothing_of_the_private_part_is_shown() -> None:
    shown = repr(key(SMALL_RSA)) + repr(InMemory(SMALL_RSA))
    assert "private" not in shown.lower()


def test_new_keys_are_p256_or_rsa_with_3072_bits() -> None:
    made, large = generate_private("ES256"), generate_private("RS256")
    assert isinstance(made, ec.EllipticCurvePrivateKey)
    assert isinstance(large, rsa.RSAPrivateKey)
    assert (made.curve.name, large.key_size) == ("secp256r1", 3072)
