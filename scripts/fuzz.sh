#!/usr/bin/env bash
# Runs every fuzz target for a while (first argument, 20s if it is not given).
# By itself Go may take a minute to make one interesting input smaller, in which
# it tries no others.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-20s}
go list ./... | while read -r package; do
	go test -list '^Fuzz' "$package" | { grep '^Fuzz' || true; } | while read -r target; do
		echo "== $package $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 1s "$package" </dev/null
	done
done
