package cli

// endInterrupted does nothing where processes have codes alone.
func endInterrupted() {}
