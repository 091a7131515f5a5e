package ui

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// read is an intent with its names as text.
type read struct {
	isCommand         bool
	command, argument string
	pictures, links   []string
	text              string
}

// written writes the ways of each name, those that may be words with a question mark.
func written(names []name) []string {
	var all []string
	for _, n := range names {
		text := strings.Join(n.ways, "|")
		if n.perhaps {
			text = "?" + text
		}
		all = append(all, text)
	}
	return all
}

func TestUnderstand(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       read
	}{
		{"a question", "What is this?", read{text: "What is this?"}},
		{"a question with a slash", "cats and/or dogs", read{text: "cats and/or dogs"}},
		{"a command", "/help", read{isCommand: true, command: "help"}},
		{"a command in capitals", "/Help", read{isCommand: true, command: "help"}},
		{"a command and its argument", "/attach  my cat.png ", read{isCommand: true, command: "attach", argument: "my cat.png"}},
		{"a command with a path", "/attach /a/b.png", read{isCommand: true, command: "attach", argument: "/a/b.png"}},
		{"an unknown command", "/describe the file foo.png", read{isCommand: true, command: "describe", argument: "the file foo.png"}},
		{"a space before a slash", " /help", read{text: "/help"}},
		{"nothing", " ", read{}},
		{"a command and another line", "/help\nme", read{isCommand: true, command: "help", argument: "me"}},
		{"a slash alone", "/", read{isCommand: true}},

		{"a leading path", "/home/me/cat.png", read{pictures: []string{"/home/me/cat.png"}}},
		{"a leading path at the root", "/cat.png", read{pictures: []string{"/cat.png"}}},
		{"capitals", "/CAT.JPG", read{pictures: []string{"/CAT.JPG"}}},
		{"a path and a question", "/a/cat.png what is it?", read{pictures: []string{"/a/cat.png"}, text: "what is it?"}},
		{"a path, a newline, a question", "/a/cat.png\nwhat is it?", read{pictures: []string{"/a/cat.png"}, text: "what is it?"}},
		{"two paths and a question", "/a/cat.png /b/dog.jpg differ?", read{pictures: []string{"/a/cat.png", "/b/dog.jpg"}, text: "differ?"}},
		{"blanks in a path", "/home/me/My Pictures/a cat.png and?", read{pictures: []string{"/home/me/My Pictures/a cat.png"}, text: "and?"}},
		{"escaped blanks", `/home/me/My\ Pictures/a\ cat.png and?`, read{pictures: []string{`/home/me/My\ Pictures/a\ cat.png`}, text: "and?"}},
		{"quoted", `'/home/me/it is.png' and?`, read{pictures: []string{"/home/me/it is.png"}, text: "and?"}},
		{"double quotes", `"a cat.png"`, read{pictures: []string{"a cat.png"}}},
		{"a quotation is no path", `"Stop" she said`, read{text: `"Stop" she said`}},
		{"home", "~/cat.webp", read{pictures: []string{"~/cat.webp"}}},
		{"relative", "../cat.webp hm", read{pictures: []string{"../cat.webp"}, text: "hm"}},
		{"a file's URL", "file:///a/b%20c.png", read{pictures: []string{"file:///a/b%20c.png"}}},
		{"Windows", `C:\Users\me\a cat.png`, read{pictures: []string{`C:\Users\me\a cat.png`}}},
		{"no picture's path, but surely a path", "/etc/passwd say", read{pictures: []string{"/etc/passwd"}, text: "say"}},
		{"a bare name", "cat.png", read{pictures: []string{"cat.png"}}},
		{"an extension alone", ".png", read{text: ".png"}},
		{"a name within a question", "what is a cat.png", read{pictures: []string{"?what is a cat.png|is a cat.png|a cat.png|cat.png"}, text: "what is a cat.png"}},
		{"a path within a question", "what is in /a/cat.png?", read{pictures: []string{"/a/cat.png"}, text: "what is in /a/cat.png?"}},
		{"several, of all kinds", `are ~/a.png, "/b/my cat.jpg" and (./c\ d.gif) alike?`, read{
			pictures: []string{"~/a.png", "/b/my cat.jpg", `./c\ d.gif`}, text: `are ~/a.png, "/b/my cat.jpg" and (./c\ d.gif) alike?`}},
		{"a relative path within", "is pictures/cat.png a cat", read{pictures: []string{"pictures/cat.png"}, text: "is pictures/cat.png a cat"}},
		{"a file's URL within", "see file:///a.png", read{pictures: []string{"file:///a.png"}, text: "see file:///a.png"}},
		{"one before and one within", "/a.png is it like /b.png", read{pictures: []string{"/a.png", "/b.png"}, text: "is it like /b.png"}},
		{"words, not a path", "write `/a/cat.png`", read{text: "write `/a/cat.png`"}},
		{"dots", "... and then?", read{text: "... and then?"}},
		{"a comma behind a path", "/a/cat.png, what is it?", read{pictures: []string{"/a/cat.png"}, text: "what is it?"}},
		{"a path and one more", "/a/b and /c/d.png", read{pictures: []string{"/a/b", "/c/d.png"}, text: "and /c/d.png"}},
		{"another path that is none of a picture", "~/notes.txt say", read{pictures: []string{"~/notes.txt"}, text: "say"}},
		{"a folder, quoted", "'/a/my photos'", read{pictures: []string{"/a/my photos"}}},
		{"pages", "doc.pdf#2-4", read{pictures: []string{"doc.pdf#2-4"}}},
		{"pages of a path, and a question", "~/my doc.pdf#2-4,7- what is it?", read{pictures: []string{"~/my doc.pdf#2-4,7-"}, text: "what is it?"}},
		{"pages behind quotes", "'/a/my doc.pdf'#2 why?", read{pictures: []string{"/a/my doc.pdf#2"}, text: "why?"}},
		{"pages within", "is p/doc.pdf#2, dated?", read{pictures: []string{"p/doc.pdf#2"}, text: "is p/doc.pdf#2, dated?"}},
		{"a moment", "./clip.mp4#t=1m30s,2:30 who?", read{pictures: []string{"./clip.mp4#t=1m30s,2:30"}, text: "who?"}},
		{"a pattern", "*.jpg", read{pictures: []string{"*.jpg"}}},
		{"a pattern of any files", "photos/*", read{pictures: []string{"photos/*"}}},
		{"a pattern within", "which of photos/*.jpg is best?", read{pictures: []string{"photos/*.jpg"}, text: "which of photos/*.jpg is best?"}},
		{"blanks in a path within", "is /a/My Pictures/b.png good", read{pictures: []string{"/a/My Pictures/b.png|Pictures/b.png"}, text: "is /a/My Pictures/b.png good"}},
		{"names with blanks within", "a.png, or my b.png?", read{pictures: []string{"?a.png", "?or my b.png|my b.png|b.png"}, text: "a.png, or my b.png?"}},
		{"a name in quotes within", `is "my cat.png" (old.gif) good`, read{pictures: []string{"?my cat.png", "?old.gif"}, text: `is "my cat.png" (old.gif) good`}},
		{"an address", "https://x.org/a", read{pictures: []string{"https://x.org/a"}}},
		{"an address and a question", "https://x.org/a.png, what is it?", read{pictures: []string{"https://x.org/a.png"}, text: "what is it?"}},
		{"an address within", "what is in https://x.org/a.png?x=1", read{pictures: []string{"https://x.org/a.png?x=1"}, text: "what is in https://x.org/a.png?x=1"}},
		{"an address that may be anything", "sum up https://x.org/a.", read{links: []string{"https://x.org/a"}, text: "sum up https://x.org/a."}},
		{"a name of a server", "is https://photos.png ours", read{links: []string{"https://photos.png"}, text: "is https://photos.png ours"}},
		{"a mention", "@cat.png what is it?", read{pictures: []string{"cat.png|@cat.png"}, text: "what is it?"}},
		{"a mention alone", "@a/cat.png", read{pictures: []string{"a/cat.png|@a/cat.png"}}},
		{"mentions before a question", `@a.png, @"my b.png" and @'c "d".png': alike?`, read{pictures: []string{"a.png|@a.png", "my b.png", `c "d".png`}, text: `and @'c "d".png': alike?`}},
		{"mentions within", `is (@~/a.png) like @"my b.png"#2?`, read{pictures: []string{"~/a.png|@~/a.png", "my b.png#2"}, text: `is (@~/a.png) like @"my b.png"#2?`}},
		{"a mention of whatever it is", "@scan, please", read{pictures: []string{"?scan"}, text: "@scan, please"}},
		{"an e-mail address", "write to me@example.org", read{text: "write to me@example.org"}},
		{"an e-mail address of a picture", "is me@example.png mine", read{pictures: []string{"?is me@example.png|me@example.png"}, text: "is me@example.png mine"}},
		{"an @ alone", "@ home or @", read{text: "@ home or @"}},
		{"an open quote", `@"my cat`, read{pictures: nil, text: `@"my cat`}},
		{"a document's pages, mentioned", "@doc.pdf#2-4 why?", read{pictures: []string{"doc.pdf#2-4|@doc.pdf#2-4"}, text: "why?"}},
		{"PowerShell", `& 'C:\it''s here\a cat.png'`, read{pictures: []string{`C:\it's here\a cat.png`}}},
		{"a share", `\\server\my photos\a.png is?`, read{pictures: []string{`\\server\my photos\a.png`}, text: "is?"}},
		{"backslashes that begin no path", `\\ in LaTeX`, read{text: `\\ in LaTeX`}},
		{"a screenshot of macOS", "/Users/me/Screenshot\\ 2026-01-01\\ at\\ 10.00.00\u202fAM.png ", read{pictures: []string{"/Users/me/Screenshot\\ 2026-01-01\\ at\\ 10.00.00\u202fAM.png"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			in := understand(test.text)
			got := read{in.isCommand, in.command, in.argument, written(in.pictures), in.links, in.text}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("understand(%q) = %+v, want %+v", test.text, got, test.want)
			}
		})
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	tests := []struct {
		argument string
		want     []string
	}{
		{"cat.png", []string{"cat.png"}},
		{"my cat.png", []string{"my cat.png"}},
		{`my\ cat.png`, []string{`my\ cat.png`}},
		{`"my cat.png"`, []string{"my cat.png"}},
		{`'no extension'`, []string{"no extension"}},
		{"a.png b.png", []string{"a.png", "b.png"}},
		{"/a/x.png ~/y.png z.png", []string{"/a/x.png", "~/y.png", "z.png"}},
		{"~/My Pictures/x.png", []string{"~/My Pictures/x.png"}},
		{"scan.pdf#3", []string{"scan.pdf#3"}},
		{"https://example.org/a", []string{"https://example.org/a"}},
		{"/dev/null", []string{"/dev/null"}},
		{"-", []string{"-"}},
		{`"a b.png" c.png`, []string{"a b.png", "c.png"}},
		{"photos/*", []string{"photos/*"}},
		{"'my doc.pdf'#2", []string{"my doc.pdf#2"}},
	}
	for _, test := range tests {
		if got := written(sources(test.argument)); !slices.Equal(got, test.want) {
			t.Errorf("sources(%q) = %q, want %q", test.argument, got, test.want)
		}
	}
}

func TestPastedPictures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string
	}{
		{"a path", "/a/cat.png\n", []string{"/a/cat.png"}},
		{"dragged, quoted", "'/a/my cat.png' ", []string{"/a/my cat.png"}},
		{"dragged, with an apostrophe", `'/a/it'\''s.png'`, []string{"/a/it's.png"}},
		{"dragged, another way", `'/a/it'"'"'s.png' '/b.png'`, []string{"/a/it's.png", "/b.png"}},
		{"one on each line", "/a/cat.png\n/b/dog.png", []string{"/a/cat.png", "/b/dog.png"}},
		{"several in a row", "/a/cat.png /b/dog.png", []string{"/a/cat.png", "/b/dog.png"}},
		{"a name", "cat.png", []string{"cat.png"}},
		// As terminals write what is dragged into them.
		{"kitty, Alacritty", "/a/my cat.png\n/b/it's.png", []string{"/a/my cat.png", "/b/it's.png"}},
		{"kitty, at a prompt", `'/a/my cat.png' /b/dog.png`, []string{"/a/my cat.png", "/b/dog.png"}},
		{"GNOME Terminal, foot, Konsole", `'/a/my cat.png' '/b/it'\''s.png' `, []string{"/a/my cat.png", "/b/it's.png"}},
		{"iTerm2, Terminal, Ghostty", `/a/my\ cat\ \(1\).png /b/dog.png `, []string{`/a/my\ cat\ \(1\).png`, "/b/dog.png"}},
		{"VS Code", `'/a/it\'s my cat.png'`, []string{"/a/it's my cat.png"}},
		{"VS Code, with both quotes", `$'/a/it\'s "my" cat.png'`, []string{`/a/it's "my" cat.png`}},
		{"VS Code, in PowerShell", `& 'C:\a\it''s my cat.png'`, []string{`C:\a\it's my cat.png`}},
		{"Windows Terminal", `"C:\a b\cat.png" C:\c\dog.png`, []string{`C:\a b\cat.png`, `C:\c\dog.png`}},
		{"WezTerm", `/a/my\ cat.png`, []string{`/a/my\ cat.png`}},
		{"WezTerm, quoted", `"/a/(\$5) \"cat\".png"`, []string{`/a/(\$5) "cat".png`}},
		{"a list of URLs", "file:///a/my%20cat.png\nfile:///b.png\n", []string{"file:///a/my%20cat.png", "file:///b.png"}},
		{"an address", "https://x.org/a.png?x=1", []string{"https://x.org/a.png?x=1"}},
		{"a page of a document", "/a/doc.pdf#2", []string{"/a/doc.pdf#2"}},
		{"an address of anything", "https://x.org/a", nil},
		{"a folder", "'/a/b'", nil},
		{"a sentence that ends in a name", "what is a cat.png", nil},
		{"words", "look at /a/cat.png", nil},
		{"a path and words", "/a/cat.png look", nil},
		{"a command", "/clear", nil},
		{"another file", "/etc/passwd", nil},
		{"nothing", "", nil},
	}
	for _, test := range tests {
		if got := written(pastedPictures(test.text)); !slices.Equal(got, test.want) {
			t.Errorf("%s: pastedPictures(%q) = %q, want %q", test.name, test.text, got, test.want)
		}
	}
}

// Whatever is written, a name is something, and a text is either a command or what was
// written.
func FuzzUnderstand(f *testing.F) {
	for _, text := range []string{`'/a b.png' "c" \ /`, "& '", "$'a\\'b.png", "/a/b c.png#2, x.png https://x.org/a.png", "a b.png\nfile:///c%20d.png"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		in := understand(text)
		for _, n := range slices.Concat(in.pictures, sources(text), pastedPictures(text)) {
			if len(n.ways) == 0 || text != "" && slices.Contains(n.ways, "") && !strings.Contains(text, "''") && !strings.Contains(text, `""`) {
				t.Errorf("%q: %q", text, n.ways)
			}
		}
		if !strings.HasSuffix(strings.TrimSpace(text), in.text) || in.isCommand && len(in.pictures) > 0 {
			t.Errorf("%q: %+v", text, in)
		}
	})
}
