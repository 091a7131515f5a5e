package cli

import (
	"encoding/json"
	"io"
)

// documentHead is what a JSON object for programs says of itself. The version counts changes
// that readers of an earlier one would not understand: members may be added without another.
type documentHead struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
}

// printJSON prints a value as people can read it, too.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return unread(e.Encode(v))
}

// printLine prints a value as one line with one write, so that it is never seen in halves.
func printLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return unread(e.Encode(v))
}

// notNil has a list of nothing printed as one, [], and not as null.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
