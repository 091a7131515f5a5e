package native

import (
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/jsonschema"
)

// grammarOf is the grammar in GBNF that a request restricts its answer to, ""
// for none. It is made by the client: a schema that can't be used costs neither
// a worker nor the time to load a model.
func grammarOf(req engine.Request) (string, error) {
	switch {
	case len(req.Schema) == 0:
		return req.Grammar, nil
	case req.Grammar != "":
		return "", &engine.Error{
			Kind:    engine.BadRequest,
			Message: "an answer can't be held to a JSON schema and to a grammar at once",
			Hint:    "leave one of them out",
		}
	}
	grammar, err := jsonschema.Grammar(req.Schema)
	if err != nil {
		return "", &engine.Error{Kind: engine.BadRequest, Message: "the JSON schema can't be used: " + err.Error(), Err: err}
	}
	return grammar, nil
}

// newGrammar reads a grammar for an answer of which something is said already.
func (r *runner) newGrammar(text, said string) (*llamacpp.Grammar, error) {
	g, err := r.model.NewGrammar(text)
	if err != nil {
		return nil, &engine.Error{Kind: engine.BadRequest, Message: err.Error(), Hint: "GBNF is described in llama.cpp's grammars/README.md"}
	}
	// A grammar is about characters: which tokens made them does not matter.
	tokens, err := r.model.Tokenize(said, false, false)
	for _, t := range tokens {
		if err == nil {
			err = g.Accept(t)
		}
	}
	if err != nil {
		g.Close()
		return nil, &engine.Error{Kind: engine.Failed, Message: "the answer can't go on: what of it was said is not within the grammar", Err: err}
	}
	return g, nil
}
