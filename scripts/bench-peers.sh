#!/usr/bin/env bash
# Installs what the benchmarks compare vlmchat with into the folder bench of a cache, once:
# a virtual environment of Python with bench/requirements.txt and PyTorch (6 GB, most of it
# what PyTorch has for GPUs), and the header of stb_image. What can't be had is told, and the
# benchmarks that need it say so too.
#
#   scripts/bench-peers.sh CACHE
set -uo pipefail
cd "$(dirname "$0")/.."
cache=$1/bench
venv=$cache/venv
failed=0

miss() {
	echo "bench-peers: $1" >&2
	failed=1
}

mkdir -p "$cache"

if [ ! -x "$venv/bin/pip" ]; then
	python3 -m venv "$venv" || miss "there is no virtual environment: Debian's package is python3-venv"
fi
pip() { "$venv/bin/python" -m pip install -q --disable-pip-version-check --only-binary=:all: "$@"; }
if [ -x "$venv/bin/pip" ] && ! cmp -s bench/requirements.txt "$venv/requirements.txt"; then
	if pip -r bench/requirements.txt; then
		cp bench/requirements.txt "$venv/requirements.txt"
	else
		miss "pip could not install bench/requirements.txt"
	fi
fi
if [ -x "$venv/bin/pip" ] && ! "$venv/bin/python" -c 'import torch' 2>/dev/null; then
	pip torch==2.15.0 || miss "pip could not install torch, with which the bench of encoders compares"
fi

if ! echo '#include <stb/stb_image.h>' | "${CC:-cc}" -E -I "$cache/stb/usr/include" - >/dev/null 2>&1; then
	(
		mkdir -p "$cache/stb" && cd "$cache/stb" &&
			apt-get download -qq libstb-dev 2>/dev/null && dpkg-deb -x libstb-dev_*.deb .
	) || miss "stb/stb_image.h is not there, or no C compiler: Debian's packages are libstb-dev and gcc"
fi
command -v java >/dev/null || miss "there is no Java, with which pycocoevalcap takes captions apart: Debian's package is default-jre-headless"
command -v curl >/dev/null || miss "there is no curl"
exit $failed
