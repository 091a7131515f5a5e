#!/usr/bin/env bash
# Makes the archives and packages of this commit twice, in two folders of different names at
# different times, and says whether they are the same, byte for byte.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$(realpath "$1") # the folder of goreleaser and cyclonedx-gomod
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in one another-of-a-longer-name; do
	git clone -q . "$work/$name"
	(
		cd "$work/$name"
		umask "$([ "$name" = one ] && echo 022 || echo 027)"
		git remote set-url origin https://github.com/vlmchat/vlmchat
		PATH=$tools:$PATH TZ=$([ "$name" = one ] && echo UTC || echo Asia/Kolkata) \
			goreleaser release --snapshot --clean --parallelism 1 >"$work/$name.log" 2>&1 || { tail -20 "$work/$name.log"; exit 1; }
		cd dist
		find . -maxdepth 1 -type f \( -name '*.gz' -o -name '*.zip' -o -name '*.deb' -o -name '*.rpm' -o -name '*.zst' -o -name '*.json' -o -name '*.txt' \) \
			! -name artifacts.json ! -name metadata.json -printf '%P\n' | sort | xargs sha256sum >"$work/$name.sums"
	)
	sleep 2
done
cat "$work/one.sums"
diff "$work/one.sums" "$work/another-of-a-longer-name.sums" && echo "$(wc -l <"$work/one.sums") files are the same in both"
