# Limelight's table of contents; the work is in scripts/.
#   PORT, ADDRESS   where `make run` serves; ADDRESS empty: on every address of this machine
#   PYTHON          the Python for .venv; empty: the first of python3.11, python3.12, python3.13, python3 that will do
#   ARGS            handed on, as in `make test ARGS="-k classifier"`

PORT ?= 8501
ADDRESS ?=
PYTHON ?=
ARGS ?=

# any Python 3 starts the scripts; they look for the right one themselves
START = $(or $(shell for p in python3 python3.11 python3.12 python3.13; do $$p -c '' 2>&- && echo $$p && break; done), \
	$(error No Python 3 runs on this machine: install Python 3.11, 3.12 or 3.13))
IN_VENV = .venv/bin/python -m
LOCKED = $(IN_VENV) uv pip compile --quiet $(ARGS)
# a file's tests by one worker, which starts their server once, on a port of its own
SIDE_BY_SIDE = -n 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help run run-https test check bench setup lock clean clean-all

help: ## list these
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run-https: ## the same by HTTPS, so that others' cameras work too (LIMELIGHT_CERT_FILE, LIMELIGHT_KEY_FILE: your own certificate)
	@$(START) scripts/serve.py --https --port='$(PORT)' --address='$(ADDRESS)' --python='$(PYTHON)'

run: ## install on the first run, then serve on http://localhost:8501 (PORT=…, ADDRESS=…, PYTHON=…)
	@$(START) scripts/serve.py --port='$(PORT)' --address='$(ADDRESS)' --python='$(PYTHON)'

test: setup ## every test (ARGS=…)
ifeq ($(strip $(ARGS)),)
	@$(IN_VENV) pytest $(SIDE_BY_SIDE) -m 'not browser' # side by side; a browser wants the cores for itself
	@$(IN_VENV) pytest -m browser || $(IN_VENV) pytest -m browser --last-failed # a press can be lost: what fails twice fails
else
	@$(IN_VENV) pytest $(ARGS)
endif

check: setup ## lint, format, types and contracts
	$(IN_VENV) ruff check .
	$(IN_VENV) ruff format --check .
	$(IN_VENV) mypy models components
	$(IN_VENV) pytest tests/test_contracts.py

bench: setup ## measure speed and live video; prints every figure (ARGS=…)
	@$(IN_VENV) tests.bench $(ARGS)

setup: ## make .venv ready for the targets above; quick when nothing changed
	@$(START) scripts/setup.py --dev --python='$(PYTHON)'

lock: setup ## work out the lock files anew after a change of requirements*.txt (ARGS=--upgrade: the newest of all the rest)
	@UV_CUSTOM_COMPILE_COMMAND='make lock' $(LOCKED) requirements.txt -o requirements.lock
	@UV_CUSTOM_COMPILE_COMMAND='make lock' $(LOCKED) requirements-dev.txt -c requirements.lock -o requirements-dev.lock

clean: ## delete caches and build output
	@rm -rf build .pytest_cache .mypy_cache .ruff_cache
	@find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

clean-all: clean ## delete .venv as well: the next run installs everything again
	@rm -rf .venv
