package cli

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/models/catalogue"
)

// The table of docs/models.md is the list.
func TestCuratedIsDocumented(t *testing.T) {
	t.Parallel()
	const path, begin, end = "../docs/models.md", "<!-- curated: made by go test ./cli -run TestCuratedIsDocumented -update-docs -->\n", "<!-- end of curated -->\n"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(b), begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed || !strings.Contains(before, catalogue.LookedUp) {
		t.Fatalf("%s has no place for the list, or another day", path)
	}
	var table strings.Builder
	table.WriteString("| Name | Good at | Download | Memory | Licence |\n|---|---|---|---|---|\n")
	for _, m := range catalogue.All() {
		about := ""
		if m.About {
			about = "~ "
		}
		repo, _, _ := strings.Cut(strings.TrimPrefix(m.Hub, "hf:"), ":")
		fmt.Fprintf(&table, "| [`%s`](https://huggingface.co/%s) | %s | %s%s | %s | %s |\n", m.Name, repo, m.GoodAt,
			about, size(uint64(m.Size())), size(uint64(m.Memory())), m.Licence)
	}
	text := before + begin + table.String() + end + after
	switch {
	case text == string(b):
	case *updateDocs:
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not as the list is: go test ./cli -run TestCuratedIsDocumented -update-docs", path)
	}
}
