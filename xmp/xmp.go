// Package xmp writes what is said of a picture into XMP, the metadata that programs for
// photographs keep in a file beside each one (ISO 16684-1). A file that is there is
// edited as text: only the properties that are written change, all else stays byte by
// byte. What is not understood is refused.
package xmp

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The namespaces of what is written.
const (
	rdf       = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	dc        = "http://purl.org/dc/elements/1.1/"
	basic     = "http://ns.adobe.com/xap/1.0/"
	photoshop = "http://ns.adobe.com/photoshop/1.0/"
	languages = "http://www.w3.org/XML/1998/namespace" // of xml:lang, by encoding/xml's name
)

// Subject is what a file says of a picture.
type Subject struct {
	Description string   // dc:description, in no particular language (x-default); "" for none
	Tags        []string // dc:subject, its keywords
}

// File is an XMP file that was understood.
type File struct {
	Subject
	// Extension is of which files the XMP is, where it says so: Adobe's programs write
	// that of a raw file, which shares the XMP's name with a JPEG ("CR2", "").
	Extension string

	data  []byte
	root  *node   // rdf:RDF
	parts []*node // the rdf:Descriptions in it
	about string  // what they are about, as they name it
}

// Parse understands an XMP file. Its errors are phrases about it.
func Parse(data []byte) (*File, error) {
	tree, err := parseTree(data)
	if err != nil {
		return nil, err
	}
	f := &File{data: data}
	if f.root = findRDF(tree); f.root == nil {
		return nil, errors.New("it has no rdf:RDF, as XMP has")
	}
	for i, part := range f.root.children {
		if part.name != (xml.Name{Space: rdf, Local: "Description"}) {
			return nil, fmt.Errorf("it has a %s where XMP has an rdf:Description", part.name.Local)
		}
		about, _ := part.attribute(rdf, "about")
		if i > 0 && about != f.about {
			return nil, errors.New("it is about several things")
		}
		f.about = about
		f.parts = append(f.parts, part)
		if ext, ok := part.attribute(photoshop, "SidecarForExtension"); ok {
			f.Extension = ext
		} else if n := part.child(photoshop, "SidecarForExtension"); n != nil {
			f.Extension = string(bytes.TrimSpace(n.text))
		}
	}
	if f.Description, err = f.description(); err != nil {
		return nil, err
	}
	f.Tags, err = f.tags()
	return f, err
}

// findRDF returns the rdf:RDF of a document: its root, or in an x:xmpmeta.
func findRDF(tree *node) *node {
	for _, top := range tree.children {
		if top.name == (xml.Name{Space: rdf, Local: "RDF"}) {
			return top
		}
		if n := top.child(rdf, "RDF"); n != nil {
			return n
		}
	}
	return nil
}

// property is the only element of a name in the rdf:Descriptions, nil without one.
// Attributes are no way to write one that has several values.
func (f *File) property(local string) (*node, error) {
	var found *node
	for _, part := range f.parts {
		if _, ok := part.attribute(dc, local); ok {
			return nil, fmt.Errorf("its dc:%s is an attribute, where XMP has a list", local)
		}
		for _, n := range part.children {
			if n.name != (xml.Name{Space: dc, Local: local}) {
				continue
			}
			if found != nil {
				return nil, fmt.Errorf("it has dc:%s twice", local)
			}
			found = n
		}
	}
	return found, nil
}

// list is the rdf:Alt, rdf:Bag or rdf:Seq of a property and its rdf:li, all of them plain
// text. It is nil where the property has nothing at all.
func list(property *node, kinds ...string) (*node, error) {
	refused := fmt.Errorf("its dc:%s is written in a way that is not understood", property.name.Local)
	if len(property.children) == 0 && len(bytes.TrimSpace(property.text)) == 0 {
		return nil, nil
	}
	if len(property.children) != 1 || len(bytes.TrimSpace(property.text)) > 0 || len(property.attrs) > property.declarations() {
		return nil, refused
	}
	all := property.children[0]
	if all.name.Space != rdf || !slices.Contains(kinds, all.name.Local) || len(bytes.TrimSpace(all.text)) > 0 {
		return nil, refused
	}
	for _, li := range all.children {
		if li.name != (xml.Name{Space: rdf, Local: "li"}) || len(li.children) > 0 {
			return nil, refused
		}
		for _, attr := range li.attrs {
			if attr.Name != (xml.Name{Space: languages, Local: "lang"}) && attr.Name.Space != "xmlns" && attr.Name.Local != "xmlns" {
				return nil, refused
			}
		}
	}
	return all, nil
}

// inNoLanguage is the rdf:li of x-default, nil without one.
func inNoLanguage(alt *node) *node {
	for _, li := range alt.children {
		if lang, _ := li.attribute(languages, "lang"); strings.EqualFold(lang, "x-default") {
			return li
		}
	}
	return nil
}

// description is that of x-default, or the first that is there.
func (f *File) description() (string, error) {
	property, err := f.property("description")
	if err != nil || property == nil {
		return "", err
	}
	alt, err := list(property, "Alt")
	if err != nil || alt == nil || len(alt.children) == 0 {
		return "", err
	}
	if li := inNoLanguage(alt); li != nil {
		return string(li.text), nil
	}
	return string(alt.children[0].text), nil
}

func (f *File) tags() ([]string, error) {
	property, err := f.property("subject")
	if err != nil || property == nil {
		return nil, err
	}
	bag, err := list(property, "Bag", "Seq")
	if err != nil || bag == nil {
		return nil, err
	}
	var tags []string
	for _, li := range bag.children {
		tags = append(tags, string(li.text))
	}
	return tags, nil
}

// New is a file that says this and no more.
func New(s Subject, tool string, now time.Time) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="` + rdf + `">
  <rdf:Description rdf:about=""
    xmlns:xmp="` + basic + `"
    xmlns:dc="` + dc + `"
    xmp:CreatorTool="` + escape(tool) + `"
    xmp:MetadataDate="` + now.Format(time.RFC3339) + `">
`)
	if s.Description != "" {
		b.WriteString("   " + newDescription("dc", "rdf", s.Description) + "\n")
	}
	if len(s.Tags) > 0 {
		b.WriteString("   " + newSubject("dc", "rdf", s.Tags) + "\n")
	}
	b.WriteString(`  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
`)
	return b.Bytes()
}

func newDescription(dc, rdf, text string) string {
	return fmt.Sprintf(`<%s:description><%s:Alt><%s:li xml:lang="x-default">%s</%s:li></%s:Alt></%s:description>`, dc, rdf, rdf, escape(text), rdf, rdf, dc)
}

func newSubject(dc, rdf string, tags []string) string {
	var items strings.Builder
	for _, tag := range tags {
		fmt.Fprintf(&items, "<%s:li>%s</%s:li>", rdf, escape(tag), rdf)
	}
	return fmt.Sprintf("<%s:subject><%s:Bag>%s</%s:Bag></%s:subject>", dc, rdf, items.String(), rdf, dc)
}

// escape is a text in XML. What XML can't have becomes U+FFFD; lines stay lines.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '\r':
			b.WriteString("&#xD;")
		case r < ' ' && r != '\n' && r != '\t', r == 0xfffe, r == 0xffff:
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
