# `make lab` opens the course, `make test` passes the tests; both set up what they need first.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: lab test check build lock clean

lab: $(READY)
	$(BIN)/course lab

test: check
	$(BIN)/python -m pytest

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy

build: $(READY)
	$(BIN)/course build

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	touch $@

lock:
	uv pip compile --universal --generate-hashes --python-version 3.11 --extra test \
		--no-header --no-annotate --no-emit-index-url --upgrade pyproject.toml --output-file requirements.lock

clean:
	rm -rf .venv
