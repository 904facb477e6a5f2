"""What commands write: files whole or not at all, secrets for their owner alone, texts as TOML writes them."""

import json
import os
from collections.abc import Sequence
from pathlib import Path


def quoted(text: str) -> str:
    """A text as TOML writes it. JSON's escapes are TOML's, but for one character that TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def quoted_list(texts: Sequence[str]) -> str:
    """A list of texts as TOML writes it."""
    return f"[{', '.join(quoted(text) for text in texts)}]"


def write_secret(path: Path, content: str) -> None:
    """A file that only its owner can ever read; whoever reads it meanwhile sees the old one or the new one."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content + "\n")
    fresh.replace(path)
