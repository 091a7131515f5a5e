package tasks

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

func TestReadLabels(t *testing.T) {
	t.Parallel()
	got, err := ReadLabels("l.txt", []byte("\ufeff# animals\r\ncat\r\n\r\n  wild   dog \nn02123045\ttabby cat\t tabby\t\ncar, red"))
	want := []Label{{Name: "cat"}, {Name: "wild dog"}, {"n02123045", []string{"tabby cat", "tabby"}}, {Name: "car, red"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	for text, want := range map[string]string{
		"":                 "there is no label in l.txt",
		"# none\n\n":       "there is no label in l.txt",
		"cat\n\ndog\n Cat": `l.txt:4: the label "Cat" is there already, on line 1`,
		"cat\n\xff\xfec":   "l.txt:2: this is no text in UTF-8",
		"cat\na\x00b":      "l.txt:2: this is no text in UTF-8",
		"cat\n\x12":        `l.txt:2: the label "\x12" is no text that could be read`,
		"cat\n\ta dog":     "l.txt:2: there is no label in front of the tab",
	} {
		if _, err := ReadLabels("l.txt", []byte(text)); engine.KindOf(err) != engine.BadOption || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// Labels that were read are labels between which one can choose, or the file is refused.
func FuzzReadLabels(f *testing.F) {
	f.Add([]byte("\ufeff# x\r\na\tb\t\tc\nd"))
	f.Add([]byte("a\n\u00a0A\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		labels, err := ReadLabels("l", text)
		if err != nil {
			if engine.KindOf(err) != engine.BadOption {
				t.Fatal(err)
			}
			return
		}
		if err := (Choice{Labels: labels, Multi: true}).Check(); err != nil {
			t.Fatal(err)
		}
		for _, l := range labels {
			if slices.Contains(l.Texts, "") || strings.ContainsAny(l.Name, "\n\t") {
				t.Fatalf("%q", l)
			}
		}
	})
}
