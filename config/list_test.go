package config

import (
	"errors"
	"slices"
	"testing"
)

// A list has one text as it is, or several, from wherever they come.
func TestLists(t *testing.T) {
	for file, want := range map[string][]string{
		"":                               nil,
		"stop = 'END'":                   {"END"},
		"stop = '[INST]'":                {"[INST]"},
		"stop = 'a, b'":                  {"a, b"},
		"stop = \"\\n\"":                 {"\n"},
		`stop = '["one", "t\nwo"]'`:      {"one", "t\nwo"},
		`stop = ["one", "t\nwo"]`:        {"one", "t\nwo"},
		`stop = ['["x']`:                 {`["x`},
		"stop = []":                      {},
		"stop = '[]'":                    {},
		"dry_sequence_breaker = ['a']":   nil,
		"stop = 7":                       {"7"},
		"stop = ' [\"with a blank\"]  '": {"with a blank"},
	} {
		c, err := load(t, file, nil)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if got, err := c.List(Stop); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v; want %q", file, got, err, want)
		}
	}
	c, err := load(t, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.List(DRYSequenceBreaker); err != nil || !slices.Equal(got, []string{"\n", ":", `"`, "*"}) {
		t.Errorf("by default the breakers are %q, %v", got, err)
	}
	c[Stop] = Value{Text: `["cut`, Origin: "--stop"}
	var invalid *Invalid
	if _, err := c.List(Stop); !errors.As(err, &invalid) {
		t.Errorf("the error is %v", err)
	}
}
