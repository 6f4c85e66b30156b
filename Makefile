# Everything a person does with this project. `make help` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.8
FLASK := $(BIN)/flask --app wsgi
READY := $(VENV)/.ready
RELOADED := .venv-reloaded

.DEFAULT_GOAL := help
.PHONY: help setup run seed migrate worker test test-long test-whoosh-reloaded check format migration screenshots manual bench-desk bench-markup bench-import bench-search bench-pages bench-relevance bench-screening clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Salve needs Python 3.11 or later; this is %d.%d. Say which with: make PYTHON=/path/to/python" % sys.version_info[:2])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet uv==$(UV_VERSION)
	@$(BIN)/uv sync --quiet --frozen
	@touch $(READY)

setup: $(READY) ## Make the environment from the lock file

migrate: setup ## Bring the database up to date
	@$(FLASK) db upgrade

run: migrate ## Serve the site on 127.0.0.1:$(PORT), with the demonstration site on first run
	@$(FLASK) seed --if-empty
	@exec $(FLASK) serve

worker: setup ## Do only the background work
	@$(FLASK) worker

test: setup ## Run every test that can run on this machine, and say what was left out
	@$(BIN)/python -m pytest -n auto --dist worksteal -m "not long" -rs

test-long: setup ## Run also what takes long: kills, floods, attack lists in bulk
	@$(BIN)/python -m pytest -n auto --dist worksteal -rs

test-whoosh-reloaded: setup ## Run the tests of search with the other Whoosh, in an environment of its own
	@UV_PROJECT_ENVIRONMENT=$(RELOADED) $(BIN)/uv sync --quiet --frozen
	@$(BIN)/uv pip uninstall --quiet --python $(RELOADED)/bin/python whoosh3
	@$(BIN)/uv pip install --quiet --python $(RELOADED)/bin/python whoosh-reloaded==2.7.5
	@$(RELOADED)/bin/python -m pytest tests/search -n auto --dist worksteal -m "not long" -rs

check: setup ## Lint, types, templates, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/lint-imports --no-cache

format: setup ## Format the code
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

migration: setup ## Write a migration for what changed in the models: make migration NAME="add this"
	@$(FLASK) db migrate --message "$(NAME)"

screenshots: setup ## Take pictures of the main pages into instance/screenshots
	@$(BIN)/python docs/screenshots.py

manual: setup ## Take the pictures of docs/moderating.md anew
	@$(BIN)/python docs/screenshots.py --manual

bench-desk: setup ## Measure the moderators' desk with 10,000 waiting
	@$(BIN)/python -m benchmarks.desk

bench-markup: setup ## Measure what hostile texts cost to render
	@$(BIN)/python -m benchmarks.rendering

bench-import: setup ## Measure the import of stories: make bench-import FILE=posts.csv
	@$(BIN)/python -m benchmarks.importing $(or $(FILE),$(error say which file: FILE=posts.csv))

bench-search: setup ## Measure search beside SQLite FTS5, PostgreSQL and tantivy: make bench-search STORIES=200000 STEP=build
	@$(BIN)/python -m benchmarks.search $(STEP) $(if $(STORIES),--stories $(STORIES)) $(if $(BESIDE),--beside $(BESIDE))

bench-pages: setup ## Measure what pages cost uncached on a site that bench-search made: make bench-pages SITE=DIR
	@$(BIN)/python -m benchmarks.pages --site $(or $(SITE),$(error say which site: SITE=DIR))

bench-relevance: setup ## Measure the order of results on medical abstracts with judgements
	@$(BIN)/python -m benchmarks.relevance

bench-screening: setup ## Measure what screening a text costs, beside a regular expression
	@$(BIN)/python -m benchmarks.screening

clean: ## Remove the environment and caches (not the data)
	rm -rf $(VENV) $(RELOADED) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
