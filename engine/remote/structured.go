package remote

import "github.com/vlmchat/vlmchat/engine"

// NoGrammar is the error of a request with a grammar, which servers would pass
// over without a word.
func NoGrammar(server string) *engine.Error {
	return &engine.Error{
		Kind:    engine.BadRequest,
		Message: server + " has no grammars: only the native engine can hold an answer to one",
		Hint:    "use --schema, or -b native",
	}
}
