# The commands of this project. Each runs a script in scripts/, which first installs what it needs.

.DEFAULT_GOAL := help
.PHONY: help setup serve test test-native test-wasm test-e2e bench lint dist clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{ printf "make %-12s %s\n", $$1, $$2 }' Makefile

serve: ## build the page and serve it on http://127.0.0.1:8080 (PORT=9000 for another port)
	@scripts/serve.sh

test: ## run every test
	@scripts/setup.sh
	@scripts/test-native.sh
	@scripts/test-wasm.sh
	@scripts/test-e2e.sh

bench: ## measure the engine natively and in a headless browser
	@scripts/bench.sh

lint: ## check formatting, lints and documentation
	@scripts/lint.sh

dist: ## build the static site into dist/ and print its size
	@scripts/dist.sh

setup: ## install every tool that the other commands need
	@scripts/setup.sh

test-native: ## run the tests that need no browser
	@scripts/test-native.sh

test-wasm: ## run the WebAssembly tests in a headless browser
	@scripts/test-wasm.sh

test-e2e: ## run the tests of the built page in a headless browser
	@scripts/test-e2e.sh

clean: ## remove dist/ and target/ (the tools stay in the cache)
	rm -rf dist target
