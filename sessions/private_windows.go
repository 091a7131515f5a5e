package sessions

import "os"

// makePrivate makes a folder if there is none. Windows gives what lies in a user's
// profile to that user alone.
func makePrivate(dir string) error {
	return failure("opening the folder of conversations", os.MkdirAll(dir, 0o700))
}
