#!/usr/bin/env bash
# Installs Chromium, in which the tests open exported pages, where Debian's packages and
# the right to install them are at hand. Where they are not, that test is skipped, and
# this says so.
set -euo pipefail
left() { echo "chromium: not installed, so that the test of exported pages in a browser is skipped: $*"; exit 0; }

for name in chromium chromium-browser google-chrome chrome; do
	command -v "$name" >/dev/null && exit 0
done
command -v apt-get >/dev/null || left "apt-get is not here"
[ "$(id -u)" = 0 ] || left "that takes root"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ apt-get update && apt-get install -y --no-install-recommends chromium; } >"$log" 2>&1 ||
	left "$(tail -n 3 "$log")"
