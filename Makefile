# Two commands matter: `make demo` shows the product, `make test` checks it. Both build .venv on first use.

PYTHON       ?=
SCENARIO     ?= scenarios/koc_or_kol.yaml
REPLICATIONS ?= 8
JOBS         ?= 2
ARGS         ?=

VENV  := .venv
READY := $(VENV)/.ready
BIN   := $(VENV)/bin
# Slow imports (no bytecode kept) and modules of elsewhere on the path would make .venv something else than it says.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME VIRTUAL_ENV
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export MPLBACKEND := Agg

.PHONY: help demo screens test science long oldest notebooks gallery jitoff torture lines mutation bench docs lint types contracts check clean

help:
	@echo 'make demo       compare the strategies of $(SCENARIO) and leave a report (about two minutes)'
	@echo 'make screens    pictures of the reports in results/, every section and figure, and of the live page (needs Chromium)'
	@echo 'make test       the tests (slow ones excluded)'
	@echo 'make science    the slow tests: published results at full size, benchmarks'
	@echo 'make long       the longest of them: fits to real and made-up data, many times over'
	@echo 'make oldest     the tests with the oldest versions of every library (constraints-min.txt), in .venv-min'
	@echo 'make notebooks  every notebook in a kernel, every lesson with its answer key (about six minutes)'
	@echo 'make gallery    the thumbnails and page of the scenario gallery, anew'
	@echo 'make jitoff     the rules once more without the compiler'
	@echo 'make torture    everything that tries to break it: bad input, faults, checkpoints, laws, long life (ten minutes)'
	@echo 'make lines      lines of sim/rules that the rule tests run, without the compiler'
	@echo 'make mutation   break every rule on purpose and count what the rule tests notice (writes docs/mutation.md)'
	@echo 'make docs       the documentation as a site, build/site/index.html'
	@echo 'make lint types contracts    ruff, mypy --strict, import contracts;  make check = all of these and test'
	@echo 'make clean      remove caches (keeps .venv and results);  rm -rf .venv to build it anew'
	@echo 'PYTHON=/path/to/python3.12 chooses the interpreter (3.11 or newer)'

# Any Python >= 3.11 will do; the first that can build an environment is taken.
$(READY): pyproject.toml constraints.txt
	@if [ -n "$(PYTHON)" ] || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  rm -rf $(VENV); \
	  for py in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python); do \
	    "$$py" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	    "$$py" -m venv $(VENV) >/dev/null 2>&1 && break; \
	    rm -rf $(VENV); "$$py" -m virtualenv -q $(VENV) >/dev/null 2>&1 && break; \
	    rm -rf $(VENV); \
	  done; \
	fi; \
	if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  echo 'No Python 3.11 or newer that can build an environment was found. Install one (on Debian and Ubuntu' >&2; \
	  echo 'together with its python3-venv package), or name it: make PYTHON=/path/to/python3.11 demo' >&2; exit 1; fi
	@echo "Installing into $(VENV) with $$($(BIN)/python --version) (once, a minute or two) ..."
	@$(BIN)/python -m pip install -qq -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(READY)
	@$(BIN)/sim compare $(SCENARIO) --replications $(REPLICATIONS) --jobs $(JOBS) $(ARGS)
	@ls results/$(notdir $(basename $(SCENARIO)))/*/report.html >/dev/null 2>&1 || { echo 'No report was written.' >&2; exit 1; }
	@echo 'Open the report named above in a browser.'

screens: $(READY)
	@ls results/*/*/report*.html >/dev/null 2>&1 || $(MAKE) demo
	@$(BIN)/python -c 'import playwright' 2>/dev/null || $(BIN)/python -m pip install -qq -c constraints.txt -e '.[browser]'
	@$(BIN)/python -c 'import panel' 2>/dev/null || $(BIN)/python -m pip install -qq -c constraints.txt -e '.[dashboard]'
	@$(BIN)/python tests/screens.py results/*/*/report*.html --live koc_or_kol --out results/screens $(ARGS)

test: $(READY)
	@$(BIN)/python -m pytest -q -n $(JOBS) -m 'not slow' $(ARGS)

science: $(READY)
	@$(BIN)/python -m pytest -q -n $(JOBS) -m 'slow and not long' $(ARGS)

long: $(READY)
	@$(BIN)/python -m pytest -q -n $(JOBS) -m long $(ARGS)

oldest: $(READY)
	@test -x .venv-min/bin/python || $(BIN)/python -m venv .venv-min
	@.venv-min/bin/python -m pip install -qq -c constraints-min.txt -e '.[dev]'
	@.venv-min/bin/python -m pytest -q -n $(JOBS) -m 'not slow' $(ARGS)

notebooks: $(READY)
	@$(BIN)/python -m pytest -q -n $(JOBS) tests/faces/test_notebooks.py $(ARGS)

gallery: $(READY)
	@$(BIN)/python docs/gallery.py $(ARGS)

jitoff: $(READY)
	@NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -q -m 'jitoff and not slow' $(ARGS)

torture: $(READY)
	@$(BIN)/python tests/torture.py $(ARGS)

lines: $(READY)
	@NUMBA_DISABLE_JIT=1 $(BIN)/python -m coverage run --data-file=.coverage.rules --source=sim/rules -m pytest -q -m jitoff tests/rules
	@$(BIN)/python -m coverage report --data-file=.coverage.rules --show-missing --fail-under=95

mutation: $(READY)
	@$(BIN)/python tests/mutation/mutate.py --jobs $(JOBS) --write $(ARGS)

bench: $(READY)
	@$(BIN)/python -m pytest -q -s tests/benchmarks $(ARGS)

# Pages under build/site, made without the network once the extra is installed.
docs: $(READY)
	@$(BIN)/python -m pip install -qq -c constraints.txt -e '.[docs]'
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build -q --strict $(ARGS)
	@echo 'Open build/site/index.html'

lint: $(READY)
	@$(BIN)/ruff check .

types: $(READY)
	@$(BIN)/mypy --strict sim

contracts: $(READY)
	@$(BIN)/lint-imports

check: test lint types contracts

clean:
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist *.egg-info
	@find sim tests -name __pycache__ -type d -prune -exec rm -rf {} +
