package ui

import (
	"strings"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// intent is what a text in the composer asks for: a command, pictures (perhaps
// with a question about them), or a question.
type intent struct {
	isCommand bool
	command   string // without its slash
	argument  string
	pictures  []string // sources as they were written, but for quotes
	text      string
}

// understand reads a text that was typed or pasted. Pictures are recognised by
// their paths alone: nothing is looked up here. A path given to a model as words
// is the one thing that must not happen, as it would make up a picture to go with
// them. A space in front makes a question of what would be a command, and
// backticks make words of a path.
func understand(written string) intent {
	text := strings.TrimSpace(written)
	if names := bareNames(text); names != nil && text[0] != '/' {
		return intent{pictures: names}
	}
	var in intent
	in.text = text
	for {
		source, rest, ok := leadingPath(in.text)
		if !ok {
			break
		}
		in.pictures = append(in.pictures, source)
		in.text = strings.TrimSpace(rest)
	}
	if in.pictures == nil && strings.HasPrefix(written, "/") {
		name := firstWord(text[1:])
		argument := strings.TrimSpace(text[1+len(name):])
		return intent{isCommand: true, command: strings.ToLower(name), argument: argument}
	}
	in.pictures = append(in.pictures, namedWithin(in.text)...)
	return in
}

const extensions = `\.(?i:png|jpe?g|jfif|gif|webp|bmp|tiff?|avif|hei[cf]|svg)`

var (
	endsAsPicture = lazyregexp.New(extensions + `$`)
	// A path with blanks in it ends at its first extension.
	upToPicture = lazyregexp.New(`^.*?` + extensions + `(?:\s|$)`)
	beginsPath  = lazyregexp.New(`^(/|~/|\.{1,2}/|file://|[A-Za-z]:[\\/]|\\\\)`)
)

// leadingPath takes a picture's path off the front of a text.
func leadingPath(text string) (source, rest string, ok bool) {
	if strings.HasPrefix(text, `"`) || strings.HasPrefix(text, "'") {
		inner, after, closed := quoted(text)
		ends := after == "" || strings.HasPrefix(after, " ") || strings.HasPrefix(after, "\n")
		if closed && ends && endsAsPicture().MatchString(inner) {
			return inner, after, true
		}
		return "", text, false
	}
	if !beginsPath().MatchString(text) {
		return "", text, false
	}
	first := firstWord(text)
	if text[0] == '/' && !strings.Contains(first[1:], "/") && !endsAsPicture().MatchString(first) {
		return "", text, false // a command
	}
	if m := upToPicture().FindString(text); m != "" {
		return strings.TrimSpace(m), text[len(m):], true
	}
	if text[0] == '/' {
		// Not a command and not a picture's name: the person hears what is
		// wrong with the file.
		return first, text[len(first):], true
	}
	return "", text, false
}

// quoted takes what is in quotes off the front of a text. An apostrophe within
// apostrophes is written as terminals do that quote a dragged file for a shell.
func quoted(text string) (inner, rest string, ok bool) {
	if text == "" || text[0] != '"' && text[0] != '\'' {
		return "", text, false
	}
	var b strings.Builder
	for rest = text[1:]; ; {
		part, after, closed := strings.Cut(rest, text[:1])
		if !closed {
			return "", text, false
		}
		b.WriteString(part)
		again, is := strings.CutPrefix(after, `\''`)
		if !is {
			again, is = strings.CutPrefix(after, `"'"'`)
		}
		if !is || text[0] != '\'' {
			return b.String(), after, true
		}
		b.WriteByte('\'')
		rest = again
	}
}

// namedWithin returns the pictures whose paths stand among the words of a text;
// a name without folders is a word there. They stay in it, since the words speak
// of them.
func namedWithin(text string) []string {
	var all []string
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		word := firstWord(rest)
		name := strings.TrimRight(strings.TrimLeft(word, "("), "?!.,:;)")
		if inner, after, closed := quoted(rest); closed && endsAsPicture().MatchString(inner) {
			word, name = rest[:len(rest)-len(after)], inner
		}
		isPath := strings.ContainsAny(name, `/\`) && !strings.Contains(name, "://") || beginsPath().MatchString(name)
		if isPath && name[0] != '`' && endsAsPicture().MatchString(name) {
			all = append(all, name)
		}
		rest = rest[len(word):]
	}
	return all
}

// bareNames returns the words of a text that is nothing but names of pictures.
func bareNames(text string) []string {
	words := strings.Fields(text)
	if len(words) == 0 {
		return nil
	}
	for _, word := range words {
		if !endsAsPicture().MatchString(word) || len(word) < 5 {
			return nil
		}
	}
	return words
}

// sources reads the argument of /attach: one path, quoted or with its blanks as
// they are, or several.
func sources(argument string) []string {
	var all []string
	rest := argument
	for rest != "" {
		source, after, ok := leadingPath(rest)
		if !ok {
			break
		}
		all, rest = append(all, source), strings.TrimSpace(after)
	}
	if rest == "" {
		return all
	}
	if names := bareNames(rest); names != nil {
		return append(all, names...)
	}
	if n := len(argument); n > 1 && argument[0] == argument[n-1] && (argument[0] == '"' || argument[0] == '\'') {
		return []string{argument[1 : n-1]}
	}
	return []string{argument}
}

// firstWord returns what comes before the first blank that is not escaped.
func firstWord(text string) string {
	for i := range len(text) {
		if (text[i] == ' ' || text[i] == '\n' || text[i] == '\t') && (i == 0 || text[i-1] != '\\') {
			return text[:i]
		}
	}
	return text
}

// pastedPictures returns the pictures of a paste that names nothing else, one on
// a line or several.
func pastedPictures(text string) []string {
	var all []string
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		in := understand(line)
		if in.pictures == nil || in.text != "" {
			return nil
		}
		for _, p := range in.pictures {
			if !endsAsPicture().MatchString(p) {
				return nil
			}
		}
		all = append(all, in.pictures...)
	}
	return all
}
