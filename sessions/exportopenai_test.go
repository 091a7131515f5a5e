package sessions

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestExportOpenAI(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	wire := func(p *Picture, data []byte) ([]byte, string, error) {
		if p.Format == "tiff" {
			return []byte("made a PNG"), "image/png", nil
		}
		return data, "image/" + p.Format, nil
	}
	did, err := (Export{Format: OpenAI, Wire: wire}).To(exported(), &out)
	if err != nil || len(did.Lost) != 1 || did.File != "" {
		t.Fatalf("%+v, %v", did, err)
	}
	var got []map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	picture := func(url string) any {
		return map[string]any{"type": "image_url", "image_url": map[string]any{"url": url}}
	}
	text := func(text string) any { return map[string]any{"type": "text", "text": text} }
	want := []map[string]any{
		{"role": "system", "content": "Be <brief>."},
		{"role": "user", "content": []any{picture("data:image/png;base64,iVBORyBjYXQ="), picture("data:image/png;base64,bWFkZSBhIFBORw=="),
			text("[lost.png: this picture is lost]"), text("What is <b>this</b>?\nAnd \x1b[31mthat & co?")}},
		{"role": "assistant", "content": exported().All[1].Text()},
		{"role": "user", "content": []any{picture("data:image/png;base64,iVBORyBjYXQ="), text("And this?")}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("it is\n%v\nand should be\n%v", got, want)
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("it does something in a terminal")
	}
	file := filepath.Join(t.TempDir(), "messages.json")
	if _, err := (Export{Format: OpenAI}).ToFile(exported(), file); err != nil || !strings.Contains(read(t, file), "data:text/plain") {
		t.Errorf("as it was kept: %v\n%s", err, read(t, file))
	}
}

// JSON loses nothing of what is written by its number.
func TestNumbered(t *testing.T) {
	t.Parallel()
	text := "a\x1b\u009b31m \u202eb\u2069 \u007f é"
	data, err := indented(text)
	if err != nil || strings.ContainsFunc(string(data), acts) {
		t.Errorf("%q, %v", data, err)
	}
	var back string
	if err := json.Unmarshal(data, &back); err != nil || back != text {
		t.Errorf("%q, %v", back, err)
	}
}

// Where no folder can be, Markdown names its pictures.
func TestExportMarkdownAlone(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	did, err := (Export{Format: Markdown}).To(exported(), &out)
	if err != nil || did.Folder != "" || len(did.Lost) != 0 || did.Messages != 4 {
		t.Fatalf("%+v, %v", did, err)
	}
	if !strings.Contains(out.String(), "\n*scan.tif (3×2)*\n") || strings.Contains(out.String(), "](") && strings.Contains(out.String(), "-pictures") {
		t.Errorf("it is\n%s", out.String())
	}
	if _, err := (Export{Format: Markdown}).To(exported(), failing{}); err == nil {
		t.Error("nothing could be written, and no error")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no") }

func TestParseFormat(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Format{"md": Markdown, "HTML": HTML, "json": JSON, "openai": OpenAI} {
		if got, err := ParseFormat(name); got != want || err != nil {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
	if _, err := ParseFormat("pdf"); err == nil || !strings.Contains(err.Error(), "openai") {
		t.Errorf("%v", err)
	}
}
