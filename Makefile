# One word for each thing that is done often; `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
RATE ?= 1000
# Most tests wait for servers rather than compute: a third process halves the time of the whole on two cores.
TEST_PROCESSES ?= 3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
RUST_SOURCES := $(shell find rust -name '*.rs' -o -name Cargo.toml) Cargo.toml Cargo.lock

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Build what is missing, then run the whole system with a demo stream (RATE=1000)
	@$(BIN)/payflow up --demo $(RATE)

.PHONY: build
build: $(STAMPS)/extension ## Build the Python environment and the Rust extension

.PHONY: test
test: build lint test-rust test-python ## Everything that must hold

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

.PHONY: bench
bench: build ## Measure the pipeline: 300,000 events, one worker
	$(BIN)/payflow bench pipeline --events 300000

.PHONY: format
format: build ## Rewrite the sources in the project's format
	$(BIN)/ruff format python tests benchmarks
	$(BIN)/ruff check --fix-only --quiet python tests benchmarks
	cargo fmt --all

.PHONY: lock
lock: $(STAMPS)/python ## Renew requirements.lock from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 --group dev --output-file requirements.lock pyproject.toml

.PHONY: clean
clean: ## Remove what was built; data of `payflow up` stays
	rm -rf target $(VENV) python/payflow/_native*.so

$(STAMPS)/python: requirements.lock
	@echo '== Python environment in $(VENV) (under a minute)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/extension: $(STAMPS)/python pyproject.toml $(RUST_SOURCES)
	@echo '== Rust extension, release build (about five minutes on two cores the first time)'
	VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/maturin develop --release --locked --quiet --uv
	@mkdir -p $(STAMPS) && touch $@
