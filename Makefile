# Milepost. `make` lists what you can do.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PORT ?= 8000
SERVE ?= 1
ARGS ?=

# A Python >= 3.12: on PATH, else in pyenv's folder.
FIND_PYTHON = for p in "$$MILEPOST_PYTHON" python3.14 python3.13 python3.12 python3 python \
	$$(ls -d "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python 2>/dev/null | sort -Vr); do \
	[ -n "$$p" ] && command -v "$$p" >/dev/null 2>&1 && "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null \
	&& echo "$$p" && exit 0; done; exit 1
PY = .venv/bin/python

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.venv/.ready: requirements.lock
	@python=$$($(FIND_PYTHON)) || { echo "Milepost needs Python 3.12 or newer. Install it (https://www.python.org/downloads/) or set MILEPOST_PYTHON to its path, then run make again."; exit 1; }; \
	echo "Installing into .venv with $$($$python --version) …"; \
	$$python -m venv --clear .venv && .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@touch $@

install: .venv/.ready ## install everything from the lock into .venv

demo: .venv/.ready ## set up, load demo data, walk a permit and a report through all steps, serve on $(PORT) (SERVE=0: stop after the walk)
	@PORT=$(PORT) SERVE=$(SERVE) $(PY) -m config.demo

test: .venv/.ready ## the tests (PostgreSQL where DATABASE_URL says so, else SQLite)
	@$(PY) -m pytest -n auto --dist loadscope $(ARGS)

lint: .venv/.ready ## format, lint, types, import directions, sizes
	@.venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/mypy . && .venv/bin/lint-imports && $(PY) -m pytest -q tests/architecture

e2e: .venv/.ready ## the browser tests (needs Chromium: CHROMIUM=/path or on PATH)
	@$(PY) -m pytest -m e2e tests/e2e $(ARGS)

bench: .venv/.ready ## measure; ratios against raw SQL in one run (BENCH=short for a quick one)
	@$(PY) -m tests.benchmarks $(ARGS)

chaos: .venv/.ready ## kill workers and freeze them; nothing lost, nothing doubled
	@$(PY) -m pytest -m chaos tests/chaos $(ARGS)

lock: ## resolve pyproject.toml into requirements.lock
	@.venv/bin/uv pip compile pyproject.toml --group dev --universal --python-version 3.12 --generate-hashes --no-emit-index-url --no-header --quiet -o requirements.lock

check: .venv/.ready ## Django's own checks and drift of migrations
	@$(PY) manage.py check && $(PY) manage.py makemigrations --check --dry-run

clean: ## remove what was made here (not your data in var/)
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: help install demo test lint e2e bench chaos lock check clean
