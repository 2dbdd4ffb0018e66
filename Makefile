# The project's verbs. Each brings what it needs: see `deps` for the packages.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

PREFIX ?= /usr
DESTDIR ?=
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
SWIFT ?= swift
PYTHON ?= python3
CONFIGURATION ?= release
BINARY := .build/release/havocctl
VENV := .venv

# What the build links, what the program runs with, and what the tests drive it with.
BUILD_PACKAGES := libpq-dev libargon2-dev libmicrohttpd-dev libwslay-dev libssl-dev \
  libutf8proc-dev libjansson-dev libyajl-dev libcsv-dev libcrack2-dev libcurl4-openssl-dev zlib1g-dev libreadline-dev pkg-config
RUN_PACKAGES := postgresql postgresql-client cracklib-runtime libcurl4 libmicrohttpd12 libsystemd0
TEST_PACKAGES := python3-venv mandoc bash-completion zsh fish tmux less chromium chromium-driver coturn
BENCH_PACKAGES := wrk nginx-light golang-go golang-github-jackc-pgx-v4-dev \
  golang-golang-x-crypto-dev golang-github-gorilla-websocket-dev hyperfine gcc coturn

# No libraries stand beside the program, so none is looked for there.
RELEASE_FLAGS := -c release --static-swift-stdlib --disable-local-rpath

# Most tests wait more than they compute, so more than one runs for each core.
WORKERS ?= $(shell expr $$(nproc) + 1)

# How long a fuzz target runs.
FUZZ_SECONDS ?= 60

.PHONY: all build run test unit e2e bench fuzz lint format man deps test-deps bench-deps install clean

all: build

build: deps
	$(SWIFT) build $(RELEASE_FLAGS) --product havocctl

# From a fresh Debian 12 with a Swift toolchain to a serving binary; asks nothing.
run: build
	tools/run.sh $(BINARY)

test: build test-deps lint unit e2e

unit: deps
	tools/with-database.sh $(SWIFT) test

e2e: build test-deps
	HAVOCCTL_BIN=$(CURDIR)/$(BINARY) $(VENV)/bin/pytest Tests/e2e -q -n $(WORKERS) --dist loadfile

bench: build bench-deps
	$(VENV)/bin/python bench/run.py --binary $(CURDIR)/$(BINARY) $(BENCH_FLAGS)

fuzz: deps
	tools/fuzz.sh STUNTarget $(FUZZ_SECONDS)

lint: test-deps
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests fuzz
	mandoc -Tlint -Wwarning man/*.[158]
	bash -n completions/havocctl.bash

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests fuzz

# The manual and the completions, rendered from the registry.
man: deps
	HAVOCCTL_RENDER=1 $(SWIFT) test --filter RenderedFilesTests

install: build
	install -Dm755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/havocctl
	for page in man/*.[158]; do \
	  install -Dm644 "$$page" "$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}"; done
	install -Dm644 completions/havocctl.bash \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/havocctl
	install -Dm644 completions/_havocctl $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions/_havocctl
	install -Dm644 completions/havocctl.fish \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/havocctl.fish
	install -Dm640 packaging/havocctl.conf.example \
	  $(DESTDIR)$(PREFIX)/share/doc/havocctl/havocctl.conf.example

deps:
	@SUDO=$(SUDO) tools/apt-install.sh $(BUILD_PACKAGES) $(RUN_PACKAGES)

test-deps:
	@SUDO=$(SUDO) tools/apt-install.sh $(TEST_PACKAGES)
	@PYTHON=$(PYTHON) tools/venv.sh $(VENV) Tests/e2e/requirements.txt

bench-deps:
	@SUDO=$(SUDO) tools/apt-install.sh python3-venv $(BENCH_PACKAGES)
	@PYTHON=$(PYTHON) tools/venv.sh $(VENV) bench/requirements.txt

clean:
	rm -rf .build $(VENV) bench/results.json
