package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/lazyregexp"
	"github.com/vlmchat/vlmchat/runtimes"
	"github.com/vlmchat/vlmchat/termtext"
)

// versionCommand is 'vlmchat version': what this program was built from.
func versionCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Tell which vlmchat this is, what it was built from, and under which licences it stands",
		Long: "Version tells what was built, from which commit and by which Go, and which llama.cpp\n" +
			"runtimes are installed. 'vlmchat doctor' tells whether these can be used.",
		Example: `  vlmchat version
  vlmchat version --json`,
		Args: noArguments,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			_ = a.configure(cmd) // what is wrong there is no reason not to say which version it is
			return nil
		},
		RunE: func(*cobra.Command, []string) error { return a.printVersion(asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}

// versionJSON is a build for programs: docs/schemas/version.schema.json.
type versionJSON struct {
	documentHead
	Vlmchat   string   `json:"vlmchat"`
	Commit    string   `json:"commit,omitempty"`    // of git, whole or its first twelve digits
	Committed string   `json:"committed,omitempty"` // when, RFC 3339
	Modified  bool     `json:"modified"`            // what was built is not quite that commit
	Go        string   `json:"go"`
	OS        string   `json:"os"`
	Arch      string   `json:"arch"`
	CGO       bool     `json:"cgo"`
	Runtimes  []string `json:"runtimes"` // the folders' names of those that are installed
}

func (a *app) printVersion(asJSON bool) error {
	info, _ := debug.ReadBuildInfo()
	v := describeBuild(info)
	v.Runtimes = append([]string{}, runtimes.InstalledNames()...)
	if asJSON {
		return printJSON(a.stdout, v)
	}
	commit := v.Commit
	if commit == "" {
		commit = "not known: it was built outside of a checkout, or without -buildvcs"
	}
	if v.Committed != "" {
		commit += " of " + v.Committed
	}
	if v.Modified {
		commit += ", with changes"
	}
	installed := "none installed; 'vlmchat runtime install' fetches one"
	if len(v.Runtimes) > 0 {
		installed = termtext.Line(strings.Join(v.Runtimes, ", "))
	}
	cgo := "without cgo"
	if v.CGO {
		cgo = "with cgo"
	}
	fmt.Fprintf(a.stdout, "vlmchat %s\n", v.Vlmchat)
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "  commit\t%s\n", commit)
	fmt.Fprintf(table, "  built by\t%s for %s/%s, %s\n", v.Go, v.OS, v.Arch, cgo)
	fmt.Fprintf(table, "  runtimes\t%s\n", installed)
	fmt.Fprintf(table, "  licence\tMIT. Parts of others have their own: HEIC pictures are read with libheif\n")
	fmt.Fprintf(table, "\tand libde265 (LGPL-3.0); all are in THIRD_PARTY_NOTICES of the archives\n")
	fmt.Fprintf(table, "\tand packages, and at https://github.com/vlmchat/vlmchat\n")
	return table.Flush()
}

// pseudoVersion is the end of a version that Go made of a commit without a tag.
var pseudoVersion = lazyregexp.New(`[-.]\d{14}-([0-9a-f]{12})(\+dirty)?$`)

// describeBuild is what the linker noted of a build. A checkout's says its commit; one of
// 'go install …@version' has the module's version alone, which may end in a commit.
func describeBuild(info *debug.BuildInfo) versionJSON {
	v := versionJSON{
		documentHead: documentHead{"vlmchat-version", 1}, Vlmchat: versionOf(info),
		Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, Runtimes: []string{},
	}
	if info == nil {
		return v
	}
	if m := pseudoVersion().FindStringSubmatch(info.Main.Version); m != nil {
		v.Commit = m[1]
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.time":
			v.Committed = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		case "CGO_ENABLED":
			v.CGO = s.Value == "1"
		}
	}
	return v
}

// version is the module's version, or the commit that it was built from. Nothing is set by
// the linker's -X: Go notes the tag and the commit of a checkout, and the version of a module.
func version() string {
	info, _ := debug.ReadBuildInfo()
	return versionOf(info)
}

func versionOf(info *debug.BuildInfo) string {
	if info == nil {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "development build of " + s.Value[:12]
		}
	}
	return "development build"
}

// userAgent is by what name servers on the web are asked. Development builds
// don't say which.
func userAgent() string {
	if v := version(); strings.HasPrefix(v, "v") {
		return "vlmchat/" + strings.TrimPrefix(v, "v")
	}
	return "vlmchat"
}
