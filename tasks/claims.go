package tasks

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Claim is something that an answer in English says of what is on a picture.
type Claim struct {
	Start int       `json:"start"` // in the answer, in bytes
	End   int       `json:"end"`
	Kind  ClaimKind `json:"kind"`
	Text  string    `json:"text"` // as the answer has it
	// Question asks it back. That of a Count begins with "How many", of which Count is the
	// answer; to all others it is yes, if the claim is true.
	Question string `json:"question"`
	Count    int    `json:"count,omitempty"`
}

// ClaimKind is what a claim is about.
type ClaimKind string

// A thing is there (Object), with what is said of it where it is named; there are so many of
// them (Count); it is or does something (Property); it is at a place of the picture (Place);
// the background looks so (Background).
const (
	Object     ClaimKind = "object"
	Count      ClaimKind = "count"
	Property   ClaimKind = "property"
	Place      ClaimKind = "place"
	Background ClaimKind = "background"
)

// mostClaims bounds how many claims of an answer are looked at: each is a question.
const mostClaims = 200

// Claims finds what an answer in English claims, by rules: names of things stand between the
// small words of the language. What it denies ("no dog", "is not red") is left aside, and so
// is what it says of the picture itself. In another language it finds little that is right.
func Claims(answer string) []Claim {
	r := claimReader{english: lexicon(), text: answer, words: words(answer, nil)}
	for i, w := range r.words {
		r.lower = append(r.lower, strings.ToLower(answer[w.start:w.end]))
		end := len(answer)
		if i+1 < len(r.words) {
			end = r.words[i+1].start
		}
		r.behind = append(r.behind, strings.TrimSpace(answer[w.end:end]))
	}
	r.read()
	return r.claims[:min(len(r.claims), mostClaims)]
}

// claimReader goes through the words of an answer.
type claimReader struct {
	*english
	text   string
	words  []span
	lower  []string // the words, in lower case
	behind []string // what stands between each word and the next, without blanks

	claims  []Claim
	subject nounPhrase  // the last thing that was named
	waiting *placeFound // a place for the thing that is named next
}

// nounPhrase is a thing as it is called.
type nounPhrase struct {
	from, to int    // its words, from its article
	name     string // without the article, "" for none
	plural   bool
}

// placeFound is a place on the picture.
type placeFound struct{ from, to int }

func (r *claimReader) read() {
	for i := 0; i < len(r.words); {
		if i > 0 && strings.ContainsAny(r.behind[i-1], ".!?\n") {
			r.subject, r.waiting = nounPhrase{}, nil
		}
		switch to, ok := r.placeAt(i); {
		case ok:
			r.place(placeFound{i, to})
			i = to
			continue
		case r.being[r.lower[i]]:
			if to := r.property(i); to > i {
				i = to
				continue
			}
		}
		i = r.thing(i)
	}
}

// open tells whether a word stands where another one could go on with a name.
func (r *claimReader) open(i int) bool { return i < len(r.words) && r.name(r.lower[i]) }

// joined tells whether nothing but blanks stands between a word and the one before it.
func (r *claimReader) joined(i int) bool { return i > 0 && r.behind[i-1] == "" }

// placeAt reads a place on the picture, such as "in the upper left corner".
func (r *claimReader) placeAt(i int) (to int, ok bool) {
	if p := r.lower[i]; p != "in" && p != "on" && p != "at" && p != "to" && p != "near" {
		return i, false
	}
	j := i + 1
	if j < len(r.words) && r.lower[j] == "the" && r.joined(j) {
		j++
	}
	from := j
	for j < len(r.words) && r.places[r.lower[j]] && r.joined(j) {
		j++
	}
	if j == from || r.open(j) && r.joined(j) && !r.verbs[r.lower[j]] {
		return i, false // none, or "in the back yard"
	}
	if j < len(r.words) && r.lower[j] == "of" && r.joined(j) {
		for k := j + 1; k < len(r.words) && k <= j+2; k++ {
			if r.pictures[r.lower[k]] {
				return k + 1, true
			}
		}
		return i, false // of another thing
	}
	return j, true
}

// place claims that the thing which was named last is at a place; at the beginning of a
// sentence, the one that is named next.
func (r *claimReader) place(p placeFound) {
	if r.subject.name == "" {
		r.waiting = &p
		return
	}
	r.claimPlace(p)
}

func (r *claimReader) claimPlace(p placeFound) {
	where := strings.ToLower(r.said(p.from, p.to))
	r.claim(p.from, p.to, Place, r.verb(r.subject)+" the "+r.subject.name+" "+where+"?", 0)
}

func (r *claimReader) verb(t nounPhrase) string {
	if t.plural {
		return "Are"
	}
	return "Is"
}

// said is the text of some words.
func (r *claimReader) said(from, to int) string {
	return strings.Join(strings.Fields(r.text[r.words[from].start:r.words[to-1].end]), " ")
}

func (r *claimReader) claim(from, to int, kind ClaimKind, question string, count int) {
	r.claims = append(r.claims, Claim{
		Start: r.words[from].start, End: r.words[to-1].end, Kind: kind, Text: r.said(from, to), Question: question, Count: count,
	})
}

// property reads what the subject is or does, behind a form of "be".
func (r *claimReader) property(i int) (to int) {
	if r.subject.name == "" || r.subject.to != i {
		return i
	}
	j := i + 1
	for r.open(j) && r.joined(j) {
		j++
	}
	if j == i+1 {
		return i
	}
	kind := Property
	if r.backgrounds[r.lower[r.subject.to-1]] {
		kind = Background
	}
	verb := r.said(i, i+1)
	r.claim(i+1, j, kind, upperFirst(verb)+" the "+r.subject.name+" "+r.said(i+1, j)+"?", 0)
	return j
}

// thing reads the name of a thing that may begin at a word, and returns where to go on.
func (r *claimReader) thing(i int) int {
	at := i
	if w := r.lower[i]; r.verbs[w] || r.baseVerbs[w] && r.subject.plural && r.subject.to == i {
		return i + 1
	}
	article := ""
	if r.articles[r.lower[at]] {
		article = r.lower[at]
		at++
	}
	count, counted := 0, false
	if at < len(r.words) && r.open(at+1) && r.joined(at+1) {
		if count, counted = number(r.lower[at]); counted || r.quantities[r.lower[at]] {
			at++
		}
	}
	to := r.nameAt(at, article, counted && count != 1 || !counted && at > i && r.quantities[r.lower[at-1]])
	if to == at {
		return i + 1
	}
	head := r.lower[to-1]
	t := nounPhrase{from: i, to: to, name: r.said(at, to), plural: counted && count != 1 || article != "a" && article != "an" && r.plural(head)}
	switch {
	case r.pictures[head], article == "no", r.allPlaces(at, to):
		return to
	}
	known := r.subject.name != "" && article == "the" && strings.HasSuffix(r.subject.name, t.name)
	r.subject = t
	switch {
	case r.backgrounds[head] && to > at+1:
		r.claim(i, to, Background, "Is the background "+r.said(at, to-1)+"?", 0)
	case r.backgrounds[head]:
	case counted:
		many := t.name
		if count == 1 {
			many = pluralOf(many)
		}
		r.claim(i, to, Count, "How many "+many+" are there in the image?", count)
	case known, article == "the" && r.claimed(t.name):
		// It is asked about as what it was called before.
	default:
		r.claim(i, to, Object, r.there(i, at, article, t), 0)
	}
	if r.waiting != nil && !r.backgrounds[head] {
		p := *r.waiting
		r.waiting = nil
		r.claimPlace(p)
	}
	return to
}

// there asks whether a thing is there.
func (r *claimReader) there(i, at int, article string, t nounPhrase) string {
	if first, _ := utf8.DecodeRuneInString(t.name); article == "the" && unicode.IsUpper(first) {
		return "Is the " + t.name + " in the image?" // of which there is one
	}
	quantity := ""
	if at > i && r.quantities[r.lower[at-1]] {
		quantity = r.lower[at-1] + " "
	}
	switch {
	case t.plural || quantity != "":
		return "Are there " + quantity + t.name + " in the image?"
	case article == "" || article == "some" || article == "any":
		return "Is there " + t.name + " in the image?"
	}
	return "Is there " + withArticle(t.name) + " in the image?"
}

// nameAt reads a name, and returns its end. several tells that it is of more than one.
func (r *claimReader) nameAt(at int, article string, several bool) int {
	single := article == "a" || article == "an" || article == "another" || article == "each" || article == "every"
	k := at
	for r.open(k) {
		w := r.lower[k]
		if k > at {
			if !r.joined(k) && (k != at+1 || r.behind[k-1] != "," || !single || !r.open(k+1) || !r.joined(k+1)) {
				break // "a large, red ball" is one thing
			}
			ends := !r.open(k+1) || !r.joined(k+1)
			switch {
			case r.verbs[w], several && r.baseVerbs[w],
				strings.HasSuffix(w, "ing") && !r.ingNouns[w],
				strings.HasSuffix(w, "ed") && ends && k+1 < len(r.words) && r.joined(k+1),
				single && r.plural(w) && ends, // "a dog jumps"
				several && r.plural(r.lower[k-1]) && !r.plural(w) && !isNumber(w):
				return k
			}
		}
		k++
		// "a black and white cat"
		if k == at+1 && single && k+2 < len(r.words) && r.lower[k] == "and" && r.joined(k) && r.open(k+1) && r.open(k+2) && r.joined(k+1) && r.joined(k+2) && !r.verbs[r.lower[k+2]] && !r.baseVerbs[r.lower[k+2]] {
			k++
		}
	}
	return k
}

func isNumber(word string) bool { _, ok := number(word); return ok }

// allPlaces tells whether words are of places alone: "the left".
func (r *claimReader) allPlaces(from, to int) bool {
	for _, w := range r.lower[from:to] {
		if !r.places[w] || r.backgrounds[w] {
			return false
		}
	}
	return true
}

// claimed tells whether something of this name was claimed before.
func (r *claimReader) claimed(name string) bool {
	for _, c := range r.claims {
		if (c.Kind == Object || c.Kind == Count) && strings.HasSuffix(strings.ToLower(c.Text), strings.ToLower(name)) {
			return true
		}
	}
	return false
}

// withArticle puts an article in front of a name.
func withArticle(name string) string {
	if strings.ContainsRune("aeiouAEIOU", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

// pluralOf is the plural of a name, as far as rules tell it.
func pluralOf(name string) string {
	switch last := name[len(name)-1]; {
	case last >= '0' && last <= '9':
		return name
	case strings.ContainsRune("sxz", rune(last)), strings.HasSuffix(name, "ch"), strings.HasSuffix(name, "sh"):
		return name + "es"
	case last == 'y' && len(name) > 1 && !strings.ContainsRune("aeiou", rune(name[len(name)-2])):
		return name[:len(name)-1] + "ies"
	}
	return name + "s"
}

func upperFirst(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
