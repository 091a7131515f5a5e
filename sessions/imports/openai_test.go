package imports

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/sessions"
)

// red is a picture, as the messages of an API have it.
func red(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "tinyvlm", "samples", "scene-01.png"))
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(data)
}

func document(t *testing.T, text string) (lines []string, err error) {
	t.Helper()
	r := &Reader{Look: look}
	_, err = r.Document(t.Context(), "messages", strings.NewReader(text), time.UnixMilli(1_700_000_000_000), func(c *sessions.Conversation, err error) error {
		if err != nil {
			lines = append(lines, "broken: "+err.Error())
		} else {
			lines = append(lines, shown(c)...)
		}
		return nil
	})
	return lines, err
}

func TestOpenAI(t *testing.T) {
	t.Parallel()
	got, err := document(t, `{"model": "gpt-4o", "messages": [
		{"role": "developer", "content": "Be brief."},
		{"role": "user", "content": [{"type": "text", "text": "What is"}, {"type": "image_url", "image_url": {"url": "DATA:image/png;base64,`+red(t)+`"}},
			{"type": "input_text", "text": "this?"}, {"type": "image_url", "image_url": "https://example.com/cat.png"}, {"type": "input_audio"},
			{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}, {"type": "image_url", "image_url": {"url": "data:,"}}]},
		{"role": "assistant", "content": null, "tool_calls": []},
		{"role": "tool", "content": "42"},
		{"role": "assistant", "content": "A scene.", "reasoning_content": "I see"},
		{"role": "user", "content": "And", "images": ["`+red(t)+`", "?"]},
		{"role": "user", "content": "now?"}
	]}`)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, got, `= "What is"  [imported openai] system "Be brief."`,
		`1<0 user whole | "What is" | picture png 640×480 true <nil> | "this?" | "[https://example.com/cat.png: this picture was not fetched]" | "[input_audio: this was left out]" | "[picture: this is no picture that can be read]" | "[picture: this is no picture that can be read]"`,
		`2<1 assistant whole by gpt-4o thinking "I see" | "A scene."`,
		`3<2 user whole | "And" | picture png 640×480 true <nil> | "[picture: its base64 is damaged]" | "now?"`)

	// Lines of training data; an answer to nobody; what is none.
	got, err = document(t, `{"messages": [{"role": "assistant", "content": "Hello."}]}
		{"messages": [{"role": "narrator", "content": "?"}]}
		{"messages": []}
		[{"role": "user", "content": 7}]
		[{"role": "user", "content": ""}]
		{"messages": {}}`)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, got[:3], `= ""  [imported openai] system ""`, `1<0 user whole | ""`, `2<1 assistant whole | "Hello."`)
	for i, says := range []string{"narrator", `no "messages"`, "neither a text", "nothing is said", "no messages in OpenAI's format"} {
		if len(got) != 8 || !strings.Contains(got[3+i], says) {
			t.Errorf("conversation %d: %q", i+2, got)
		}
	}
	if _, err := document(t, `[{"role": "user", "content": "x"}`); err == nil || !strings.Contains(err.Error(), "no JSON") {
		t.Errorf("half a document: %v", err)
	}
}

// What is exported for a server comes back as it was said.
func TestOpenAIRoundTrip(t *testing.T) {
	t.Parallel()
	data, err := base64.StdEncoding.DecodeString(red(t))
	if err != nil {
		t.Fatal(err)
	}
	p, err := look(t.Context(), "picture", data)
	if err != nil {
		t.Fatal(err)
	}
	c := &sessions.Conversation{Session: sessions.Session{System: "Be brief."}, Leaf: 3, All: []sessions.Message{
		{ID: 1, Role: sessions.User, Parts: []sessions.Part{{Text: "Before"}, {Picture: p}, {Text: "behind"}}},
		{ID: 2, Parent: 1, Role: sessions.Assistant, Parts: []sessions.Part{{Text: "An answer"}}},
		{ID: 3, Parent: 2, Role: sessions.User, Parts: []sessions.Part{{Text: "More?"}}},
	}}
	var out bytes.Buffer
	if _, err := (sessions.Export{Format: sessions.OpenAI}).To(c, &out); err != nil {
		t.Fatal(err)
	}
	got, err := document(t, out.String())
	if err != nil {
		t.Fatal(err)
	}
	compare(t, got, `= "Before"  [imported openai] system "Be brief."`, `1<0 user whole | "Before" | picture png 640×480 true <nil> | "behind"`,
		`2<1 assistant whole | "An answer"`, `3<2 user whole | "More?"`)
}

// Whatever a document says, what is read of it can be kept.
func FuzzOpenAI(f *testing.F) {
	f.Add([]byte(`[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"text","text":"y"}]}]`))
	f.Add([]byte(`{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}],"images":["AAAA"]}]}`))
	f.Add([]byte(`{"messages":[{"role":"system","content":null}]}{"messages":[{"role":"tool"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &Reader{Look: func(_ context.Context, source string, data []byte) (*sessions.Picture, error) {
			return look(t.Context(), source, data)
		}}
		_, _ = r.Document(t.Context(), "fuzz", bytes.NewReader(data), time.UnixMilli(1_700_000_000_000), func(c *sessions.Conversation, err error) error {
			if err != nil || sessions.IsJSON(data) {
				return nil
			}
			var out bytes.Buffer
			if _, err := (sessions.Export{Format: sessions.JSON}).To(c, &out); err != nil {
				t.Fatal(err)
			}
			if _, err := sessions.ReadJSON(out.Bytes(), nil); err != nil {
				t.Fatalf("%v of\n%s", err, out.String())
			}
			var messages bytes.Buffer
			if _, err := (sessions.Export{Format: sessions.OpenAI}).To(c, &messages); err != nil || !json.Valid(messages.Bytes()) {
				t.Fatalf("%v of\n%s", err, messages.String())
			}
			return nil
		})
	})
}
