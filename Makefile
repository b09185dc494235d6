# Two commands matter: `make demo` and `make test`. Both install what is missing first.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
export PATH := $(PATH):$(HOME)/.cargo/bin
target := $(or $(CARGO_TARGET_DIR),target)

.NOTPARALLEL:
.PHONY: help demo test test-fakes test-openai test-web screens check lint fmt doc supply bench bench-latency sim chaos fuzz setup clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup ## Turn the sample memo into a diary note; installs, builds and gets what is missing
	@cargo build --release --locked
	@$(target)/release/diarist demo
	@printf '%s\n' '' 'Now type one of these:' \
		'  $(target)/release/diarist note YOUR-MEMO.m4a              a note of your own recording' \
		'  $(target)/release/diarist transcribe samples/memo.ogg     the exact words' \
		'  $(target)/release/diarist serve                           the HTTP API on this machine' \
		'  $(target)/release/diarist --help                          everything else'

# What `cargo test` has built serves the suites behind it: a build of its own would compile half of everything anew.
test: setup ## Run every test; gets the model and the PostgreSQL that they need
	@scripts/setup.sh test
	@cargo test --locked --no-run
	@$(target)/debug/diarist models pull tiny.en
	@cargo test --locked --no-fail-fast
	@$(MAKE) --no-print-directory BUILT=1 test-openai
	@$(MAKE) --no-print-directory BUILT=1 test-web

test-openai: setup ## Run OpenAI's own SDKs, Python and npm, against a server of this build
	@scripts/setup.sh sdk
	@[ -n "$(BUILT)" ] || cargo build --locked
	@$(target)/debug/diarist models pull tiny.en
	@DIARIST=$(target)/debug/diarist tests/openai/run.sh

test-web: setup ## Drive the page of this build in a real Chromium, with a voice at its microphone
	@scripts/setup.sh web
	@[ -n "$(BUILT)" ] || cargo build --locked
	@tests/web/run.sh

screens: setup ## Make the pictures of the page anew in docs/screens
	@scripts/setup.sh web
	@cargo build --locked
	@tests/web/run.sh screens docs/screens

test-fakes: setup ## Check the fake language models with the official SDKs; wants python3, and npm for some
	@tests/fakes/sdk/run.sh

check: lint test doc supply ## Exactly what CI runs: formatting, lints, tests, docs, supply chain

lint: setup ## Check formatting and lints
	@scripts/setup.sh lint
	@cargo fmt --check
	@cargo clippy --locked --all-targets -- -D warnings

fmt: ## Format the code
	@cargo fmt

doc: setup ## Build the API documentation, warnings denied
	@RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps --document-private-items

supply: ## Check licences, sources, duplicates and unused dependencies, where the tools are installed
	@if command -v cargo-deny >/dev/null; then cargo deny --locked check bans licenses sources; \
		else echo 'supply: skipped deny, cargo-deny is not installed (cargo install --locked cargo-deny)'; fi
	@if command -v cargo-machete >/dev/null; then cargo machete; \
		else echo 'supply: skipped machete, cargo-machete is not installed (cargo install --locked cargo-machete)'; fi

bench: setup ## Compare speed and errors with whisper.cpp on two minutes of speech, as Markdown
	@cargo build --release --locked
	@$(target)/release/diarist models pull tiny.en >&2
	@DIARIST=$(target)/release/diarist benches/peers/whisper_cpp.sh

bench-latency: setup ## Measure answers at 200 requests a second while every processor transcribes
	@cargo bench --locked --bench latency

SEEDS ?= 20000
sim: setup ## Play the engine's core through SEEDS=20000 simulated lives full of faults; SIM_SEED=7 replays one
	@SIM_SEEDS=$(SEEDS) cargo test --locked --test sim -- --nocapture

KILLS ?= 1000
ZOMBIES ?= 200
chaos: setup ## Kill the server KILLS=1000 times on each database, freeze it ZOMBIES=200 times, and look at what is left
	@cargo build --locked
	@$(target)/debug/diarist models pull tiny.en
	@CHAOS_KILLS=$(KILLS) CHAOS_ZOMBIES=$(ZOMBIES) cargo test --locked --test chaos -- --nocapture kills zombies

SECONDS ?= 60
fuzz: setup ## Fuzz what reads a stranger's bytes, SECONDS=60 for each target (needs nightly and cargo-fuzz)
	@fuzz/run.sh $(SECONDS)

setup: ## Install the system packages that are missing; silent when none is
	@scripts/setup.sh

clean: ## Remove everything that was built
	@cargo clean
