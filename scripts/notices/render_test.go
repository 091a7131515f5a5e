package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A licence that asks for more than a notice is known as none, so that somebody reads it.
func TestKindOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"../../LICENSE": "MIT", "pdfium/abseil.txt": "Apache-2.0", "pdfium/pdfium.txt": "BSD-3-Clause", "pdfium/libopenjpeg.txt": "BSD-2-Clause",
		"wasm/musl.txt": "MIT", "pdfium/freetype.txt": "",
	} {
		text, err := readText(filepath.Join("../../packaging/licences", name))
		if err != nil {
			t.Fatal(err)
		}
		if got := kindOf(text); got != want {
			t.Errorf("%s is taken for %q, and is %q", name, got, want)
		}
	}
	for _, text := range []string{"", "All rights reserved.", "GNU AFFERO GENERAL PUBLIC LICENSE\nPermission is hereby granted, free of charge", "Mozilla Public License Version 2.0"} {
		if got := kindOf(text); got != "" {
			t.Errorf("%q is taken for %q", text, got)
		}
	}
}

// Each text of packaging/licences is passed on.
func TestAllTextsArePassedOn(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, parts := range embedded {
		for _, p := range parts {
			used[p.text] = true
		}
	}
	const dir = "../../packaging/licences"
	files, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are none: %v", err)
	}
	for _, file := range files {
		name, _ := filepath.Rel(dir, file)
		if !used[filepath.ToSlash(name)] {
			t.Errorf("%s is about nothing", name)
		}
	}
	for name := range used {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
	}
}
