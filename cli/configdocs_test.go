package cli

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/config"
)

var updateDocs = flag.Bool("update-docs", false, "write docs/configuration.md anew")

// docs/configuration.md lists the settings that there are.
func TestSettingsAreDocumented(t *testing.T) {
	t.Parallel()
	const path, begin, end = "../docs/configuration.md", "<!-- from here on made by `go test ./cli -run TestSettingsAreDocumented -update-docs` -->\n", "<!-- to here -->\n"
	doc, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(doc), begin)
	_, after, found := strings.Cut(rest, end)
	if !ok || !found {
		t.Fatalf("%s has no place for the settings", path)
	}
	want := before + begin + settingsTables() + end + after
	switch {
	case *updateDocs:
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	case want != string(doc):
		t.Errorf("%s is not as the settings are: go test ./cli -run TestSettingsAreDocumented -update-docs", path)
	}
}

// settingsTables are all settings, in the groups of the help.
func settingsTables() string {
	var b strings.Builder
	listed := 0
	for _, group := range flagGroups() {
		rows := ""
		for _, name := range group.names {
			s, ok := config.Find(name)
			if !ok {
				continue
			}
			listed++
			flag := "`--" + s.Name + "`"
			if s.Short != "" {
				flag = "`-" + s.Short + "`, " + flag
			}
			value := "none"
			if s.Default != "" {
				value = "`" + s.Default + "`"
			}
			usage := strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(s.Usage)
			rows += fmt.Sprintf("| %s | `%s` | %s | %s |\n", flag, strings.ReplaceAll(s.Name, "-", "_"), value, usage)
		}
		if rows != "" {
			fmt.Fprintf(&b, "\n### %s\n\n| Flag | Key in the file | Default | |\n|---|---|---|---|\n%s", group.title, rows)
		}
	}
	if listed != len(config.Settings) {
		return fmt.Sprintf("%d of %d settings are in a group of flags\n", listed, len(config.Settings))
	}
	return b.String() + "\n"
}
