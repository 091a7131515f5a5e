package svg

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// node is an element, or a text between elements.
type node struct {
	name     string // without its namespace; empty for text
	text     string
	attrs    map[string]string
	parent   *node
	children []*node
	own      map[string]string // declarations that apply to it, of style sheets and its own
}

func (n *node) attr(name string) string { return strings.TrimSpace(n.attrs[name]) }

// href is what an element refers to.
func (n *node) href() string { return n.attr("href") }

const svgSpace = "http://www.w3.org/2000/svg"

// read makes the tree.
func (d *Drawing) read(data []byte) error {
	x := xml.NewDecoder(bytes.NewReader(data))
	x.Strict = false
	x.CharsetReader = latin1
	var at *node
	var sheets []string
	nodes, depth := 0, 0
	for {
		token, err := x.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return readable(err)
		}
		switch t := token.(type) {
		case xml.Directive:
			if x.Entity, err = entities(string(t)); err != nil {
				return err
			}
		case xml.ProcInst:
			if t.Target == "xml-stylesheet" {
				d.leave("a style sheet in another file")
			}
		case xml.StartElement:
			if nodes++; nodes > maxNodes {
				return fmt.Errorf("it has more than %d elements", maxNodes)
			}
			if depth++; depth > maxDepth {
				return fmt.Errorf("its elements lie more than %d deep within each other", maxDepth)
			}
			n := &node{name: t.Name.Local, attrs: map[string]string{}, parent: at}
			foreign := t.Name.Space != svgSpace && t.Name.Space != ""
			if foreign {
				n.name = ":" + n.name // of another language: HTML, an editor's notes
			}
			for _, a := range t.Attr {
				switch a.Name.Space {
				case "", "http://www.w3.org/1999/xlink", "xlink":
					if _, taken := n.attrs[a.Name.Local]; !taken || a.Name.Space == "" {
						n.attrs[a.Name.Local] = a.Value
					}
				case "http://www.w3.org/XML/1998/namespace", "xml":
					n.attrs["xml:"+a.Name.Local] = a.Value
				}
			}
			if err := d.refuseElsewhere(n); err != nil {
				return err
			}
			if id := n.attrs["id"]; id != "" && d.ids[id] == nil {
				d.ids[id] = n
			}
			switch {
			case at != nil:
				at.children = append(at.children, n)
			case d.root == nil && n.name == "svg":
				d.root = n
			default:
				return errors.New("its first element is no <svg>")
			}
			at = n
		case xml.EndElement:
			if at == nil {
				return errors.New("an element ends that was not begun")
			}
			if at.name == "style" {
				sheets = append(sheets, at.content())
			}
			at = at.parent
			depth--
		case xml.CharData:
			if at != nil {
				at.children = append(at.children, &node{text: string(t), parent: at})
			}
		}
	}
	if d.root == nil {
		return errors.New("there is no <svg> in it")
	}
	if at != nil {
		return io.ErrUnexpectedEOF
	}
	for _, sheet := range sheets {
		d.rules = append(d.rules, parseSheet(sheet)...)
	}
	d.match()
	return nil
}

// content is the text within an element.
func (n *node) content() string {
	var b strings.Builder
	var walk func(*node)
	walk = func(n *node) {
		b.WriteString(n.text)
		for _, c := range n.children {
			walk(c)
		}
	}
	walk(n)
	return b.String()
}

// errElsewhere is for drawings of which a part lies elsewhere: what a person sees
// in a browser is not in the file.
type errElsewhere struct{ href string }

func (e errElsewhere) Error() string {
	return fmt.Sprintf("it refers to another file (%s), which is not read: embed it in the drawing, or export the drawing as PNG", e.href)
}

// refuseElsewhere refuses an element whose content is in another file.
func (d *Drawing) refuseElsewhere(n *node) error {
	switch n.name {
	case "image", "use", "feImage", "tref":
		href := n.href()
		if href != "" && !strings.HasPrefix(href, "#") && !strings.HasPrefix(strings.ToLower(href), "data:") {
			if len(href) > 60 {
				href = href[:60] + "…"
			}
			return errElsewhere{strings.Map(plain, href)}
		}
	}
	return nil
}

// plain keeps control characters out of messages.
func plain(r rune) rune {
	if r < ' ' || r == 0x7f {
		return '?'
	}
	return r
}

// entity is a declaration of a document type: <!ENTITY name "value">.
var entity = lazyregexp.New(`<!ENTITY\s+(%\s+)?([^\s"'>]+)\s+(?:(SYSTEM|PUBLIC)\s+)?("[^"]*"|'[^']*')`)

// entities reads the names that a document type gives to texts, as some programs
// write them for their namespaces. Texts that are made of others are how a file of
// a few bytes becomes one of gigabytes.
func entities(directive string) (map[string]string, error) {
	all := map[string]string{}
	for _, m := range entity().FindAllStringSubmatch(directive, 1000) {
		value := m[4][1 : len(m[4])-1]
		switch {
		case m[1] != "" || m[3] != "":
			return nil, errElsewhere{value}
		case strings.ContainsAny(value, "&%") || len(value) > 1000:
			return nil, errors.New("its texts (entities) are made of each other, as in decompression bombs")
		}
		all[m[2]] = value
	}
	return all, nil
}

// readable is an XML error without the library's words.
func readable(err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		if strings.Contains(syntax.Msg, "unexpected EOF") {
			return io.ErrUnexpectedEOF
		}
		return fmt.Errorf("line %d is no XML: %s", syntax.Line, strings.Map(plain, syntax.Msg))
	}
	return fmt.Errorf("it can't be read as XML: %s", strings.Map(plain, err.Error()))
}

// latin1 reads the one encoding besides UTF-8 that old programs write.
func latin1(charset string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "iso-8859-1", "latin1", "windows-1252", "us-ascii", "ascii":
	default:
		return nil, fmt.Errorf("it is written in %q; save it as UTF-8", charset)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return strings.NewReader(string(runes)), nil
}
