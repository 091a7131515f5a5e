package ptb

import (
	"strings"
	"sync"
)

// abbreviations keep their period, in any case.
const abbreviations = `
	adj adm adv alex asst atty attys ave brig capt cf cie cmdr col comdr cpl dept det dr drs ed.d elec ens ft gen gov govs hon
	insp invt jos lieut lt maj messrs mlle mme mr mrs ms msgr mt natl pfc ph ph.d pres prof profs pvt rep reps rev sen sens
	sfc sgt spc st ste supt supts treas vs wm
	al ala apr ariz assn assoc aug bancorp bhd bldg blvd bros calif co colo conn corp cos ct dak dec esq est etc ext feb fla
	fri ga inc ind intl jan jr jul jun kan kans ky ltd mar md mich minn mo mon mont neb nev nov oct okla penn plc rd rt sep
	sept seq sq sr sys tel tenn thu thurs tue tues univ va vt wed wis wisc wyo
	mfg mtg ppte pptes ppty pptys pte ptes pty ptys`

// atWordEnds are those of them after which a word never goes on, not even with a single letter
// as "Jan.x": what follows is looked at for a sentence that begins.
const atWordEnds = `
	al ala apr ariz assn assoc aug bancorp bhd bldg blvd bros calif co colo conn corp cos ct dak dec esq est etc ext feb fla
	fri ga inc ind intl jan jr jul jun kan kans ky ltd mar md mich minn mo mon mont neb nev nov oct okla penn plc rd rt sep
	sept seq sq sr sys tel tenn thu thurs tue tues univ va vt wed wis wisc wyo ph.d u.s
	ark az del ill la mass miss ore pa tex wash ppte pptes ppty pptys pte ptes pty ptys`

// capitalised are abbreviations if they begin with a capital: in small letters they are words.
const capitalised = "ark az del ill la mass miss ore pa tex wash"

// beforeNumbers are abbreviations before a number.
const beforeNumbers = "art ca fig figs no nos op pp prop"

// starters are words before which a single letter with a period ended a sentence.
const starters = `
	a about according additionally after an as at but earlier he her here however if in it last many more now once one other
	our she since so some such that the their then there these they this we what when while yet you`

// kind says in which of the lists an abbreviation is.
type kind struct{ always, capitalised, wordEnd, numbers bool }

var kinds = sync.OnceValue(func() map[string]kind {
	all := map[string]kind{}
	add := func(list string, set func(*kind)) {
		for w := range strings.FieldsSeq(list) {
			k := all[w]
			set(&k)
			all[w] = k
		}
	}
	add(abbreviations, func(k *kind) { k.always = true })
	add(atWordEnds, func(k *kind) { k.wordEnd = true })
	add(capitalised, func(k *kind) { k.capitalised = true })
	add(beforeNumbers, func(k *kind) { k.numbers = true })
	return all
})

var isStarter = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for w := range strings.FieldsSeq(starters) {
		all[w] = true
	}
	return all
})

// longestAbbreviation is "bancorp".
const longestAbbreviation = 7

// abbreviation is one with its period, or an acronym.
func (s *scanner) abbreviation(i int) match {
	letters := s.run(i, isASCIILetter)
	if letters == 0 {
		return match{}
	}
	if letters == 1 && s.at(i+1) == '.' && !isASCIILetter(s.at(i+2)) {
		if n := s.starter(i + 2); n > 0 {
			return match{looked: 2 + n, length: 1}
		}
		return plain(2)
	}
	best := match{}
	if n := s.acronym(i); n > 0 {
		if s.at(i+n) == '.' {
			n++
		}
		best = plain(n)
	}
	if letters > longestAbbreviation || s.at(i+letters) != '.' {
		return best
	}
	n := letters
	if s.has(i, "ph.d.") || s.has(i, "ed.d.") {
		n = 4
	}
	word := strings.ToLower(string(s.text[i : i+n]))
	k := kinds()[word]
	first := s.text[i]
	m := match{looked: n + 1, length: n + 1}
	switch {
	case k.always || k.capitalised && first >= 'A' && first <= 'Z':
		if k.wordEnd {
			m.looked += 2
		}
	case k.numbers:
		gap := 0
		if isSpaceOrEnd(s.at(i + n + 1)) {
			gap = 1
		}
		if !isDigit(s.at(i + n + 1 + gap)) {
			return best
		}
		m.looked += gap + 1
	default:
		return best
	}
	if m.looked > best.looked {
		return m
	}
	return best
}

// starter is how much of the text has to be looked at to see that a sentence begins at a place:
// with one of some words, with a title or with a tag.
func (s *scanner) starter(i int) int {
	n := s.run(i, isSpaceOrEnd)
	if n == 0 {
		return 0
	}
	if s.at(i+n) == '<' {
		if tag := s.tag(i + n); tag > 0 && s.at(i+n+tag) == ' ' {
			return n + tag + 1
		}
		return 0
	}
	if first := s.at(i + n); first < 'A' || first > 'Z' {
		return 0
	}
	letters := s.run(i+n, isASCIILetter)
	switch {
	case s.has(i+n, "mr.") || s.has(i+n, "ms."):
		letters = 3
	case letters > len("additionally") || !isStarter()[strings.ToLower(string(s.text[i+n:i+n+letters]))]:
		return 0
	}
	if !isSpaceOrEnd(s.at(i + n + letters)) {
		return 0
	}
	return n + letters + 1
}

// acronym is the length of letters with periods between them, without the last period.
func (s *scanner) acronym(i int) int {
	for _, long := range [...]string{"canada-u.s", "sino-u.s", "korean-u.s", "eu-u.s", "japan-u.s", "u.s.-u.s.s.r", "u.s.-u.k"} {
		if s.has(i, long) {
			return len(long)
		}
	}
	if !isASCIILetter(s.at(i)) {
		return 0
	}
	n := 1
	for s.at(i+n) == '.' && isASCIILetter(s.at(i+n+1)) {
		n += 2
	}
	if n == 1 {
		return 0
	}
	return n
}
