package models

import (
	"cmp"
	"fmt"
	"path"
	"strings"
)

// ollamaName is a model's name in Ollama's store, in which each part is a folder
// and the tag a file.
type ollamaName struct{ host, namespace, model, tag string }

// The parts that a name leaves out, as Ollama completes it (types/model/name.go).
// The host is the folder's name for models from Ollama's own library; nothing is
// asked of it.
const (
	ollamaHost      = "registry.ollama.ai"
	ollamaNamespace = "library"
	ollamaTag       = "latest"
)

// parseOllamaName reads [[host/]namespace/]model[:tag].
func parseOllamaName(s string) (ollamaName, error) {
	var n ollamaName
	rest := s
	if i := strings.LastIndexByte(rest, ':'); i > strings.LastIndexByte(rest, '/') {
		rest, n.tag = rest[:i], rest[i+1:]
		if n.tag == "" {
			return n, fmt.Errorf("behind the colon is no tag")
		}
	}
	parts := strings.Split(rest, "/")
	if len(parts) > 3 {
		return n, fmt.Errorf("it has %d parts, and at most 3 are expected: host/namespace/model", len(parts))
	}
	for i, of := range []*string{&n.model, &n.namespace, &n.host} {
		if i >= len(parts) {
			break
		}
		if *of = parts[len(parts)-1-i]; *of == "" {
			return n, fmt.Errorf("one of its parts is empty")
		}
	}
	n.host, n.namespace, n.tag = cmp.Or(n.host, ollamaHost), cmp.Or(n.namespace, ollamaNamespace), cmp.Or(n.tag, ollamaTag)
	if !n.valid() {
		return n, fmt.Errorf("names have letters, digits, '_', '-' and '.'")
	}
	return n, nil
}

// ollamaNameOf reads a name from its path in the folder of manifests.
func ollamaNameOf(file string) (ollamaName, bool) {
	parts := strings.Split(file, "/")
	if len(parts) != 4 {
		return ollamaName{}, false
	}
	n := ollamaName{parts[0], parts[1], parts[2], parts[3]}
	return n, n.valid()
}

// path is where the name's manifest lies in the folder of manifests.
func (n ollamaName) path() string { return path.Join(n.host, n.namespace, n.model, n.tag) }

// String is the shortest name by which Ollama knows the model, with its tag.
func (n ollamaName) String() string {
	short := n.model + ":" + n.tag
	switch {
	case !strings.EqualFold(n.host, ollamaHost):
		return path.Join(n.host, n.namespace, short)
	case !strings.EqualFold(n.namespace, ollamaNamespace):
		return path.Join(n.namespace, short)
	}
	return short
}

// is reports whether two names are one model's: to Ollama their case is the same.
func (n ollamaName) is(other ollamaName) bool {
	return strings.EqualFold(n.path(), other.path())
}

// valid holds the parts to what Ollama allows. None can lead out of the store:
// they have no separator and don't begin with a dot.
func (n ollamaName) valid() bool {
	return validPart(n.host, 350, "-.:") && validPart(n.namespace, 80, "-") && validPart(n.model, 80, "-.") && validPart(n.tag, 80, "-.")
}

// validPart takes letters, digits and underscores, and behind the first
// character the others.
func validPart(s string, longest int, others string) bool {
	if len(s) == 0 || len(s) > longest {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_':
		case i > 0 && strings.IndexByte(others, c) >= 0:
		default:
			return false
		}
	}
	return true
}
