# What a person types: every target works in a fresh clone and brings what it needs.
# Variables can be given: make demo PYTHON=python3.12 VENV=/tmp/venv

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV ?= .venv
PYTEST_ARGS ?= -v --durations=10
MUTANTS_ARGS ?= -v
export PYTHON

# One clock for everything that a single `make` starts.
ifndef ALGOREG_BEGAN
ALGOREG_BEGAN := $(shell date +%s)
endif
export ALGOREG_BEGAN

BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The tests and the demo talk to the engine that `make engine` found or started.
USE_ENGINE = engine="$$(scripts/engine.sh env)" && eval "$$engine"

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: venv
venv: $(STAMP) ## the virtual environment, with the pinned versions

$(STAMP): pyproject.toml constraints.txt
	@scripts/venv.sh $(VENV)
	@touch $@

.PHONY: engine
engine: ## the container engine that answers, else a private one; the base and PostgreSQL images
	@scripts/engine.sh up

.PHONY: engine-stop
engine-stop: ## stop the private engine; its images stay
	@scripts/engine.sh down

.PHONY: engine-if-possible
engine-if-possible:
	@scripts/engine.sh up || [ $$? = 3 ]

.PHONY: browser-if-possible
browser-if-possible:
	@scripts/browser.sh || echo "*** no Chromium, or no axe: the tests of HTML pages that need it are skipped ***" >&2

.PHONY: demo
demo: ## build kNN, judge it, and see a broken twin refused
	@$(MAKE) -j2 venv engine-if-possible
	@PATH="$(abspath $(BIN)):$$PATH" scripts/demo.sh

.PHONY: static
static: venv ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict
	$(BIN)/mypy --strict benchmarks/*.py scripts/*.py

.PHONY: ready
ready: ## what the tests need, side by side: the virtual environment, the engine, a browser
	@$(MAKE) -j2 venv engine browser-if-possible

.PHONY: test
ifeq ($(ALGOREG_TEST_ENGINE),none)
test: venv
	@echo "*** ALGOREG_TEST_ENGINE=none: the tests that need a container engine are NOT run ***" >&2
	$(BIN)/python -m pytest -m "not engine" $(PYTEST_ARGS)
	@echo "*** ALGOREG_TEST_ENGINE=none: the tests that need a container engine were NOT run ***" >&2
else
test: ## all tests; ALGOREG_TEST_ENGINE=none leaves out those that need an engine, ALGOREG_TESTS=whole adds what is left out for time
	@$(MAKE) ready
	@$(USE_ENGINE) && set -x && scripts/tests.sh $(BIN)/python $(PYTEST_ARGS)
endif

.PHONY: check
check: static test ## everything that must hold before a change is handed in

.PHONY: mutants
mutants: ## every broken twin, each failing exactly the checks it should
	@$(MAKE) -j2 venv engine
	@$(USE_ENGINE) && set -x && $(BIN)/python -m pytest tests/mutants $(MUTANTS_ARGS)

.PHONY: reference
reference: venv ## docs/checks.md and docs/hooks.md, out of the code
	$(BIN)/python scripts/reference.py

.PHONY: images
images: ## every good image whole: of the plugins, of new --language, and those that look bad
	@$(MAKE) -j2 venv engine
	@$(USE_ENGINE) && set -x && $(BIN)/python -m pytest $(PYTEST_ARGS) \
	  tests/good_images tests/acceptance/test_validate_docker.py tests/acceptance/test_validate_process.py \
	  tests/acceptance/test_tpot_image.py tests/acceptance/test_new_languages.py

.PHONY: build
build: venv ## wheel and source distribution in dist/
	$(BIN)/python -m build --no-isolation

.PHONY: clean
clean: ## what the targets above made in this folder; the engine and its images stay
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
	find . -name '*.egg-info' -prune -exec rm -rf {} +
