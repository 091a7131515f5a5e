package native

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

const templates = "../../testdata/templates"

// realTemplate is a chat template of a real model: where it is found, and what
// jinja2 makes of it, a nil prompt where it refuses the conversation.
type realTemplate struct {
	Name    string `json:"name"`
	Package string `json:"package"`
	Path    string `json:"path"`
	SHA256  string `json:"sha256"`
	prompts map[string]*string
}

func realTemplates(t *testing.T) []realTemplate {
	t.Helper()
	var all []realTemplate
	var prompts map[string]map[string]*string
	readJSON(t, "manifest.json", &all)
	readJSON(t, "references.json", &prompts)
	for i := range all {
		all[i].prompts = prompts[all[i].Name]
	}
	return all
}

func readJSON(t *testing.T, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(templates, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

// source reads the template from its package's wheel.
func (r realTemplate) source(t *testing.T) string {
	t.Helper()
	wheels, _ := filepath.Glob("../../.cache/templates/" + r.Package + "-*.whl")
	if len(wheels) != 1 {
		t.Fatalf("these tests need the package %s (run 'make templates'): there are %d wheels of it", r.Package, len(wheels))
	}
	wheel, err := zip.OpenReader(wheels[0])
	if err != nil {
		t.Fatal(err)
	}
	defer wheel.Close()
	f, err := wheel.Open(r.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != r.SHA256 {
		t.Fatalf("%s of %s is not the file that the manifest names", r.Path, wheels[0])
	}
	return string(b)
}

// spoken is a conversation of conversations.json.
type spoken struct {
	Name     string `json:"name"`
	Thinking *bool  `json:"thinking"`
	Messages []struct {
		Role  engine.Role `json:"role"`
		Parts []struct {
			Text    string `json:"text"`
			Picture bool   `json:"picture"`
		} `json:"parts"`
	} `json:"messages"`
}

func (s spoken) turns() []turn {
	same := func(text string) string { return text }
	var turns []turn
	for _, m := range s.Messages {
		var parts []wirePart
		for _, p := range m.Parts {
			part := wirePart{Text: p.Text}
			if p.Picture {
				part.Picture = "<__media__>"
			}
			parts = append(parts, part)
		}
		turns = append(turns, turn{m.Role, messageTexts(parts, same, same)})
	}
	return turns
}

// Real models' templates give the prompts that jinja2 makes of them, byte for
// byte. testdata/templates/render.py made the references.
func TestRealTemplates(t *testing.T) {
	t.Parallel()
	var conversations []spoken
	readJSON(t, "conversations.json", &conversations)
	all := realTemplates(t)
	if len(all) < 80 {
		t.Errorf("there are %d templates only", len(all))
	}
	for _, real := range all {
		t.Run(real.Name, func(t *testing.T) {
			t.Parallel()
			template, err := newChatTemplate(real.source(t), "<bos>", "<eos>")
			if err != nil {
				t.Fatal(err)
			}
			template.now = func() time.Time { return time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC) }
			for _, c := range conversations {
				want, told := real.prompts[c.Name]
				got, err := template.render(c.turns(), c.Thinking)
				switch {
				case !told:
					t.Errorf("%s: there is no reference", c.Name)
				case want == nil:
					if err == nil {
						t.Errorf("%s: got %q, and jinja2 refuses it", c.Name, got)
					}
				case err != nil || got != *want:
					t.Errorf("%s: got  %q, %v\nwant %q", c.Name, got, err, *want)
				}
			}
		})
	}
}
