package xmp

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"time"
)

// edit puts a text in the place of a part of the file.
type edit struct {
	from, to int
	text     string
}

// Write is the file with another description, unless that is empty, and with more tags:
// those that it has stay. It is the same where nothing is new. It says when it was
// changed, as programs go by that which have the picture in a catalogue.
func (f *File) Write(s Subject, now time.Time) ([]byte, error) {
	var edits []edit
	var missing []string // properties that are not there yet
	if s.Description != "" && s.Description != f.Description {
		e, found, err := f.describe(s.Description)
		if err != nil {
			return nil, err
		}
		if edits = append(edits, e...); !found {
			missing = append(missing, newDescription("dc", "rdf", s.Description))
		}
	}
	var more []string
	for _, tag := range s.Tags {
		if !slices.Contains(f.Tags, tag) && !slices.Contains(more, tag) {
			more = append(more, tag)
		}
	}
	if len(more) > 0 {
		e, found, err := f.tag(more)
		if err != nil {
			return nil, err
		}
		if edits = append(edits, e...); !found {
			missing = append(missing, newSubject("dc", "rdf", more))
		}
	}
	if len(edits)+len(missing) == 0 {
		return f.data, nil
	}
	dated, found := f.date(now)
	if edits = append(edits, dated...); !found {
		missing = append(missing, "<xmp:MetadataDate>"+now.Format(time.RFC3339)+"</xmp:MetadataDate>")
	}
	if len(missing) > 0 {
		edits = append(edits, f.add(missing))
	}
	return f.apply(edits, s)
}

// apply makes the edits, and makes sure that they say what they should.
func (f *File) apply(edits []edit, s Subject) ([]byte, error) {
	slices.SortFunc(edits, func(a, b edit) int { return a.from - b.from })
	var b bytes.Buffer
	at := 0
	for _, e := range edits {
		b.Write(f.data[at:e.from])
		b.WriteString(e.text)
		at = e.to
	}
	b.Write(f.data[at:])
	written, err := Parse(b.Bytes())
	if err != nil {
		return nil, err
	}
	want, err := Parse(New(s, "", time.Time{})) // XML can't have every character
	if err != nil {
		return nil, err
	}
	same := s.Description == "" && written.Description == f.Description || s.Description != "" && written.Description == want.Description
	for _, tag := range append(want.Tags, f.Tags...) {
		same = same && slices.Contains(written.Tags, tag)
	}
	if !same {
		return nil, errors.New("it is written in a way that can't be changed")
	}
	return b.Bytes(), nil
}

// describe changes the description, if the property is there.
func (f *File) describe(text string) ([]edit, bool, error) {
	property, err := f.property("description")
	if err != nil || property == nil {
		return nil, false, err
	}
	alt, err := list(property, "Alt")
	if err != nil {
		return nil, false, err
	}
	if alt == nil || alt.empty(f.data) {
		return f.fill(property, func(rdf string) string {
			return "<" + rdf + `Alt><` + rdf + `li xml:lang="x-default">` + escape(text) + "</" + rdf + "li></" + rdf + "Alt>"
		}), true, nil
	}
	if li := inNoLanguage(alt); li != nil {
		if li.empty(f.data) {
			return []edit{{li.inner - 2, li.inner, ">" + escape(text) + "</" + li.tag(f.data) + ">"}}, true, nil
		}
		return []edit{{li.inner, li.innerEnd, escape(text)}}, true, nil
	}
	rdf := alt.prefix(f.data) // x-default goes first
	return []edit{{alt.inner, alt.inner, f.indent(alt) + "<" + rdf + `li xml:lang="x-default">` + escape(text) + "</" + rdf + "li>"}}, true, nil
}

// tag adds keywords, if the property is there.
func (f *File) tag(more []string) ([]edit, bool, error) {
	property, err := f.property("subject")
	if err != nil || property == nil {
		return nil, false, err
	}
	bag, err := list(property, "Bag", "Seq")
	if err != nil {
		return nil, false, err
	}
	items := func(rdf, indent string) string {
		var b strings.Builder
		for _, tag := range more {
			b.WriteString(indent + "<" + rdf + "li>" + escape(tag) + "</" + rdf + "li>")
		}
		return b.String()
	}
	if bag == nil || bag.empty(f.data) {
		return f.fill(property, func(rdf string) string { return "<" + rdf + "Bag>" + items(rdf, "") + "</" + rdf + "Bag>" }), true, nil
	}
	at := bag.inner
	if n := len(bag.children); n > 0 {
		at = bag.children[n-1].after
	}
	return []edit{{at, at, items(bag.prefix(f.data), f.indent(bag))}}, true, nil
}

// fill gives a property that has nothing its content, written with the prefix that rdf
// has around it.
func (f *File) fill(property *node, content func(rdf string) string) []edit {
	text := content(f.root.prefix(f.data))
	if property.empty(f.data) {
		return []edit{{property.inner - 2, property.inner, ">" + text + "</" + property.tag(f.data) + ">"}}
	}
	return []edit{{property.inner, property.innerEnd, text}}
}

// indent is the white space before the first item of a list.
func (f *File) indent(list *node) string {
	if len(list.children) == 0 {
		return ""
	}
	before := string(f.data[list.inner:list.children[0].start])
	if strings.TrimSpace(before) != "" {
		return "" // a comment
	}
	return before
}

// date changes when the file was changed, if it says so.
func (f *File) date(now time.Time) ([]edit, bool) {
	for _, part := range f.parts {
		if from, to, ok := part.valueOf(f.data, basic, "MetadataDate"); ok {
			return []edit{{from, to, now.Format(time.RFC3339)}}, true
		}
		if n := part.child(basic, "MetadataDate"); n != nil && len(n.children) == 0 && !n.empty(f.data) {
			return []edit{{n.inner, n.innerEnd, now.Format(time.RFC3339)}}, true
		} else if n != nil {
			return nil, true // it is left as it is
		}
	}
	return nil, false
}

// add puts properties behind all that are there, in an rdf:Description of their own: XMP
// may have several, and so it does not matter how the others are written.
func (f *File) add(properties []string) edit {
	var b strings.Builder
	b.WriteString(" <rdf:Description rdf:about=\"" + escape(f.about) + "\"\n    xmlns:rdf=\"" + rdf + "\"\n    xmlns:xmp=\"" + basic + "\"\n    xmlns:dc=\"" + dc + "\">\n")
	for _, p := range properties {
		b.WriteString("   " + p + "\n")
	}
	b.WriteString("  </rdf:Description>\n ")
	if f.root.empty(f.data) {
		return edit{f.root.inner - 2, f.root.inner, ">\n " + b.String() + "</" + f.root.tag(f.data) + ">"}
	}
	return edit{f.root.innerEnd, f.root.innerEnd, b.String()}
}
