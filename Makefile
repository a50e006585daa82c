# One place for what people and CI do. `make demo` and `make test` need nothing but
# Python >= 3.11, Node >= 20 and make; `make test` also uses a Chromium for the browser tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help setup vendor demo test lint bench docs lock clean

help:
	@echo "make demo    set up, build the embedded town, serve the map on localhost:$(PORT)"
	@echo "make test    set up and run all tests"
	@echo "make setup   install into $(VENV) and web/vendor only"
	@echo "make lint    ruff, mypy, import-linter, TypeScript check"
	@echo "make bench   measure against peers (needs GRASS for the irradiation ratio)"
	@echo "make docs    build the documentation into docs/_build"

# The stamps make a second call quick and a changed lock file reinstall.
$(VENV)/.installed: requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python >= 3.11 is needed, found " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

web/vendor/.installed: web/package-lock.json scripts/vendor.py
	cd web && npm ci --no-audit --no-fund --loglevel=error
	$(PYTHON) scripts/vendor.py
	@touch $@

setup: $(VENV)/.installed web/vendor/.installed

vendor: web/vendor/.installed

demo: setup
	$(BIN)/zonnekaart demo --out build/demo --port $(PORT)

test: setup
	cd web && npm test --silent
	$(BIN)/python -m pytest

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd web && npm run --silent check

bench: setup
	$(BIN)/python -m benchmarks

docs: setup
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build

# For maintainers: renew the lock files after a change of pyproject.toml (needs uv).
lock:
	uv pip compile pyproject.toml --group dev --extra regions --extra pdf --extra plain --extra slides --extra xarray --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements/dev.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -c requirements/dev.lock -o requirements/base.lock

clean:
	rm -rf build docs/_build .pytest_cache .mypy_cache .ruff_cache
