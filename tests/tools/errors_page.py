"""docs/errors.md, made from the catalogue: `python -m tests.tools.errors_page > docs/errors.md`."""

from collections.abc import Iterable

from broker.errors import Entry, catalogue

_FAMILIES = {
    "USR": "the citizen's own choice, or his browser",
    "FI": "the account (identity provider) that he chose",
    "EID": "the country that he chose",
    "SRV": "the service that sent him",
    "TOK": "the service's own calls: token and userinfo",
    "SYS": "ourselves",
    "HTTP": "addresses and requests",
}
_HEAD = """# Error codes

Made from `broker/errors.toml` by `python -m tests.tools.errors_page`: change that file, not this one.

A reference such as `FI-202 · 7KQF-M3ZD` has two parts: the code says what happened and whose side failed, the eight
characters find this one event in the log and in the journal. Whoever reports a problem needs to give nothing else:
`passerelle explain 7KQF-M3ZD` tells what happened at that login, `passerelle explain FI-202` (`--lang fr`) what the code
means.
A code keeps its meaning for ever. Words in braces are filled in when the page is shown.
"""


def markdown() -> str:
    """The whole page."""
    return "\n".join((_HEAD, _contents(), *_chapters()))


def _contents() -> str:
    lines = ("| Code | What happened | HTTP | OAuth error | SAML status |", "|---|---|---|---|---|")
    rows = (
        f"| [{entry.code}](#{entry.code}) | {entry.title['en']} | {entry.status} | "
        f"{_code(entry.oidc)} | {_code(_saml(entry))} |"
        for entry in catalogue().values()
    )
    return "\n".join((*lines, *rows, ""))


def _chapters() -> Iterable[str]:
    for family, words in _FAMILIES.items():
        yield f"## {family}: {words}\n"
        yield from (_section(entry) for entry in catalogue().values() if entry.code.startswith(f"{family}-"))


def _section(entry: Entry) -> str:
    return f"""<a id="{entry.code}"></a>
### {entry.code}: {entry.title["en"]}

**Why.** {entry.developer}

**What the citizen reads.** *{entry.title["en"]}.* {entry.message["en"]}
In French: *{entry.title["fr"]}.* {entry.message["fr"]}

**What to do.**

{_list(entry.todo["en"])}
"""


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _saml(entry: Entry) -> str | None:
    """What a Connector gets; the service's own calls are not made by one."""
    return None if entry.code.startswith(("TOK", "HTTP")) else entry.saml.replace(" ", "/")


def _code(error: str | None) -> str:
    return f"`{error}`" if error else "–"


if __name__ == "__main__":
    print(markdown(), end="")
