#!/usr/bin/env bash
# Measures the frames of the chat in a session of 2,000 messages, and holds what the
# slowest of a hundred takes against the goal. The argument is how many frames.
set -euo pipefail
cd "$(dirname "$0")/.."
go test ./ui -run '^$' -bench '^BenchmarkLongSession' -benchtime "${1:-5000}x" | tee /dev/stderr | awk '
	/^Benchmark/ {
		for (i = 3; i < NF; i++) if ($(i + 1) == "p99-ms") {
			name = $1; sub(/-[0-9]+$/, "", name)
			printf "%s: p99 %s ms, goal: under 16 ms: %s\n", name, $i, $i < 16 ? "met" : "missed"
		}
	}'
