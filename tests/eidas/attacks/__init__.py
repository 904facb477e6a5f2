"""Attacks on a Connector, each a file: a whole Response as it would arrive. `make.py` made them, with keys that it threw
away but for `keys.pem`; `expect.toml` says which rule refuses each.
"""
