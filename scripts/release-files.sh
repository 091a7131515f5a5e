#!/usr/bin/env bash
# Writes into a folder what archives and packages have beside the executable: manual pages
# and completions, which the program makes itself. The same commit makes the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$1
rm -rf "$dir"
mkdir -p "$dir/completions"
export CGO_ENABLED=0
# go build names the host's platform itself; a release may be made for another one.
env -u GOOS -u GOARCH go build -trimpath -buildvcs=true -ldflags '-s -w' -o "$dir/vlmchat" .
"$dir/vlmchat" man --dir "$dir/man"
gzip -9n "$dir"/man/*.1
"$dir/vlmchat" completion bash >"$dir/completions/vlmchat.bash"
"$dir/vlmchat" completion zsh >"$dir/completions/_vlmchat"
"$dir/vlmchat" completion fish >"$dir/completions/vlmchat.fish"
"$dir/vlmchat" completion powershell >"$dir/completions/vlmchat.ps1"
rm "$dir/vlmchat"
