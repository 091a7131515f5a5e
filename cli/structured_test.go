package cli

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

const colourSchema = `{"type": "object", "properties": {"colour": {"enum": ["red", "green"]}}, "required": ["colour"]}`

// An answer that met the token limit is whole if nothing could have followed.
func TestWholeAnswers(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "schema.json")
	for schema, answers := range map[string]map[string]string{
		colourSchema: {
			`{"colour": "red"}`:       "",
			`{"colour": "red"`:        "not whole",
			``:                        "not whole",
			`{"colour": "blue"}`:      "does not conform to",
			`{"colour": "red"} {}`:    "not whole",
			"{\"colour\": \"red\"}\n": "",
		},
		`{"type": "integer"}`: {`12`: "not whole"}, // it may be the beginning of 120
		`{"type": "string"}`:  {`"12"`: "", `"12`: "not whole"},
		`{"type": "null"}`:    {`null`: "", `nul`: "not whole"},
	} {
		if err := os.WriteFile(file, []byte(schema), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := readStructure(recipeFlags{schema: file})
		if err != nil {
			t.Fatal(err)
		}
		for answer, want := range answers {
			err := s.check(answer, engine.Length, 4)
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%s for %s: the error is %v, want %q", answer, schema, err, want)
			}
		}
	}
}

// A server that passes the schema over is found out.
func TestAnswerOfAServerThatIgnoresTheSchema(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "schema.json")
	if err := os.WriteFile(file, []byte(colourSchema), 0o600); err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]string{
		`It is red.`:                 "the answer is no JSON document, as " + file,
		`{\"colour\": \"blue\"}`:     "the answer does not conform to " + file,
		"```json\\n{}\\n```":         "the answer is no JSON document",
		` {\"colour\": \"red\"}`:     "",
		`{\"colour\": \"red\"}\n`:    "",
		`{\"colour\": \"red\"} Yes.`: "the answer is no JSON document",
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			_, _ = io.WriteString(w, `data: {"choices":[{"index":0,"delta":{"content":"`+content+`"}}]}`+"\n\n"+
				`data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n")
		}))
		var stdout, stderr bytes.Buffer
		code := Main([]string{"-b", "openai", "--base-url", srv.URL, "-m", "m", "--schema", file, "-p", "hi"}, strings.NewReader(""), &stdout, &stderr)
		srv.Close()
		switch {
		case want == "" && (code != exitOK || !strings.Contains(stdout.String(), `"red"`)):
			t.Errorf("%s: code %d, %q, %q", content, code, stdout.String(), stderr.String())
		case want != "" && (code != exitFailed || stdout.Len() > 0 || !strings.Contains(stderr.String(), want)):
			t.Errorf("%s: code %d, %q, %q; want %q", content, code, stdout.String(), stderr.String(), want)
		}
	}
}
