package cli

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vlmchat/vlmchat/testdata/hostile"
)

// templated writes the demo's model with another chat template:
// templated MODEL TEMPLATE.
func templated(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: templated MODEL TEMPLATE")
	}
	file := hostile.WithTemplate(ts.ReadFile(args[1]))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), file, 0o600))
}
