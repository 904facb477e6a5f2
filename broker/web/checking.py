""" "Check your metadata": whoever runs a node abroad hands us a document, and reads what is wrong with it. Nothing is kept.

Anyone may come, without a login or a cookie, so this must not cost others anything: a worker looks at two documents at a
time, from the first octet of an upload on, so that slow ones keep each other waiting and not the logins. The document
stays in memory, its file's name is not read, and neither is logged. A form on another site may not post here: nothing
would change for anybody, but its visitors' browsers would do its uploading, and its words would stand on our page.
"""

import threading
from io import BytesIO
from typing import IO

from flask import Blueprint, Response, abort, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.wrappers import Response as AnyResponse

from broker.judged import judge
from broker.web.headers import check_same_site
from broker.web.models import CheckPage, NotChecked
from broker.web.render import render
from broker.web.rooms import Current, Rooms
from metadata.errors import MetadataRefused
from metadata.read import LIMITS

AT_ONCE = 2
_LARGEST_FORM = LIMITS.size + 16_384  # the document, and the form around it
_STATUS = {NotChecked.NOTHING: 400, NotChecked.TOO_LARGE: 413, NotChecked.TOO_MUCH: 400, NotChecked.BUSY: 503}
_AGAIN_AFTER = "10"  # seconds


def blueprint(current: Current) -> Blueprint:
    """The addresses, on the configuration in force."""
    pages = Blueprint("checking", __name__)
    slots = threading.BoundedSemaphore(AT_ONCE)

    @pages.get("/eidas/verifier")
    def form() -> str:
        _of_a_node(current())
        return render(CheckPage())

    @pages.post("/eidas/verifier")
    def check() -> AnyResponse:
        request.form = ImmutableMultiDict()  # the body is read below or not at all, whoever else asks for a field
        check_same_site()
        rooms = _of_a_node(current())
        if not slots.acquire(blocking=False):
            return _answer(CheckPage(problem=NotChecked.BUSY))
        try:
            return _answer(_checked(rooms))
        finally:
            slots.release()

    return pages


def _of_a_node(rooms: Rooms) -> Rooms:
    if rooms.described is None:
        abort(404)
    return rooms


def _answer(page: CheckPage) -> AnyResponse:
    response = Response(render(page), _STATUS[page.problem] if page.problem else 200, mimetype="text/html")
    if page.problem is NotChecked.BUSY:
        response.headers["Retry-After"] = _AGAIN_AFTER
    return response


def _checked(rooms: Rooms) -> CheckPage:
    try:
        document = _document()
        if not document:
            return CheckPage(problem=NotChecked.NOTHING)
        return CheckPage(judge(document, rooms.clock(), rooms.settings.mode == "sandbox"), at=rooms.clock())
    except RequestEntityTooLarge:
        return CheckPage(problem=NotChecked.TOO_LARGE)
    except MetadataRefused as refused:
        return CheckPage(problem=NotChecked.TOO_MUCH, detail=refused.detail)


def _document() -> bytes:
    """What was uploaded, or else pasted: browsers send a pasted text's lines with CR LF, which its file did not have."""
    parser = FormDataParser(
        stream_factory=_in_memory,
        max_form_memory_size=_LARGEST_FORM,
        max_content_length=_LARGEST_FORM,
        max_form_parts=8,
    )
    _, fields, files = parser.parse_from_environ(request.environ)
    uploaded = files["document"].read() if "document" in files else b""
    return uploaded or fields.get("text", "").replace("\r\n", "\n").strip().encode()


def _in_memory(*_: object, **__: object) -> IO[bytes]:
    """werkzeug would put a large upload into a file."""
    return BytesIO()
