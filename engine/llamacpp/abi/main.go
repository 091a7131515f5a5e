// Command abi keeps the binding true to llama.cpp's headers.
//
//	go run ./engine/llamacpp/abi check DIR...        what of the binding does not agree with a source tree
//	go run ./engine/llamacpp/abi row DIR BUILD       add the layouts of a build to layouts.txt
//
// DIR is a source tree of llama.cpp, or a file with declarations of it. See
// docs/abi.md.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// table is where the layouts are, from the folder of the binding or from the
// root of the repository.
var tables = []string{"layouts.txt", "engine/llamacpp/layouts.txt"}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "abi:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 || args[0] != "check" && (args[0] != "row" || len(args) != 3) {
		return errors.New("usage: abi check DIR... | abi row DIR BUILD")
	}
	path, err := tablePath()
	if err != nil {
		return err
	}
	rows, head, err := readTable(path)
	if err != nil {
		return err
	}
	uses := llamacpp.UsesOfC()
	if args[0] == "row" {
		h, err := readTree(args[1])
		if err != nil {
			return err
		}
		if rows, err = derive(rows, parameterStructs(uses), h, args[2], func(s string) { fmt.Println(s) }); err != nil {
			return err
		}
		return writeTable(path, head, rows)
	}
	defects := 0
	for _, dir := range args[1:] {
		h, err := readTree(dir)
		if err != nil {
			return err
		}
		for _, defect := range check(uses, h, rows) {
			fmt.Printf("%s: %s\n", dir, defect)
			defects++
		}
	}
	if defects > 0 {
		return fmt.Errorf("%d things do not agree", defects)
	}
	return nil
}

func tablePath() (string, error) {
	for _, path := range tables {
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", errors.New("layouts.txt is not here: run this from the root of the repository")
}

// readTree reads the headers of a source tree, or one file of declarations.
func readTree(dir string) (*header, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return readHeaders(dir)
	}
	var paths []string
	for _, name := range []string{
		"ggml/include/ggml.h", "ggml/include/ggml-backend.h", "include/llama.h", "tools/mtmd/mtmd.h", "tools/mtmd/mtmd-helper.h",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if _, err := os.Stat(path); err != nil && name == "tools/mtmd/mtmd-helper.h" {
			continue // older builds declare the helpers in mtmd.h
		}
		paths = append(paths, path)
	}
	return readHeaders(paths...)
}
