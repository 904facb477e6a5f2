"""RSA-OAEP: every pair of hashes, with and without a label."""

import pytest

from eidas.errors import DecryptionFailed
from tests.eidas.foreign import DIGESTS, encrypted
from tests.eidas.parts import NS, find
from tests.eidas.test_encryption import decrypter, opened, public

SHA2 = ["sha256", "sha384", "sha512"]


@pytest.mark.parametrize("label", [b"", b"label"])
@pytest.mark.parametrize("mask", SHA2)
@pytest.mark.parametrize("digest", SHA2)
def test_the_hashes_of_label_and_mask_may_differ(digest, mask, label):
    container = encrypted(public("rsa"), digest=digest, mask=mask, label=label)
    assert opened(container, decrypter("rsa")).element.get("ID") == "_a"


@pytest.mark.parametrize(
    ("path", "uri"), [("ds:DigestMethod", DIGESTS["sha512"]), ("xenc11:MGF", NS["xenc11"] + "mgf1sha512")]
)
def test_another_hash_than_the_senders_is_refused(path, uri):
    container = encrypted(public("rsa"))
    find(container, f".//xenc:EncryptedKey/xenc:EncryptionMethod/{path}").set("Algorithm", uri)
    with pytest.raises(DecryptionFailed):
        opened(container, decrypter("rsa"))


def test_another_label_than_the_senders_is_refused():
    container = encrypted(public("rsa"), label=b"label")
    find(container, ".//xenc:OAEPparams").text = "AAEC"
    with pytest.raises(DecryptionFailed):
        opened(container, decrypter("rsa"))
