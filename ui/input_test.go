package ui

import (
	"reflect"
	"slices"
	"testing"
)

func TestUnderstand(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       intent
	}{
		{"a question", "What is this?", intent{text: "What is this?"}},
		{"a question with a slash", "cats and/or dogs", intent{text: "cats and/or dogs"}},
		{"a command", "/help", intent{isCommand: true, command: "help"}},
		{"a command in capitals", "/Help", intent{isCommand: true, command: "help"}},
		{"a command and its argument", "/attach  my cat.png ", intent{isCommand: true, command: "attach", argument: "my cat.png"}},
		{"a command with a path", "/attach /a/b.png", intent{isCommand: true, command: "attach", argument: "/a/b.png"}},
		{"an unknown command", "/describe the file foo.png", intent{isCommand: true, command: "describe", argument: "the file foo.png"}},
		{"a space before a slash", " /help", intent{text: "/help"}},
		{"nothing", " ", intent{}},
		{"a command and another line", "/help\nme", intent{isCommand: true, command: "help", argument: "me"}},
		{"a slash alone", "/", intent{isCommand: true}},

		{"a leading path", "/home/me/cat.png", intent{pictures: []string{"/home/me/cat.png"}}},
		{"a leading path at the root", "/cat.png", intent{pictures: []string{"/cat.png"}}},
		{"capitals", "/CAT.JPG", intent{pictures: []string{"/CAT.JPG"}}},
		{"a path and a question", "/a/cat.png what is it?", intent{pictures: []string{"/a/cat.png"}, text: "what is it?"}},
		{"a path, a newline, a question", "/a/cat.png\nwhat is it?", intent{pictures: []string{"/a/cat.png"}, text: "what is it?"}},
		{"two paths and a question", "/a/cat.png /b/dog.jpg differ?", intent{pictures: []string{"/a/cat.png", "/b/dog.jpg"}, text: "differ?"}},
		{"blanks in a path", "/home/me/My Pictures/a cat.png and?", intent{pictures: []string{"/home/me/My Pictures/a cat.png"}, text: "and?"}},
		{"escaped blanks", `/home/me/My\ Pictures/a\ cat.png and?`, intent{pictures: []string{`/home/me/My\ Pictures/a\ cat.png`}, text: "and?"}},
		{"quoted", `'/home/me/it is.png' and?`, intent{pictures: []string{"/home/me/it is.png"}, text: "and?"}},
		{"double quotes", `"a cat.png"`, intent{pictures: []string{"a cat.png"}}},
		{"a quotation is no path", `"Stop" she said`, intent{text: `"Stop" she said`}},
		{"home", "~/cat.webp", intent{pictures: []string{"~/cat.webp"}}},
		{"relative", "../cat.webp hm", intent{pictures: []string{"../cat.webp"}, text: "hm"}},
		{"a file's URL", "file:///a/b%20c.png", intent{pictures: []string{"file:///a/b%20c.png"}}},
		{"Windows", `C:\Users\me\a cat.png`, intent{pictures: []string{`C:\Users\me\a cat.png`}}},
		{"no picture's path, but surely a path", "/etc/passwd say", intent{pictures: []string{"/etc/passwd"}, text: "say"}},
		{"a bare name", "cat.png", intent{pictures: []string{"cat.png"}}},
		{"an extension alone", ".png", intent{text: ".png"}},
		{"a name within a question", "what is a cat.png", intent{text: "what is a cat.png"}},
		{"a path within a question", "what is in /a/cat.png?", intent{pictures: []string{"/a/cat.png"}, text: "what is in /a/cat.png?"}},
		{"several, of all kinds", `are ~/a.png, "/b/my cat.jpg" and (./c\ d.gif) alike?`, intent{
			pictures: []string{"~/a.png", "/b/my cat.jpg", `./c\ d.gif`}, text: `are ~/a.png, "/b/my cat.jpg" and (./c\ d.gif) alike?`}},
		{"a relative path within", "is pictures/cat.png a cat", intent{pictures: []string{"pictures/cat.png"}, text: "is pictures/cat.png a cat"}},
		{"a file's URL within", "see file:///a.png", intent{pictures: []string{"file:///a.png"}, text: "see file:///a.png"}},
		{"one before and one within", "/a.png is it like /b.png", intent{pictures: []string{"/a.png", "/b.png"}, text: "is it like /b.png"}},
		{"words, not a path", "write `/a/cat.png` or https://x.org/a.png", intent{text: "write `/a/cat.png` or https://x.org/a.png"}},
		{"dots", "... and then?", intent{text: "... and then?"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := understand(test.text); !reflect.DeepEqual(got, test.want) {
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
	}
	for _, test := range tests {
		if got := sources(test.argument); !slices.Equal(got, test.want) {
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
		{"words", "look at /a/cat.png", nil},
		{"a path and words", "/a/cat.png look", nil},
		{"a command", "/clear", nil},
		{"another file", "/etc/passwd", nil},
		{"nothing", "", nil},
	}
	for _, test := range tests {
		if got := pastedPictures(test.text); !slices.Equal(got, test.want) {
			t.Errorf("%s: pastedPictures(%q) = %q, want %q", test.name, test.text, got, test.want)
		}
	}
}

func FuzzUnderstand(f *testing.F) {
	f.Add(`'/a b.png' "c" \ /`)
	f.Fuzz(func(t *testing.T, text string) {
		understand(text)
		sources(text)
		pastedPictures(text)
	})
}
