#!/usr/bin/env bash
# Installs Mesa's software Vulkan driver, which stands in for a GPU in the tests,
# where Debian's packages and the right to install them are at hand. Where they
# are not, those tests are skipped, and this says so.
set -euo pipefail
left() { echo "lavapipe: not installed, so that the tests of GPU offload are skipped: $*"; exit 0; }

ls /usr/share/vulkan/icd.d/lvp_icd*.json >/dev/null 2>&1 && exit 0
command -v apt-get >/dev/null || left "apt-get is not here"
[ "$(id -u)" = 0 ] || left "that takes root"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ apt-get update && apt-get install -y --no-install-recommends libvulkan1 mesa-vulkan-drivers; } >"$log" 2>&1 ||
	left "$(tail -n 3 "$log")"
