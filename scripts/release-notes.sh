#!/usr/bin/env bash
# Prints what CHANGELOG.md says of a version, v1.2.3. It is an error if that is nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
notes=$(awk -v heading="## [${1#v}]" 'index($0, "## ") == 1 { on = index($0, heading) == 1; next } on' CHANGELOG.md | sed '/^\[.*\]: /d')
if [ -z "${notes//[[:space:]]/}" ]; then
	echo "CHANGELOG.md says nothing of $1: its section is '## [${1#v}] - DATE'" >&2
	exit 1
fi
echo "$notes"
