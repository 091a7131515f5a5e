package llamacpp

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	validation "github.com/google/jsonschema-go/jsonschema"

	"github.com/vlmchat/vlmchat/jsonschema"
	"github.com/vlmchat/vlmchat/testdata/schemas"
)

// writer writes texts within grammars, by llama.cpp's own reading of them and
// the tokens of a real vocabulary.
type writer struct {
	model  *Model
	pieces [][]byte // by token
	ends   Token
}

func newWriter(t *testing.T) *writer {
	r := newRig(t)
	w := &writer{model: r.model, ends: r.endToken(t)}
	for token := range Token(r.model.VocabSize()) {
		w.pieces = append(w.pieces, r.model.Piece(nil, token))
	}
	return w
}

// begins tells whether a text is the beginning of UTF-8 text. llama.cpp reads
// some sequences of bytes that are none.
func begins(b []byte) bool {
	for len(b) > 0 && utf8.FullRune(b) {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			return false
		}
		b = b[n:]
	}
	return true
}

// inString tells whether a document ends within a string.
func inString(b []byte) bool {
	in := false
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '"':
			in = !in
		case b[i] == '\\' && in:
			i++
		}
	}
	return in
}

// random writes one of the texts that a grammar allows: any tokens that it
// allows, and when the text becomes long rather those that end something, or
// that examples have.
func (w *writer) random(t *testing.T, grammar, examples string, source *rand.Rand) string {
	t.Helper()
	g, err := w.model.NewGrammar(grammar)
	if err != nil {
		t.Fatalf("%v, in\n%s", err, grammar)
	}
	defer g.Close()
	long := 20 + source.IntN(40)
	var written []byte
	for steps := 0; ; steps++ {
		if steps > 6000 {
			t.Fatalf("no end after %d tokens: %s", steps, written)
		}
		if (steps > long || source.IntN(3) == 0) && g.Allows(w.ends) {
			return string(written)
		}
		chosen := Token(-1)
		order := source.Perm(len(w.pieces))
		if steps > long {
			closing := []string{"]", "}", "null", "0", "1", `"`}
			if inString(written) {
				closing = []string{`"`}
			}
			slices.SortStableFunc(order, func(a, b int) int {
				rank := func(token int) int {
					if i := slices.Index(closing, string(w.pieces[token])); i >= 0 {
						return i
					}
					if len(w.pieces[token]) == 1 && strings.IndexByte(examples, w.pieces[token][0]) >= 0 {
						return len(closing)
					}
					return len(closing) + 1
				}
				return rank(a) - rank(b)
			})
		}
		for _, i := range order {
			token := Token(i)
			if len(w.pieces[i]) > 0 && begins(append(slices.Clip(written), w.pieces[i]...)) && g.Allows(token) {
				chosen = token
				break
			}
		}
		if chosen < 0 {
			if g.Allows(w.ends) {
				return string(written)
			}
			t.Fatalf("nothing goes on behind %q", written)
		}
		if err := g.Accept(chosen); err != nil {
			t.Fatal(err)
		}
		written = append(written, w.pieces[chosen]...)
	}
}

// accepts tells whether a grammar allows a text as a whole.
func (w *writer) accepts(t *testing.T, grammar, text string) bool {
	t.Helper()
	g, err := w.model.NewGrammar(grammar)
	if err != nil {
		t.Fatalf("%v, in\n%s", err, grammar)
	}
	defer g.Close()
	tokens, err := w.model.Tokenize(text, false, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range tokens {
		if g.Accept(token) != nil {
			return false
		}
	}
	return g.Allows(w.ends)
}

// validator checks documents by a library that knows nothing of grammars.
func validator(t *testing.T, schema string) func(document string) error {
	t.Helper()
	schema = strings.ReplaceAll(schema, `\\u00e9`, "é") // the library's patterns are Go's alone
	var s validation.Schema
	if err := json.Unmarshal([]byte(schema), &s); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return func(document string) error {
		var v any
		if err := json.Unmarshal([]byte(document), &v); err != nil {
			return fmt.Errorf("it is not JSON: %w", err)
		}
		if err := resolved.Validate(v); err != nil {
			return err
		}
		return schemas.CheckFormats(s.Format, v)
	}
}

// Whatever is written within a schema's grammar conforms to the schema; and what
// conforms can be written.
func TestSchemas(t *testing.T) {
	w := newWriter(t)
	for i, s := range schemas.Good {
		grammar, err := jsonschema.Grammar([]byte(s.Text))
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
			continue
		}
		validate := validator(t, s.Text)
		for _, document := range s.Written {
			if err := validate(document); err != nil {
				t.Errorf("%s: the example %s does not conform: %v", s.Name, document, err)
			}
			if err := jsonschema.Check([]byte(s.Text), []byte(document)); err != nil {
				t.Errorf("%s: the check of %s says %v", s.Name, document, err)
			}
			if !w.accepts(t, grammar, document) {
				t.Errorf("%s: %s can't be written within\n%s", s.Name, document, grammar)
			}
		}
		for _, text := range s.Refused {
			if w.accepts(t, grammar, text) {
				t.Errorf("%s: %s can be written within\n%s", s.Name, text, grammar)
			}
			conforms := validate(text) == nil
			if err := jsonschema.Check([]byte(s.Text), []byte(text)); conforms != (err == nil) {
				t.Errorf("%s: that %s conforms is %v, and the check says %v", s.Name, text, conforms, err)
			}
		}
		source := rand.New(rand.NewPCG(uint64(i), 5))
		for range 12 {
			document := w.random(t, grammar, strings.Join(s.Written, ""), source)
			if err := validate(document); err != nil {
				t.Errorf("%s: %s is written, and does not conform: %v", s.Name, document, err)
			}
			if err := jsonschema.Check([]byte(s.Text), []byte(document)); err != nil {
				t.Errorf("%s: %s is written, and the check says %v", s.Name, document, err)
			}
			if utf8.ValidString(document) != true || strings.ContainsRune(document, 0) {
				t.Errorf("%s: %q is not text", s.Name, document)
			}
		}
	}
}

// What a schema becomes can be given to llama.cpp, whatever the schema.
func FuzzSchema(f *testing.F) {
	for _, s := range schemas.Good {
		f.Add(s.Text)
	}
	for _, s := range schemas.Refused {
		f.Add(s.Text[:min(len(s.Text), 300)])
	}
	f.Fuzz(func(t *testing.T, schema string) {
		grammar, err := jsonschema.Grammar([]byte(schema))
		if err != nil {
			if err.Error() == "" || grammar != "" {
				t.Errorf("the error is %v, with %q", err, grammar)
			}
			return
		}
		if err := checkGrammar(grammar); err != nil {
			t.Errorf("%v, in\n%s", err, grammar)
		}
	})
}
