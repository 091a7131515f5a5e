package tasks

import (
	"slices"
	"strings"
	"sync"
)

// english is what is known of the words of English to tell the names of things from the rest
// of a sentence: the small words between which names stand, the verbs that captions have, the
// words for places on a picture. What a thing is called, and how it may look, is in no list.
type english struct {
	articles, quantities, prepositions, being, small wordSet
	// verbs are forms that end the name of who does it: third person and -ing. Base forms do
	// so behind a plural.
	verbs, baseVerbs wordSet
	ingNouns         wordSet // which look like the -ing form of a verb
	sNouns           wordSet // which look like a plural
	places           wordSet // where something is on a picture
	pictures         wordSet // what an answer calls the picture itself
	backgrounds      wordSet
	measures         wordSet // behind which stands "of" and what there is
	colours          wordSet // and what else is said of a thing in a word
	edNouns          wordSet // which look like a participle
	lyNouns          wordSet // which look like an adverb, and adjectives
	beforeVerbs      wordSet // behind which a verb stands
}

type wordSet map[string]bool

func wordsOf(list string) wordSet {
	s := wordSet{}
	for w := range strings.FieldsSeq(list) {
		s[w] = true
	}
	return s
}

// lexicon is made when it is needed first.
var lexicon = sync.OnceValue(func() *english {
	base := wordsOf("show depict feature contain include display capture sit stand lie rest hang hold wear look run walk play ride eat fly lean face carry smile swim sleep drink cover surround fill reach read say point watch stare pose grow float drive jump climb work talk cook cut hit throw catch")
	e := &english{
		articles:     wordsOf("a an the this that these those its his her their our your my another each every both no some any"),
		quantities:   wordsOf("several many few various multiple"),
		prepositions: wordsOf("in on at of with by near under above below over behind beside between beneath underneath through across along around against inside outside into onto from to toward towards off up down like as for without within among amid atop past during upon next"),
		being:        wordsOf("is are was were"),
		small:        wordsOf("and or but nor while which who whose whom where when because so than then if it they he she them him there here what you i we us me something nothing anything someone everyone nobody none one's both either neither rather instead else about more most least than same such even still again very however therefore overall additionally together perhaps maybe be being been am has have had having does do did can could may might will would shall should must not also only too just all yes sorry seems seem appears appear"),
		verbs:        wordSet{"lying": true},
		baseVerbs:    base,
		ingNouns:     wordsOf("building ring painting ceiling railing wing king string clothing evening morning spring awning lighting thing swing crossing drawing earring pudding wedding dressing frosting icing topping writing bedding siding flooring roofing wiring fencing"),
		sNouns:       wordsOf("lens gas canvas atlas series species"),
		places:       wordsOf("top bottom left right center centre middle corner side foreground upper lower edge half part front back distance background"),
		pictures:     wordsOf("image picture photo photograph scene view illustration screenshot atmosphere mood setting style composition theme day moment sense feeling impression"),
		backgrounds:  wordsOf("background backdrop"),
		measures:     wordsOf("pair group couple lot lots number variety bunch kind type sort row set one"),
		colours:      wordsOf("black white red green blue yellow orange purple pink brown gray grey visible present clear bright dark empty open closed taken made written seen shown worn held built drawn cut"),
		edNouns:      wordsOf("red bed shed seed weed sled reed"),
		lyNouns:      wordsOf("fly butterfly dragonfly family jelly lily belly bully ally trolly curly wooly woolly lovely lonely friendly ugly elderly silly hilly holy early daily"),
		beforeVerbs:  wordsOf("be been being can could may might will would shall should must do does did i you we they he she it not"),
	}
	for v := range base {
		for _, form := range verbForms(v) {
			e.verbs[form] = true
		}
	}
	return e
})

// verbForms are the third person and the -ing form of a regular verb.
func verbForms(v string) []string {
	last := v[len(v)-1]
	third := v + "s"
	switch {
	case strings.HasSuffix(v, "ch"):
		third = v + "es"
	case last == 'y' && !strings.ContainsRune("aeiou", rune(v[len(v)-2])):
		third = v[:len(v)-1] + "ies"
	case v == "lie":
		return []string{"lies", "lying"}
	}
	return []string{third, strings.TrimSuffix(v, "e") + "ing", v + string(last) + "ing"}
}

// name tells whether a word may be a part of a thing's name.
func (e *english) name(word string) bool {
	if stem, rest, short := strings.Cut(strings.ReplaceAll(word, "’", "'"), "'"); short && (rest != "s" || e.small[stem] || e.articles[stem]) && !strings.HasSuffix(word, "s'") {
		return false // "there's", "isn't", "we've"
	}
	if strings.HasSuffix(word, "ly") && !e.lyNouns[word] {
		return false // an adverb
	}
	return !e.articles[word] && !e.quantities[word] && !e.prepositions[word] && !e.being[word] && !e.small[word]
}

// possessive tells whether a word says whose something is.
func possessive(word string) bool {
	return strings.HasSuffix(word, "'s") || strings.HasSuffix(word, "’s")
}

// plural tells whether a noun looks like one of several.
func (e *english) plural(noun string) bool {
	for _, ending := range []string{"ss", "us", "is", "'s", "’s"} {
		if strings.HasSuffix(noun, ending) {
			return false
		}
	}
	return len(noun) > 2 && strings.HasSuffix(noun, "s") && !e.sNouns[noun] || slices.Contains([]string{"people", "men", "women", "children"}, noun)
}

// numbers are the words for them.
var numbers = []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}

// number reads a number in words or digits, up to 99.
func number(word string) (int, bool) {
	if n := slices.Index(numbers, word); n >= 0 {
		return n, true
	}
	if len(word) == 0 || len(word) > 2 || strings.Trim(word, "0123456789") != "" {
		return 0, false
	}
	n := 0
	for _, d := range word {
		n = 10*n + int(d-'0')
	}
	return n, true
}
