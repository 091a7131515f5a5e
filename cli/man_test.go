package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// macros are those that pages are written with.
var macros = []string{".TH", ".SH", ".SS", ".TP", ".PP", ".BR", ".br", ".nf", ".fi"}

// Each command has a page with all sections and flags, of which nothing is taken for a
// request that is none.
func TestManual(t *testing.T) {
	t.Parallel()
	eachCommand(rootCommand(&app{}), func(cmd *cobra.Command) {
		page := string(manPage(cmd))
		for _, section := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "EXIT STATUS", "FILES", "SEE ALSO"} {
			if !strings.Contains(page, "\n.SH "+section+"\n") {
				t.Errorf("the page of %q has no section %s", cmd.CommandPath(), section)
			}
		}
		allFlags(cmd).VisitAll(func(f *pflag.Flag) {
			if there := strings.Contains(page, `\fB`+roffText("--"+f.Name)+`\fR`); there == f.Hidden {
				t.Errorf("the page of %q has --%s: %v", cmd.CommandPath(), f.Name, there)
			}
		})
		for i, line := range strings.Split(strings.TrimSuffix(page, "\n"), "\n") {
			macro, _, _ := strings.Cut(line, " ")
			if line == "" || line[0] == '\'' || line[0] == '.' && !slices.Contains(macros, macro) {
				t.Errorf("line %d of the page of %q is %q", i+1, cmd.CommandPath(), line)
			}
		}
	})
}

// Each flag of each command is shown by its help, in one group.
func TestHelpHasAllFlags(t *testing.T) {
	t.Parallel()
	eachCommand(rootCommand(&app{}), func(cmd *cobra.Command) {
		var out strings.Builder
		cmd.SetOut(&out)
		if err := usage(cmd); err != nil {
			t.Fatal(err)
		}
		allFlags(cmd).VisitAll(func(f *pflag.Flag) {
			want := 1
			if f.Hidden {
				want = 0
			}
			if n := strings.Count(out.String(), " --"+f.Name+" ") + strings.Count(out.String(), " --"+f.Name+"["); n < want || want == 0 && n > 0 {
				t.Errorf("the help of %q has --%s %d times", cmd.CommandPath(), f.Name, n)
			}
		})
	})
}

func TestWriteManual(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "man1")
	a := &app{}
	if err := a.writeManual(rootCommand(a), dir); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "vlmchat-sessions-export.1"))
	if err != nil || !strings.Contains(string(page), `.TH "VLMCHAT\-SESSIONS\-EXPORT" 1`) || !strings.Contains(string(page), `.BR vlmchat\-sessions (1)`) {
		t.Errorf("the page is %q, %v", page, err)
	}
}
