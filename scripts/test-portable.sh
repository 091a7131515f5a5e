#!/usr/bin/env bash
# Runs the tests that need no runtime of llama.cpp, no Python and no network: those for systems
# on which the others were not made to run.
set -euo pipefail
cd "$(dirname "$0")/.."
go test -timeout 20m \
	./config/... ./console/... ./datasets/... ./diskcache/... ./engine ./engine/clip/tokenizer/... \
	./history/... ./images/... ./jsonschema/... ./lazyregexp/... ./memory/... ./metrics ./metrics/ptb/... \
	./models/... ./prompts/... ./sessions/... ./spelling/... ./termimg/... ./termtext/... ./vectors/... ./xmp/... \
	"$@"
