"""Where the keys of a service are, as its file says it: each mistake is named, in an instance that is valid otherwise."""

import json

import pytest
from joserfc.jwk import ECKey

from tests.broker.settings.instance import MAIRIE, Folder
from tests.broker.signing import KEY, NEXT, jwks
from tests.oidc.cases import rsa_key

FILE = "certs/mairie.jwks"
URI = 'jwks_uri = "https://mairie.example/jwks.json"'


def keyed(folder: Folder, *lines: str, document: bytes = b"") -> list[str]:
    folder.change(MAIRIE, "[fs]", "\n".join(("[fs]", *lines)))
    if document:
        (folder.path / "certs").mkdir()
        (folder.path / FILE).write_bytes(document)
    return folder.problems()


BY_KEY, IN_FILE = 'auth = "private_key_jwt"', f'jwks_file = "{FILE}"'


def test_a_service_whose_keys_are_published_needs_no_secret(folder: Folder):
    (folder.path / "secrets/fs-mairie").unlink()
    assert keyed(folder, BY_KEY, URI) == []
    service = folder.load().parties.services["mairie"]
    assert (service.authentication, service.secrets) == ({"private_key_jwt"}, ())
    assert service.keys is not None
    assert (service.keys.address, service.keys.algorithms) == (
        "https://mairie.example/jwks.json",
        {"ES256", "PS256", "RS256"},
    )


def test_a_service_may_have_handed_its_keys_over(folder: Folder):
    document = jwks(KEY, NEXT)
    assert keyed(folder, BY_KEY, IN_FILE, 'algorithms = ["ES256"]', document=document) == []
    keys = folder.load().parties.services["mairie"].keys
    assert keys is not None
    assert (keys.address, keys.document, keys.algorithms) == ("", document, {"ES256"})


def test_a_service_with_a_secret_may_have_keys_to_sign_its_requests(folder: Folder):
    lines = (URI, "require_signed_request_object = true", "require_pushed_authorization_requests = true")
    assert keyed(folder, *lines, "private_addresses = true") == []
    service = folder.load().parties.services["mairie"]
    assert (service.only_signed, service.only_pushed, len(service.secrets)) == (True, True, 1)
    assert service.keys is not None
    assert service.keys.private_addresses


ENC = ECKey.generate_key("P-256", {"kid": "enc-1", "use": "enc"})
ENCRYPT = 'encrypt = "ECDH-ES"'


@pytest.mark.parametrize(
    ("lines", "document"),
    [((URI, ENCRYPT), b""), ((IN_FILE, ENCRYPT), jwks(ENC)), ((IN_FILE, ENCRYPT, BY_KEY), jwks(KEY, ENC))],
    ids=["published", "handed over", "beside a key that signs"],
)
def test_a_service_may_have_its_tokens_encrypted(folder: Folder, lines: tuple[str, ...], document: bytes):
    assert keyed(folder, *lines, document=document) == []
    assert folder.load().parties.services["mairie"].encrypt == "ECDH-ES"


@pytest.mark.parametrize(
    ("lines", "document", "problem"),
    [
        ((ENCRYPT,), b"", "encrypted for a key that nobody knows"),
        (('encrypt = "RSA1_5"', URI), b"", "RSA1_5"),
        ((IN_FILE, ENCRYPT), jwks(ECKey.generate_key("P-256", {"use": "sig"})), "no key for ECDH-ES"),
        ((IN_FILE, 'encrypt = "RSA-OAEP-256"'), jwks(ENC), "no key for RSA-OAEP-256"),
        ((IN_FILE, ENCRYPT, BY_KEY), jwks(ENC), "no key for ES256"),
    ],
    ids=["no key", "an algorithm that is not ours", "a key for signatures", "a key of the other kind", "no key that signs"],
)
def test_each_mistake_about_encryption_is_named(folder: Folder, lines: tuple[str, ...], document: bytes, problem: str):
    (only,) = keyed(folder, *lines, document=document)
    assert problem in only


def test_without_keys_everything_is_as_before(folder: Folder):
    service = folder.load().parties.services["mairie"]
    assert (service.keys, service.only_signed, service.only_pushed) == (None, False, False)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ((BY_KEY,), "E013 fs.auth: it signs with keys that nobody knows"),
        (("require_signed_request_object = true",), "E013 fs.require_signed_request_object: it signs with keys"),
        ((BY_KEY, URI, IN_FILE), "E030 fs.jwks_file: the keys are in one place"),
        ((BY_KEY, 'jwks_uri = "http://mairie.example/j"'), "E030 fs.jwks_uri: http://mairie.example/j is not https"),
        ((BY_KEY, 'jwks_uri = "https://u@mairie.example/j"'), "E030 fs.jwks_uri: https://u@mairie.example/j names a user"),
        ((BY_KEY, URI, 'algorithms = ["HS256"]'), "E011 fs.algorithms"),
        ((BY_KEY, URI, 'algorithms = ["none"]'), "E011 fs.algorithms"),
        ((BY_KEY, URI, "algorithms = []"), "E01"),
    ],
)
def test_what_does_not_fit_together_is_named(folder: Folder, lines: tuple[str, ...], problem: str):
    found = keyed(folder, *lines, document=jwks(KEY))
    assert [line for line in found if line.startswith(f"{MAIRIE}: {problem}")], found


def private(key) -> bytes:
    return json.dumps({"keys": [key.as_dict(private=True)]}).encode()


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (b"", "the file cannot be read: No such file or directory"),
        (b"-----BEGIN PUBLIC KEY-----", "the key set is not JSON"),
        (b"[]", "the key set is not a JSON object"),
        (b"{}", "the key set has no list of keys"),
        (b'{"keys": []}', "the file has no key for ES256"),
        (json.dumps({"keys": [rsa_key().public_jwk()]}).encode(), "the file has no key for ES256"),
        (json.dumps({"keys": [{**KEY.as_dict(private=False), "use": "enc"}]}).encode(), "the file has no key for ES256"),
        (private(KEY), "the file holds a private key"),
        (jwks(NEXT)[:-2] + b"," + private(KEY)[10:], "the file holds a private key"),
        (b'{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}', "the file holds a private key"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(folder: Folder, document: bytes, sentence: str):
    found = keyed(folder, BY_KEY, IN_FILE, 'algorithms = ["ES256"]', document=document)
    assert [line for line in found if line.startswith(f"{MAIRIE}: E032 fs.jwks_file: {sentence}")], found


def test_a_path_that_is_none_is_named(folder: Folder):
    found = keyed(folder, BY_KEY, r'jwks_file = "certs/\u0000"')
    assert [line for line in found if "E032 fs.jwks_file: the file cannot be read: not a path" in line], found
