package clipboard

import "context"

// readTTY is for systems without a clipboard of their own.
func readTTY(context.Context, func(string) string) (Content, error) {
	return Content{}, &NoAccess{"over ssh to Windows the terminal can't be asked for it"}
}
