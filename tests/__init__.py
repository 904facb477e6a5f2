"""The tests mirror the packages: `oidc/provider.py` is tried in `tests/oidc/test_provider.py`.

`conftest.py` says what a test may touch, and holds the parts that are not everywhere: PostgreSQL, Chromium, Node, samples.
`tools/` holds what the tests are made and judged with. What the house promises as a whole is in `test_house.py`.
"""
