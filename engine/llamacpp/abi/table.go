package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// row is a line of layouts.txt.
type row struct {
	name   string
	size   int
	builds []string
	fields []string // name:offset+width
}

func (r row) String() string {
	return fmt.Sprintf("%s %d %s %s", r.name, r.size, strings.Join(r.builds, ","), strings.Join(r.fields, " "))
}

// readTable reads layouts.txt: its rows and the comments at its head.
func readTable(path string) (rows []row, head string, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, "", err
	}
	for line := range strings.Lines(string(b)) {
		words := strings.Fields(line)
		if len(words) < 4 || strings.HasPrefix(line, "#") {
			head += line
			continue
		}
		size, err := strconv.Atoi(words[1])
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", path, err)
		}
		rows = append(rows, row{words[0], size, strings.Split(words[2], ","), words[3:]})
	}
	return rows, head, nil
}

// derive returns the rows with those of a build's headers: known ones get the
// build's name, new ones come in behind the others of their struct. tell is told
// what became of each struct.
func derive(rows []row, structs []string, h *header, build string, tell func(string)) ([]row, error) {
	rows = slices.Clone(rows)
	for _, name := range structs {
		if len(h.structs[name]) == 0 {
			tell(fmt.Sprintf("struct %s is not declared", name))
			continue
		}
		size, fields, err := h.layoutOf(name)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(rows, func(r row) bool {
			return r.name == name && r.size == size && slices.Equal(r.fields, fields)
		})
		switch {
		case i < 0:
			tell(fmt.Sprintf("struct %s has a new layout of %d bytes", name, size))
			last := len(rows)
			for j, r := range rows {
				if r.name == name {
					last = j + 1
				}
			}
			rows = slices.Insert(rows, last, row{name, size, []string{build}, fields})
		case !slices.Contains(rows[i].builds, build):
			tell(fmt.Sprintf("struct %s is laid out as in %s", name, rows[i].builds[len(rows[i].builds)-1]))
			rows[i].builds = append(slices.Clone(rows[i].builds), build)
		}
	}
	return rows, nil
}

func writeTable(path, head string, rows []row) error {
	var b strings.Builder
	b.WriteString(head)
	for _, r := range rows {
		fmt.Fprintln(&b, r)
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

// parameterStructs are the structs whose layouts the table has.
func parameterStructs(u llamacpp.Uses) []string {
	var names []string
	for _, f := range u.Fields {
		if !slices.Contains(names, f.Struct) {
			names = append(names, f.Struct)
		}
	}
	slices.Sort(names)
	slices.Reverse(names) // mtmd's, the model's, the context's
	return names
}
