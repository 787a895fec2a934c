# Everything starts from here: `make` alone lists the targets.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test lint sanity unit integration faults molecule bench test-vmtier lab-up lab-down docs build clean venv venv-demo

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1#\2/p' $(MAKEFILE_LIST) | awk -F'#' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: venv-demo ## a three-host datacenter on this machine (root)
	@$(VENV)/python -m tools.demo

test: venv ## everything that CI runs; takes the lab down at the end (root)
	@$(VENV)/python -m tools.run_tests

lint: venv ## format, style, types, documentation
	@$(VENV)/python -m tools.run_tests lint

sanity: venv ## ansible-test sanity on a copy of the tree
	@$(VENV)/python -m tools.run_tests sanity

unit: venv ## unit tests, without libvirt or root
	@$(VENV)/python -m tools.run_tests unit

integration: venv ## modules and roles against the lab's hosts, which stay up (root)
	@$(VENV)/python -m tools.run_tests lab-up integration

faults: venv ## kills, power cuts and full disks against the lab, which stays up (root)
	@$(VENV)/python -m tools.run_tests lab-up faults

molecule: venv ## the roles' scenarios; they bring the lab up and down (root)
	@$(VENV)/python -m tools.run_tests molecule

bench: venv ## how fast it is, beside other ways to do the same (root)
	@$(VENV)/python -m tools.run_tests lab-up benchmarks

test-vmtier: venv ## storage that needs a kernel of its own, on a host that is a whole VM; the lab stays up (root)
	@$(VENV)/python -m tools.run_tests lab-up vm-tier

lab-up: ## bring the lab up (root)
	@tests/lab/lab up

lab-down: ## take the lab down (root)
	@tests/lab/lab down

docs: venv ## check the documentation and what it shows
	@$(VENV)/python -m tools.docs_check

build: venv ## the collection as a file for ansible-galaxy, in build/
	@$(VENV)/ansible-galaxy collection build --force --output-path build

clean: ## remove what make has made here, except .venv
	@rm -rf .cache .ansible .mypy_cache .pytest_cache .ruff_cache build tests/output

venv:
	@$(PYTHON) -m tools.bootstrap test
	@$(PYTHON) -m tools.link >/dev/null

venv-demo:
	@$(PYTHON) -m tools.bootstrap demo
	@$(PYTHON) -m tools.link >/dev/null
