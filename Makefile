# The whole developer interface. Needs Python 3.11 or newer and make; everything else is fetched into this folder.

PYTHON ?= python3
PORT ?= 8000
DATA ?= .kith
N ?= 20
SCALE ?= 1
PAIRS ?= 5
BIN = .venv/bin

.PHONY: help setup setup-tests run reset test check faults attacks bench snapshots up down

help:
	@echo 'make run        a whole network at http://127.0.0.1:8000 (PORT=… another port, DATA=… another folder)'
	@echo 'make reset      forget that network; the next make run starts anew'
	@echo 'make test       every test, on real engines (ARGS=… for pytest)'
	@echo 'make check      format, lint, types, import rules, contracts, migrations'
	@echo 'make faults     play every fault on real engines and judge it (N=… rounds, ONLY=F3,F5, SEED=…, LONG=1)'
	@echo 'make attacks    try every route as everybody who may not'
	@echo 'make bench      measure the backbone beside its peers (ONLY=P1,P4 SCALE=0.1 PAIRS=5)'
	@echo 'make snapshots  write the contract snapshots anew'
	@echo 'make up, down   the network in containers'

setup:
	@$(PYTHON) deploy/embedded/setup.py

setup-tests:
	@$(PYTHON) deploy/embedded/setup.py --tests

run: setup
	@exec $(BIN)/python -m deploy.embedded.supervisor --port $(PORT) --data "$(DATA)"

reset: setup
	@$(BIN)/python -m deploy.embedded.supervisor --reset --data "$(DATA)"

test: setup-tests
	@$(BIN)/pytest $(ARGS)

check: setup-tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy services shared deploy tests
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/contracts tests/services/test_migrations.py

faults: setup-tests
	@$(BIN)/python -m tests.faults.table -n $(N) $(if $(ONLY),--only $(ONLY)) $(if $(SEED),--seed $(SEED)) $(if $(LONG),--long)

attacks: setup-tests
	@$(BIN)/pytest tests/system/rights $(ARGS)

# What the bench compares with is installed beside Kith, in an environment of its own.
.venv-bench/done: tests/benchmarks/requirements.lock
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/pip install --quiet --require-hashes --no-input -r $<
	@.venv-bench/bin/python -m deploy.embedded.jars
	@.venv-bench/bin/python -m deploy.embedded.assets
	@touch $@

bench: .venv-bench/done
	@.venv-bench/bin/python -m tests.benchmarks.run --only "$(ONLY)" --scale $(SCALE) --pairs $(PAIRS) $(if $(PROFILE),--profile)

snapshots: setup-tests
	$(BIN)/python -m shared.events.snapshots

up: setup
	@test -d secrets || $(BIN)/kith secrets make secrets
	docker compose up --build --detach --wait

down:
	docker compose down
