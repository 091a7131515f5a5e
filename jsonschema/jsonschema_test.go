package jsonschema

import (
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/testdata/schemas"
)

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, bad := range schemas.Refused {
		grammar, err := Grammar([]byte(bad.Text))
		if err == nil || !strings.Contains(err.Error(), bad.Want) || grammar != "" {
			t.Errorf("%s: the error is %v; want %q", bad.Name, err, bad.Want)
		}
	}
}

// The grammar of a schema is the same each time: a worker may keep it.
func TestSameGrammar(t *testing.T) {
	t.Parallel()
	for _, s := range schemas.Good {
		first, err := Grammar([]byte(s.Text))
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		for range 3 {
			if again, _ := Grammar([]byte(s.Text)); again != first {
				t.Errorf("%s: the grammar is\n%s\nand then\n%s", s.Name, first, again)
			}
		}
	}
}

func TestGrammar(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string]string{
		`{"enum": ["red", "green", "gray"]}`: `root ::= value-0
value-0 ::= "\x22" ("red" | "gr" ("een" | "ay")) "\x22"
`,
		`{"type": "object", "properties": {"n": {"type": "integer", "minimum": 8, "maximum": 12}, "ok": {"type": "boolean"}}, "required": ["n"], "additionalProperties": false}`: `root ::= value-0
value-0 ::= "{" blank "\x22n\x22:" " "? value-1 p1? blank "}"
p1 ::= "," blank "\x22ok\x22:" " "? value-2
blank ::= " " | "\x0A" (" "{0,32} | "\x09"{1,8}) | ""
value-1 ::= [89] | "1" [0-2]
value-2 ::= "true" | "false"
`,
	} {
		if got, err := Grammar([]byte(schema)); got != want || err != nil {
			t.Errorf("%s becomes\n%s%v", schema, got, err)
		}
	}
}
