"""Where the key for our metadata is: elsewhere, it is known here by a certificate that can be read."""

import pytest

from tests.broker.settings.instance import MAIN_FILE, Folder

OFFLINE = '[eidas]\nmetadata_key = "offline"\n'
NAMED = OFFLINE + 'metadata_certificate = "certs/metadata.pem"\n'
SPOILT = {
    "none is named": (OFFLINE, ""),
    "no file": (NAMED, ""),
    "no certificate": (NAMED, "-----BEGIN PRIVATE KEY-----"),
    "not PEM": (NAMED, "\0"),
    "not a path": (OFFLINE + 'metadata_certificate = "a\\u0000b"\n', ""),
}


def stating(folder: Folder, stated: str) -> Folder:
    """The instance with more in its main file."""
    folder.write(MAIN_FILE, f"{(folder.path / MAIN_FILE).read_text('utf-8')}\n{stated}")
    return folder


@pytest.mark.parametrize("name", SPOILT)
def test_without_a_certificate_nobody_could_say_whose_document_it_is(folder: Folder, name: str):
    stated, file = SPOILT[name]
    if file:
        folder.write("certs/metadata.pem", file)
    assert [found for found in stating(folder, stated).problems() if "E031 eidas.metadata_certificate" in found]


def test_a_key_online_needs_none(folder: Folder):
    assert stating(folder, '[eidas]\nmetadata_certificate = "absent.pem"\n').load().node.offline == b""
