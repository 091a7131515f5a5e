package tasks

import (
	"strings"
	"testing"
)

func TestCodeBlock(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		"no block": "no block",
		"":         "",
		"Here:\n```csv\na,b\n1,2\n```\nThat is it.": "a,b\n1,2\n",
		"```\nfirst\n```\n```\nsecond\n```\n":       "first\n",
		"~~~\n```\ninner\n```\n~~~\n":               "```\ninner\n```\n",
		"````md\n```\na\n```\n````":                 "```\na\n```\n",
		"  ```\n  a\n    b\n c\n  ```":              "a\n  b\nc\n",
		"```\ncut in the mid":                       "cut in the mid",
		"```\r\na\r\n```\r\n":                       "a\r\n",
		"use ```x``` here":                          "use ```x``` here",
		"```x``` is code":                           "```x``` is code",
		"    ```\n    quoted\n":                     "    ```\n    quoted\n",
		"```\na\n``` b\n```\n":                      "a\n``` b\n",
		"```\n```":                                  "",
		"``\nno\n``":                                "``\nno\n``",
	} {
		if got := CodeBlock(answer); got != want {
			t.Errorf("of %q it is %q, want %q", answer, got, want)
		}
	}
}

// A block is a part of the answer, line by line.
func FuzzCodeBlock(f *testing.F) {
	f.Add("a\n```x\nb\n```\nc")
	f.Add("~~~~\n```\n~~~\n~~~~")
	f.Fuzz(func(t *testing.T, answer string) {
		block := CodeBlock(answer)
		rest := answer
		for line := range strings.Lines(block) {
			i := strings.Index(rest, line)
			if i < 0 {
				t.Fatalf("%q has the line %q, which %q has not", block, line, answer)
			}
			rest = rest[i+len(line):]
		}
		if again := CodeBlock("```\n" + strings.ReplaceAll(block, "`", "x") + "\n```"); strings.TrimRight(again, "\n") != strings.TrimRight(strings.ReplaceAll(block, "`", "x"), "\n") && !strings.Contains(block, "\r") {
			t.Fatalf("%q in a block is %q", block, again)
		}
	})
}
