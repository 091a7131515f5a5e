package ui

import (
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// name is how a text names a picture, or several that belong together.
type name struct {
	ways    []string // in which it may be meant, the likeliest first
	perhaps bool     // it is words where there is no such file
	// mentioned is what stands behind an @ and may be anybody's: then nobody is told.
	mentioned bool
}

// just names a picture in one way.
func just(source string) name { return name{ways: []string{source}} }

// The extensions are those of all that people take for pictures: what is none, or is
// of a kind that can't be read, is refused with its reason when it is read.
const (
	extension = `\.(?i:png|apng|jpe?g|jfif|gif|webp|bmp|tiff?|avif|hei[cf]|svg|jxl|jp2|ico|psd|pdf|mp4|m4v|mov|mkv|webm|avi)`
	chosen    = `(?:#[\w.,:=-]*)?` // pages, frames, moments
)

var (
	endsAsPicture = lazyregexp.New(extension + chosen + `$`)
	// A path with blanks in it ends at its first extension.
	upToPicture     = lazyregexp.New(`^.*?` + extension + chosen + `[` + punctuation + `]*(?:\s|$)`)
	beginsPath      = lazyregexp.New(`^(/|~/|\.{1,2}/|(?i:file)://|[A-Za-z]:[\\/]|\\\\[^\\\s]+\\)`)
	anotherPath     = lazyregexp.New(`\s(/|~/|\.{1,2}/|(?i:file|https?)://|[A-Za-z]:[\\/]|\\\\|["'])`)
	onTheWeb        = lazyregexp.New(`^(?i:https?)://[^\s/]`)
	pictureOnTheWeb = lazyregexp.New(`^(?i:https?)://[^\s?#]*/[^\s?#]*` + extension + `(?:[?#]\S*)?$`)
	choice          = lazyregexp.New(`^#[\w.,:=-]+`)
)

// punctuation is what may stand behind a name and belongs to the sentence.
const punctuation = "?!.,:;)"

// leadingName takes a picture's name off the front of a text: a path, or a web
// address. A word alone is none here.
func leadingName(text string) (source, rest string, ok bool) {
	// PowerShell's way to say that what is in quotes is a file.
	if behind, is := strings.CutPrefix(text, "& "); is && behind != "" && strings.ContainsRune(`"'`, rune(behind[0])) {
		text = behind
	}
	if inner, after, closed := quoted(text); closed {
		selection := choice().FindString(after)
		after = after[len(selection):]
		isName := endsAsPicture().MatchString(inner) || beginsPath().MatchString(inner) || onTheWeb().MatchString(inner)
		if isName && (after == "" || isBlank(after[0])) {
			return inner + selection, after, true
		}
		return "", text, false
	}
	first := firstWord(text)
	if onTheWeb().MatchString(first) {
		return strings.TrimRight(first, punctuation), text[len(first):], true
	}
	if !beginsPath().MatchString(text) {
		return "", text, false
	}
	if text[0] == '/' && !strings.Contains(first[1:], "/") && !endsAsPicture().MatchString(first) {
		return "", text, false // a command
	}
	if m := upToPicture().FindString(text); m != "" && !anotherPath().MatchString(strings.TrimSpace(m)) {
		return strings.TrimRight(strings.TrimSpace(m), punctuation), text[len(m):], true
	}
	// Surely a path, and not a picture's name: the person hears what is wrong with
	// the file.
	return strings.TrimRight(first, ",;:"), text[len(first):], true
}

// quoted takes what is in quotes off the front of a text. A quote within them is
// written as a shell or a terminal does that quotes a dragged file: '\” or '"'"',
// \' (also in $'…'), or doubled (PowerShell).
func quoted(text string) (inner, rest string, ok bool) {
	text = strings.TrimPrefix(text, "$")
	if text == "" || text[0] != '"' && text[0] != '\'' {
		return "", text, false
	}
	quote := text[:1]
	var b strings.Builder
	for rest = text[1:]; ; {
		part, after, closed := strings.Cut(rest, quote)
		if !closed {
			return "", text, false
		}
		goesOn := after != "" && !isBlank(after[0])
		bare, escaped := strings.CutSuffix(part, `\`)
		again, within := cutAny(after, `\''`, `"'"'`, `'`)
		switch {
		case within && quote == "'":
			b.WriteString(part)
			rest = again
		case escaped && goesOn && !choice().MatchString(after):
			b.WriteString(bare)
			rest = after
		default:
			b.WriteString(part)
			return b.String(), after, true
		}
		b.WriteString(quote)
	}
}

// cutAny takes the first of several prefixes off a text that it has.
func cutAny(text string, prefixes ...string) (string, bool) {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(text, p); ok {
			return rest, true
		}
	}
	return text, false
}

// namedWithin returns the pictures that are named among the words of a text, and the
// web addresses that don't look like pictures. They stay in it, since the words speak
// of them. A name without folders may be a word.
func namedWithin(text string) (names []name, links []string) {
	for line := range strings.SplitSeq(text, "\n") {
		begins := []int{} // of the words before this one that may belong to its name
		for at := 0; at < len(line); {
			word := firstWord(line[at:])
			if word == "" {
				at++
				continue
			}
			start, end := at, at+len(word)
			source := strings.TrimRight(strings.TrimLeft(word, "("), punctuation)
			inQuotes, after, closed := quoted(line[at:])
			mentioned, behind, isMention := mention(strings.TrimLeft(line[at:], "("))
			switch {
			case isMention:
				end = len(line) - len(behind)
				names = append(names, mentioned)
				begins = nil
			case closed && endsAsPicture().MatchString(inQuotes):
				end = len(line) - len(after)
				selection := choice().FindString(after)
				end += len(selection)
				names = append(names, name{ways: []string{inQuotes + selection}, perhaps: !isPath(inQuotes)})
				begins = nil
			case onTheWeb().MatchString(source):
				if pictureOnTheWeb().MatchString(source) {
					names = append(names, just(source))
				} else {
					links = append(links, source)
				}
				begins = nil
			case source != "" && source[0] != '`' && endsAsPicture().MatchString(source) && len(source) > len(".png"):
				from := start + strings.Index(word, source)
				ways := waysToRead(line, begins, from, from+len(source))
				names = append(names, name{ways: ways, perhaps: !slices.ContainsFunc(ways, surelyPath) && !isPath(source)})
				begins = nil
			default:
				begins = append(begins, start)
			}
			at = end
		}
	}
	return names, links
}

// isPath tells a path from a word.
func isPath(s string) bool {
	return strings.ContainsAny(s, `/\`) || surelyPath(s)
}

// surelyPath recognises a path by how it begins. A slash alone is a word.
func surelyPath(s string) bool {
	return beginsPath().MatchString(s) && firstWord(s) != "/"
}

// mostWords is how many words before a name may belong to it.
const mostWords = 8

// waysToRead returns how a name may be meant that ends a line[:end], as names have
// blanks in them: from where a path begins if there is one, or, for a name without
// folders, from any of the words before it.
func waysToRead(line string, begins []int, start, end int) []string {
	var ways []string
	if len(begins) > mostWords {
		begins = begins[len(begins)-mostWords:]
	}
	for _, at := range begins {
		if from := line[at:end]; !isPath(line[start:end]) || surelyPath(from) {
			ways = append(ways, from)
		}
	}
	return append(ways, line[start:end])
}

// bareNames returns the words of a text that is nothing but names of pictures, or a
// pattern of files alone.
func bareNames(text string) []name {
	words := strings.Fields(text)
	var all []name
	for _, word := range words {
		if word[0] == '@' {
			return nil // a mention
		}
		pattern := len(words) == 1 && strings.Contains(word, "*") && isPath(word)
		if !pattern && (!endsAsPicture().MatchString(word) || len(word) < 5) {
			return nil
		}
		all = append(all, just(word))
	}
	return all
}
