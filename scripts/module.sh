#!/usr/bin/env bash
# Installs this commit as 'go install github.com/vlmchat/vlmchat@v0.0.1' would, from a
# module that go makes of the repository as the module proxy does, into folders that go away.
# What it depends on comes from the module cache.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
cleanup() {
	chmod -R u+w "$work"
	rm -rf "$work"
}
trap cleanup EXIT
git clone -q --bare . "$work/repository"
git -C "$work/repository" tag v0.0.1 HEAD
cat >"$work/gitconfig" <<END
[url "file://$work/repository"]
	insteadOf = https://github.com/vlmchat/vlmchat
[safe]
	directory = *
END
export GIT_CONFIG_GLOBAL="$work/gitconfig" GIT_ALLOW_PROTOCOL=file CGO_ENABLED=0 GOBIN="$work/bin" GOFLAGS=-mod=mod
GOPROXY="file://$(go env GOMODCACHE)/cache/download,$(go env GOPROXY)"
export GOPROXY GONOPROXY=github.com/vlmchat/vlmchat GONOSUMDB=github.com/vlmchat/vlmchat GOMODCACHE="$work/modules"
(cd "$work" && go install -trimpath -ldflags '-s -w' github.com/vlmchat/vlmchat@v0.0.1)
zip=$GOMODCACHE/cache/download/github.com/vlmchat/vlmchat/@v/v0.0.1.zip
echo "the module's zip has $(($(wc -c <"$zip") / 1000000)) MB, and may have 500"
[ "$(wc -c <"$zip")" -le 500000000 ]
"$GOBIN/vlmchat" --version
[ "$("$GOBIN/vlmchat" --version)" = "vlmchat v0.0.1" ]
