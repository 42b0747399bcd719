# The commands of a person and of continuous integration; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# What `make test` runs; the rest is for `make prove`.
QUICK ?= not slow and not prove and not browser
WORKERS ?= 3
PYTEST_ARGS ?=

# Nothing phones home.
export DAGSTER_DISABLE_TELEMETRY := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false
export STREAMLIT_BROWSER_GATHER_USAGE_STATS := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help env spark demo test prove bench lint format lock clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

env: $(STAMP) ## make .venv with the locked packages and Signalbox itself

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Signalbox needs Python 3.11 or newer: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

spark: env ## add the second engine to .venv: Spark and dbt's adapter for it (needs Java 17 or newer)
	$(BIN)/python -m pip install --quiet --require-hashes --no-build-isolation -r requirements-spark.lock

demo: env ## simulate, land, build, audit, publish and serve
	$(BIN)/signalbox demo

lint: env ## check style, types and SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@if find $(wildcard dbt_project/models dbt_project/tests) /dev/null -name '*.sql' | grep -q .; then \
		echo "$(BIN)/sqlfluff lint dbt_project"; \
		$(BIN)/sqlfluff lint --processes 0 --disable-progress-bar dbt_project; \
	else echo "sqlfluff: no SQL yet"; fi

format: env ## bring Python into its layout and mend what has a safe mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: lint ## lint, then the quick tests
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder -m "$(QUICK)" $(PYTEST_ARGS)

prove: env ## every proof at full size; writes its dated result
	$(BIN)/python -m tests.prove

bench: env ## speed and memory as ratios
	$(BIN)/python -m tests.benchmarks

COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links --quiet

lock: requirements.in pyproject.toml ## compile both lock files again (needs `uv` on the path)
	$(COMPILE) requirements.in --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra spark --constraint requirements.lock --output-file requirements-spark.lock

clean: ## remove .venv and the tools' caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
