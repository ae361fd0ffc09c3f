# Each target works from a clean clone: what it needs is set up first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: setup run test bench lint clean
.DEFAULT_GOAL := run

setup: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "error: Python 3.11 or newer is not installed; install it, or name it: make PYTHON=PATH" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing (a few minutes, once)"
	$(PIP) --editable '.[test,bench,eval,server]'
	touch $@

run: setup
	-@test -e articles.index || $(BIN)/qa index seeds
	$(BIN)/qa ui --sample seeds

test: setup lint
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

bench: setup
	$(BIN)/python -m tests.bench $(if $(DATA),--data $(DATA))

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache
