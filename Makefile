# 'make demo' shows the product, 'make test' checks it; both set up everything they need first.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
SERVE  ?= 1
PORT   ?= 8501
DEMO   ?= demo
BENCH  ?= .cache/bench
COUNTIES ?= 20
PYTEST ?=
WORKERS ?= 2

VENV := .venv
BIN  := $(VENV)/bin
PIP  := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes

# What the tests need beside Python: "Debian package:what shows that it is there".
TEST_PACKAGES := chromium:chromium postgresql: maven:mvn openjdk-17-jre-headless:java fonts-noto-cjk: nodejs:node npm:npm \
	libreoffice-writer-nogui:soffice

.PHONY: help setup demo test lint format test-spark bench-quality bench-speed learn lock clean

help:  ## say what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.setup  ## make .venv with the ringfence command

demo: setup  ## invent a county, find its rings, serve the explorer (SERVE=0: end instead)
	$(BIN)/ringfence demo --workspace $(DEMO) --port $(PORT) $(if $(filter 0 no false,$(SERVE)),--no-serve,--serve)

test: lint  ## check style and types, run every test but the Spark ones (PYTEST='-k name': only some)
	@sh scripts/debian-packages.sh want $(TEST_PACKAGES)
	@sh scripts/tests.sh $(BIN)/python $(WORKERS) $(PYTEST)

lint: $(VENV)/.tools  ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.tools  ## put the code into its one layout
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test-spark: $(VENV)/.spark  ## run the same column work on Spark (slow; downloads pyspark; needs Java)
	@sh scripts/debian-packages.sh want openjdk-17-jre-headless:java
	$(BIN)/python -m pytest -m spark $(PYTEST)

bench-quality: $(VENV)/.bench  ## measure every setting on unseen counties, write docs/quality.md (hours; COUNTIES=20)
	$(BIN)/python -m benchmarks.quality $(BENCH) --counties $(COUNTIES)
	$(BIN)/python -m benchmarks.chance $(BENCH)
	$(BIN)/python -m benchmarks.quality_report

.PHONY: bench-peers
bench-peers: $(VENV)/.bench  ## other methods on the same visits (half an hour; downloads 300 MB)
	$(BIN)/python -m benchmarks.peers $(BENCH)

.PHONY: bench-motifs
bench-motifs: setup  ## time every motif on the loaded graph of a workspace (DEMO=demo)
	$(BIN)/python -m benchmarks.motifs $(DEMO)

.PHONY: bench-explorer
bench-explorer: $(VENV)/.tools  ## time the explorer in a browser on a workspace that is ready (DEMO=demo)
	@sh scripts/debian-packages.sh want chromium:chromium
	$(BIN)/python -m benchmarks.explorer $(DEMO)

bench-speed: $(VENV)/.bench  ## time and memory at 0.1, 1 and 10 million settlements, beside others (an hour, 10 GB of disk)
	$(BIN)/python -m benchmarks.speed $(BENCH)

.PHONY: canvas
canvas:  ## bundle the explorer's graph canvas anew, after a change below canvas/ (needs node and npm)
	@sh scripts/debian-packages.sh want nodejs:node npm:npm
	cd canvas && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && node build.mjs

learn: setup  ## learn detectors/factors.csv anew from development counties
	$(BIN)/ringfence learn $(BENCH)/learn --seeds 8 --out detectors/factors.csv

# A lock names no registry: the machine that installs decides where packages come from, and the
# hashes decide whether what came is what was locked. The marks in it hold for every platform.
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --quiet

lock:  ## renew the locks (needs uv; add UPGRADE=--upgrade for newer versions)
	$(LOCK) $(UPGRADE) --group build --output-file requirements.txt
	$(LOCK) $(UPGRADE) --group build --group dev --constraint requirements.txt --output-file requirements-dev.txt
	$(LOCK) $(UPGRADE) --group build --group dev --group spark --constraint requirements-dev.txt --output-file requirements-spark.txt
	$(LOCK) $(UPGRADE) --group build --group dev --group bench --constraint requirements-dev.txt --output-file requirements-bench.txt

clean:  ## remove what setup and the tools made; workspaces stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Each stamp is newer than what it was made from, so that a second 'make' does nothing.
$(VENV)/bin/python:
	@sh scripts/debian-packages.sh venv $(PYTHON)
	$(PYTHON) -m venv $(VENV)

$(VENV)/.setup: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) --requirement requirements.txt
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.tools: requirements-dev.txt $(VENV)/.setup
	$(PIP) --requirement requirements-dev.txt
	@touch $@

$(VENV)/.spark: requirements-spark.txt $(VENV)/.tools
	$(PIP) --requirement requirements-spark.txt
	@touch $@

$(VENV)/.bench: requirements-bench.txt $(VENV)/.tools
	$(PIP) --requirement requirements-bench.txt
	@touch $@
