//go:build !windows

package clipboard

import "context"

// readSystem is for systems that have the clipboard behind an API.
func readSystem(context.Context) (Content, error) {
	return Content{}, &NoAccess{"this system's clipboard is not known"}
}

func writeSystem(context.Context, string) error {
	return &NoAccess{"this system's clipboard is not known"}
}
