// Package docs has no code, only tests: whether what the documents name is there.
package docs

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The documents are for people, and nobody notices when they stop being true:
// so what they name is looked for here.

// TestMain goes to the root of the repository, from where names are told.
func TestMain(m *testing.M) {
	if err := os.Chdir(".."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// documents are all that is written for people, by their paths in the repository.
func documents(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", "bench/*.md", "testdata/*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range found {
			names = append(names, filepath.ToSlash(name))
		}
	}
	if !slices.Contains(names, "README.md") || !slices.Contains(names, "docs/security.md") {
		t.Fatalf("found no documents but %q", names)
	}
	return names
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n")
}

var (
	fence      = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	inCode     = regexp.MustCompile("`+[^`]+`+")
	target     = regexp.MustCompile(`\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\)`)
	attribute  = regexp.MustCompile(`(?:src|srcset|href)="([^"]+)"`)
	reference  = regexp.MustCompile(`(?m)^\[[^\]^][^\]]*\]: +(\S+)`)
	heading    = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *#*$`)
	named      = regexp.MustCompile(`(?:id|name)="([^"]+)"`)
	linked     = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	notInNames = regexp.MustCompile(`[^\p{L}\p{N}\p{M}_\- ]`)
	footnote   = regexp.MustCompile(`\[\^([^\]]+)\](:?)`)
	backticked = regexp.MustCompile("`([^`\n]+)`")
	aTest      = regexp.MustCompile(`^(?:Test|Fuzz|Benchmark)\w+$`)
)

// anchors are the places in a document that a link can lead to, as GitHub names them.
func anchors(text string) []string {
	text = fence.ReplaceAllString(text, "")
	var names []string
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		name := linked.ReplaceAllString(match[1], "$1")
		name = strings.ToLower(notInNames.ReplaceAllString(name, ""))
		name = strings.ReplaceAll(name, " ", "-")
		again := name
		for n := 1; slices.Contains(names, again); n++ {
			again = fmt.Sprintf("%s-%d", name, n)
		}
		names = append(names, again)
	}
	for _, match := range named.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	return names
}

// links are the targets of a document's links and pictures, code left out.
func links(text string) []string {
	text = fence.ReplaceAllString(text, "")
	text = inCode.ReplaceAllString(text, "")
	var found []string
	for _, kind := range []*regexp.Regexp{target, attribute, reference} {
		for _, match := range kind.FindAllStringSubmatch(text, -1) {
			found = append(found, match[1])
		}
	}
	return found
}

func TestAnchors(t *testing.T) {
	text := "# `--rpc`: other machines, and [a link](x.md)\n## Twice\n## Twice\n```\n# a comment\n```\n<a id=\"here\"></a>\n"
	want := []string{"--rpc-other-machines-and-a-link", "twice", "twice-1", "here"}
	if got := anchors(text); !slices.Equal(got, want) {
		t.Errorf("anchors %q, want %q", got, want)
	}
}

func TestLinksLeadSomewhere(t *testing.T) {
	counted := 0
	for _, name := range documents(t) {
		for _, link := range links(read(t, name)) {
			if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
				continue
			}
			counted++
			file, anchor, hasAnchor := strings.Cut(link, "#")
			to := name
			if file != "" {
				to = path.Join(path.Dir(name), file)
			}
			if _, err := os.Stat(filepath.FromSlash(to)); err != nil {
				t.Errorf("%s links to %s, which is not there", name, link)
				continue
			}
			if hasAnchor && strings.HasSuffix(to, ".md") && !slices.Contains(anchors(read(t, to)), anchor) {
				t.Errorf("%s links to %s, and %s has no heading for #%s", name, link, to, anchor)
			}
		}
	}
	if counted < 100 {
		t.Errorf("found %d links in the documents, which can't be all", counted)
	}
}

func TestFootnotesAreThere(t *testing.T) {
	for _, name := range documents(t) {
		used, told := map[string]bool{}, map[string]bool{}
		for _, match := range footnote.FindAllStringSubmatch(fence.ReplaceAllString(read(t, name), ""), -1) {
			if match[2] == ":" {
				told[match[1]] = true
			} else {
				used[match[1]] = true
			}
		}
		for note := range used {
			if !told[note] {
				t.Errorf("%s has no footnote %s", name, note)
			}
		}
		for note := range told {
			if !used[note] {
				t.Errorf("nothing in %s leads to its footnote %s", name, note)
			}
		}
	}
}

// packages are the folders of the repository with a Go package, but for those that only
// measure (bench) or help to make releases (scripts), and those with nothing but tests.
func packages(t *testing.T) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() && name != "." && (base[0] == '.' || base[0] == '_' || base == "testdata" || base == "bench" || base == "scripts") {
			return fs.SkipDir
		}
		folder := filepath.ToSlash(filepath.Dir(name))
		if strings.HasSuffix(base, ".go") && !strings.HasSuffix(base, "_test.go") && folder != "." && !slices.Contains(found, folder) {
			found = append(found, folder)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// firstCells are the first cells of the rows of the tables in a text, their heads left out.
func firstCells(text string) []string {
	var cells []string
	rows := strings.Split(text, "\n")
	for i, row := range rows {
		isHead := i+1 < len(rows) && strings.HasPrefix(rows[i+1], "|---")
		if strings.HasPrefix(row, "|") && !strings.HasPrefix(row, "|---") && !isHead {
			cells = append(cells, strings.TrimSpace(strings.Split(row, "|")[1]))
		}
	}
	return cells
}

func TestEveryPackageIsInTheArchitecture(t *testing.T) {
	var rows []string
	for _, cell := range firstCells(read(t, "docs/architecture.md")) {
		for _, name := range backticked.FindAllStringSubmatch(cell, -1) {
			rows = append(rows, name[1])
		}
	}
	there := packages(t)
	for _, name := range there {
		if !slices.Contains(rows, name) {
			t.Errorf("docs/architecture.md has no row for the package %s", name)
		}
	}
	for i, name := range rows {
		if !slices.Contains(there, name) && name != "bench" {
			t.Errorf("docs/architecture.md has a row for %s, which is no package", name)
		}
		if slices.Contains(rows[:i], name) {
			t.Errorf("docs/architecture.md has two rows for %s", name)
		}
	}
}

// TestFilesThatAreNamed holds the paths in CONTRIBUTING.md and docs/architecture.md
// to the tree. A name without a folder is one in the folder of a path before it in
// the paragraph or row, or anywhere where its paragraph names none.
func TestFilesThatAreNamed(t *testing.T) {
	everywhere := map[string]bool{}
	if err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && d.Name() == ".cache" {
			return fs.SkipDir
		}
		everywhere[filepath.Base(name)] = true
		return err
	}); err != nil {
		t.Fatal(err)
	}
	fileName := regexp.MustCompile(`^[\w.\-]+\.(?:go|md|sh|py|txt|json|yml|yaml|svg)$`)
	pathName := regexp.MustCompile(`^\.?[\w\-]+(?:/[\w.\-]+)+/?$`)
	counted := 0
	for _, name := range []string{"CONTRIBUTING.md", "docs/architecture.md"} {
		for _, part := range regexp.MustCompile(`\n\n|\n\|`).Split(fence.ReplaceAllString(read(t, name), ""), -1) {
			var folders []string
			for _, match := range backticked.FindAllStringSubmatch(part, -1) {
				text := match[1]
				isPath, isFile := pathName.MatchString(text), fileName.MatchString(text)
				if !isPath && !isFile {
					continue
				}
				counted++
				if info, err := os.Stat(text); err == nil {
					if !info.IsDir() {
						text = path.Dir(text)
					}
					folders = append(folders, strings.TrimSuffix(text, "/"))
					continue
				}
				found := isFile && len(folders) == 0 && everywhere[text]
				for _, folder := range folders {
					if _, err := os.Stat(path.Join(folder, text)); err == nil {
						found = true
					}
				}
				if !found {
					t.Errorf("%s names `%s`, which is not there", name, match[1])
				}
			}
		}
	}
	if counted < 100 {
		t.Errorf("found %d names of files, which can't be all", counted)
	}
}

// TestTestsThatAreNamed holds the tests that CONTRIBUTING.md names to the tree.
func TestTestsThatAreNamed(t *testing.T) {
	missing := map[string]bool{}
	for _, name := range regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z]\w+`).FindAllString(read(t, "CONTRIBUTING.md"), -1) {
		missing[name] = true
	}
	if len(missing) < 5 {
		t.Errorf("CONTRIBUTING.md names the tests %v alone", missing)
	}
	for _, folder := range append(packages(t), "docs") {
		files, err := filepath.Glob(filepath.Join(filepath.FromSlash(folder), "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			code := read(t, file)
			for name := range missing {
				if strings.Contains(code, "\nfunc "+name+"(") {
					delete(missing, name)
				}
			}
		}
	}
	for name := range missing {
		t.Errorf("CONTRIBUTING.md names %s, which is not there", name)
	}
}

// TestThreatsAreTested holds docs/security.md to what it says of tests: each threat has
// a row in both of its tables, and each test is in the file that is named before it.
func TestThreatsAreTested(t *testing.T) {
	text := read(t, "docs/security.md")
	_, threats, ok := strings.Cut(text, "\n## The threats")
	threats, _, ends := strings.Cut(threats, "\n## ")
	_, tested, has := strings.Cut(text, "\n## How each is tested")
	if !ok || !ends || !has {
		t.Fatal("docs/security.md has not the sections The threats and How each is tested")
	}
	tested, _, _ = strings.Cut(tested, "\n## ")
	rows, proofs := firstCells(threats), firstCells(tested)
	if !slices.Equal(rows, proofs) {
		for _, row := range rows {
			if !slices.Contains(proofs, row) {
				t.Errorf("docs/security.md does not say how %q is tested", row)
			}
		}
		for _, row := range proofs {
			if !slices.Contains(rows, row) {
				t.Errorf("docs/security.md says how %q is tested, which is not among the threats", row)
			}
		}
		t.Error("the tables of docs/security.md have not the same rows in the same order")
	}
	counted, file, code := 0, "", ""
	for _, match := range backticked.FindAllStringSubmatch(text, -1) {
		switch name := match[1]; {
		case strings.HasSuffix(name, "_test.go"):
			file, code = name, ""
			if data, err := os.ReadFile(filepath.FromSlash(name)); err != nil {
				t.Errorf("docs/security.md names %s, which is not there", name)
			} else {
				code = string(data)
			}
		case aTest.MatchString(name):
			counted++
			if !strings.Contains(code, "\nfunc "+name+"(") {
				t.Errorf("docs/security.md names %s in %s, and it is not there", name, file)
			}
		}
	}
	if counted < 2*len(rows) {
		t.Errorf("docs/security.md names %d tests for %d threats", counted, len(rows))
	}
}
