# All commands of this project. `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.8
FLASK := $(BIN)/flask --app wsgi
READY := $(VENV)/.ready
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard app/translations/*/LC_MESSAGES/messages.po))
RELOADED := .venv-reloaded
# Commands and tests start many processes; where the shell forbids keeping bytecode, each would compile every module.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup run seed migrate worker test test-long test-whoosh-reloaded check messages format migration screenshots manual page-pictures page-weight reading-age bench-desk bench-desk-journey bench-markup bench-import bench-search bench-pages bench-relevance bench-screening clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Salve needs Python 3.11 or later; this is %d.%d. Say which with: make PYTHON=/path/to/python" % sys.version_info[:2])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet uv==$(UV_VERSION)
	@$(BIN)/uv sync --quiet --frozen
	@touch $(READY)

$(CATALOGUES): %.mo: %.po $(READY)
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

setup: $(READY) $(CATALOGUES) ## Create the environment from the lock file

migrate: setup ## Migrate the database to the newest revision
	@$(FLASK) db upgrade

run: migrate ## Serve the site on 127.0.0.1:$(PORT); the first run loads the demonstration site
	@$(FLASK) seed --if-empty
	@exec $(FLASK) serve

worker: setup ## Run only the background worker
	@$(FLASK) worker

test: setup ## Run every test that can run on this machine, and list what was skipped
	@$(BIN)/python -m pytest -n auto --dist worksteal -m "not long" -rs

test-long: setup ## Run all tests, including those that take long: killed processes, floods, long attack lists
	@$(BIN)/python -m pytest -n auto --dist worksteal -rs

test-whoosh-reloaded: setup ## Run the search tests with whoosh-reloaded, in a separate environment
	@UV_PROJECT_ENVIRONMENT=$(RELOADED) $(BIN)/uv sync --quiet --frozen
	@$(BIN)/uv pip uninstall --quiet --python $(RELOADED)/bin/python whoosh3
	@$(BIN)/uv pip install --quiet --python $(RELOADED)/bin/python whoosh-reloaded==2.7.5
	@$(RELOADED)/bin/python -m pytest tests/search -n auto --dist worksteal -m "not long" -rs

check: setup ## Check style, types, templates and import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/lint-imports --no-cache

messages: setup ## Bring the messages to translate up to date with the code
	@$(BIN)/pybabel --quiet extract --mapping-file pyproject.toml --keyword _l --keyword lazy_gettext --no-location --sort-output --output-file messages.pot app templates
	@$(BIN)/pybabel --quiet update --input-file messages.pot --output-dir app/translations --no-fuzzy-matching --ignore-obsolete --omit-header
	@rm messages.pot

format: setup ## Format the code
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

migration: setup ## Write a migration for changes in the models: make migration NAME="what changes"
	@$(FLASK) db migrate --message "$(NAME)"

screenshots: setup ## Take screenshots of the main pages into instance/screenshots
	@$(BIN)/python docs/screenshots.py

manual: setup ## Take the screenshots of docs/moderating.md again
	@$(BIN)/python docs/screenshots.py --manual

page-pictures: setup ## Take the pictures of docs/pages.md again
	@$(BIN)/python docs/screenshots.py --pages

bench-desk: setup ## Measure the moderators' desk with 10,000 items in the queue
	@$(BIN)/python -m benchmarks.desk

bench-desk-journey: setup ## Clear forty items of the queue by keyboard: keys, scrolling and seconds for each
	@$(BIN)/python -m benchmarks.desk_journey

bench-markup: setup ## Measure how long hostile texts take to render
	@$(BIN)/python -m benchmarks.rendering

bench-import: setup ## Measure the import of stories: make bench-import FILE=posts.csv
	@$(BIN)/python -m benchmarks.importing $(or $(FILE),$(error say which file: FILE=posts.csv))

bench-search: setup ## Compare search with SQLite FTS5, PostgreSQL and tantivy: make bench-search STORIES=200000 STEP=build
	@$(BIN)/python -m benchmarks.search $(STEP) $(if $(STORIES),--stories $(STORIES)) $(if $(BESIDE),--beside $(BESIDE))

bench-pages: setup ## Measure uncached pages on a site made by bench-search: make bench-pages SITE=DIR
	@$(BIN)/python -m benchmarks.pages --site $(or $(SITE),$(error say which site: SITE=DIR))

bench-relevance: setup ## Compare the order of results with other engines on three judged collections: make bench-relevance CHOOSE=1
	@$(BIN)/python -m benchmarks.relevance $(if $(CHOOSE),--choose)

page-weight: setup ## Measure what a first visit to each page type transfers
	@$(BIN)/python -m benchmarks.page_weight

reading-age: setup ## Measure the reading age of what the site itself says
	@$(BIN)/python -m benchmarks.reading_age

bench-screening: setup ## Measure how long screening a text takes, compared with a regular expression
	@$(BIN)/python -m benchmarks.screening

clean: ## Remove the environment and caches, but not the data
	rm -rf $(VENV) $(RELOADED) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
