#!/usr/bin/env bash
# Builds the Ollama that 'make test-ollama' asks, from its Go module, into a
# cache: five minutes of a processor and 650 MB of memory. What is there already
# stays. It computes on the CPU only.
#
# It takes a C++ compiler, and three header libraries that the module lacks, as
# modules leave vendored folders out. Two are packages of Debian, used where they
# are installed and otherwise fetched by apt-get and unpacked, which takes no
# root but lists that 'apt-get update' has filled; the third is in the sources of
# a Python package.
#
# The cache is ~/.cache/vlmchat-ollama, or VLMCHAT_OLLAMA_CACHE.
set -euo pipefail
. "$(cd "$(dirname "$0")" && pwd)/ollama-cache.sh"
miniaudio=1.71
miniaudio_sha256=ff51e2887bb673e2e757752b586b3dc924d59aa5fbcae9bbc45f4a111bd3262b

fail() { echo "ollama: $*" >&2; exit 1; }

mkdir -p "$VLMCHAT_OLLAMA_CACHE"
cache=$(cd "$VLMCHAT_OLLAMA_CACHE" && pwd)
exec 9>"$cache/.lock"
flock 9 # one run at a time
[ ! -e "$cache/$ollama_version" ] || exit 0
command -v c++ >/dev/null || fail "Ollama is compiled with a C++ compiler, and there is none called c++"
# Always the same folder: its name is part of what Go's build cache goes by.
work=$cache/.work
rm -rf "$work"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/include" "$work/out" "$work/download"

# header FOLDER PACKAGE: puts a header library of Debian's into include.
header() {
	if [ ! -d "/usr/include/$1" ]; then
		(cd "$work/download" && apt-get -qq -o APT::Sandbox::User="$(id -un)" download "$2" && dpkg-deb -x "$2"_*.deb .) >"$work/log" 2>&1 ||
			{ cat "$work/log" >&2; fail "the headers of $1 are not here, and could not be fetched: as root, run 'apt-get update && apt-get install $2', then run this again"; }
		cp -r "$work/download/usr/include/$1" "$work/include"
		return
	fi
	ln -s "/usr/include/$1" "$work/include"
}
header nlohmann nlohmann-json3-dev
header stb libstb-dev

python3 -m pip download -q --disable-pip-version-check --no-deps --no-binary=miniaudio -d "$work/download" "miniaudio==$miniaudio" >"$work/log" 2>&1 ||
	{ tail -n 5 "$work/log" >&2; fail "pip could not download the sources of miniaudio $miniaudio"; }
archive=$work/download/miniaudio-$miniaudio.tar.gz
[ "$(sha256sum "$archive" | cut -d ' ' -f 1)" = "$miniaudio_sha256" ] || fail "${archive##*/} is not the file whose sha256 is $miniaudio_sha256"
mkdir "$work/include/miniaudio"
tar -xzf "$archive" -C "$work/include/miniaudio" --strip-components=2 "miniaudio-$miniaudio/miniaudio/miniaudio.h"

# The version is told to a build; without it a server calls itself 0.0.0.
echo "Building Ollama $ollama_version: some minutes" >&2
CGO_ENABLED=1 CGO_CXXFLAGS=-O2 CGO_CPPFLAGS=-I$work/include GOBIN=$work/out GOFLAGS= \
	nice go install -p 1 -buildvcs=false -ldflags "-X github.com/ollama/ollama/version.Version=${ollama_version#v}" \
	"github.com/ollama/ollama@$ollama_version" >"$work/log" 2>&1 ||
	{ tail -n 30 "$work/log" >&2; fail "Ollama $ollama_version could not be compiled; what failed stands above"; }
mv "$work/out" "$cache/$ollama_version"
