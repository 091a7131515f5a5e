package batch

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// earlier writes the records of a run into a file.
func earlier(t *testing.T, records []Record) string {
	t.Helper()
	var b strings.Builder
	for _, r := range records {
		line, err := r.line()
		if err != nil {
			t.Fatal(err)
		}
		b.Write(line)
	}
	path := filepath.Join(t.TempDir(), "earlier.jsonl")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// An earlier output is jobs about the same pictures, which have what was answered.
func TestEarlierOutput(t *testing.T) {
	t.Parallel()
	in := &Inputs{Names: []string{earlier(t, someRecords())}}
	var got []string
	for item, err := range in.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, item.ID+" "+strings.Join(item.Images, ",")+" "+string(item.Own))
	}
	want := []string{
		`a a.jpg {"lang":"de","answer":"{\"total\": 3.5, \"name\": \"=1+1\", \"tags\": [\"x\", \"y\"], \"paid\": true}","json":{"total":3.5,"name":"=1+1","tags":["x","y"],"paid":true}}`,
		`b a.jpg,b.jpg {"answer":"One, \"two\"\nthree \r\n","json":null}`,
		`c shot.png,a.jpg {"answer":"-5.5","json":null}`,
		`-d http://x/d.png {"answer":"- a dog","json":null}`,
	}
	if !slices.Equal(got, want) || in.Failed != 2 {
		t.Errorf("the jobs are\n%s\nwant\n%s\n%d failed", strings.Join(got, "\n"), strings.Join(want, "\n"), in.Failed)
	}
	item, err := parseEarlier([]byte(`{"format":"vlmchat-batch-record","version":1,"id":"a","status":"answered","images":["data:image/png;base64"]}`))
	if err == nil || !strings.Contains(err.Error(), "its picture was in the job itself") {
		t.Errorf("%+v, %v", item, err)
	}
	if _, err := parseEarlier([]byte(`{"format":"vlmchat-batch-record","version":2,"id":"a"}`)); err == nil || !strings.Contains(err.Error(), "newer vlmchat") {
		t.Error(err)
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"cat.png", "dog.png"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	jobs := filepath.Join(t.TempDir(), "jobs.jsonl")
	if err := os.WriteFile(jobs, []byte("{\"id\": 1, \"image\": \"a.png\", \"lang\": \"de\"}\n{\"id\": 2, \"image\": \"b.png\", \"size\": 7}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := earlier(t, someRecords())
	for _, c := range []struct{ name, expression, want string }{
		{before, `answer contains "two"`, "b"},
		{before, `json.total > 3 and "x" in json.tags`, "a"},
		{before, `input.lang == "de"`, "a"},
		{before, `true`, "a b c -d"},
		{before, `error != nil`, "e f"},
		{before, `error_kind == "bad_picture"`, "e"},
		{before, `status != ""`, "a b c -d e f"},
		{before, `len(images) > 1 or generated_tokens == nil`, "b c -d"},
		{dir, `image endsWith "dog.png"`, filepath.Base(dir) + "/dog.png"},
		{jobs, `lang == "de"`, "1"},
		{jobs, `lang == nil and size >= 7`, "2"},
		{jobs, `id > 1`, "2"},
	} {
		in := &Inputs{Names: []string{c.name}}
		if err := in.Choose(t.Context(), c.expression); err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		for range 2 { // a batch goes through them twice
			var got []string
			for item, err := range in.All(t.Context()) {
				if err != nil {
					t.Fatalf("%s: %v", c.expression, err)
				}
				got = append(got, item.ID)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s chooses %q, want %q", c.expression, got, c.want)
			}
		}
	}
	in := &Inputs{Names: []string{jobs}}
	err := in.Choose(t.Context(), `colour == "red"`)
	if _, ok := errors.AsType[*WhereError](err); !ok || !strings.Contains(err.Error(), "there is no member colour; there are id, image, lang, size") {
		t.Errorf("a member that no line has: %v", err)
	}
	// What shows only with a line is told with that.
	if err := in.Choose(t.Context(), `size + 1 > 5`); err != nil {
		t.Fatal(err)
	}
	err = nil
	for _, e := range in.All(t.Context()) {
		err = e
	}
	if want := jobs + ", line 1: invalid operation: null + int"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// A picture's name is a path from where one is, and no secret or whole picture.
func TestNamesOfPictures(t *testing.T) {
	t.Parallel()
	item := Item{Job: &Job{Folder: "jobs"}, Images: []string{"a.png", "~/a.png", "http://me:secret@x/a.png", "data:image/png;base64,AAAA", "file:///a.png"}}
	r := newRecord(item, Question{})
	want := []string{filepath.Join("jobs", "a.png"), "~/a.png", "http://me:xxxxx@x/a.png", "data:image/png;base64", "file:///a.png"}
	if !slices.Equal(r.Images, want) {
		t.Errorf("they are %q, want %q", r.Images, want)
	}
	if line, err := json.Marshal(r); err != nil || strings.Contains(string(line), "secret") {
		t.Errorf("%s, %v", line, err)
	}
}
