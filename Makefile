# Every target sets up what it needs; Python 3.11 or newer and make are enough.
PYTHON ?= python3
BIN := .venv/bin
SETUP := .venv/.set-up

.PHONY: install demo test lint check bench pictures datasette lock clean

install: $(SETUP)

$(SETUP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(SETUP)
	$(BIN)/jobspider demo

test: $(SETUP)
	$(BIN)/pytest -n 2

lint: $(SETUP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

bench: $(SETUP)
	failed=0; for script in $$(grep -l __main__ benchmarks/*.py); do echo "== $$script"; $(BIN)/python $$script || failed=1; done; exit $$failed

# The pictures of digests in docs/, anew; Chromium is needed.
pictures: $(SETUP)
	$(BIN)/python -m tests.support.screenshots

# The database in a browser, with the questions of docs/QUESTIONS.md. Another one: make datasette DATABASE=demo/jobspider.db
DATABASE ?= data/jobspider.db
datasette: $(SETUP)
	$(BIN)/datasette serve $(DATABASE) --metadata docs/datasette.yml

# After a change of pyproject.toml's dependencies. No index or link lines: the file names packages, not places.
lock: $(SETUP)
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --all-extras --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --no-annotate --output-file requirements.lock pyproject.toml

clean:
	rm -rf .venv demo build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
