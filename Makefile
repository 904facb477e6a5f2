# Needs make and Python 3.11 or later, nothing else: no compiler, no service to start.
# `make` alone says what there is.

PYTHON ?= $(firstword $(foreach p,python3 python3.11 python3.12 python3.13 python3.14,$(shell \
	$(p) -c 'import sys; sys.version_info >= (3, 11) and print("$(p)")' 2>/dev/null)))
PORT ?= 8000

BIN := .venv/bin
RULES := broker oidc eidas metadata certs
# What make test-quick leaves out: each needs something that is not everywhere, or time.
QUICK := -m "not (browser or database or peer or slow)"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv venv-peers demo test test-quick check format check-rules coverage bench clean

help:  ## what each target is for
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

demo: .venv/runtime  ## the whole simulated world on http://localhost:8000 (PORT=8001 make demo)
	$(BIN)/passerelle demo --port $(PORT)

test: .venv/dev  ## every test; those whose part is absent are skipped with the command that installs it
	$(BIN)/python -m pytest

test-quick: .venv/dev  ## the tests without browser, database server and foreign peer: about a minute
	$(BIN)/python -m pytest $(QUICK) -n 2 --dist loadfile

check: .venv/dev  ## lint, format, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: .venv/dev  ## put the code in its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check-rules: .venv/dev  ## turn each rule off in turn: a test must fail
	$(BIN)/python -m tests.tools.check_rules $(RULES) -- $(QUICK)

coverage: .venv/dev  ## which lines no quick test runs
	$(BIN)/python -m pytest $(QUICK) -n 2 --dist loadfile --cov --cov-report=term

bench: .venv/dev  ## what a login costs: writes docs/performance.md
	$(BIN)/python bench/report.py

venv: .venv/dev  ## the virtual environment, with what the tests need

venv-peers: tests/peers/.venv/made  ## an environment of its own for Python's peers: what they need is none of ours

clean:  ## remove everything that make made
	rm -rf .venv tests/peers/.venv build *.egg-info .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path '*/node_modules/*' -prune -exec rm -rf {} +

# -- the virtual environment: installed again only when the dependencies may have changed

.venv/runtime: setup.cfg pyproject.toml | .venv/bin/python
	PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --only-binary :all: --editable '.[demo]'
	@touch $@

.venv/dev: setup.cfg pyproject.toml | .venv/bin/python
	PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --only-binary :all: --editable '.[dev]'
	@touch $@ .venv/runtime

tests/peers/.venv/made: tests/peers/requirements.txt | .venv/bin/python
	rm -rf tests/peers/.venv
	$(BIN)/python -m venv tests/peers/.venv
	tests/peers/.venv/bin/pip install --quiet --requirement tests/peers/requirements.txt
	@touch $@

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is older than Python 3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' \
		|| { echo "$(PYTHON) cannot make virtual environments: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv
