package sessions

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// exported is a conversation with what exports have to take care of.
func exported() *Conversation {
	cat, tiff := picture("/home/me/a <cat> & \"dog\".png", "\x89PNG cat"), picture(`C:\scan.tif`, "II* scan")
	tiff.Format = "tiff"
	lost := picture("lost.png", "")
	lost.Bytes = func() ([]byte, error) { return nil, ErrNotFound }
	first := question(0, "What is <b>this</b>?\nAnd \x1b[31mthat & co?", cat, tiff, lost)
	answer := reply(1, "**A cat** <script>alert(1)</script>\n\n| a | b |\n|---|---|\n| 1 | <i>2</i> |\n\n![x](http://evil.example/x.png) [l](javascript:alert(1))\n\n<div onclick=\"x\">\nblock\n</div>\n\n```go\nfmt.Println(\"<hi>\")\n```")
	answer.Thinking = "Is it a </details><script>?"
	other := reply(1, "A branch that is not seen.")
	next := question(2, "And this?", cat)
	failed := Message{Parent: 4, Role: Assistant, State: Failed, Error: "The server\nis away.", Model: "mo_del", Thinking: "Where is it?", Parts: []Part{{}}}
	c := &Conversation{Session: Session{ID: "abc", Title: "What is <this>? #1", System: "Be <brief>.", Created: time.UnixMilli(1_700_000_000_000)},
		All: []Message{first, answer, other, next, failed}, Leaf: 5}
	for i := range c.All {
		c.All[i].ID = int64(i + 1)
		c.All[i].Created = c.Created
	}
	return c
}

func export(file string) (Exported, error) { return Export{}.ToFile(exported(), file) }

func TestExportMarkdown(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "my chat.md")
	out, err := export(file)
	if err != nil {
		t.Fatal(err)
	}
	text := read(t, file)
	for _, want := range []string{"# What is \\<this>? \\#1\n", "> Be <brief>.", "## You\n", "## llava\n", "## mo\\_del\n",
		"![a \\<cat> & \"dog\".png](my%20chat-pictures/1-a--cat-----dog.png)", "lost.png: this picture is lost", "And [31mthat & co?", "> Thinking: Is it", "> Thinking: Where is it?",
		"**A cat** <script>", "*(failed: The server is away.)*", "](my%20chat-pictures/2-scan.tiff)"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, "\x1b") || strings.Contains(text, "not seen") {
		t.Errorf("it has what it should not have:\n%s", text)
	}
	if got := read(t, filepath.Join(out.Folder, "1-a--cat-----dog.png")); got != "\x89PNG cat" || len(out.Lost) != 1 || out.Messages != 4 {
		t.Errorf("the picture is %q, and the export %+v", got, out)
	}
	if _, err := export(file); !errors.Is(err, fs.ErrExist) {
		t.Errorf("it replaces what is there: %v", err)
	}
	if _, err := (Export{Replace: true}).ToFile(exported(), file); err != nil {
		t.Error(err)
	}
	taken := filepath.Join(t.TempDir(), "taken.md")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := export(taken); !errors.Is(err, fs.ErrExist) {
		t.Errorf("it replaces what is there: %v", err)
	}
	if made, _ := filepath.Glob(filepath.Join(filepath.Dir(taken), "*")); len(made) != 1 {
		t.Errorf("it leaves pictures of an export that is none: %q", made)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".export-*")); len(left) > 0 {
		t.Errorf("it leaves %q", left)
	}
	if _, err := export("x.pdf"); err == nil || !strings.Contains(err.Error(), ".html") {
		t.Errorf("an unknown ending: %v", err)
	}
	if _, err := export(filepath.Join(t.TempDir(), "no", "folder.html")); err == nil {
		t.Error("there is no such folder, and no error")
	}
}

func TestExportHTML(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "chat.html")
	out, err := export(file)
	if err != nil || out.Folder != "" || len(out.Lost) != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	text := read(t, file)
	for _, want := range []string{
		"<title>What is &lt;this&gt;? #1</title>", `src="data:image/png;base64,iVBORyBjYXQ="`, "What is &lt;b&gt;this&lt;/b&gt;?<br>\nAnd [31mthat &amp; co?",
		"<strong>A cat</strong> &lt;script&gt;alert(1)&lt;/script&gt;", "<td>&lt;i&gt;2&lt;/i&gt;</td>", "[x](http://evil.example/x.png)",
		"&lt;div onclick=&#34;x&#34;&gt;<br>", "fmt.Println(&quot;&lt;hi&gt;&quot;)", "Is it a &lt;/details&gt;&lt;script&gt;?", "Be &lt;brief&gt;.", "scan.tif", "this picture is lost",
		"default-src 'none'",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	for _, not := range []string{"<script", "src=\"http", "\x1b", "href=\"javascript", "not seen", "ZgotmplZ"} {
		if strings.Contains(text, not) {
			t.Errorf("%q is in\n%s", not, text)
		}
	}
}

func TestExportJSON(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "chat.json")
	if _, err := export(file); err != nil {
		t.Fatal(err)
	}
	var got jsonConversation
	if err := json.Unmarshal([]byte(read(t, file)), &got); err != nil {
		t.Fatal(err)
	}
	if got.Format != "vlmchat-conversation" || got.Version != 1 || got.Leaf != 5 || len(got.Messages) != 5 || len(got.Pictures) != 3 ||
		got.Messages[2].Parent != 1 || *got.Messages[2].Parts[0].Text != "A branch that is not seen." || got.Messages[0].Parts[0].Source == "" {
		t.Errorf("it is %+v", got)
	}
	for _, p := range got.Messages[0].Parts[:2] {
		if len(got.Pictures[p.Picture].Bytes) == 0 {
			t.Errorf("the picture %s has no bytes", p.Source)
		}
	}
}

func TestFileName(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"What is this?": "what-is-this.md", "": "conversation.md", "../../etc/passwd": "etc-passwd.md", "図書館…": "図書館.md",
		strings.Repeat("long ", 30): "long-long-long-long-long-long-long-long-long-long.md",
	} {
		c := Conversation{Session: Session{Title: title}}
		if got := c.FileName(""); got != want {
			t.Errorf("%q becomes %q, want %q", title, got, want)
		}
		if got := c.FileName(OpenAI); got != strings.TrimSuffix(want, ".md")+".json" {
			t.Errorf("for OpenAI %q becomes %q", title, got)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Whatever a model writes, it is text on the page.
func FuzzFromMarkdown(f *testing.F) {
	for _, text := range []string{"<script>x</script>", "**a**", "[a](javascript:x)", "<!-- <img src=x onerror=y> -->", "![a<b](x \"t\")", "<a href='x'>", "```\n<x>\n```", "<div>\n<p"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := fromMarkdown(cleaned(text))
		if err != nil {
			t.Fatal(err)
		}
		low := strings.ToLower(string(got))
		for _, not := range []string{"<script", "<img", "<style", "<iframe", "<object", "<svg", "<form", "<!--", "<div"} {
			if strings.Contains(low, not) {
				t.Errorf("%q becomes %q", text, got)
			}
		}
	})
}
