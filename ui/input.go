package ui

import "strings"

// intent is what a text in the composer asks for: a command, pictures (perhaps
// with a question about them), or a question.
type intent struct {
	isCommand bool
	command   string // without its slash
	argument  string
	pictures  []name
	links     []string // web addresses that are no pictures as far as one can tell
	text      string
}

// understand reads a text that was typed or pasted. Pictures are recognised by
// their names alone: nothing is looked up here. A path given to a model as words
// is the one thing that must not happen, as it would make up a picture to go with
// them. A space in front makes a question of what would be a command, and
// backticks make words of a path. An @ makes a picture of any name that is a file's.
func understand(written string) intent {
	text := strings.TrimSpace(written)
	if names := bareNames(text); names != nil && text[0] != '/' {
		return intent{pictures: names}
	}
	var in intent
	in.text = text
	for {
		var named name
		source, rest, ok := leadingName(in.text)
		if named = just(source); !ok {
			named, rest, ok = leadingMention(in.text)
		}
		if !ok {
			break
		}
		in.pictures = append(in.pictures, named)
		in.text = strings.TrimSpace(rest)
	}
	if in.pictures == nil && strings.HasPrefix(written, "/") {
		name := firstWord(text[1:])
		argument := strings.TrimSpace(text[1+len(name):])
		return intent{isCommand: true, command: strings.ToLower(name), argument: argument}
	}
	named, links := namedWithin(in.text)
	in.pictures, in.links = append(in.pictures, named...), links
	return in
}

// sources reads the argument of /attach: one name, quoted or with its blanks as
// they are, or several.
func sources(argument string) []name {
	var all []name
	rest := argument
	for rest != "" {
		source, after, ok := leadingName(rest)
		if !ok {
			break
		}
		all, rest = append(all, just(source)), strings.TrimSpace(after)
	}
	if rest == "" {
		return all
	}
	if names := bareNames(rest); names != nil {
		return append(all, names...)
	}
	if inner, after, ok := quoted(argument); ok && after == "" {
		return []name{just(inner)}
	}
	return []name{just(argument)}
}

// pastedPictures returns the pictures of a paste that names nothing else, one on
// a line or several.
func pastedPictures(text string) []name {
	var all []name
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		in := understand(line)
		if in.pictures == nil || in.text != "" {
			return nil
		}
		for _, p := range in.pictures {
			if source := p.ways[0]; !endsAsPicture().MatchString(source) && !pictureOnTheWeb().MatchString(source) {
				return nil
			}
		}
		all = append(all, in.pictures...)
	}
	return all
}

// firstWord returns what comes before the first blank that is not escaped.
func firstWord(text string) string {
	for i := range len(text) {
		if isBlank(text[i]) && (i == 0 || text[i-1] != '\\') {
			return text[:i]
		}
	}
	return text
}

func isBlank(b byte) bool { return b == ' ' || b == '\n' || b == '\t' }
