# `make report` and `make test` need Python 3.11 or newer and nothing else; the environment is made in .venv
# and made again only when requirements.lock changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Fits here are small: threads of the algebra library would only wait for each other.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1

.PHONY: report test lint prove bench docs lock clean environment
.DEFAULT_GOAL := report

report: environment
	$(BIN)/rootcause run data/sample
	@echo "Report: $$(ls -d "$(CURDIR)"/data/sample/reports/*/latest/index.html)"

test: lint
	$(BIN)/pytest

lint: environment
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

prove: environment
	$(BIN)/pytest -m prove

bench: environment
	$(BIN)/python benchmarks/run.py

# The data dictionary and the glossary's table of metrics, from the declarations; the dirty inputs, from their tests.
docs: environment
	$(BIN)/python -m rootcause_lib.reporting.documents
	PYTHONPATH=tests $(BIN)/python -m dirty.page

environment: $(VENV)/.installed

$(VENV)/.locked: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; name another: make PYTHON=python3.12")'
	@echo "Setting up $(VENV), about a minute ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check -r requirements.lock
	@touch $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# Newest allowed versions, one for every platform and Python where one can serve all; needs uv (https://docs.astral.sh/uv/).
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --fork-strategy fewest \
	  --upgrade --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet --output-file requirements.lock

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis data/sample/reports data/sample/.rootcause
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
