# `make lab` opens the course, `make test` passes the tests; both set up what they need first.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
NBGRADER := .venv-nbgrader
PIP = $(BIN)/python -m pip install --disable-pip-version-check --quiet
LOCK := uv pip compile --universal --generate-hashes --python-version 3.11 \
	--no-header --no-annotate --no-emit-index-url pyproject.toml --extra setup

.PHONY: lab test check build lock clean

lab: $(READY)
	$(BIN)/course lab

# In three processes, dealt out by tests/conftest.py: half of the time is waiting for browsers and kernels.
test: check $(NBGRADER)/.ready
	$(BIN)/python -m pytest -n 3

check: $(READY)-test
	$(BIN)/ruff check .
	$(BIN)/mypy

build: $(READY)
	$(BIN)/course build

# The two files of settings are copied into .venv when the package is installed.
$(READY): requirements.lock pyproject.toml course_support/jupyterlab.json course_support/kernel_config.py
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else \
		"Python 3.11, 3.12 or 3.13 is needed: make lab PYTHON=python3.12")'
	@echo "Setting up the course in .venv: one to two minutes the first time, without a word."
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

# Only tests need mypy, playwright, schemathesis and the like, which are half of the disk space: learners do without.
$(READY)-test: $(READY) requirements-test.lock
	$(PIP) --require-hashes -r requirements-test.lock
	touch $@

# nbgrader brings extensions of JupyterLab along, which learners should not see; the course is there for its kernels.
$(NBGRADER)/.ready: BIN := $(NBGRADER)/bin
$(NBGRADER)/.ready: requirements-nbgrader.lock pyproject.toml
	@echo "Setting up nbgrader in $(NBGRADER), to test the assignments that are written for it: one to two minutes."
	$(PYTHON) -m venv $(NBGRADER)
	$(PIP) --require-hashes -r requirements-nbgrader.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

# constraints.txt is for environment.yml: pip takes no hashes beside an editable package.
lock:
	$(LOCK) --upgrade --output-file requirements.lock
	$(LOCK) --extra test --constraint requirements.lock --output-file requirements-test.lock
	$(LOCK) --extra nbgrader --constraint requirements.lock --output-file requirements-nbgrader.lock
	sed -n 's/ *\\$$//; /==/p' requirements.lock > constraints.txt

clean:
	rm -rf .venv $(NBGRADER) .benchmarks
