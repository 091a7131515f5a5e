package cli

import (
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/termtext"
)

// wrapWords breaks text at blanks into lines of at most width columns. A longer
// word, such as a path, stays whole: it is there to be copied.
func wrapWords(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case ansi.StringWidth(line)+1+ansi.StringWidth(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

// cutTo cuts a line to so many characters.
func cutTo(line string, most int) string {
	letters := []rune(line)
	if len(letters) <= most {
		return line
	}
	return strings.TrimRightFunc(string(letters[:most-1]), unicode.IsSpace) + "…"
}

// column is a text that is safe to print between tabs.
func column(text string) string { return strings.ReplaceAll(termtext.Line(text), "\t", " ") }

// joined puts commas between the texts that are not empty.
func joined(texts []string) string {
	var some []string
	for _, t := range texts {
		if t != "" {
			some = append(some, t)
		}
	}
	return strings.Join(some, ", ")
}

// textColours is how many colours text may have on a terminal.
func textColours(f *os.File) colorprofile.Profile {
	profile := colorprofile.Detect(f, os.Environ())
	if os.Getenv("NO_COLOR") != "" {
		profile = min(profile, colorprofile.ASCII) // as in the chat, whatever its value
	}
	return profile
}

// lookOf is how many columns and colours there are where something is drawn.
func lookOf(w io.Writer) (columns int, profile colorprofile.Profile) {
	columns, profile = (&status{w: w}).columns(), colorprofile.ASCII
	if f, ok := w.(*os.File); ok {
		profile = textColours(f)
	}
	return columns, profile
}

// pageLook is how many columns a report takes, 80 but for a narrower or wider terminal, and
// whether it may have colours.
func pageLook(w io.Writer) (columns int, colour bool) {
	const least, most = 40, 100
	if !isTerminal(w) {
		return 80, false
	}
	columns, profile := lookOf(w)
	if columns < least {
		columns = 80
	}
	return min(columns, most), profile >= colorprofile.ANSI
}

// printLines prints lines, each cut to the width of the terminal if there is one: of a table
// whose rows take several lines nobody sees the columns.
func printLines(w io.Writer, text string) error {
	if isTerminal(w) {
		columns, _ := lookOf(w)
		var b strings.Builder
		for line := range strings.Lines(text) {
			b.WriteString(ansi.Truncate(strings.TrimSuffix(line, "\n"), columns, "…") + "\n")
		}
		text = b.String()
	}
	_, err := io.WriteString(w, text)
	return unread(err)
}
