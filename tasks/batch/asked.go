package batch

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
)

// Asked is how an item was asked, as digests of what makes up a question. An answer in
// an output is the answer to an item if this is the same.
type Asked struct {
	Prompt, System, Examples, Sampling, Structure, Model, Pictures string
}

// aspects are what an Asked is made of, by the names that people have for it.
func (a Asked) aspects() [7]struct{ name, digest string } {
	return [7]struct{ name, digest string }{
		{"the prompt", a.Prompt}, {"the system message", a.System}, {"the examples", a.Examples},
		{"the sampling", a.Sampling}, {"the schema or grammar", a.Structure}, {"the model", a.Model}, {"the pictures", a.Pictures},
	}
}

// String is what a record says of it.
func (a Asked) String() string {
	var all []string
	for _, aspect := range a.aspects() {
		all = append(all, aspect.digest)
	}
	return strings.Join(all, ".")
}

// Digest sums up one aspect of a question: anything that has a JSON.
func Digest(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "" // nothing that is digested has no JSON
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:4])
}

// differs names what is not the same in an earlier record's Asked.
func (a Asked) differs(earlier string) string {
	before := strings.Split(earlier, ".")
	var names []string
	for i, aspect := range a.aspects() {
		if i >= len(before) || before[i] != aspect.digest {
			names = append(names, aspect.name)
		}
	}
	names = slices.Compact(names)
	if len(names) > 1 {
		last := len(names) - 1
		return strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return strings.Join(names, "")
}
