package meteor

import (
	"strings"
	"sync"
)

// ownFunctionWords stands in for the reference's list where that is not at hand: the words
// that say little by themselves, which count a third of others. The reference's are whatever
// is more frequent than one word in a thousand in what it was trained on, "year" among them;
// these are articles, pronouns, prepositions, conjunctions, auxiliaries and signs of English.
var ownFunctionWords = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for w := range strings.FieldsSeq(`
		a an the this that these those some all
		i you he she it we they his her its their him them who which what
		of in on at by for with from to as into out up about over after
		and or but if when than so not no there also more other
		is are was were be been has have had will would can could do
		one two 's 't
		. , : ; ? ! " ' ( ) - -- $ & / %`) {
		words[w] = true
	}
	return words
})
