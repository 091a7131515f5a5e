package native

import (
	"github.com/vlmchat/vlmchat/engine"
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
