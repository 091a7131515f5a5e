// Command notices writes THIRD_PARTY_NOTICES: the licences of all that is linked into vlmchat on
// the platforms that it is released for. With -check it says whether the file is as it should be.
//
// It asks 'go list' which packages are linked, and reads the licences beside them in the module
// cache, so it needs no network once vlmchat was built. What it can't know, the parts of
// WebAssembly that modules embed, stands in embedded.go.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
)

const file = "THIRD_PARTY_NOTICES"

func main() {
	check := flag.Bool("check", false, "compare the file with what it should be, and write nothing")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "notices:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	modules, err := linkedModules()
	if err != nil {
		return err
	}
	parts, err := partsOf(modules)
	if err != nil {
		return err
	}
	want := render(parts)
	if !check {
		return os.WriteFile(file, want, 0o644)
	}
	have, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, want) {
		return fmt.Errorf("%s is not what is linked now; 'go run ./scripts/notices' writes it anew%s", file, difference(have, want))
	}
	return nil
}

// difference tells of the lines of the table that one file has and the other has not.
func difference(have, want []byte) string {
	var lines []string
	for _, way := range []struct {
		sign       string
		from, than []byte
	}{{"-", have, want}, {"+", want, have}} {
		for _, line := range strings.Split(string(way.from), "\n") {
			if strings.HasPrefix(line, "  ") && strings.Contains(line, " | ") && !bytes.Contains(way.than, []byte(line+"\n")) {
				lines = append(lines, "\n  "+way.sign+line)
			}
		}
	}
	return strings.Join(lines, "")
}
