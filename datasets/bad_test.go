package datasets

import (
	"bytes"
	"compress/gzip"
	"path/filepath"
	"strings"
	"testing"
)

// packed is what gzip makes of a text.
func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFilesOfNoUse(t *testing.T) {
	t.Parallel()
	const good = `{"image": "a.png", "caption": "One."}`
	cut := packed(t, strings.Repeat(good+"\n", 1000))
	for name, test := range map[string]struct {
		content, want, hint string
	}{
		"nothing":          {"", "data: it is empty", "docs/evaluation.md"},
		"blank":            {"\ufeff \r\n\t", "data: it is empty", "docs/evaluation.md"},
		"UTF-16":           {"\xff\xfe{\x00\"\x00", "this is UTF-16", "UTF-8"},
		"a ZIP archive":    {"PK\x03\x04abc", "this is a ZIP archive", "unpack"},
		"Parquet":          {"PAR1abc", "this is a Parquet file", "JSONL"},
		"a picture":        {"\x89PNG\r\n\x1a\n", "this is no text", "docs/evaluation.md"},
		"prose":            {"Some captions:\nOne.", `its layout is not known; it begins with "Some captions:"`, "docs/evaluation.md"},
		"no header":        {"a.png,One.\nb.png,Two.\n", "its layout is not known", "header"},
		"cut off":          {`[{"image": "a.png", "caption": "One."}, {"image": `, "its JSON has no end: the file was cut off", "again"},
		"document cut off": {`{"info": {}, "images": [{"id": 1, "file_name": "a.png"}`, "its JSON has no end: the file was cut off", "again"},
		"broken array":     {"[{\"image\": \"a.png\"},\n  {\"image\": b}]", "data:2:13: this is no JSON: invalid character 'b'", ""},
		"broken document":  {"{\"images\": [\n{\"id\": 1, \"file_name\": 'a'}]}", "data:2:24: this is no JSON: invalid character '\\''", ""},
		"not UTF-8":        {"[{\"image\": \"a.png\",\n\"caption\": \"\u00e4\u00e4\xe4\"}]", "data:2:15: this is not UTF-8", "iconv"},
		"two arrays":       {"[" + good + "]\n[" + good + "]", "data:2:1: something follows the end of the JSON document", "each line"},
		"packed, cut off":  {cut[:len(cut)/2], "it is packed with gzip, and damaged or cut off", "again"},
		"packed nonsense":  {"\x1f\x8bnonsense", "it is packed with gzip, and damaged or cut off", "again"},
		"a bomb":           {packed(t, strings.Repeat(good+strings.Repeat(" ", 1000)+"\n", 17000)), "it unpacks to far more than annotations do", "yourself"},
		"a long value":     {`[{"image": "a.png", "caption": "` + strings.Repeat("x", 17<<20) + `"}]`, "data:1:1: what follows is longer than any item is", ""},
		"blanks":           {`{"images": [` + strings.Repeat(" ", 17<<20) + `]}`, "data:1:12: what follows is longer than any item is", ""},
		"COCO's boxes":     {`{"images": [{"id": 1, "file_name": "a.png"}], "annotations": [{"id": 1, "image_id": 1, "bbox": [0, 0, 1, 1]}]}`, "its annotations are no captions", "captions_val2014.json"},
		"another task's":   {`{"image": "a.png", "question": "Which?", "answer": "a"}`, "none of its items can be used (1 no reference); the first, at data:1: it has no caption: 'eval caption' needs image, and captions or caption", ""},
		"nothing in it":    {"[]", "there is nothing in it", "'eval caption' needs image"},
		"no objects":       {"[1, 2]", "none of its items can be used (2 broken line); the first, at data: element 1: this is no JSON object", ""},
		"pictures alone":   {`{"images": [{"id": 1, "file_name": "a.png"}]}`, "it has no caption", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := put(t, "", "a.png")
			s, err := Read(t.Context(), Caption, write(t, dir, "data", test.content), Options{})
			if err == nil {
				t.Fatalf("it was read: %d items, %q", len(s.Items), told(s, dir))
			}
			if text := strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""); !strings.Contains(text, test.want) || !strings.Contains(hintOf(err), test.hint) {
				t.Errorf("the error is %q, with the hint %q", text, hintOf(err))
			}
		})
	}
	dir := put(t, "", "a.png")
	write(t, dir, "captions.jsonl", good)
	if _, err := Read(t.Context(), Caption, filepath.Join(dir, "caption.jsnl"), Options{}); err == nil || !strings.Contains(err.Error(), "there is no such file or folder") || !strings.Contains(hintOf(err), "captions.jsonl") {
		t.Errorf("%v (%s)", err, hintOf(err))
	}
}

// TestTheSameInAnotherForm: what a file is packed in, how its lines end and where it lies makes
// no difference.
func TestTheSameInAnotherForm(t *testing.T) {
	t.Parallel()
	const one, two = `{"image": "a.png", "caption": "Eine schöne Ähre."}`, `{"image": "b.png", "captions": ["Two.", "Zwei."]}`
	var digests []string
	for name, content := range map[string]string{
		"data.jsonl":       one + "\n" + two,
		"bom.jsonl":        "\ufeff" + one + "\r\n\r\n" + two + "\r\n",
		"data.jsonl.gz":    packed(t, "\ufeff"+one+"\n"+two+"\n"),
		"data.json":        "[" + one + "," + two + "]",
		"data.json.gz":     packed(t, "\n\n [\n"+one+",\r\n"+two+"] \n"),
		"data.csv":         "image,captions\na.png,Eine schöne Ähre.\nb.png,\"[\"\"Two.\"\", \"\"Zwei.\"\"]\"\n",
		"data.token":       "a.png#0\tEine schöne Ähre.\nb.png#0\tTwo.\nb.png#1\tZwei.",
		"deep/deeper.json": "[" + strings.ReplaceAll(one, "ö", `\u00f6`) + "," + two + "]",
	} {
		dir := put(t, "", "a.png", "b.png", "deep/a.png", "deep/b.png")
		s := read(t, Caption, write(t, dir, name, content), Options{})
		want(t, s, filepath.Join(dir, filepath.Dir(name)), "a.png | a.png |  | Eine schöne Ähre. |  | ", "b.png | b.png |  | Two. / Zwei. |  | ")
		digests = append(digests, s.SHA256)
	}
	for _, d := range digests {
		if d != digests[0] {
			t.Errorf("the digests are %q", digests)
			break
		}
	}
}

func TestPictures(t *testing.T) {
	t.Parallel()
	dir := put(t, "", "in/a.png", "else/b.png", "c.png", "in/d e#1.png", "in/paper.pdf")
	whole := filepath.ToSlash(filepath.Join(dir, "c.png"))
	s := read(t, Caption, write(t, dir, "in/data.jsonl", `{"image": "a.png", "caption": "x"}
{"image": "../else/b.png", "caption": "x"}
{"image": "`+whole+`", "caption": "x"}
{"image": "d e#1.png", "caption": "x"}
{"image": "paper.pdf#3", "caption": "x"}
{"image": "https://example.com/e.png", "caption": "x"}
{"image": "..\\else\\b.png", "caption": "x"}
{"image": "/nowhere/c.png", "caption": "x"}`), Options{})
	var files []string
	for _, i := range s.Items {
		files = append(files, strings.TrimPrefix(filepath.ToSlash(i.Image), filepath.ToSlash(dir)))
	}
	if got := strings.Join(files, " "); got != "/in/a.png /else/b.png /c.png /in/d e#1.png /in/paper.pdf#3 https://example.com/e.png /else/b.png" {
		t.Errorf("the pictures are %s", got)
	}
	if got := told(s, dir); len(got) != 1 || got[0] != "missing picture in/data.jsonl:8 [/nowhere/c.png] there is no /nowhere/c.png" {
		t.Errorf("told is %q", got)
	}
	// In a folder that is named, pictures are found by their names alone, too.
	s = read(t, Caption, filepath.Join(dir, "in", "data.jsonl"), Options{Images: dir})
	if s.Items[len(s.Items)-1].Image != filepath.Join(dir, "c.png") {
		t.Errorf("%+v", s.Items)
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	dir := put(t, "", "b.png", "c.png", "d.png")
	path := write(t, dir, "data.jsonl", `{"image": "a.png", "label": "x"}
{"image": "b.png", "label": "x"}
{"image": "c.png", "label": "y"}
{"image": "d.png", "label": "z"}`)
	s := read(t, Classify, path, Options{Limit: 2})
	want(t, s, dir, "b.png | b.png | x |  |  | ", "c.png | c.png | y |  |  | ")
	if len(s.Problems) != 1 || strings.Join(s.Labels, "") != "xyz" {
		t.Errorf("%+v", s)
	}
}
