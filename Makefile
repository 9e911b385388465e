# Every target installs what it needs into .venv and runs there; nothing outside is touched.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

VENV := .venv
PY := $(VENV)/bin/python
PACKAGES := $(wildcard assessor core guards plugin restorers ui)
PIP := $(PY) -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet -c constraints.txt --config-settings editable_mode=strict -e

# The first Python >= 3.10 here that can make a virtual environment; override with PYTHON=...
PYTHON ?= $(shell for p in python3.11 python3 python3.13 python3.12 python3.10; do \
	"$$p" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))' \
	>/dev/null 2>&1 && { command -v "$$p"; break; }; done)

.PHONY: help demo check audit lint types test test-extras dist clean FORCE

help:  ## say what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

demo: $(VENV)/.demo  ## guard the restoration of one real photograph; writes demo/
	$(PY) examples/demo.py

check: lint types test  ## lint, types and tests: what must hold before a commit

audit: $(VENV)/.dev  ## known vulnerabilities and licences of what is installed
	.ci/audit $(PY)

lint: $(VENV)/.dev  ## ruff: rules and formatting
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(VENV)/.dev  ## mypy, strict, over the installed package
	$(VENV)/bin/mypy

test: $(VENV)/.test  ## the test suite; PYTEST_ARGS=... adds options
	$(VENV)/bin/pytest $(PYTEST_ARGS)

test-extras: $(VENV)/.extras  ## the same with torch, gfpgan, Ray and the training extra (large)
	$(VENV)/bin/pytest $(PYTEST_ARGS)

dist: $(PY)  ## build the wheel and try it in an empty environment
	rm -rf build/lib build/bdist.* *.egg-info dist
	$(PIP) wheel --quiet --no-deps --wheel-dir dist .
	.ci/try_wheel $(PY) dist/*.whl

clean:  ## remove everything that was built, downloaded or cached here
	rm -rf $(VENV) build dist demo *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@test -n '$(PYTHON)' || { echo 'no Python >= 3.10 with venv here; on Debian: apt-get install python3-venv' >&2; exit 2; }
	@echo 'making $(VENV) with $(PYTHON)'
	'$(PYTHON)' -m venv $(VENV)

# A strict editable install links the files that it saw, so a new, renamed or removed file
# installs again. Ages of directories lie; the list of files does not.
$(VENV)/files: $(PY) FORCE
	@ls -d build/__editable__.* >/dev/null 2>&1 || rm -f $(VENV)/.demo $(VENV)/.test $(VENV)/.dev $(VENV)/.extras
	@find __init__.py py.typed $(PACKAGES) -type f ! -path '*/__pycache__/*' | LC_ALL=C sort >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

BASE := $(VENV)/files pyproject.toml constraints.txt README.md

$(VENV)/.demo: $(BASE)
	@echo 'installing facefidelity with its demo extra'
	$(INSTALL) '.[demo]'
	@touch $@

$(VENV)/.test: $(BASE)
	@echo 'installing facefidelity with its test extra'
	$(INSTALL) '.[test]'
	@touch $(VENV)/.demo $@

$(VENV)/.dev: $(BASE)
	@echo 'installing facefidelity with its dev extra'
	$(INSTALL) '.[dev]'
	@touch $(VENV)/.demo $(VENV)/.test $@

$(VENV)/.extras: $(BASE)
	@echo 'installing facefidelity with its all, ray and test extras'
	$(INSTALL) '.[all,ray,test]'
	@touch $(VENV)/.demo $(VENV)/.test $@

FORCE:
