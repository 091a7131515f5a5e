package cli

import (
	"encoding/json"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// checked reads the JSON report that the last command printed, and makes sure of
// the status of the checks of a name: checked NAME STATUS
func checked(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: checked NAME STATUS")
	}
	d := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	d.DisallowUnknownFields()
	var r struct {
		Version string
		Checks  []check
	}
	ts.Check(d.Decode(&r))
	there := false
	for _, c := range r.Checks {
		if c.Name != args[0] {
			continue
		}
		there = true
		if string(c.Status) != args[1] {
			ts.Fatalf("%s: %s, want %s: %s", c.Name, c.Status, args[1], c.Message)
		}
	}
	if !there {
		ts.Fatalf("there is no check %s", args[0])
	}
}
