# One word for each thing that is done often; `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
RATE ?= 1000
# Most tests wait for servers rather than compute; a third process makes some deadlines short on two cores.
TEST_PROCESSES ?= 2
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
CONSOLE := python/payflow/api/console
CONSOLE_SOURCES := $(shell find frontend -path frontend/node_modules -prune -o -type f -print)
NODE_FITS := $(shell node -e 'const [a, b] = process.versions.node.split("."); console.log(a > 20 || (a == 20 && b >= 19) ? "yes" : "no")' 2>/dev/null)
RUST_SOURCES := $(shell find rust -name '*.rs' -o -name Cargo.toml) Cargo.toml Cargo.lock

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Build what is missing, then run the whole system with a demo stream (RATE=1000)
	@$(BIN)/payflow up --demo $(RATE)

.PHONY: build
build: $(STAMPS)/extension $(if $(filter yes,$(NODE_FITS)),$(STAMPS)/console,without-console) ## Build the Python environment, the Rust extension and the console

.PHONY: console
console: needs-node $(STAMPS)/console ## Build the console (frontend/) into the API's package

.PHONY: needs-node
needs-node:
ifneq ($(NODE_FITS),yes)
	@echo 'The console needs Node 20.19 or newer with npm on the PATH; `node --version` says: $(shell node --version 2>&1 | head -n 1)' >&2; exit 1
endif

.PHONY: without-console
without-console:
	@echo '== No Node 20.19 or newer on the PATH: the API is built without its console (install Node, then: make console)' >&2

.PHONY: test
test: build lint test-rust test-console test-python ## Everything that must hold

.PHONY: lint
lint: build ## Formats, lints, types, import directions
	@echo '== lint'
	$(BIN)/ruff format --check python tests benchmarks
	$(BIN)/ruff check python tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports
	cargo fmt --all --check
	cargo clippy --release --workspace --all-targets --locked -- -D warnings

.PHONY: test-rust
test-rust: ## Unit and property tests of the crates
	@echo '== Rust tests'
	cargo test --release --workspace --exclude payflow-python --locked --quiet

.PHONY: test-python
test-python: build ## Unit, conformance, integration, scenario, end-to-end and architecture tests
	@echo '== Python tests'
	$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadfile

.PHONY: test-console
test-console: needs-node build $(STAMPS)/node ## The console: formats, lints, types, drift, unit and screen tests, build, size budget, journeys in a browser
	@echo '== Console'
	$(BIN)/payflow openapi --check frontend/openapi.json
	cd frontend && npm run --silent test
	cd frontend && npm run --silent check
	@echo '== Console in a browser'
	cd frontend && npm run --silent e2e

.PHONY: bench
bench: build ## Measure the pipeline: 300,000 events, one worker
	$(BIN)/payflow bench pipeline --events 300000

.PHONY: format
format: build ## Rewrite the sources in the project's format
	$(BIN)/ruff format python tests benchmarks
	$(BIN)/ruff check --fix-only --quiet python tests benchmarks
	cargo fmt --all
	$(if $(filter yes,$(NODE_FITS)),cd frontend && npm run --silent format,@true)

.PHONY: lock
lock: $(STAMPS)/python ## Renew requirements.lock from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 --group dev --output-file requirements.lock pyproject.toml

.PHONY: clean
clean: ## Remove what was built; data of `payflow up` stays
	rm -rf target $(VENV) python/payflow/_native*.so frontend/node_modules $(CONSOLE)

$(STAMPS)/python: requirements.lock
	@echo '== Python environment in $(VENV) (under a minute)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/extension: $(STAMPS)/python pyproject.toml $(RUST_SOURCES)
	@echo '== Rust extension, release build (about five minutes on two cores the first time)'
	VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/maturin develop --release --locked --quiet --uv
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/node: frontend/package.json frontend/package-lock.json
	@echo '== Packages of the console in frontend/node_modules'
	cd frontend && npm ci --no-audit --no-fund --loglevel=error
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/console: $(STAMPS)/node $(CONSOLE_SOURCES)
	@echo '== Console, production build'
	cd frontend && npm run --silent build -- --logLevel warn
	@mkdir -p $(STAMPS) && touch $@
