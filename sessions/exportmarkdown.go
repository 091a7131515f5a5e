package sessions

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

// markdown writes messages as CommonMark, with pictures by their names in a folder, if it
// has a name. What was said is as it was: models answer in Markdown, and what people write
// mostly is, too.
func (c *Conversation) markdown(path []Message, folder string, names map[string]string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", escapeLine(c.Title), c.Created.Format("2 January 2006"))
	if c.System != "" {
		fmt.Fprintf(&b, "\n**System message:**\n\n%s\n", quoted(c.System))
	}
	for _, m := range path {
		fmt.Fprintf(&b, "\n## %s\n", escapeLine(m.Speaker()))
		if m.Thinking != "" {
			fmt.Fprintf(&b, "\n%s\n", quoted("Thinking: "+m.Thinking))
		}
		for _, p := range m.Parts {
			switch {
			case p.Picture == nil && p.Text != "":
				fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(cleaned(p.Text)))
			case p.Picture != nil && folder == "":
				fmt.Fprintf(&b, "\n*%s (%d×%d)*\n", escapeLine(shortName(p.Picture.Source)), p.Picture.Width, p.Picture.Height)
			case p.Picture != nil && names[p.Picture.SHA256] == "":
				fmt.Fprintf(&b, "\n*%s: this picture is lost*\n", escapeLine(shortName(p.Picture.Source)))
			case p.Picture != nil:
				at := (&url.URL{Path: filepath.Base(folder) + "/" + names[p.Picture.SHA256]}).String()
				fmt.Fprintf(&b, "\n![%s](%s)\n", escapeLine(shortName(p.Picture.Source)), at)
			}
		}
		if remark := m.Remark(); remark != "" {
			fmt.Fprintf(&b, "\n*(%s)*\n", escapeLine(remark))
		}
	}
	return []byte(b.String())
}

// quoted makes a block quote of a text.
func quoted(text string) string {
	return "> " + strings.ReplaceAll(strings.TrimSpace(cleaned(text)), "\n", "\n> ")
}

// escapeLine writes a text on one line so that Markdown takes it by its letters.
func escapeLine(text string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, "`", "\\`", "#", `\#`, "!", `\!`).Replace(plain(text))
}
