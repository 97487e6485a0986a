# Pentimento. A fresh machine needs Go and a C compiler, nothing else.
#   make demo                                  build, fetch ONNX Runtime, edit a picture
#   IMAGE=my.jpg REQUEST='...' make demo       the same with your own
#   make test | lint | bench | build
#   make pictures                              a gallery of edits, before and after

GO      ?= go
BIN     := bin
# Tools and the ONNX Runtime library are kept in the user's cache, shared by clones.
CACHE   := $(or $(PENTIMENTO_CACHE),$(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME)/pentimento,$(HOME)/.cache/pentimento))
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LINT    := $(CACHE)/tools/golangci-lint-v2.15.0

IMAGE   ?=
REQUEST ?= recolor the red car to teal, then remove the yellow bench
OUT     ?= demo-out

PICTURES ?= gallery
# Photographs and models that stand beside the checkout, where there are any.
SHARED   := $(PENTIMENTO_SHARED)

.PHONY: build demo pictures test soak chromium lint bench generate doctor clean

build:
	$(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o $(BIN)/agent ./cmd/agent
	$(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o $(BIN)/tui ./cmd/tui

doctor: build
	$(BIN)/agent doctor --fix

demo: doctor
	@mkdir -p $(OUT)
ifeq ($(IMAGE),)
	$(GO) run ./internal/scene/cmd/streetscene -o $(OUT)
	$(BIN)/agent edit $(OUT)/street.png "$(REQUEST)" -o $(OUT)/street.edited.png
	scripts/learning.sh $(CURDIR)/$(BIN)/agent $(abspath $(OUT))
else
	$(BIN)/agent edit "$(IMAGE)" "$(REQUEST)" -o $(OUT)/edited.png
endif

# A gallery of edits, before and after: over the example scene and, where PENTIMENTO_SHARED
# is set, of the photographs its suite lists, with the models that are there.
pictures: doctor
	@mkdir -p $(PICTURES)
	$(GO) run ./internal/scene/cmd/streetscene -o $(PICTURES)/scene
ifeq ($(SHARED),)
	@echo "PENTIMENTO_SHARED is not set: only the example scene is edited"
	$(GO) run ./internal/gallery/cmd/gallery -agent $(BIN)/agent -scene $(PICTURES)/scene/street.png -o $(PICTURES)
else
	$(BIN)/agent models pull --from $(SHARED)/models --models $(PICTURES)/models || true
	PENTIMENTO_MODELS=$(abspath $(PICTURES)/models) $(GO) run ./internal/gallery/cmd/gallery -agent $(BIN)/agent \
	  -suite $(SHARED)/suites/gallery.json -images $(SHARED)/images -scene $(PICTURES)/scene/street.png -o $(PICTURES)
endif

# The tests find real photographs and models through PENTIMENTO_SHARED, where it is set.
test: doctor
	$(GO) test -timeout 20m ./...

# What takes minutes: a batch of all photographs killed twenty times, thousands of pictures in one run, the
# artist's seat killed fifty times, pictures on workers of a Temporal server, whose code is a module of its own, and a
# contact sheet in a browser.
soak: doctor chromium
	cd test/temporalserver && $(GO) build -o $(abspath $(BIN))/temporalserver .
	PENTIMENTO_SOAK=1 PENTIMENTO_TEMPORAL_SERVER=$(abspath $(BIN))/temporalserver $(GO) test -timeout 3h -run Soak -v ./cmd/agent ./cmd/tui
	$(GO) test -run Chromium -v ./internal/gallery

# The browser that looks at contact sheets, where none is there. Tests that need it skip loudly without.
chromium:
	@command -v chromium || command -v chromium-browser || command -v google-chrome || { apt-get update && apt-get install -y --no-install-recommends chromium; }

lint: $(LINT)
	$(LINT) run ./...

$(LINT):
	@mkdir -p $(@D)
	GOBIN=$(@D)/build $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	mv $(@D)/build/golangci-lint $@

bench: doctor
	$(GO) test -run '^$$' -bench . -benchmem -timeout 30m ./...
	$(BIN)/agent bench search --graphs 2000

# Regenerates what is generated and checked in: golden files, schemas, ONNX graphs.
generate:
	$(GO) generate ./...

clean:
	rm -rf $(BIN) $(OUT) $(PICTURES)
