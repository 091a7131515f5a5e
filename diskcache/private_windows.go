package diskcache

// makePrivate trusts the folder: Windows gives what lies in a user's profile to
// that user alone.
func makePrivate(string) error { return nil }
