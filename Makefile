# Everything that people do with tmx from a checkout. `make help` lists it.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
TMX    := $(BIN)/tmx

BODY   ?= bennu
BASE   ?= configs/base_configs/$(BODY).yaml
SWEEP  ?= configs/batch_configs/test_batch.yaml
OUTPUT ?= results/$(basename $(notdir $(SWEEP)))
NAME   ?= $(notdir $(OUTPUT))

KILLS    ?= 2000
SAMPLES  ?= 5000
EXAMPLES ?= 500
STEPS    ?= 60
JUMPED_SAMPLES ?= 500
FAULTS   := $(addprefix tests/integration/,test_faults.py test_power_cuts.py test_full_disks.py test_clocks.py registry) \
            tests/acceptance/test_kills.py

.DEFAULT_GOAL := help

## setup: make .venv with the locked dependencies
setup: $(VENV)/.installed

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

## dev: set up, with what tests and lint need
dev: $(VENV)/.installed-dev

## demo: set up, and run a Bennu sweep to a dataset of spectra
demo: setup
	$(TMX) batch -b configs/base_configs/bennu.yaml -B configs/batch_configs/ml_dataset_example.yaml -o results/demo \
	  --create-dataset
	$(TMX) plot spectra demo --by radius -o results/demo/spectra.png
	@echo
	@echo "The dataset is results/demo/ml_dataset.h5; look at results/demo/spectra.png. Try next:"
	@echo "  $(TMX) status"
	@echo "  $(TMX) browse --open"
	@echo "  $(TMX) sql \"select Et, radius, t_surf_max, christiansen_wavelength from samples limit 5\""
	@echo "  $(TMX) show sample demo/0"
	@echo "  $(TMX) create-config -o my.yaml --planetary-body Moon && $(TMX) single -c my.yaml"

## test: the whole test suite, with lint and types
test: lint
	$(BIN)/pytest -n 3

## soak: the tests of faults for some ten minutes and more: KILLS=2000 SAMPLES=5000 EXAMPLES=500 STEPS=60
soak: $(VENV)/.installed-dev
	TMX_TEST_KILLS=$(KILLS) TMX_TEST_SAMPLES=$(SAMPLES) TMX_TEST_EXAMPLES=$(EXAMPLES) TMX_TEST_STEPS=$(STEPS) \
	  TMX_TEST_JUMPED_SAMPLES=$(JUMPED_SAMPLES) TMX_TEST_CUTS=3 \
	  $(BIN)/pytest $(FAULTS)

## lint: style, types and the arrows between packages
lint: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

## bench: measure everything beside peers, and write docs/benchmarks.md
bench: .venv-bench/.installed
	.venv-bench/bin/python -m benchmarks --document

PEERS = $(shell sed -n 's/,/ /g; s/^bench = \[\(.*\)\]$$/\1/p' pyproject.toml)

# A peer that cannot be installed is a row that says so.
.venv-bench/.installed: pyproject.toml requirements-dev.lock
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	.venv-bench/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	.venv-bench/bin/pip install --quiet --disable-pip-version-check $(PEERS) || \
	  for peer in $(PEERS); do .venv-bench/bin/pip install --quiet --disable-pip-version-check "$$peer" || true; done
	touch $@

## validate: compare with what others measured, tabulated or worked out, and write docs/validation.md: two to five minutes
validate: $(VENV)/.installed-dev
	$(BIN)/python -m validation

## figures: draw the figures of the documentation again
figures: $(VENV)/.installed-dev
	$(TMX) batch -b configs/base_configs/bennu.yaml -B configs/batch_configs/christiansen.yaml -o results/christiansen
	$(TMX) plot spectra christiansen -o docs/figures/christiansen.png
	$(TMX) batch -b configs/base_configs/bennu.yaml -B configs/batch_configs/ml_dataset_example.yaml -o results/demo
	$(TMX) plot spectra demo --by radius -o docs/figures/grain_size.png
	PYTHONPATH=tests $(BIN)/python tests/screenshots.py docs/figures
	$(TMX) batch -b configs/base_configs/moon.yaml -B configs/batch_configs/beaming.yaml -o results/beaming
	$(TMX) plot beaming results/beaming/radiance_results/*.h5 --local-time 9 -o docs/figures/beaming.png
	$(TMX) batch -b configs/base_configs/bennu.yaml -B configs/batch_configs/emulator.yaml -o results/emulator --create-dataset
	$(TMX) emulate train results/emulator/ml_dataset.h5 --outputs T_surf
	$(TMX) emulate evaluate results/emulator/emulator.h5 -o docs/figures/emulator.png

## docs: write the reference pages of the documentation anew
docs: $(VENV)/.installed-dev
	$(BIN)/python -m documentation

## run: BODY=… SWEEP=… OUTPUT=…: compute a sweep and build its dataset
run: setup
	$(TMX) batch -b $(BASE) -B $(SWEEP) -o $(OUTPUT) --create-dataset

## resume: go on with whatever was interrupted
resume: setup
	$(TMX) resume

## status: how far the sweeps are
status: setup
	$(TMX) status

## doctor: check installation, registry, store and machine
doctor: setup
	$(TMX) doctor

## browse: look at sweeps, runs, spectra and failures in the browser
browse: setup
	$(TMX) browse --open

## dataset: NAME=…: build the dataset of a sweep again
dataset: setup
	$(TMX) dataset build --sweep $(NAME)

## migrate: bring the registry's schema up to date
migrate: setup
	$(TMX) db upgrade

## lock: resolve the dependencies anew
lock:
	$(PYTHON) -m pip install --quiet uv
	$(PYTHON) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --extra postgres pyproject.toml requirements-build.in -o requirements.lock
	$(PYTHON) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --extra postgres --extra dev pyproject.toml requirements-build.in -c requirements.lock -o requirements-dev.lock

## clean: remove the environment and caches; results and the registry stay
clean:
	rm -rf $(VENV) .venv-bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

## help: this list
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

.PHONY: setup dev demo test soak lint bench validate figures docs run resume status doctor browse dataset migrate \
        lock clean help
