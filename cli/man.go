package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manCommand is 'vlmchat man': the manual, in the language of man.
func manCommand(a *app) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "man [COMMAND...]",
		Short: "Print the manual page of vlmchat, or of one of its commands",
		Long: "Man prints a page as man reads it (roff). With --dir the pages of all commands are written\n" +
			"into a folder, such as ~/.local/share/man/man1.",
		Example: `  vlmchat man | man -l -
  vlmchat man sessions export | man -l -
  vlmchat man --dir man1`,
		PersistentPreRunE: withoutSettings,
		RunE: func(cmd *cobra.Command, args []string) error {
			if dir != "" && len(args) > 0 {
				return usagef("man --dir writes the pages of all commands: leave the names out")
			}
			if dir != "" {
				return a.writeManual(cmd.Root(), dir)
			}
			about, err := commandNamed(cmd, args)
			if err != nil {
				return err
			}
			_, err = a.stdout.Write(manPage(about))
			return unread(err)
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "write the pages of all commands into this folder")
	return cmd
}

// writeManual writes the pages of a command and of those below it.
func (a *app) writeManual(cmd *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("the manual can't be written: %w", err)
	}
	for _, page := range pages(cmd) {
		if err := os.WriteFile(filepath.Join(dir, pageName(page)+".1"), manPage(page), 0o644); err != nil {
			return fmt.Errorf("the manual can't be written: %w", err)
		}
	}
	return nil
}

// pages are the commands that have one.
func pages(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			all = append(all, pages(sub)...)
		}
	}
	return all
}

func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// roff is a page that is being written.
type roff struct{ bytes.Buffer }

func (r *roff) section(title string) { fmt.Fprintf(r, ".SH %s\n", roffLine(strings.ToUpper(title))) }

// term begins a paragraph that explains something.
func (r *roff) term(bold string) { fmt.Fprintf(r, ".TP\n\\fB%s\\fR\n", roffText(bold)) }

func (r *roff) line(text string) { fmt.Fprintf(r, "%s\n", roffLine(text)) }

// paragraphs writes a text. What is indented in it stays in lines.
func (r *roff) paragraphs(text string) {
	for i, paragraph := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		if i > 0 {
			r.WriteString(".PP\n")
		}
		as := strings.HasPrefix(paragraph, "  ")
		if as {
			r.WriteString(".nf\n")
		}
		for _, line := range strings.Split(paragraph, "\n") {
			r.line(line)
		}
		if as {
			r.WriteString(".fi\n")
		}
	}
}

// roffText is a text in which nothing means anything to roff.
func roffText(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(text)
	var b strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\[u%04X]`, r)
		}
	}
	return b.String()
}

// roffLine is such a text as a line, which must not begin like a request.
func roffLine(text string) string {
	text = roffText(text)
	if strings.HasPrefix(text, ".") {
		return `\&` + text
	}
	return text
}

// manPage is a command's page.
func manPage(cmd *cobra.Command) []byte {
	r := &roff{}
	fmt.Fprintf(r, ".TH \"%s\" 1 \"\" \"%s\" \"User Commands\"\n", roffText(strings.ToUpper(pageName(cmd))), roffText("vlmchat "+version()))
	r.section("Name")
	r.line(pageName(cmd) + " - " + strings.ToLower(cmd.Short[:1]) + cmd.Short[1:])
	r.section("Synopsis")
	name, rest, _ := strings.Cut(cmd.UseLine(), cmd.CommandPath())
	fmt.Fprintf(r, "\\fB%s\\fR%s\n", roffText(name+cmd.CommandPath()), roffText(rest))
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(r, ".br\n\\fB%s\\fR \\fICOMMAND\\fR\n", roffText(cmd.CommandPath()))
	}
	r.section("Description")
	about := cmd.Long
	if about == "" {
		about = cmd.Short + "."
	}
	r.paragraphs(about)
	if cmd.HasAvailableSubCommands() {
		r.section("Commands")
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				r.term(sub.Name())
				r.line(sub.Short + ".")
			}
		}
	}
	r.section("Options")
	for _, group := range grouped(allFlags(cmd)) {
		if group.title != ownFlags {
			fmt.Fprintf(r, ".SS %s\n", roffLine(group.title))
		}
		for _, f := range group.flags {
			r.flag(f)
		}
	}
	if cmd.HasExample() {
		r.section("Examples")
		r.WriteString(".nf\n")
		for _, line := range strings.Split(cmd.Example, "\n") {
			r.line(line)
		}
		r.WriteString(".fi\n")
	}
	r.surroundings(cmd)
	return r.Bytes()
}

// flag explains a flag, with its variable.
func (r *roff) flag(f *pflag.Flag) {
	what, text := pflag.UnquoteUsage(shownFlag(f))
	r.WriteString(".TP\n")
	if f.Shorthand != "" {
		fmt.Fprintf(r, "\\fB\\-%s\\fR, ", f.Shorthand)
	}
	fmt.Fprintf(r, "\\fB%s\\fR", roffText("--"+f.Name))
	switch {
	case what != "" && f.NoOptDefVal != "":
		fmt.Fprintf(r, "[=\\fI%s\\fR]", roffText(what))
	case what != "":
		fmt.Fprintf(r, " \\fI%s\\fR", roffText(what))
	}
	r.WriteString("\n")
	r.line(strings.ToUpper(text[:1]) + text[1:] + ".")
}

// surroundings are the sections that all pages have.
func (r *roff) surroundings(cmd *cobra.Command) {
	r.section("Environment")
	r.paragraphs("A flag that is not given has the value of its variable, if that is set: of --log-file this is\n" +
		"VLMCHAT_LOG_FILE. A variable wins over the configuration file. What removes or replaces\n" +
		"something has none: " + exceptions() + ".")
	for _, v := range otherVariables {
		r.term(v[0])
		r.line(v[1])
	}
	r.section("Exit status")
	for _, code := range exitCodes {
		r.term(fmt.Sprint(code.code))
		r.line(code.about)
	}
	r.section("Files")
	for _, file := range [][2]string{
		{"$XDG_CONFIG_HOME/vlmchat/config.toml", "The settings: a flag's name with _ in place of each dash, as log_file = \"vlmchat.log\"."},
		{"$XDG_CONFIG_HOME/vlmchat/prompts/*.md", "Prompts of your own."},
		{"$XDG_DATA_HOME/vlmchat", "Conversations, runtimes and models."},
		{"$XDG_CACHE_HOME/vlmchat", "What is kept to compute nothing twice."},
	} {
		r.term(file[0])
		r.line(file[1])
	}
	var others []string
	if cmd.HasParent() {
		others = append(others, pageName(cmd.Parent()))
	}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			others = append(others, pageName(sub))
		}
	}
	if len(others) == 0 {
		return
	}
	r.section("See also")
	for i, other := range others {
		end := ","
		if i == len(others)-1 {
			end = ""
		}
		fmt.Fprintf(r, ".BR %s (1)%s\n", roffText(other), end)
	}
}

// exceptions are the flags without a variable.
func exceptions() string {
	var names []string
	for _, name := range onlyFlags {
		names = append(names, "--"+name)
	}
	return strings.Join(names, ", ")
}

// otherVariables are those that are no flag's.
var otherVariables = [][2]string{
	{"VLMCHAT_CONFIG", "The configuration file, in place of the usual one."},
	{"VLMCHAT_CACHE_DIR, VLMCHAT_STATE_DIR", "Folders, in place of the usual ones, of what can be computed again and of the history of what was sent."},
	{"NO_COLOR", "If it is set to anything, nothing is printed in colours."},
	{"VISUAL, EDITOR", "The editor."},
}
