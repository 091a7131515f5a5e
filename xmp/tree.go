package xmp

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxBytes is how large a file may be: they have some kilobytes, and with the history of
// a long day's editing some hundred.
const MaxBytes = 8 << 20

const maxNodes = 200_000

// node is an element, and where it stands in the file.
type node struct {
	name     xml.Name
	attrs    []xml.Attr
	text     []byte // what stands directly in it
	children []*node

	start, inner    int // where it begins, and where its start tag ends
	innerEnd, after int // where its end tag begins, and ends; both are inner of an empty one, <a/>
}

// parseTree reads the elements of a file. Entities of its own, other encodings than
// UTF-8, and what is not well-formed, are refused.
func parseTree(data []byte) (*node, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("it is larger than %d MiB", MaxBytes>>20)
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	root := &node{}
	open := []*node{root}
	count := 0
	for {
		start := int(d.InputOffset())
		token, err := d.Token()
		end := int(d.InputOffset())
		top := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			if count++; count > maxNodes {
				return nil, fmt.Errorf("it has more than %d elements", maxNodes)
			}
			n := &node{name: t.Name, attrs: t.Copy().Attr, start: start, inner: end, innerEnd: end, after: end}
			top.children = append(top.children, n)
			open = append(open, n)
		case xml.EndElement:
			if top.innerEnd, top.after = start, end; start == end {
				top.innerEnd, top.after = top.inner, top.inner
			}
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 1 {
				top.text = append(top.text, t...)
			}
		case xml.Directive:
			return nil, errors.New("it has a document type, which XMP has not")
		}
		if err == io.EOF {
			return root, nil
		}
		if err != nil {
			return nil, fmt.Errorf("it is no XML that is understood: %s", strings.TrimPrefix(err.Error(), "XML syntax error "))
		}
	}
}

// empty tells whether it is written as <a/>.
func (n *node) empty(data []byte) bool { return bytes.HasSuffix(data[n.start:n.inner], []byte("/>")) }

// child is the first child of a name, nil without one.
func (n *node) child(space, local string) *node {
	for _, c := range n.children {
		if c.name == (xml.Name{Space: space, Local: local}) {
			return c
		}
	}
	return nil
}

// attribute is the value of one, and whether it is there.
func (n *node) attribute(space, local string) (string, bool) {
	for _, a := range n.attrs {
		if a.Name == (xml.Name{Space: space, Local: local}) {
			return a.Value, true
		}
	}
	return "", false
}

// declarations counts the attributes that declare a namespace.
func (n *node) declarations() int {
	count := 0
	for _, a := range n.attrs {
		if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
			count++
		}
	}
	return count
}

// tag is the element's name as it is written, with its prefix.
func (n *node) tag(data []byte) string {
	tag := data[n.start+1 : n.inner]
	return string(tag[:bytes.IndexAny(tag, " \t\r\n/>")])
}

// prefix is the namespace's as it is written, with its colon; "" of the one that is
// meant without a prefix.
func (n *node) prefix(data []byte) string {
	before, _, found := strings.Cut(n.tag(data), ":")
	if !found {
		return ""
	}
	return before + ":"
}

// valueOf is where the value of an attribute stands, without its quotes.
func (n *node) valueOf(data []byte, space, local string) (from, to int, ok bool) {
	at := n.start + 1 + len(n.tag(data))
	for _, a := range n.attrs { // in the order in which they are written
		begin := at + bytes.IndexAny(data[at:n.inner], `"'`)
		if begin < at {
			return 0, 0, false
		}
		length := bytes.IndexByte(data[begin+1:n.inner], data[begin])
		if length < 0 {
			return 0, 0, false
		}
		if a.Name == (xml.Name{Space: space, Local: local}) {
			return begin + 1, begin + 1 + length, true
		}
		at = begin + 1 + length + 1
	}
	return 0, 0, false
}
