#!/usr/bin/env bash
# Runs the tests that ask a real Ollama, of the version that ollama.sh builds: in
# whatever package they are, they have the build tag ollama and are called
# TestOllama…. Arguments go to 'go test': -run '^TestOllamaPull$'.
#
# VLMCHAT_TEST_OLLAMA names another executable to use.
set -euo pipefail
cd "$(dirname "$0")/.."
export VLMCHAT_DATA_DIR=${VLMCHAT_DATA_DIR:-$PWD/.cache/data} # that of 'make runtime'
. scripts/ollama-cache.sh
[ -x "$VLMCHAT_TEST_OLLAMA" ] || {
	echo "ollama-test: there is no Ollama at $VLMCHAT_TEST_OLLAMA; scripts/ollama.sh builds one there" >&2
	exit 1
}
packages=$(grep -rl --include='*_test.go' '^//go:build ollama' . | xargs -n 1 dirname | sort -u)
# Ollama can lose the only slot of a model when somebody leaves in the middle of an
# answer, and then answers nobody any more: what hangs in a test is tried once more.
run() { go test -tags ollama -timeout 4m -run '^TestOllama' "$@" $packages; }
run "$@" || { echo "ollama-test: once more" >&2; run "$@"; }
