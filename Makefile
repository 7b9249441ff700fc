# make demo     play a whole editing session on this machine      (MEDIA=path: your film, KEEP=1: leave it running)
# make up       run the service for your own edits
# make test     all tests, on real servers
# make check    lint, types, import contracts, size budget, migrations
# make client   the TypeScript client from its sources: types, build, the copy that /play serves   (needs npm)
# make mutants  plant bugs and see whether the model machine notices each of them
# make chaos    people edit while processes and servers are killed under them   (SECONDS=300, SEED=a number: that run again)
# make soak     undo, played against its model for long     (EXAMPLES=20000, MACHINE=base|scenes|vocabulary|laws, SEED=n)
# make bench    figures, each beside a peer and a physical limit
# Each sets up all it needs; Python 3.11 to 3.13 and make are enough.
.PHONY: demo up test check mutants chaos soak bench setup format lock clean client
.DEFAULT_GOAL := demo
BIN := .venv/bin
TESTS ?= tests
PYTEST_ARGS ?=

demo:
	@.ci/setup run
	@$(BIN)/timeline-service demo $(if $(MEDIA),--media "$(MEDIA)") $(if $(filter-out 0 no false,$(KEEP)),--keep)

up:
	@.ci/setup run
	@$(BIN)/timeline-service up

setup:
	@.ci/setup dev

test:
	@.ci/setup dev
	$(BIN)/python -m pytest -n auto --dist loadgroup $(PYTEST_ARGS) $(TESTS)

check:
	@.ci/setup dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy timeline_service projections workers migrations
	$(BIN)/lint-imports
	$(BIN)/python -m tests.house.budget
	$(BIN)/python -m tests.house.migrations

client:
	@.ci/setup dev
	$(BIN)/python -m tests.house.openapi
	$(BIN)/python -m tests.house.client

mutants:
	@.ci/setup dev
	$(BIN)/python -m tests.mutants

chaos:
	@.ci/setup dev
	$(BIN)/python -m tests.chaos $(or $(SECONDS),300) $(SEED)

soak:
	@.ci/setup dev
	$(BIN)/python -m tests.laws.soak $(or $(EXAMPLES),20000) $(MACHINE) $(SEED)

bench:
	@.ci/setup bench
	$(BIN)/python -m tests.benchmarks

format:
	@.ci/setup dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock:
	uv lock

clean:
	rm -rf .venv .uv .data .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
