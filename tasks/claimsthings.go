package tasks

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// property reads what the head of the clause is or does, behind a form of "be".
func (r *claimReader) property(i int) (to int) {
	if r.head.name == "" || !r.joined(i) || r.subject.to != i {
		return i
	}
	j := i + 1
	for r.open(j) && r.joined(j) {
		j++
	}
	if j == i+1 {
		return i
	}
	r.said = j
	if r.is(i, "are", "were") != r.head.plural || r.unfinished(j) {
		return j // of several things, or more than can be asked in a word
	}
	kind := Property
	if r.backgrounds[r.lower[r.head.to-1]] {
		kind = Background
	}
	verb := r.plain(i, i+1)
	r.claim(i+1, j, kind, upperFirst(verb)+" the "+r.head.name+" "+r.plain(i+1, j)+"?", 0)
	return j
}

// unfinished tells whether what is said up to a word needs what follows: "holding an umbrella",
// "made of wood".
func (r *claimReader) unfinished(to int) bool {
	if to >= len(r.words) || !r.joined(to) {
		return false
	}
	next := r.lower[to]
	if strings.HasSuffix(r.lower[to-1], "ing") {
		return r.articles[next] || r.quantities[next] || isNumber(next)
	}
	return r.is(to, "of", "with", "by", "as")
}

// thing reads the name of a thing that may begin at a word, and returns where to go on.
func (r *claimReader) thing(i int) int {
	at := i
	if w := r.lower[i]; r.verbs[w] || r.baseVerbs[w] && r.subject.plural && r.subject.to == i || w == "that" && r.follows(i) {
		return i + 1
	}
	article := ""
	if r.articles[r.lower[at]] {
		article = r.lower[at]
		at++
	}
	count, counted, several := 0, false, false
	if at < len(r.words) && r.open(at+1) && r.joined(at+1) {
		if count, counted = number(r.lower[at]); counted || r.quantities[r.lower[at]] {
			at++
			several = count != 1
		}
	}
	to := r.nameAt(at, article, several)
	switch {
	case to == at:
		return i + 1
	case at == i && r.noName(i, to):
		return i + 1
	}
	head := r.lower[to-1]
	t := nounPhrase{from: i, to: to, name: r.nameOf(i, at, to), plural: several || (article != "a" && article != "an" || r.owned(at, to)) && r.plural(head)}
	switch {
	case r.pictures[head], article == "no", r.allPlaces(at, to), to == at+1 && !strings.ContainsFunc(strings.TrimSuffix(head, "s"), unicode.IsLetter):
		return to
	case r.measures[head] && r.is(to, "of"):
		return to + 1 // it is about what it is a group of
	}
	known := r.subject.name != "" && article == "the" && endsWith(r.subject.name, t.name)
	r.subject = t
	if r.head.name == "" {
		r.head = t
	}
	switch {
	case r.backgrounds[head] && to > at+1:
		r.claim(i, to, Background, "Is the background "+r.plain(at, to-1)+"?", 0)
	case r.backgrounds[head]:
	case counted && r.roughly(i):
		r.claim(i, to, Object, "Are there "+t.name+" in the image?", 0)
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

// follows tells whether a word stands right behind the thing that was named last.
func (r *claimReader) follows(i int) bool {
	return r.subject.name != "" && r.subject.to == i && r.joined(i)
}

// noName tells of words without an article that they are no name, or begin with a word that
// is none: a verb, or what is said of a thing rather than one.
func (r *claimReader) noName(i, to int) bool {
	w := r.lower[i]
	switch {
	case isNumber(w) && to == i+1, r.colours[w] && to == i+1,
		strings.HasSuffix(w, "ing") && !r.ingNouns[w],
		strings.HasSuffix(w, "ed") && !r.edNouns[w]:
		return true
	case r.follows(i): // "zebras graze", "a car parked"
		return true
	case i == 0 || r.ends(i-1):
		return false
	case r.joined(i) && r.being[r.lower[i-1]] && r.is(i-2, "there"):
		return false
	case r.joined(i) && (r.being[r.lower[i-1]] || r.beforeVerbs[r.lower[i-1]] || r.is(i-1, "to") && r.baseVerbs[w]):
		return true
	}
	return r.is(i-1, "and", "or") && r.said == i-1 // "is clear and blue"
}

// nameOf is the name of a thing. One that begins a sentence has a capital for that alone.
func (r *claimReader) nameOf(i, at, to int) string {
	name := r.plain(at, to)
	if at > i || i > 0 && !r.ends(i-1) || strings.IndexFunc(name[1:], unicode.IsUpper) >= 0 {
		return name
	}
	return strings.ToLower(name)
}

// owned tells whether words have an owner in them: "child's toys".
func (r *claimReader) owned(from, to int) bool {
	for _, w := range r.lower[from:to] {
		if possessive(w) {
			return true
		}
	}
	return false
}

// roughly tells whether the number at a word is none that a thing's count has to be.
func (r *claimReader) roughly(i int) bool {
	if r.is(i-1, "about", "around", "approximately", "roughly", "nearly", "almost", "over", "under", "least", "most", "than") {
		return true
	}
	return r.is(i-1, "or", "to") && i > 1 && isNumber(r.lower[i-2])
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
			case r.verbs[w], several && r.baseVerbs[w], !single && r.plural(r.lower[k-1]) && r.baseVerbs[w],
				!single && ends && r.plural(w) && k+1 < len(r.words) && r.joined(k+1) && r.articles[r.lower[k+1]] && !possessive(r.lower[k-1]), // "the dog chases a ball"
				strings.HasSuffix(w, "ing") && !r.ingNouns[w],
				strings.HasSuffix(w, "ed") && ends && k+1 < len(r.words) && r.joined(k+1),
				single && r.plural(w) && ends && !possessive(r.lower[k-1]), // "a dog jumps"
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
		if (c.Kind == Object || c.Kind == Count) && endsWith(strings.ToLower(c.Text), strings.ToLower(name)) {
			return true
		}
	}
	return false
}

// endsWith tells whether the last words of a name are these.
func endsWith(name, words string) bool {
	return name == words || strings.HasSuffix(name, " "+words)
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
