# Everything here makes its own virtual environment: Python 3.11 or later is all that has to be there.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Bytecode makes every start twice as fast; some environments switch it off.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test lint lab bench docs notebooks test-all clean

help: ## Show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or later is needed; name one with: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# What the browser part is made of: installing builds it.
VIEWS := hatch_build.py $(wildcard labextension/*.json labextension/*.mjs labextension/src/*.ts \
    labextension/src/*/*.ts labextension/style/*.css labextension/schema/*.json jupyter-config/*.json)

# One stamp an extra: nothing is installed again unless pyproject.toml or the browser part changed.
$(VENV)/.installed-%: $(VENV)/.made pyproject.toml $(VIEWS)
	@echo "Installing into $(VENV): this takes a minute or two."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@

demo: $(VENV)/.installed-demo,lab ## Run a survey pipeline in a notebook, and say where the result is
	$(BIN)/python scripts/run_demo.py

test: $(VENV)/.installed-test ## Run all checks and tests
	bash scripts/install_test_tools.sh $(BIN)/python
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile
	$(BIN)/python scripts/test_notebooks.py

lint: $(VENV)/.installed-test ## Check style, types and layers; TypeScript too, where Node.js is there
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/export_style.py --check
	bash scripts/check_typescript.sh

lab: $(VENV)/.installed-demo,lab ## Open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir notebooks

bench: $(VENV)/.installed-test ## Compare with pipetask: time per quantum, imports, displays; measure the run panel and the lab extension
	$(BIN)/python benchmarks/overhead.py
	$(BIN)/python benchmarks/parallel.py
	$(BIN)/python benchmarks/panel.py
	$(BIN)/python benchmarks/debugger.py
	$(BIN)/python benchmarks/labextension.py

docs: $(VENV)/.installed-test ## Write docs/pipetask-options.md and the pictures anew (of the panel only with Chromium)
	$(BIN)/python -m jupyter_mpexec.front.docs
	$(BIN)/python scripts/make_images.py
	$(BIN)/python scripts/make_screenshots.py

notebooks: $(VENV)/.installed-test ## Run the tutorial notebooks, and store their outputs
	$(BIN)/python scripts/update_notebooks.py

test-all: ## Run the tests with every supported Python that is installed
	$(PYTHON) scripts/test_all.py

clean: ## Remove what was made here
	rm -rf .venv .venv-* demo_output dist build labextension/node_modules jupyter_mpexec/widgets/static jupyter_mpexec/labextension .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
