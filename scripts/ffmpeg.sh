#!/usr/bin/env bash
# Installs ffmpeg, with which the tests make videos and take frames of them, where
# Debian's packages and the right to install them are at hand. Where they are not,
# those tests are skipped, and this says so.
set -euo pipefail
left() { echo "ffmpeg: not installed, so that the tests of videos are skipped: $*"; exit 0; }

command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null && exit 0
command -v apt-get >/dev/null || left "apt-get is not here"
[ "$(id -u)" = 0 ] || left "that takes root"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ apt-get update && apt-get install -y --no-install-recommends ffmpeg; } >"$log" 2>&1 ||
	left "$(tail -n 3 "$log")"
