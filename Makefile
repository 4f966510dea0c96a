# Every target does its own set-up; `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2
# mkdocs-material prints an announcement about another project's future otherwise
export NO_MKDOCS_2_WARNING := 1

.PHONY: help demo test check format docs bundle lock accuracy portraits run dev clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

demo: run ## answer one real question from bundled portraits, no QEMU needed
	@$(PYTHON) tools/demo.py

test: dev ## run all tests, those with real QEMUs included
	@$(BIN)/python -m tools.lab
	$(BIN)/pytest -n $(WORKERS)

check: dev ## format, lint, types and the import contract
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: dev ## let ruff lay out and mend the code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

docs: dev ## build the documentation into site/
	$(BIN)/mkdocs build --strict

bundle: run ## qcompat and its libraries in one file, for hosts without PyPI: dist/qcompat.pyz
	@$(BIN)/python tools/pyz.py

lock: ## resolve the newest dependencies into requirements/
	@$(PYTHON) tools/environment.py lock

accuracy: dev ## score verdicts against real loads, into docs/accuracy.md (ACCURACY=--full: all)
	@$(BIN)/python -m tools.lab
	$(BIN)/python -m tools.accuracy $(ACCURACY)

portraits: dev ## take the bundled portraits anew
	@$(BIN)/python -m tools.lab
	$(BIN)/python -m tools.bundle

run:
	@$(PYTHON) tools/environment.py run

dev:
	@$(PYTHON) tools/environment.py dev

clean: ## remove everything that these targets made in this folder
	rm -rf .venv site dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
