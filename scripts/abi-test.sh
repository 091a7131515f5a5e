#!/usr/bin/env bash
# Runs the ABI matrix (docs/abi.md): every llama.cpp runtime in the cache that
# abi-runtimes.sh fills. Arguments go to the test: -test.run '^TestABI$/src-b5640'.
set -euo pipefail
cd "$(dirname "$0")/.."
export VLMCHAT_DATA_DIR=${VLMCHAT_DATA_DIR:-$PWD/.cache/data} # that of 'make runtime'
. scripts/abi-cache.sh
[ -n "$(ls "$VLMCHAT_ABI_CACHE" 2>/dev/null)" ] || {
	echo "abi-test: no llama.cpp runtimes are in $VLMCHAT_ABI_CACHE; scripts/abi-runtimes.sh puts them there" >&2
	exit 1
}
VLMCHAT_ABI_CACHE=$(cd "$VLMCHAT_ABI_CACHE" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

go test -tags abi -c -o "$work/abi.test" ./engine/native
(cd engine/native && "$work/abi.test" -test.run '^TestABI' -test.v "$@") || status=$?

# Some runtimes need a newer libc than this machine may have. The loader that a
# program names decides about its libc, so the test is linked again, to name
# another one. Started through that loader instead, the test's executable would
# be the loader, and it is from its executable that the engine starts workers.
# The llama-server of TestABIAnswers names this machine's loader.
loader=$VLMCHAT_ABI_CACHE/libc/ld-linux-x86-64.so.2
if [ ! -e "$loader" ]; then
	echo "abi-test: no newer libc is in $VLMCHAT_ABI_CACHE: of the runtimes that need one, only the refusal was tested"
	exit $status
fi
echo "Under a newer libc:"
go test -tags abi -c -ldflags "-I '$loader'" -o "$work/abi-newer.test" ./engine/native
(cd engine/native && VLMCHAT_ABI_LIBC=newer LD_LIBRARY_PATH=$VLMCHAT_ABI_CACHE/libc \
	"$work/abi-newer.test" -test.run '^TestABI($|RPC)' -test.skip '^TestABI[^R]' -test.v "$@") || status=$?
exit $status
