# The short names. What they stand for lives in tox.ini and in the command line of knooppunt itself.
PYTHON ?= python3
VENV := .venv
TOOLS := .venv-tools
SOURCES := $(shell find gateway crypto pmodes xsd conformance knooppunt -type f -not -name '*.pyc' 2>/dev/null) setup.cfg pyproject.toml

.PHONY: help demo serve test bench bench-compare soak planted emptied later lint types imports tests stores browser interop interop-full docs vendor lock clean prerequisites
.DELETE_ON_ERROR:

help:                              ## this list
	@sed -n 's/^\([a-z][a-z -]*\):[^#]*##/\1:/p' $(firstword $(MAKEFILE_LIST)) | \
	  while IFS=: read -r names words; do printf '%-51s%s\n' "make $$names" "$$words"; done

demo: $(VENV)/installed            ## set up, then run the whole journey once and judge it
	$(VENV)/bin/knooppunt demo

serve: $(VENV)/installed           ## set up, then leave a hub with the demo's organisations running
	$(VENV)/bin/knooppunt demo --serve

test: prerequisites $(TOOLS)/ready ## set up, then every test, lint, strict types and the import contracts
	$(PYTHON) .ci/environments.py $(TOOLS)/bin/tox $(TOXARGS)

bench: $(VENV)/drawing             ## measure transactions against the floor of the same run
	PYTHONPATH="$(CURDIR)" $(VENV)/bin/python -m bench --out bench/results $(BENCHARGS)

bench-compare: $(VENV)/ready      ## measure transactions against those of BASE, a commit or a checkout
	@test -n "$(BASE)" || { echo "which one: make bench-compare BASE=COMMIT-or-CHECKOUT"; exit 2; }
	PYTHONPATH="$(CURDIR)" $(VENV)/bin/python -m bench.compare --base "$(BASE)" --out bench/results $(BENCHARGS)

soak: prerequisites $(TOOLS)/ready ## kills at random for KNOOPPUNT_SOAK_SECONDS (600 unless set), whole small benches, the longer journeys of the portal in a browser, and variants that the ordinary run leaves out
	$(PYTHON) .ci/environments.py $(TOOLS)/bin/tox -e installed,soak $(TOXARGS)

planted: $(TOOLS)/ready           ## do the tests find the faults of tests/planted/faults.toml: half an hour and more
	$(PYTHON) .ci/environments.py $(TOOLS)/bin/tox -e installed,planted $(TOXARGS)

emptied: prerequisites $(TOOLS)/ready ## does a row in a browser go red for each module of the desk that is empty: an hour
	$(PYTHON) .ci/environments.py $(TOOLS)/bin/tox -e installed,emptied $(TOXARGS)

interop-full: prerequisites $(TOOLS)/ready ## do whole products of others agree: fetches or builds them, and starts them: some minutes
	@PYTHON=$(PYTHON) sh tests/interop_full/prepare.sh
	$(PYTHON) .ci/environments.py $(TOOLS)/bin/tox -e installed,interop-full $(TOXARGS)

later: prerequisites $(TOOLS)/ready ## the tests on every later Python that this machine has
	$(TOOLS)/bin/tox run -e py312,py313,py314 $(TOXARGS)

lint types imports tests stores browser interop docs: $(TOOLS)/ready ## one environment of make test; TOXARGS="-- tests/msh" narrows it
	$(PYTHON) .ci/environments.py $(TOOLS)/bin/tox -e installed,$@ $(TOXARGS)

tests stores browser interop: prerequisites

prerequisites:                     # what the tests ask of the system
	@PYTHON=$(PYTHON) sh tests/interop/prepare.sh

$(VENV)/ready: requirements.lock
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "knooppunt needs Python 3.11 or later with venv: apt-get install python3 python3-venv"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/drawing: $(VENV)/ready requirements-bench.lock
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
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
	for each in requirements requirements-bench requirements-test requirements-tools; do \
	  pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	    --strip-extras --no-header --allow-unsafe --output-file $$each.lock $$each.in || exit 1; \
	done

vendor:                            ## fetch the scripts of others that the desk ships anew, by their hashes
	$(PYTHON) .ci/vendor.py

clean:                             ## remove what the others made
	rm -rf $(VENV) $(TOOLS) .tox build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
