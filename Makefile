# The commands of this project; `make help` lists them. Each installs first what it needs (Scripts/install-deps).

SWIFT ?= swift
# Recorded devices and other large inputs, read by the tests that use them if the directory is there.
export ORIEL_SAMPLES ?= $(abspath ../shared/samples)

# How the C libraries are built; for the sanitizers LIBS_FLAGS="-c debug --sanitize thread".
export LIBS_FLAGS ?= -c release
export LIBS_SCRATCH ?= .build/libs

# Arguments for Scripts/bench, such as BENCH="--rounds 9" or BENCH=--json.
BENCH ?=
# Arguments for Scripts/bench-ese, such as BENCH_ESE="--rounds 9 file.edb".
BENCH_ESE ?=
# Arguments for Scripts/bench-station, such as BENCH_STATION="--rounds 1".
BENCH_STATION ?=
# Arguments for oriel-bench --mode fleet, such as BENCH_FLEET="--agents 20 --seconds 60".
BENCH_FLEET ?=

PEERS := .build/peers

.PHONY: help run build libs test soak fuzz sanitize bench bench-ese bench-store bench-station bench-fleet peers clean deps-build deps-test deps-bench

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Build, then start the station: this machine, live at http://127.0.0.1:8161/
	.build/release/oriel station

build: deps-build ## Release build: .build/release/oriel
	$(SWIFT) build -c release --product oriel

libs: deps-build ## The C libraries: build/lib, build/include, build/lib/pkgconfig
	SWIFT="$(SWIFT)" Scripts/libs build

# --disable-xctest: there are no XCTest cases, and a run ends with the summary line. The testing library runs tests in
# parallel by itself; --parallel would only concern XCTest. What keeps the machine busy runs apart from those whose sockets
# and peers have deadlines: stations in processes of their own, browsers, and the storage engine's suites, which compute
# for minutes.
TEST = ORIEL_REQUIRE_PEERS=1 ORIEL_FUZZ_PROGRAM=.build/release/ese-fuzz $(SWIFT) test --skip-build --disable-xctest

test: deps-build deps-test libs ## All tests, with real peers on loopback
	$(SWIFT) build --build-tests --explicit-target-dependency-import-check error
	$(SWIFT) build -c release --product ese-fuzz
	$(TEST) --skip '^(ESE|Station|Fleet)'
	$(TEST) --filter '^(Station|Fleet)' --skip '^StationPage'
	$(TEST) --filter '^StationPage'
	$(TEST) --filter '^ESE'

soak: export ORIEL_SOAK = 1
soak: test ## The same tests as long campaigns

fuzz: deps-build ## The decoders of databases under libFuzzer for FUZZ_SECONDS (60)
	SWIFT="$(SWIFT)" Scripts/fuzz

sanitize: deps-build deps-test ## The storage engine's and the session rules' tests under the thread and the address sanitizer
	SWIFT="$(SWIFT)" Scripts/sanitize

bench: deps-build deps-bench peers ## Compare with net-snmp and gosnmp on this machine, libwsnmp32 beside them
	$(SWIFT) build -c release --product oriel-bench
	Scripts/bench $(BENCH)
	$(MAKE) bench-ese
	$(MAKE) bench-store
	$(MAKE) bench-station

bench-station: deps-build deps-bench ## Compare the station's recorder with RRDtool
	$(SWIFT) build -c release --product oriel-bench
	Scripts/bench-station $(BENCH_STATION)

bench-fleet: deps-build ## A station and 100 agents for five minutes: is every sample there as it was served?
	$(SWIFT) build -c release --product oriel-bench
	$(SWIFT) build -c release --product oriel
	.build/release/oriel-bench --mode fleet $(BENCH_FLEET)

bench-store: deps-build deps-bench libs ## Compare the storage engine, through libesent, with SQLite and LMDB
	Scripts/bench-store $(BENCH_STORE)

bench-ese: deps-build deps-bench ## Compare reading ESE databases with dissect.esedb, pyesedb and esedbexport
	$(SWIFT) build -c release --product oriel-bench
	$(SWIFT) build -c release --product oriel
	Scripts/bench-ese $(BENCH_ESE)

peers: $(PEERS)/netsnmp_async $(PEERS)/gosnmp $(PEERS)/wsnmp_get

$(PEERS)/netsnmp_async: Benchmarks/peers/netsnmp_async.c
	mkdir -p $(PEERS)
	$(CC) -O2 -Wall -Wextra -Werror $$(net-snmp-config --base-cflags) -o $@ $< $$(net-snmp-config --libs)

$(PEERS)/wsnmp_get: Benchmarks/peers/wsnmp_get.c | libs
	mkdir -p $(PEERS)
	$(CC) -std=c11 -O2 -Wall -Wextra -Werror -pthread -Ibuild/include -o $@ $< -Lbuild/lib -lwsnmp32 \
		-Wl,-rpath,'$$ORIGIN/../../build/lib'

# GOPATH mode: Debian's Go libraries are packages of the system, not modules.
$(PEERS)/gosnmp: Benchmarks/peers/gosnmp/main.go
	mkdir -p $(PEERS)
	GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$(abspath .build/go-cache) go build -o $@ ./Benchmarks/peers/gosnmp

clean: ## Remove everything that was built
	rm -rf .build build

deps-build:
	@Scripts/install-deps build

# Without PyPI everything else still runs; what needs the readers from there says so.
deps-test:
	@Scripts/install-deps test
	-@Scripts/install-python-peers

deps-bench:
	@Scripts/install-deps test bench
	-@Scripts/install-python-peers
