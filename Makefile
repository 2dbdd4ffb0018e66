# The project's verbs. Each brings what it needs: see `deps` for the packages.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

PREFIX ?= /usr
UNIT_DIR ?= $(PREFIX)/lib/systemd/system
DESTDIR ?=
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
SWIFT ?= swift
PYTHON ?= python3
CONFIGURATION ?= release
BINARY := .build/release/havocctl
VENV := .venv
DEB_DIR ?= .build/deb

# What the build links, what the program runs with, and what the tests drive it with.
BUILD_PACKAGES := libpq-dev libargon2-dev libmicrohttpd-dev libwslay-dev libssl-dev \
  libutf8proc-dev libyajl-dev libcsv-dev libcrack2-dev libcurl4-openssl-dev libmimalloc-dev \
  zlib1g-dev libreadline-dev pkg-config
RUN_PACKAGES := postgresql postgresql-client cracklib-runtime libcurl4 libmicrohttpd12 libsystemd0
TEST_PACKAGES := python3-venv mandoc bash-completion zsh fish tmux less chromium chromium-driver coturn \
  systemd man-db logrotate debootstrap faketime prometheus nginx-light haproxy curl openssl
BENCH_PACKAGES := wrk nginx-light golang-go golang-github-jackc-pgx-v4-dev \
  golang-golang-x-crypto-dev golang-github-gorilla-websocket-dev hyperfine gcc coturn

FAULT_PACKAGES := patroni etcd-server haproxy slowhttptest wrk faketime
DEB_PACKAGES := debhelper dpkg-dev fakeroot lintian

# No libraries stand beside the program, so none is looked for there.
RELEASE_FLAGS := -c release --static-swift-stdlib --disable-local-rpath

# Most tests wait more than they compute, so more than one runs for each core.
WORKERS ?= $(shell expr $$(nproc) + 1)

# How long a fuzz target runs, and which ones; all of them where none is named.
FUZZ_SECONDS ?= 60
TARGET ?=

.PHONY: all build run test unit e2e faults faults-short bench fuzz fuzz-corpus sanitize lint format man deps test-deps fault-deps bench-deps deb-deps \
  install install-files deb clean

all: build

build: deps
	$(SWIFT) build $(RELEASE_FLAGS) --product havocctl

# From a fresh Debian 12 with a Swift toolchain to a serving binary; asks nothing.
run: build
	tools/run.sh $(BINARY)

test: build test-deps lint unit e2e faults-short

unit: deps
	tools/with-database.sh $(SWIFT) test

e2e: build test-deps deb-deps
	HAVOCCTL_BIN=$(CURDIR)/$(BINARY) $(VENV)/bin/python tools/tests.py Tests/e2e -n $(WORKERS) --dist loadfile

# What can go wrong between machines.
faults: build fault-deps
	HAVOCCTL_BIN=$(CURDIR)/$(BINARY) $(VENV)/bin/pytest Tests/faults -q

# One of each kind, for a short while.
faults-short: build fault-deps
	FAULT_SCALE=short HAVOCCTL_BIN=$(CURDIR)/$(BINARY) \
	  $(VENV)/bin/python tools/tests.py Tests/faults -n $(WORKERS) --dist loadfile

bench: build bench-deps
	$(VENV)/bin/python bench/run.py --binary $(CURDIR)/$(BINARY) $(BENCH_FLAGS)

fuzz: deps
	tools/fuzz.sh $(FUZZ_SECONDS) $(TARGET)

# What was found before, and a few inputs of each kind: seconds, once the targets are built.
fuzz-corpus: deps
	tools/fuzz.sh corpus $(TARGET)

# The unit tests under AddressSanitizer and under ThreadSanitizer.
sanitize: deps
	tools/sanitize.sh address
	tools/sanitize.sh thread

lint: test-deps
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests fuzz
	mandoc -Tlint -Wwarning man/*.[158]
	bash -n completions/havocctl.bash

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests fuzz

# The manual and the completions, rendered from the registry.
man: deps
	HAVOCCTL_RENDER=1 $(SWIFT) test --filter RenderedFilesTests

install: build install-files

# What is built already, where it belongs; `debian/rules` calls this.
install-files:
	install -Dm755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/havocctl
	for page in man/*.[158]; do \
	  install -Dm644 "$$page" "$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}"; done
	install -Dm644 completions/havocctl.bash \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/havocctl
	install -Dm644 completions/_havocctl $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions/_havocctl
	install -Dm644 completions/havocctl.fish \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/havocctl.fish
	install -Dm644 -t $(DESTDIR)$(UNIT_DIR) packaging/systemd/*.service packaging/systemd/*.socket
	install -Dm644 packaging/systemd/havocctl.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/havocctl.conf
	install -Dm640 packaging/havocctl.conf.example \
	  $(DESTDIR)$(PREFIX)/share/doc/havocctl/havocctl.conf.example
	for file in $(filter-out %.test.yml,$(wildcard packaging/prometheus/*.yml packaging/grafana/*.json)); do \
	  install -Dm644 "$$file" "$(DESTDIR)$(PREFIX)/share/havocctl/$${file#packaging/}"; done

# A package for this Debian, in DEB_DIR.
deb: build deb-deps
	tools/deb.sh $(BINARY) $(DEB_DIR)
	lintian --fail-on error,warning $(DEB_DIR)/*.changes

deps:
	@SUDO=$(SUDO) tools/apt-install.sh $(BUILD_PACKAGES) $(RUN_PACKAGES)

test-deps:
	@SUDO=$(SUDO) tools/apt-install.sh $(TEST_PACKAGES)
	@PYTHON=$(PYTHON) tools/venv.sh $(VENV) Tests/e2e/requirements.txt

fault-deps: test-deps
	@SUDO=$(SUDO) tools/apt-install.sh $(FAULT_PACKAGES)

deb-deps:
	@SUDO=$(SUDO) tools/apt-install.sh $(DEB_PACKAGES)

bench-deps:
	@SUDO=$(SUDO) tools/apt-install.sh python3-venv $(BENCH_PACKAGES)
	@PYTHON=$(PYTHON) tools/venv.sh $(VENV) bench/requirements.txt

clean:
	rm -rf .build $(VENV) bench/results.json
