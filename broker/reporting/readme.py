"""README.txt of a report: what it is, and how somebody verifies it who does not trust us."""

from string import Template
from typing import Any

_TEXT = Template("""\
REPORT OF THE LEDGER $origin
$since to $until

$signed

Nothing in it is about a citizen: it tells which nodes of other countries were trusted, by whose decision, with which keys,
and what changed. All moments are in UTC.

  report.html             for people; "print to PDF" in any browser
  report.json             the same as data, $schema
  trust.csv events.csv    for spreadsheets; an apostrophe stands before a cell that could be taken for a formula
  snapshots/SHA256.xml    the metadata that was in force, and ours that was published, octet by octet
  keys/SHA256.der         our public keys (SubjectPublicKeyInfo) and certificates of that time
  ledger/events.jsonl     every entry of the ledger up to the end of the span, with the root of the tree (RFC 9162)
  ledger/checkpoint.txt   the newest signed checkpoint over them (C2SP tlog-checkpoint), if there was one
  MANIFEST.json           SHA-256 and size of each file
  MANIFEST.jws            the signature over MANIFEST.json (RFC 7515 appendix F, RFC 7797 with b64=false, ES256)


HOW TO VERIFY IT

You need the public key of the ledger in PEM, here ledger.pem, that you got from the operator on another way than this
report: `passerelle audit key` prints it, with a digest to compare over the phone. A key that came with the report proves
nothing.


With Passerelle: everything, and the pages are made again from the ledger's lines and compared

    passerelle audit verify-report REPORT.zip --key ledger.pem

A checkpoint that you kept at home shows that nothing before it was changed since: add --head kept.txt


With openssl and a shell alone, in the folder of the unpacked files, and ledger.pem outside it

Is every file the one that the manifest lists?

    sed -n 's/^{"name":"\\(.*\\)","sha256":"\\(.*\\)","size":.*/\\2  \\1/p' MANIFEST.json | sha256sum -c --quiet

Is there none that it does not list? Both commands must print the same number.

    grep -c '^{"name":' MANIFEST.json
    find . -type f ! -name 'MANIFEST.j*' | wc -l

Did the key sign the manifest? ES256 writes r and s one behind the other, openssl wants them in DER:

    D=$$(mktemp -d)
    printf '%s.' "$$(cut -d. -f1 MANIFEST.jws)" | cat - MANIFEST.json > "$$D/signed"
    cut -d. -f3 MANIFEST.jws | tr '_-' '/+' | sed 's/$$/==/' \\
      | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n' > "$$D/rs"
    printf 'asn1=SEQUENCE:s\\n[s]\\nr=INTEGER:0x%s\\ns=INTEGER:0x%s\\n' \\
      "$$(cut -c1-64 "$$D/rs")" "$$(cut -c65-128 "$$D/rs")" > "$$D/rs.cnf"
    openssl asn1parse -genconf "$$D/rs.cnf" -noout -out "$$D/rs.der"
    openssl dgst -sha256 -verify ../ledger.pem -signature "$$D/rs.der" "$$D/signed"

It prints "Verified OK". The name of each snapshot is its SHA-256, and the fact `document` of entries of the ledger.
""")
_SIGNED = "It is signed: MANIFEST.jws, by the key of the ledger."
_UNSIGNED = "IT IS NOT SIGNED: nobody vouches for it. passerelle audit report --sign makes one that is."


def readme(facts: dict[str, Any]) -> bytes:
    """The text, in UTF-8."""
    names = ("origin", "since", "until", "schema")
    return _TEXT.substitute(
        {name: facts[name] for name in names}, signed=_SIGNED if facts["signed"] else _UNSIGNED
    ).encode()
