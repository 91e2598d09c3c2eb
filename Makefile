# Needs python3 (3.11 or later) with venv, and make. Everything else is installed into .venv.

PYTHON ?= python3
BIND ?= 127.0.0.1:8000

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
METADATA := setup.cfg pyproject.toml conformance/setup.cfg conformance/pyproject.toml

# The tests start hundreds of processes, and each would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test test-browser coverage test-long crowd security-long schemathesis conformance conformance-faults requirements fuzz fuzz-guided bench lint audit clean

help: ## Show the targets.
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

run: $(VENV)/run.stamp ## Play the demo on a database under var/ and keep serving (BIND=HOST:PORT).
	@$(BIN)/scim-server quickstart --bind $(BIND)

test: $(VENV)/test.stamp ## Run the tests on SQLite and PostgreSQL.
	@$(BIN)/python -m pytest -n 2 --dist worksteal --ignore tests/browser

test-browser: $(VENV)/test.stamp ## Use the console in Chromium (Debian's, or SCIM_TEST_CHROMIUM), with pictures under var/pictures.
	@$(BIN)/python -m pytest -n 2 --dist worksteal tests/browser

coverage: $(VENV)/test.stamp ## The same with branch coverage, which takes half as long again.
	@$(BIN)/python -m pytest -n 2 --dist worksteal --ignore tests/browser --cov --cov-report=term

test-long: $(VENV)/test.stamp ## Try many more examples of every property (SCIM_TEST_EXAMPLES of each).
	@SCIM_TEST_EXAMPLES=$${SCIM_TEST_EXAMPLES:-3000} $(BIN)/python -m pytest -n 2 tests/property

crowd: $(VENV)/test.stamp ## Let 16 clients change the ledger 10,000 times (SCIM_TEST_CROWD) on each database.
	@$(BIN)/python -m tests.crowds

security-long: $(VENV)/test.stamp ## Run the races 500 times (SCIM_TEST_ROUNDS) and change groups of up to 10,000 (SCIM_TEST_SIZES).
	@SCIM_TEST_ROUNDS=$${SCIM_TEST_ROUNDS:-500} SCIM_TEST_SIZES=$${SCIM_TEST_SIZES:-99 100 101 1000 10000} \
		$(BIN)/python -m pytest -n 2 tests/security/test_races.py tests/security/test_parsing.py tests/http/test_grant_races.py

schemathesis: $(VENV)/test.stamp ## Call the admin API from its OpenAPI document, 50 times at random (SCIM_TEST_SCHEMATHESIS) an operation.
	@SCIM_TEST_SCHEMATHESIS=$${SCIM_TEST_SCHEMATHESIS:-50} $(BIN)/python -m pytest -n 2 tests/api/test_schemathesis.py

conformance: $(VENV)/test.stamp ## Print how the server fares under scim-conformance and the traffic of all clients.
	@$(BIN)/python -m tests.conformances

conformance-faults: $(VENV)/test.stamp ## Print which checks catch which planted fault; runs the whole suite for each (hours).
	@$(BIN)/python -m tests.faults

requirements: $(VENV)/test.stamp ## Print which requirement of the RFCs is covered by which test or check.
	@$(BIN)/python -m tests.requirements

fuzz: $(VENV)/test.stamp ## Send 20,000 inputs (SCIM_TEST_FUZZ) of every grammar through the application on each database.
	@$(BIN)/python -m tests.fuzz --database sqlite
	@$(BIN)/python -m tests.fuzz --database postgresql

fuzz-guided: $(VENV)/fuzz.stamp ## Let atheris look for inputs in each gate, for a minute (SCIM_TEST_FUZZ_SECONDS).
	@for gate in json filters paths attributes addresses credentials cursors sealed tokens; do \
		mkdir -p var/fuzz/$$gate && echo "$$gate" && \
		$(BIN)/python -m tests.fuzz.guided $$gate -max_total_time=$${SCIM_TEST_FUZZ_SECONDS:-60} -verbosity=0 \
			-artifact_prefix=var/fuzz/ var/fuzz/$$gate || exit 1; \
	done

bench: $(VENV)/test.stamp ## Measure servers under load, beside the limit (BENCH="get --rounds 3" or any other arguments).
	@$(BIN)/python -m benchmarks $(or $(BENCH),--all)

lint: $(VENV)/dev.stamp ## Check style, types and layers.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: $(VENV)/dev.stamp ## Look for unsafe code (bandit) and for advisories against what is installed (pip-audit).
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive scim_server conformance/scim_conformance wsgi.py
	$(BIN)/python .ci/advisories.py

clean: ## Remove what the targets made, the demo's database excepted.
	rm -rf $(VENV) .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	rm -rf build dist *.egg-info conformance/build conformance/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/run.stamp: EXTRA :=
$(VENV)/test.stamp: EXTRA := [test]
$(VENV)/dev.stamp: EXTRA := [dev]
$(VENV)/fuzz.stamp: EXTRA := [fuzz]

$(VENV)/%.stamp: $(METADATA) | $(BIN)/python
	@echo "Installing into $(VENV) ..."
	@$(PIP) install --editable '.$(EXTRA)' --editable ./conformance
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "scim-server needs Python 3.11 or later: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
