package tasks

import "strings"

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
// small words of the language. What it denies ("no dog", "is not red") or asks is left aside,
// and so is what it says of the picture itself. In another language it finds nothing, as far as
// that is noticed. Rather a claim is missed than one found that is none.
func Claims(answer string) []Claim {
	r := claimReader{english: lexicon(), text: answer, words: words(answer, nil)}
	for i, w := range r.words {
		r.lower = append(r.lower, strings.ToLower(answer[w.start:w.end]))
		end := len(answer)
		if i+1 < len(r.words) {
			end = r.words[i+1].start
		}
		r.behind = append(r.behind, between(answer[w.end:end], answer[end:]))
	}
	if !r.inEnglish() {
		return nil
	}
	r.setAside()
	r.read()
	return r.claims[:min(len(r.claims), mostClaims)]
}

// claimReader goes through the words of an answer.
type claimReader struct {
	*english
	text   string
	words  []span
	lower  []string // the words, in lower case
	behind []string // what stands between each word and the next, as between has it
	aside  []bool   // which words claim nothing

	claims  []Claim
	subject nounPhrase  // the last thing that was named
	head    nounPhrase  // the first one of the clause, of which its verb is
	said    int         // where what the head is ends
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
	for i := 0; i < len(r.words) && len(r.claims) < mostClaims; {
		switch {
		case i > 0 && r.ends(i-1):
			r.subject, r.head, r.waiting = nounPhrase{}, nounPhrase{}, nil
		case i > 0 && r.behind[i-1] != "", r.is(i, "and", "or", "but", "while", "where", "when"):
			r.head = nounPhrase{}
		}
		switch to, ok := r.placeAt(i); {
		case r.aside[i]:
			i++
			continue
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
func (r *claimReader) open(i int) bool {
	return i < len(r.words) && r.name(r.lower[i]) && (r.aside == nil || !r.aside[i])
}

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
	where := strings.ToLower(r.plain(p.from, p.to))
	r.claim(p.from, p.to, Place, r.verb(r.subject)+" the "+r.subject.name+" "+where+"?", 0)
}

func (r *claimReader) verb(t nounPhrase) string {
	if t.plural {
		return "Are"
	}
	return "Is"
}

// plain is the text of some words, without marks of emphasis.
func (r *claimReader) plain(from, to int) string {
	return strings.Join(strings.Fields(emphasis.Replace(r.text[r.words[from].start:r.words[to-1].end])), " ")
}

var emphasis = strings.NewReplacer("*", "", "`", "")

func (r *claimReader) claim(from, to int, kind ClaimKind, question string, count int) {
	r.claims = append(r.claims, Claim{
		Start: r.words[from].start, End: r.words[to-1].end, Kind: kind, Text: r.plain(from, to), Question: question, Count: count,
	})
}
