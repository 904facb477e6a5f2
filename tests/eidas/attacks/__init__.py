"""Attacks, each a file: a whole message as it would arrive, a Response at a Connector (`make.py`) or a request at a
Proxy-Service (`request-…`, `make_requests.py`). They were made with keys that were thrown away but for `keys.pem`;
`expect.toml` and `request-expect.toml` say which rule refuses each.
"""
