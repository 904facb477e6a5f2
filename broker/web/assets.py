"""The stylesheet and the images of the pages, and what an operator's theme puts over them.

A file of the theme folder replaces ours of the same name (`logo.svg`, `icon.svg`) or stands beside them (fonts, images);
its `passerelle.css` is added after ours, so a theme need say only what differs. Everything is read once, at start.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

_OURS = Path(__file__).parent / "static"
_STYLE = "passerelle.css"
_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2"}


@dataclass(frozen=True, slots=True)
class Assets:
    """The files by name; `version` changes whenever one of them does, so browsers may keep them for ever."""

    files: Mapping[str, bytes]
    version: str

    def address(self, name: str) -> str:
        """Where a page finds this file."""
        return f"/static/{name}?v={self.version}"


def load_assets(theme: Path | None) -> Assets:
    """Our files with the theme's over them; files of other types than css, svg, png and woff2 are left aside."""
    files = _read(_OURS)
    if theme is not None:
        own = _read(theme)
        own[_STYLE] = files[_STYLE] + own.get(_STYLE, b"")
        files |= own
    digest = hashlib.sha256(b"".join(name.encode() + content for name, content in sorted(files.items())))
    return Assets(files, digest.hexdigest()[:12])


def blueprint(assets: Assets) -> Blueprint:
    """The address of these files: /static/<name>, also for those in folders."""
    static = Blueprint("assets", __name__)

    @static.get("/static/<path:name>")
    def file(name: str) -> Response:
        content = assets.files.get(name)
        if content is None:
            abort(404)
        response = Response(content, mimetype=_TYPES[Path(name).suffix])
        lasting = request.args.get("v") == assets.version
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "public, max-age=600"
        return response

    return static


def _read(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.suffix in _TYPES and path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
