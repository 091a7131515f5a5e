package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/jsonschema"
)

// structure is what an answer is held to: a JSON schema or a grammar, or neither.
type structure struct {
	file    string
	schema  json.RawMessage
	grammar string
}

const maxStructureBytes = 1 << 20

// readStructure reads the file of --schema or --grammar.
func readStructure(flags recipeFlags) (structure, error) {
	switch {
	case flags.schema != "" && flags.grammar != "":
		return structure{}, usagef("--schema and --grammar can't both be given: an answer is held to one of them")
	case flags.schema != "":
		text, err := readText("schema", flags.schema)
		if err != nil {
			return structure{}, err
		}
		// Its answers are checked, as servers are free to pass a schema over.
		if err := jsonschema.Supported(text); err != nil {
			return structure{}, usagef("%s: the JSON schema can't be used: %w", flags.schema, err)
		}
		return structure{file: flags.schema, schema: text}, nil
	case flags.grammar != "":
		text, err := readText("grammar", flags.grammar)
		return structure{file: flags.grammar, grammar: string(text)}, err
	}
	return structure{}, nil
}

// readText reads a file that says what an answer is like.
func readText(what, file string) ([]byte, error) {
	f, err := os.Open(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("the %s %s does not exist", what, file)
	case err != nil:
		return nil, usagef("the %s can't be read: %w", what, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxStructureBytes+1))
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // a byte order mark
	switch {
	case err != nil:
		return nil, usagef("the %s can't be read: %w", what, err)
	case len(text) > maxStructureBytes:
		return nil, usagef("the %s %s is larger than %d MiB", what, file, maxStructureBytes>>20)
	case len(bytes.TrimSpace(text)) == 0:
		return nil, usagef("the %s %s is empty", what, file)
	}
	return text, nil
}

// given tells whether the answer is held to anything: it is printed only when it
// is whole.
func (s structure) given() bool { return s.file != "" }

// explain names the file in an error of what it asks for.
func (s structure) explain(err error) error {
	if s.given() && engine.KindOf(err) == engine.BadRequest {
		return fmt.Errorf("%s: %w", s.file, err)
	}
	return err
}

// check makes sure that an answer is what was asked for. One that met the token
// limit is whole if nothing could have followed.
func (s structure) check(answer string, finish engine.Finish, limit int) error {
	if !s.given() {
		return nil
	}
	valid := s.schema != nil && json.Valid([]byte(answer))
	ended := valid && strings.IndexAny(strings.TrimSpace(answer), `{["tfn`) == 0 // numbers have no end
	if finish == engine.Length && !ended {
		return &engine.Error{
			Kind:    engine.AnswerCut,
			Message: fmt.Sprintf("the answer is not whole: it came to the limit of %d tokens, or of the context, before what %s asks for was complete", limit, s.file),
			Hint:    "allow more with --max-tokens, or ask for less",
		}
	}
	if s.schema == nil {
		return nil
	}
	const hint = "ask again, or more clearly; the native engine can be held to a schema"
	if !valid {
		return &engine.Error{Kind: engine.Failed, Message: "the answer is no JSON document, as " + s.file + " asks for", Hint: hint}
	}
	if err := jsonschema.Check(s.schema, []byte(answer)); err != nil {
		return &engine.Error{Kind: engine.Failed, Message: fmt.Sprintf("the answer does not conform to %s: %v", s.file, err), Hint: hint}
	}
	return nil
}
