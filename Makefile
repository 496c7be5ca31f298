# SPDX-License-Identifier: AGPL-3.0-or-later
# "make help" lists what can be made. Everything that is built lies in build/, dist/, .venv/ and .lab/.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The machine's own Python, if it can make virtual environments and is new enough: Debian's takes a sixth less of the
# processor than one that pyenv has built. Otherwise the first in PATH; PYTHON=... names another one.
ifndef PYTHON
NEEDED := import ensurepip, lzma, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON := $(shell /usr/bin/python3 -c '$(NEEDED)' 2>/dev/null && echo /usr/bin/python3 || echo python3)
endif
export PYTHON
VENV := .venv
# Tools of the virtual environment before all others: molecule and ansible-lint call ansible-playbook by name.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

VERSION := $(shell awk '$$1 == "version:" {print $$2}' galaxy.yml)
LOCAL := $(shell go env GOARCH 2>/dev/null)
TARBALL := picluster-tracing-$(VERSION).tar.gz

GO_SOURCES := go.mod go.sum .ci/compiler_flags $(shell find modules -type f ! -name '*_test.go' ! -path '*/testdata/*' 2>/dev/null)
CONTENT := galaxy.yml LICENSE README.md CHANGELOG.md $(shell find LICENSES changelogs docs meta playbooks plugins roles \
	-type f ! -name '*.pyc' ! -path 'plugins/plugin_utils/bin/*' 2>/dev/null)
PACKING := .ci/build_collection .ci/pack_programs.py .ci/repack.py

##@ Two commands
.PHONY: demo demo-lab demo-down test
demo: ## set up tracing on a lab of real servers, twice: the second run must change nothing
	@.ci/prerequisites demo
	@.ci/side_by_side lab "$(MAKE) demo-lab" collection "$(MAKE) --silent build/demo/installed"
	@.ci/demo

demo-lab: build/lab
	@.ci/demo_lab up

demo-down: build/lab ## end the demo; nothing keeps running
	@.ci/demo_lab down

test: ## all checks, as CI runs them; or those that CHECKS names
	@.ci/run_checks $(CHECKS)

##@ Build
.PHONY: help prerequisites venv pins build binaries collection docs clean
help: ## this list
	@awk -F ':.*## ' '/^##@ /{printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## /{printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

prerequisites: ## look for the programs that demo and test need; as root install missing Debian packages
	@.ci/prerequisites

venv: $(VENV)/ready ## the virtual environment with ansible-core and the tools of the tests

pins: ## the versions and hashes of all Python packages that checks install, from the NAME.in beside each; needs uv
	@.ci/pin

build: build/linux-$(LOCAL)/tracing-modules ## the Go program for this machine

binaries: build/linux-amd64/tracing-modules build/linux-arm64/tracing-modules build/THIRD_PARTY_NOTICES.txt build/sbom.spdx.json ## the packed programs into plugins/plugin_utils/bin
	@$(PYTHON) .ci/pack_programs.py build/packed plugins/plugin_utils/bin 9 $(foreach a,amd64 arm64,$a=build/linux-$a/tracing-modules)
	@cp build/THIRD_PARTY_NOTICES.txt build/sbom.spdx.json plugins/plugin_utils/bin/

collection: dist/$(TARBALL) ## the tarball for Galaxy, with programs for amd64 and arm64

docs: ## plugins/modules/*.py from the Go option tables, docs/versions.md from compat
	go run ./modules/cmd/plugindocs

clean: ## remove what was built, but neither the lab nor the virtual environment
	rm -rf build dist

# Only files whose hashes are listed are installed: all that is needed is, so that pip need not look. What has no wheel is
# built by what is there: pip would fetch other builders, which no hash is listed of.
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-build-isolation

$(VENV)/ready: tests/requirements/build.txt tests/requirements/checks.txt
	@echo "making the virtual environment $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(VENV)/bin/python $(PIP_INSTALL) --requirement tests/requirements/build.txt
	@$(VENV)/bin/python $(PIP_INSTALL) --requirement tests/requirements/checks.txt
	@touch $@

# The flags of .ci/compiler_flags, each in quotes.
QUICKLY := $(shell sed -n "s/^-.*/'&'/p" .ci/compiler_flags)

# How Go's tests are compiled; vet has a check of its own.
TEST_FLAGS := $(QUICKLY) -ldflags='-s -w' -vet=off

# The compiler and the tests collect garbage less often, which takes an eighth less of the processor
# (molecule/lab/internal/build).
ROOMY := GOGC=400 GOMEMLIMIT=1GiB

# No build id either, which would differ from one build to the next. Functions begin at each 8th byte, on amd64 by default
# at each 32nd: every start initializes 500 packages that lie all over the program, and takes 1.2 MiB of memory less when
# they lie closer together.
build/linux-%/tracing-modules: $(GO_SOURCES)
	@echo "building the Go program for linux/$*"
	@$(ROOMY) CGO_ENABLED=0 GOOS=linux GOARCH=$* go build $(QUICKLY) -ldflags='-s -w -buildid= -funcalign=8' -o $@ ./modules/cmd/tracing-modules

build/THIRD_PARTY_NOTICES.txt: $(GO_SOURCES) .ci/third_party_notices.py
	@mkdir -p build
	@$(PYTHON) .ci/third_party_notices.py ./modules/cmd/tracing-modules >$@

build/sbom.spdx.json: $(GO_SOURCES) .ci/sbom.py .ci/third_party_notices.py galaxy.yml
	@mkdir -p build
	@$(PYTHON) .ci/sbom.py ./modules/cmd/tracing-modules $(VERSION) >$@

dist/$(TARBALL): $(CONTENT) $(PACKING) build/linux-amd64/tracing-modules build/linux-arm64/tracing-modules build/THIRD_PARTY_NOTICES.txt build/sbom.spdx.json $(VENV)/ready
	@.ci/build_collection dist 9 amd64 arm64

# The demo manages this machine alone, so its tarball has the program for this architecture only. Nobody publishes it, so
# that it is packed in a few seconds.
build/demo/$(TARBALL): $(CONTENT) $(PACKING) build/linux-$(LOCAL)/tracing-modules build/THIRD_PARTY_NOTICES.txt build/sbom.spdx.json $(VENV)/ready
	@.ci/build_collection build/demo 0 $(LOCAL)

# The hosts of the Molecule scenarios are of both architectures.
build/all/$(TARBALL): dist/$(TARBALL)
	@mkdir -p build/all
	@cp $< $@

build/%/installed: build/%/$(TARBALL)
	@rm -rf build/$*/collections
	@ANSIBLE_COLLECTIONS_PATH=build/$*/collections ansible-galaxy collection install --offline --collections-path build/$*/collections $< >/dev/null
	@touch $@

##@ The lab: MinIO, Kubernetes, a chart repository and a stand-in for Grafana on loopback
.PHONY: lab-up lab-down
export LAB_DIR ?= $(CURDIR)/.lab
LAB := $(CURDIR)/build/lab
LAB_SOURCES := .ci/compiler_flags $(shell find molecule/lab -type f ! -name '*_test.go' ! -path '*/testdata/*' 2>/dev/null)

lab-up: build/lab ## build and start the lab
	@$(LAB) up

lab-down: build/lab ## stop the lab
	@$(LAB) down

build/lab: $(LAB_SOURCES)
	@echo "building the lab's command"
	@$(ROOMY) CGO_ENABLED=0 go build -C molecule/lab $(QUICKLY) -ldflags='-s -w' -o $(LAB).$$$$ ./cmd/lab && mv $(LAB).$$$$ $(LAB)

# What the Molecule scenarios use, whatever Ansible runs them.
SCENARIOS = ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/build/all/collections LAB_COMMAND=$(LAB)

##@ While you write
.PHONY: quick quick-go
quick: ## format, vet, unit tests without the race detector, and Python's where anything that they read has changed; no root, no lab
	@$(MAKE) --no-print-directory --output-sync=target -j4 quick-go $(QUICK_PYTHON)

# Begins while the virtual environment is made, which Python's tests wait for. Tests that only wait for a server take no
# processor from the others.
quick-go:
	@test -z "$$(gofmt -l modules molecule tests)" || { gofmt -d modules molecule tests; exit 1; }
	CGO_ENABLED=0 go vet $(QUICKLY) ./modules/...
	CGO_ENABLED=0 go test -p 4 $(TEST_FLAGS) ./modules/...

# Python's tests read roles, plug-ins, playbooks and the checks themselves, and of the Go sources this one.
PYTHON_READS = $(wildcard $(shell git ls-files --cached --others --exclude-standard -- ':!*.go' ':!docs' ':!changelogs')) modules/internal/registry/registry.go

# Those that run whole roles and playbooks take a minute and a half of processor time: "make quick" runs them where a
# role, a playbook, a plug-in or a test of them differs from the last commit, "make python" and "make test" always.
PYTHON_WHOLE := $(wildcard tests/unit/playbooks/test_*.py $(patsubst %,tests/unit/roles/test_%.py,arrival link schedule schedule_* storage))
PYTHON_CHECKS := tests/unit/ci
# Most of their time they wait for processes, so they run beside the others.
PYTHON_WAITING := tests/unit/ci/test_run_checks.py
UNCOMMITTED = $(shell git status --porcelain -- roles playbooks plugins/action plugins/plugin_utils tests/unit/roles tests/unit/playbooks)
QUICK_PYTHON = $(addprefix build/quick/,waiting checks python $(if $(UNCOMMITTED),whole))
build/quick/whole: $(PYTHON_READS) $(VENV)/ready
	pytest --quiet $(PYTHON_WHOLE)
	@mkdir -p $(@D) && touch $@
build/quick/checks: $(PYTHON_READS) $(VENV)/ready
	pytest --quiet $(PYTHON_CHECKS) $(addprefix --ignore=,$(PYTHON_WAITING))
	@mkdir -p $(@D) && touch $@
build/quick/waiting: $(PYTHON_READS) $(VENV)/ready
	pytest --quiet $(PYTHON_WAITING)
	@mkdir -p $(@D) && touch $@
build/quick/python: $(PYTHON_READS) $(VENV)/ready
	pytest --quiet tests/unit $(addprefix --ignore=,$(PYTHON_WHOLE) $(PYTHON_CHECKS))
	@mkdir -p $(@D) && touch $@

##@ The parts of "make test"
.PHONY: vet lint unit python shell transport oldest ansible-lint sanity reproducible install-test ring coverage integration bench bench-peers fuzz torture readme stack shippers stores conformance test-matrix molecule
vet: ## gofmt and go vet
	@test -z "$$(gofmt -l modules molecule tests)" || { gofmt -d modules molecule tests; exit 1; }
	$(ROOMY) CGO_ENABLED=0 go vet $(QUICKLY) -tags lab,ring,stack,shippers,stores ./modules/...
	$(ROOMY) CGO_ENABLED=0 go vet -C molecule/lab $(QUICKLY) ./...
	$(ROOMY) CGO_ENABLED=0 go vet -C molecule/lab/tempo $(QUICKLY) ./...

# It reads what the compiler says of each imported package: with the same flags as everywhere they are compiled once.
lint: export CGO_ENABLED := 0
lint: export GOFLAGS := $(QUICKLY)
lint: build/golangci-lint ## golangci-lint on the Go program and on the lab
	build/golangci-lint run ./modules/...
	cd molecule/lab && $(CURDIR)/build/golangci-lint run ./...
	cd molecule/lab/tempo && $(CURDIR)/build/golangci-lint run ./...

build/golangci-lint: tests/tools/go.mod tests/tools/go.sum
	@echo "building golangci-lint"
	@$(ROOMY) CGO_ENABLED=0 go build -C tests/tools $(QUICKLY) -ldflags='-s -w' -o $(CURDIR)/$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

unit: ## Go unit tests with the race detector; with them the conformance of the lab's stand-in for Tempo
	$(ROOMY) go test -race $(TEST_FLAGS) ./modules/...
	$(ROOMY) CGO_ENABLED=0 go test -C molecule/lab $(TEST_FLAGS) ./...
	$(ROOMY) CGO_ENABLED=0 go test -C molecule/lab/tempo $(TEST_FLAGS) ./...

python: venv ## lint and unit tests of the Python code
	ruff check --config tests/ruff.toml .
	ruff format --config tests/ruff.toml --check .
	pytest tests/unit

shell: venv ## shellcheck on the scripts
	shellcheck --shell=sh plugins/plugin_utils/sh/*.sh
	shellcheck $$(grep -lsd skip '^#!/usr/bin/env bash' .ci/* molecule/raspberrypi/hosts/*)

transport: venv ## the transport over local and ssh connections, with and without become; needs root
	pytest tests/transport

oldest: .venv-oldest/ready build/all/installed build/lab ## the tests of playbooks, plug-ins and roles, the transport and the scenario default on the oldest ansible-core; needs root
	.venv-oldest/bin/pytest tests/unit/playbooks tests/unit/plugins tests/unit/roles tests/transport
	$(SCENARIOS) .ci/default_on .venv-oldest

.venv-oldest/ready: tests/requirements/oldest.txt tests/requirements/matrix.txt
	@echo "making the virtual environment .venv-oldest"
	@$(PYTHON) -m venv --clear .venv-oldest
	@.venv-oldest/bin/python $(PIP_INSTALL) $(addprefix --requirement ,$^)
	@touch $@

ansible-lint: venv build/demo/installed ## what a reviewer runs: ansible-lint's profile production, yamllint, antsibull's linters and REUSE
	ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/build/demo/collections ansible-lint --offline --strict
	yamllint --strict .
	antsibull-changelog lint
	antsibull-docs lint-collection-docs --plugin-docs build/demo/collections/ansible_collections/picluster/tracing
	@! git rev-parse --git-dir >/dev/null 2>&1 || reuse lint --quiet || reuse lint --lines

sanity: venv collection build/importer/ready ## ansible-test sanity on the tarball without any exception of ours, and galaxy-importer; fetches its tools, and is not part of "test"
	@.ci/galaxy_importer dist/$(TARBALL)
	@.ci/sanity dist/$(TARBALL)

build/importer/ready: tests/requirements/importer.txt
	@echo "making the virtual environment build/importer"
	@$(PYTHON) -m venv --clear $(@D)
	@$(@D)/bin/python $(PIP_INSTALL) --requirement $<
	@touch $@

ARCHITECTURES ?= amd64 arm64
reproducible: venv ## two builds of the tarball in two folders, with empty Go caches, are the same bytes (GO_CACHE=FOLDER for one that is there); not part of "test"
	@.ci/reproducible $(ARCHITECTURES)

install-test: collection ## install the tarball into an empty path and use it from there
	COLLECTION_TARBALL=dist/$(TARBALL) pytest tests/install

# They wait for servers most of the time, so more of them run at once than there are cores.
TEST_ON_SERVERS := $(ROOMY) CGO_ENABLED=0 go test $(TEST_FLAGS) -count=1 -timeout 60m

# The files of Go tests that have a build tag, the folders of these, and the choice of the tests in them.
tagged_files = $(shell grep -rlE '^//go:build (.* )?$(1)( |$$)' --include='*_test.go' modules | xargs grep -lE '^func Test')
tagged = $(addprefix ./,$(sort $(patsubst %/,%,$(dir $(call tagged_files,$(1))))))
only_tagged = -run "$$(.ci/tests_in $(call tagged_files,$(1)))"

# The API server with nothing that acts on what it keeps, in a lab of its own that ends with the tests.
RING := $(LAB_DIR)/ring
RING_PACKAGES = $(call tagged,ring)
RING_FLAGS = $(call only_tagged,ring)
ring: build/lab ## Go tests against etcd and the Kubernetes API server alone
	@mkdir -p $(RING) $(LAB_DIR)/bin && ln -sfn ../bin $(RING)/bin
	@trap 'LAB_DIR=$(RING) $(LAB) down' EXIT && LAB_DIR=$(RING) $(LAB) up --api && set -a && . $(RING)/env && set +a && \
		$(TEST_ON_SERVERS) -tags ring $(RING_FLAGS) $(RING_PACKAGES)

# Of these packages, and of spec.go and plan*.go of each module.
COVERED := ./modules/internal/compat ./modules/internal/helm ./modules/internal/kube $(addprefix ./,$(patsubst %/,%,$(dir $(wildcard modules/*/module.go))))
EMPTY :=
COMMA := ,
coverage: ## how much of the tables, of Helm's and Kubernetes' side and of each module's plan the unit and ring tests run; fails below 85 %
	@$(MAKE) ring RING_PACKAGES="$(sort $(COVERED) $(RING_PACKAGES))" RING_FLAGS="-coverprofile=build/coverage.out -coverpkg=$(subst $(EMPTY) $(EMPTY),$(COMMA),$(COVERED))"
	@$(PYTHON) .ci/coverage.py build/coverage.out

integration: lab-up ## Go tests against the lab's servers
	@set -a && . $(LAB_DIR)/env && set +a && $(TEST_ON_SERVERS) -p 4 -parallel 10 -tags lab $(call only_tagged,lab) $(call tagged,lab)

# A copy, since Linux maps more of a file at once that a linker wrote than of one that was uploaded.
ROUNDS ?= 15
bench: lab-up build venv build/demo/installed ## what a run with nothing to do costs: each module's process, then the whole site beside raw tasks; needs root; not part of "test"
	@install -D build/linux-$(LOCAL)/tracing-modules build/bench/tracing-modules
	@set -a && . $(LAB_DIR)/env && set +a && TRACING_MODULES=$(CURDIR)/build/bench/tracing-modules \
		go test -count=1 -tags lab -run '^$$' -bench . -benchtime $(ROUNDS)x ./modules/cmd/tracing-modules
	@set -a && . $(LAB_DIR)/env && set +a && ROUNDS=$(ROUNDS) \
		$(VENV)/bin/python tests/bench/site.py build/demo/collections build/bench/tracing-modules build/bench
	@$(VENV)/bin/python tests/bench/plot.py build/bench/site.json build/bench/site.svg

# Few rounds, so that it takes about ten minutes on a quiet machine.
PEERS_ROUNDS ?= 4
PEERS_FOUND = PEERS=tests/bench/peers/site.yml PEERS_GONE=tests/bench/peers/gone.yml PEERS_PYTHON=$(CURDIR)/build/peers/bin/python \
	PEERS_HELM=$(CURDIR)/build/peers/helm PEERS_COLLECTIONS=$(CURDIR)/build/peers/collections:$$(cd build/peers/lib/python3* && pwd)/site-packages
bench-peers: lab-up build venv build/demo/installed build/peers/ready ## the same beside a playbook of other collections (tests/bench/peers/README.md), and a first run; prints JSON
	@install -D build/linux-$(LOCAL)/tracing-modules build/bench/peers/tracing-modules
	@set -a && . $(LAB_DIR)/env && set +a && ROUNDS=$(PEERS_ROUNDS) $(PEERS_FOUND) \
		$(VENV)/bin/python tests/bench/site.py build/demo/collections build/bench/peers/tracing-modules build/bench/peers
	@$(VENV)/bin/python tests/bench/plot.py build/bench/peers/site.json build/bench/peers/site.svg
	@cat build/bench/peers/site.json

# A name and version for Galaxy, or the folder of a copy.
PEERS_MINIO ?= dubzland.minio:1.2.0
build/peers/ready: tests/bench/peers/requirements.txt go.mod go.sum $(VENV)/ready
	@echo "fetching the other collections and building helm in build/peers"
	@$(PYTHON) -m venv --clear $(@D)
	@$(@D)/bin/python $(PIP_INSTALL) --requirement $<
	@ansible-galaxy collection install --no-deps --collections-path $(@D)/collections $(PEERS_MINIO) >/dev/null
	@cp go.mod $(@D)/helm.mod && cp go.sum $(@D)/helm.sum
	@CGO_ENABLED=0 go build -mod=mod -modfile=$(@D)/helm.mod $(QUICKLY) -ldflags='-s -w' -o $(@D)/helm helm.sh/helm/v3/cmd/helm
	@touch $@

FUZZTIME ?= 1m
fuzz: ## every fuzz target for FUZZTIME, or those that TARGETS matches; their seeds run in "unit" too; not part of "test"
	@.ci/fuzz $(FUZZTIME) $(TARGETS)

# "unit", "integration" and "ring" try a choice of it. TORTURE=60 tries so many cases of each kind of task.
TORTURE ?= all
TORTURE_TABLE := $(CURDIR)/build/torture.txt
TORTURE_TESTS := '^(TestTorture|TestKilledAtAnyMoment|TestKilledAtEachPoint.*|TestKilledDuringTheRollout|TestTenAtOnce)$$'
torture: lab-up ## each request of each module broken in each way, ten runs at once, and runs killed at any moment; prints a table; takes most of an hour, and is not part of "test"
	@mkdir -p build && rm -f $(TORTURE_TABLE)
	@export TORTURE=$(TORTURE) TORTURE_SEED=$${TORTURE_SEED:-$$RANDOM} TORTURE_TABLE=$(TORTURE_TABLE) && echo "TORTURE_SEED=$$TORTURE_SEED" && \
		trap 'cat $(TORTURE_TABLE)' EXIT && set -a && . $(LAB_DIR)/env && set +a && \
		$(TEST_ON_SERVERS) -timeout 12h -p 4 -parallel 32 -tags lab -run $(TORTURE_TESTS) ./modules/minio_tempo_bucket ./modules/grafana_datasource ./modules/tempo_helm ./modules/trace_probe ./modules/traefik_tracing && \
		$(MAKE) ring RING_PACKAGES=./modules/internal/ringtest RING_FLAGS="-timeout 12h -parallel 64 -run $(TORTURE_TESTS)"

README_ROOT ?= $(CURDIR)/.lab/debian
readme: collection lab-up ## README followed literally, its commands taken from README itself, in an empty Debian 12 made by debootstrap; needs root and Debian's packages; not part of "test"
	@$(PYTHON) .ci/follow_readme.py $(README_ROOT) dist/$(TARBALL) $(LAB_DIR)

stack: lab-up ## bucket, Tempo's CA, the move from Tempo 2 to 3 under load, Traefik and probe with the stand-ins for Tempo and Loki (LAB_TEMPO, LAB_LOKI and LAB_PROMETHEUS name others), Traefik 3.7, Prometheus 3.3 and Chromium; builds or fetches what is missing
	@molecule/lab/servers/build
	@set -a && . $(LAB_DIR)/env && set +a && $(TEST_ON_SERVERS) -parallel 4 -tags stack $(call only_tagged,stack) $(call tagged,stack)

shippers: lab-up ## the links where the OpenTelemetry Collector, which takes a minute to compile, or the program that LAB_OTELCOL names, ships Traefik's log; not part of "test"
	@molecule/lab/servers/build tempo labloki traefik otelcol
	@set -a && . $(LAB_DIR)/env && set +a && $(TEST_ON_SERVERS) -tags stack,shippers -run TestLinksFindThemselvesBehindTheCollector ./modules/trace_probe

LAB_S3 ?= seaweedfs
export LAB_S3
stores: build/lab ## bucket and Tempo on SeaweedFS, which takes minutes to compile, or on what LAB_S3 names: the path of a program weed, or http://KEY:SECRET@HOST:PORT of a store that runs; not part of "test"
	@$(LAB) parts >/dev/null
	@molecule/lab/servers/build tempo $(if $(filter seaweedfs,$(LAB_S3)),weed)
	@$(TEST_ON_SERVERS) -tags stores -run OnAnotherStore ./modules/minio_tempo_bucket

# LAB_TEMPO names real ones: a path, or 1.5.0=PATH,2.10.8=PATH,3.0.3=PATH; so does LAB_LOKI.
conformance: build/lab ## what Tempo and Loki answer, refuse and write, asked of the lab's stand-ins for them, or of the programs that LAB_TEMPO and LAB_LOKI name
	@$(LAB) parts >/dev/null
	CGO_ENABLED=0 go test -C molecule/lab/tempo $(TEST_FLAGS) -count=1 -timeout 25m ./conformance
	CGO_ENABLED=0 go test -C molecule/lab $(TEST_FLAGS) -count=1 ./conformance/...

RELEASES ?= 2.16 2.17 2.18 2.19 2.20 2.21 2.22
test-matrix: build/all/installed build/lab ## the same as "oldest" on RELEASES of ansible-core (2.16 to 2.22); not part of "test"; needs root
	@$(SCENARIOS) PIP_INSTALL="$(PIP_INSTALL)" .ci/test_matrix $(RELEASES)

molecule: venv build/all/installed build/lab ## the Molecule scenarios, or those that SCENARIO names, on labs of their own; needs root
	$(SCENARIOS) .ci/run_molecule $(SCENARIO)
