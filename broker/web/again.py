"""The address at which a request that could not be answered can be made once more, by opening it."""

from urllib.parse import urlencode

from flask import request

_ACS = "/eidas/connector/acs"


def same_again() -> str:
    """The address of the running request; for a form's answer that of its page; "" where nothing can be opened.

    A country's answer cannot be posted again by us: its citizen goes on at the choice of the journey that its state names.
    """
    path = request.path
    if request.method == "GET":
        query = request.query_string.decode("ascii", "replace")
        return f"{path}?{query}" if query else path
    if handle := request.form.get("j"):
        return f"{path}?{urlencode({'j': handle})}"
    if path == _ACS and (state := request.form.get("RelayState")):
        return f"/choisir?{urlencode({'j': state.partition('.')[0]})}"
    return ""
