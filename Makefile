# The short names. What they stand for lives in tox.ini and in the command line of knooppunt itself.
PYTHON ?= python3
VENV := .venv
TOOLS := .venv-tools
SOURCES := $(shell find gateway crypto pmodes xsd conformance bench -type f -not -name '*.pyc' 2>/dev/null) setup.cfg pyproject.toml

.PHONY: demo serve test bench soak later lint types imports tests interop docs lock clean
.DELETE_ON_ERROR:

demo: $(VENV)/installed            ## set up, then run the whole journey once and judge it
	$(VENV)/bin/knooppunt demo

serve: $(VENV)/installed           ## set up, then leave a hub with the demo's organisations running
	$(VENV)/bin/knooppunt demo --serve

test: $(TOOLS)/ready prerequisites ## set up, then every test, lint, strict types and the import contracts
	$(TOOLS)/bin/tox run $(TOXARGS)

bench: $(VENV)/installed           ## measure transactions against the floor of the same run
	$(VENV)/bin/knooppunt bench --out bench/results

soak: $(TOOLS)/ready prerequisites ## kills at random for KNOOPPUNT_SOAK_SECONDS (600 unless set)
	$(TOOLS)/bin/tox run -e soak

later: $(TOOLS)/ready prerequisites ## the tests on every later Python that this machine has
	$(TOOLS)/bin/tox run -e py312,py313,py314

lint types imports tests interop docs: $(TOOLS)/ready
	$(TOOLS)/bin/tox run -e $@

interop: prerequisites

.PHONY: prerequisites
prerequisites:                     # what the foreign judges need from the system
	sh tests/interop/prepare.sh

$(VENV)/ready: requirements.lock
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "knooppunt needs Python 3.11 or later with venv: apt-get install python3 python3-venv"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/installed: $(VENV)/ready $(SOURCES)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall .
	@touch $@

$(TOOLS)/ready: requirements-tools.lock
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "knooppunt needs Python 3.11 or later with venv: apt-get install python3 python3-venv"; exit 2; }
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-tools.lock
	@touch $@

lock:                              ## choose versions anew (needs pip-tools)
	for each in requirements requirements-test requirements-tools; do \
	  pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	    --strip-extras --no-header --allow-unsafe --output-file $$each.lock $$each.in || exit 1; \
	done

clean:
	rm -rf $(VENV) $(TOOLS) .tox build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
