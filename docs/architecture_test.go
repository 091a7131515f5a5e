package docs

import (
	"bytes"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var updateDocs = flag.Bool("update-docs", false, "draw the picture of docs/architecture.md anew")

// The picture of the packages is drawn here, and held to the imports: a package belongs
// to one panel, and imports what is in its own, in one that an arrow leads to from there,
// or in one of the bands at the bottom, each of which may use those below it. cli opens
// everything.

// panel is a room in the picture: packages that belong together.
type panel struct {
	title      string
	note       string // in faint letters at its right edge
	x, y, w, h int    // its left upper corner and its size, in pixels
	packages   []string
}

const bands = 6 // the first of the panels that are bands

var panels = []panel{
	{"Commands", "one file for each; opens what it needs of all that follows", 20, 20, 960, 66, []string{"cli"}},
	{"The chat", "", 20, 122, 200, 66, []string{"ui", "ui/markdown"}},
	{"What one does with pictures", "", 256, 122, 262, 228, []string{"tasks", "tasks/batch", "tasks/index", "tasks/index/qdrant", "tasks/eval", "datasets", "metrics", "metrics/ptb", "metrics/meteor", "metrics/spice"}},
	{"What is kept", "", 20, 228, 200, 122, []string{"sessions", "sessions/imports", "history", "prompts"}},
	{"Servers as engines", "", 554, 122, 190, 150, []string{"engine/ollama", "engine/openai", "engine/pool", "engine/remote"}},
	{"The native engine", "", 772, 122, 208, 178, []string{"engine/native", "engine/clip", "engine/clip/tokenizer", "engine/transformer", "engine/llamacpp"}},
	{"The vocabulary", "as which all but the commands know engines", 20, 396, 724, 66, []string{"engine"}},
	{"Pictures, and the terminal that shows them", "used from anywhere above", 20, 488, 960, 66, []string{"images", "images/jpeg", "images/svg", "images/pillow", "images/clipboard", "images/viewer", "termimg", "console"}},
	{"Small rooms", "used from anywhere above; import nothing of ours but each other", 20, 574, 960, 66, []string{"config", "diskcache", "jsonschema", "lazyregexp", "memory", "spelling", "termtext", "vectors", "xmp"}},
}

// modelFiles is a panel beside the bands: the native engine uses it.
var modelFiles = panel{"Models and libraries", "", 772, 336, 208, 126, []string{"models", "runtimes", "models/catalogue", "models/hub", "models/safetensors"}}

// arrow leads from one panel to another that it imports, from a point to a point.
type arrow struct {
	from, to       string // beginnings of their titles
	x1, y1, x2, y2 int
}

var arrows = []arrow{
	{"Commands", "The chat", 120, 86, 120, 120},
	{"Commands", "What one does", 387, 86, 387, 120},
	{"Commands", "Servers as", 649, 86, 649, 120},
	{"Commands", "The native engine", 876, 86, 876, 120},
	{"The chat", "What one does", 220, 156, 254, 156},
	{"The chat", "What is kept", 120, 188, 120, 226},
	{"What one does", "What is kept", 256, 290, 222, 290},
	{"What one does", "The vocabulary", 387, 350, 387, 394},
	{"Servers as", "The vocabulary", 649, 272, 649, 394},
	{"The native engine", "Models and", 876, 300, 876, 334},
	{"Models and", "The vocabulary", 772, 430, 746, 430},
	{"The vocabulary", "Pictures", 387, 462, 387, 486},
}

// forTests are packages that the program has no part of.
var forTests = []string{"engine/enginetest", "engine/llamacpp/abi", "engine/llamacpp/runtimetest", "models/hub/hubtest", "testprogram", "ui/ptytest"}

func panelOf(name string) (panel, int) {
	for i, p := range append(slices.Clone(panels), modelFiles) {
		if slices.Contains(p.packages, name) || strings.HasPrefix(p.title, name) {
			return p, i
		}
	}
	return panel{}, -1
}

// imports are what of ours each package of the program imports, its tests left out.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	const ours = "github.com/vlmchat/vlmchat/"
	all := map[string][]string{}
	for _, name := range packages(t) {
		if slices.Contains(forTests, name) {
			continue
		}
		all[name] = nil
		files, err := filepath.Glob(filepath.Join(filepath.FromSlash(name), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, spec := range parsed.Imports {
				path, _ := strconv.Unquote(spec.Path.Value)
				if rest, ok := strings.CutPrefix(path, ours); ok && !strings.HasPrefix(rest, "testdata/") && !slices.Contains(all[name], rest) {
					all[name] = append(all[name], rest)
				}
			}
		}
	}
	return all
}

func TestArchitecturePicture(t *testing.T) {
	all := imports(t)
	used := map[[2]string]bool{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		from, at := panelOf(name)
		if at < 0 {
			t.Errorf("no panel has the package %s: put it into one of docs/architecture_test.go", name)
			continue
		}
		for _, other := range all[name] {
			to, below := panelOf(other)
			isBand := below >= bands && below < len(panels)
			used[[2]string{from.title, to.title}] = true
			if name == "cli" || from.title == to.title || isBand && (at < bands || at == len(panels) || at < below) || joined(from, to) {
				continue
			}
			t.Errorf("%s imports %s, and no arrow leads from %q to %q", name, other, from.title, to.title)
		}
	}
	for _, p := range append(slices.Clone(panels), modelFiles) {
		for _, name := range p.packages {
			if _, ok := all[name]; !ok {
				t.Errorf("the panel %q has %s, which is no package", p.title, name)
			}
		}
	}
	for _, a := range arrows {
		from, _ := panelOf(a.from)
		to, _ := panelOf(a.to)
		if !used[[2]string{from.title, to.title}] {
			t.Errorf("an arrow leads from %q to %q, and nothing in the one imports anything in the other", a.from, a.to)
		}
	}
	for name, colours := range map[string]colours{
		"docs/pictures/architecture-light.svg": {"#1f2328", "#59636e", "#ffffff", "#d1d9e0", "#f6f8fa", "#eef4ff", "#0969da"},
		"docs/pictures/architecture-dark.svg":  {"#e6edf3", "#9198a1", "#0d1117", "#3d444d", "#151b23", "#16243b", "#4493f8"},
	} {
		drawn := draw(colours)
		if *updateDocs {
			if err := os.WriteFile(name, drawn, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got := read(t, name); got != string(drawn) {
			t.Errorf("%s is not what would be drawn now: go test ./docs -run TestArchitecturePicture -update-docs", name)
		}
	}
}

func joined(from, to panel) bool {
	return slices.ContainsFunc(arrows, func(a arrow) bool {
		return strings.HasPrefix(from.title, a.from) && strings.HasPrefix(to.title, a.to)
	})
}

type colours struct{ text, faint, ground, line, room, chip, accent string }

// draw draws the picture, as SVG.
func draw(c colours) []byte {
	const width, height = 1000, 660
	var b bytes.Buffer
	line := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	line(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="The packages of vlmchat, and which use which">`, width, height, width, height)
	line(`<style>text{font:13px -apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:%s}.title{font-weight:600}.name{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}.note{font-size:12px;fill:%s}</style>`, c.text, c.faint)
	line(`<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z" fill="%s"/></marker></defs>`, c.accent)
	line(`<rect width="%d" height="%d" rx="12" fill="%s"/>`, width, height, c.ground)
	for _, p := range append(slices.Clone(panels), modelFiles) {
		line(`<rect x="%d" y="%d" width="%d" height="%d" rx="10" fill="%s" stroke="%s"/>`, p.x, p.y, p.w, p.h, c.room, c.line)
		line(`<text class="title" x="%d" y="%d">%s</text>`, p.x+12, p.y+22, p.title)
		if p.note != "" {
			line(`<text class="note" x="%d" y="%d" text-anchor="end">%s</text>`, p.x+p.w-12, p.y+22, p.note)
		}
		x, y := p.x+12, p.y+34
		for _, name := range p.packages {
			w := 14 + len(name)*722/100
			if x > p.x+12 && x+w > p.x+p.w-8 {
				x, y = p.x+12, y+28
			}
			line(`<rect x="%d" y="%d" width="%d" height="22" rx="6" fill="%s" stroke="%s"/>`, x, y, w, c.chip, c.line)
			line(`<text class="name" x="%d" y="%d">%s</text>`, x+7, y+15, name)
			x += w + 8
		}
	}
	for _, a := range arrows {
		line(`<path d="M%d %dL%d %d" stroke="%s" stroke-width="1.5" fill="none" marker-end="url(#tip)"/>`, a.x1, a.y1, a.x2, a.y2, c.accent)
	}
	line(`</svg>`)
	return b.Bytes()
}
