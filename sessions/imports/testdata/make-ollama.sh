#!/usr/bin/env bash
# Makes the database of Ollama's app in this folder by its own code, which is for Windows and
# macOS alone and is built here for any system (needs a C compiler).
set -euo pipefail
version=v0.13.5
out=$(cd "$(dirname "$0")" && pwd)/ollama-${version#v}.db
source=$(go mod download -json "github.com/ollama/ollama@$version" | python3 -c 'import json, sys; print(json.load(sys.stdin)["Dir"])')
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir -p app/store app/types/not
for f in app/store/{database,image,store}.go app/types/not/{found,valids}.go; do
	sed '/^\/\/go:build/d' "$source/$f" >"$f"
done
cat >main.go <<'GO'
package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"time"

	"github.com/ollama/ollama/app/store"
)

func main() {
	red := image.NewRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		red.Set(i%8, i/8, color.RGBA{255, 0, 0, 255})
	}
	var picture bytes.Buffer
	check(png.Encode(&picture, red))
	s := store.Store{DBPath: os.Args[1]}
	at := time.Date(2026, 3, 4, 5, 6, 7, 890_000_000, time.FixedZone("", 3600))
	say := func(role, content string, o *store.MessageOptions) store.Message {
		m := store.NewMessage(role, content, o)
		at = at.Add(time.Second)
		m.CreatedAt, m.UpdatedAt = at, at
		return m
	}
	check(s.SetChat(store.Chat{ID: "0198c0de-0000-7000-8000-000000000001", Title: "A red square", CreatedAt: at, Messages: []store.Message{
		say("user", "What is this?", &store.MessageOptions{Attachments: []store.File{{Filename: "red.png", Data: picture.Bytes()}, {Filename: "notes.txt", Data: []byte("It is mine.")}}}),
		say("assistant", "", &store.MessageOptions{Model: "qwen3-vl", Thinking: "I have to look it up.", ToolCalls: []store.ToolCall{{Type: "function", Function: store.ToolFunction{Name: "look", Arguments: "{}"}}}}),
		say("tool", "red", nil),
		say("assistant", "A red square.", &store.MessageOptions{Model: "qwen3-vl", Thinking: "It is red."}),
	}}))
	check(s.SetChat(store.Chat{ID: "0198c0de-0000-7000-8000-000000000002", CreatedAt: at, Messages: []store.Message{say("user", "Hello?", nil)}}))
	check(s.SetChat(store.Chat{ID: "0198c0de-0000-7000-8000-000000000003", Title: "Empty", CreatedAt: at}))
	check(s.Close())
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
GO
go mod init github.com/ollama/ollama 2>/dev/null
go mod tidy 2>/dev/null
rm -f "$out"
CGO_ENABLED=1 HOME=$dir go run . "$out"
python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.executescript("pragma journal_mode=delete; pragma page_size=512; vacuum")' "$out"
ls -l "$out"
