package batch

import "encoding/json"

// Job is what a line of jobs says of how it is asked. What it does not say, the
// command's flags do.
type Job struct {
	Prompt   *string
	System   *string
	Template string
	Fields   map[string]string
	Messages json.RawMessage // a conversation in OpenAI's format, in place of all above
	Sampling JobSampling
	Schema   json.RawMessage // a JSON Schema
	Folder   string          // from which its relative paths are read
}

// JobSampling is how a job's answer is drawn; what is nil the flags say.
type JobSampling struct {
	Temperature *float64
	TopP        *float64
	Seed        *uint32
	MaxTokens   *int
	Stop        []string
}
