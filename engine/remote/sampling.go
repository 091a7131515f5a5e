package remote

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
)

// CheckSampling refuses numbers that are out of range, and options that a server's
// API does not have: a server would leave them out without a word. api is whose
// API it is, has what it has of engine.Sampling.Extras.
func CheckSampling(s engine.Sampling, api string, has ...string) error {
	if err := s.Validate(); err != nil {
		return err
	}
	for _, name := range s.Extras() {
		if !slices.Contains(has, name) {
			return &engine.Error{
				Kind:    engine.BadOption,
				Message: fmt.Sprintf("%s API has no %s", api, name),
				Hint:    "leave out --" + strings.ReplaceAll(name, "_", "-") + ", or use the native engine, which has it",
			}
		}
	}
	return nil
}
