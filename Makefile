# `make` alone prints what there is. Every target installs what it needs by itself.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DO_NOT_TRACK := 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test lint lint-python lint-sql ui docs bench mutations calibrate lock clean

help: ## print the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what a run needs, once per lock (pinned, hashed)
	@.ci/install "$(PYTHON)" "$(VENV)" run
setup-dev:
	@.ci/install "$(PYTHON)" "$(VENV)" dev

run: setup ## the whole pipeline on the simulated sample: a page in some minutes
	@$(BIN)/chokepoint run

test: setup-dev ## unit tests, then the slow ones
	@$(BIN)/python -m pytest -n 2 --dist loadfile -q -m "not slow"
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -q -m slow

lint: setup-dev ## ruff, mypy, import contracts, sqlfluff, dbt conventions
	@$(MAKE) -s -j 2 lint-python lint-sql
lint-python:
	@$(BIN)/ruff check . && $(BIN)/ruff format --check -q .
	@$(BIN)/lint-imports
	@$(BIN)/mypy
lint-sql:
	@$(BIN)/python -c "from orchestration.warehouse import manifest; manifest()"
	@$(BIN)/dbt-bouncer run --config-file dbt_project/dbt-bouncer.yml
	@PYTHONWARNINGS=ignore $(BIN)/sqlfluff lint -q --disable-progress-bar dbt_project/models dbt_project/tests

ui: setup ## Dagster's UI and daemon on 127.0.0.1
	@$(BIN)/chokepoint ui

docs: run ## dbt's documentation of every model, one file that opens from disk
	@$(BIN)/python -m orchestration.warehouse

bench: setup-dev ## where the seconds and the memory go, with peers beside (never a test)
	@$(BIN)/python -m benchmarks.run_cost $(if $(ARCHIVE),--archive $(ARCHIVE))
	@$(BIN)/python -m benchmarks.loading_cost $(if $(ARCHIVE),--archive $(ARCHIVE))
	@$(BIN)/python -m benchmarks.study_cost
	@$(BIN)/python -m benchmarks.unit_panel_cost --rows 2000000 10168000
	@$(BIN)/python -m benchmarks.naming_cost
	@$(BIN)/python -m benchmarks.fetch_cost
	@$(BIN)/python -m benchmarks.engine_cost --events 1000000
	@$(BIN)/python -m benchmarks.scan_cost

mutations: run ## what the gates miss: every mutation of the sample's files (or of ARCHIVE's)
	@$(BIN)/python -m benchmarks.mutations $(if $(ARCHIVE),--archive $(ARCHIVE) --home data/archive)

calibrate: setup-dev ## size, coverage and power of the headline test on SIMULATED panels; rewrites docs/reference
	@$(BIN)/python -m benchmarks.calibrate
	@$(BIN)/python -m benchmarks.unit_windows
	@$(BIN)/python -m benchmarks.persistence
	@$(BIN)/python -m benchmarks.unknowns

lock: setup-dev ## resolve the locks anew (hashes, no index addresses)
	@.ci/lock "$(BIN)"

clean: ## remove the environment, the caches and the sample's home (homes of real data stay)
	rm -rf $(VENV) data/sample dbt_project/target dbt_project/logs *.egg-info .hypothesis .*_cache
