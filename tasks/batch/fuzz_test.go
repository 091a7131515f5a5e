package batch

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Whatever a line is, it is a job or is refused; and the person's own members come out as
// they went in.
func FuzzJob(f *testing.F) {
	f.Add([]byte(`{"id": 7, "image": "a.png", "prompt": "x", "fields": {"a": 1}, "stop": ["b"], "split": {"of": [1, 2.50]}}`))
	f.Add([]byte(`{"custom_id": "a", "url": "/v1/chat/completions", "body": {"messages": [], "n": 1, "response_format": {"type": "json_object"}}}`))
	f.Add([]byte(`{"id": "a", "messages": [{"role": "user", "content": "x"}], "schema": true, "max_tokens": 1e2}`))
	f.Add([]byte(`{"format":"vlmchat-batch-record","version":1,"id":"a","status":"answered","answer":"b","input":{"c":"d"}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		item, err := parseJob(line, ".")
		if err != nil {
			return
		}
		if item.Own == nil {
			return
		}
		var own, all map[string]json.RawMessage
		if err := json.Unmarshal(item.Own, &own); err != nil {
			t.Fatalf("%v: %q", err, item.Own)
		}
		if json.Unmarshal(line, &all) != nil {
			return
		}
		for name := range own {
			if _, ok := item.OwnValue(name); !ok {
				t.Errorf("%q is not found in %q", name, item.Own)
			}
		}
	})
}

// Whatever a file is, it is an output that can be gone on with, or is refused as it is.
func FuzzOutput(f *testing.F) {
	record := `{"format":"vlmchat-batch-record","version":1,"id":"a","status":"answered","asked":"b"}` + "\n"
	f.Add([]byte(record + record[:20]))
	f.Add([]byte("\n\n" + record))
	f.Add([]byte(`{"format":"vlmchat-batch-record","version":1,"id":"a","status":"failed","retryable":true}` + "\n" + record))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "out.jsonl")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := OpenOutput(path, false, false)
		if err != nil {
			if now, _ := os.ReadFile(path); string(now) != string(data) {
				t.Errorf("%q was refused, and became %q", data, now)
			}
			return
		}
		out.replace("a")
		if err := out.begin(); err != nil {
			t.Fatal(err)
		}
		if err := out.Write(Record{Format: RecordFormat, Version: RecordVersion, ID: "new", Status: Answered}); err != nil {
			t.Fatal(err)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		again, err := OpenOutput(path, false, false)
		if err != nil {
			t.Fatalf("it can't be opened again: %v", err)
		}
		defer again.Close()
		if done, err := again.done("new", Asked{}); !done && err == nil {
			t.Error("what was written is not there")
		}
	})
}
