package datasets

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFolderOfTexts(t *testing.T) {
	t.Parallel()
	dir := put(t, "", "a.png", "deep/b.jpg", "c.png", ".hidden/d.png")
	write(t, dir, "a.txt", "\ufeffA red ring.\r\n\r\n  A ring. \n")
	write(t, dir, "deep/b.jpg.txt", "A blue star.")
	s := read(t, Caption, dir, Options{})
	want(t, s, dir,
		"a.png | a.png |  | A red ring. / A ring. |  | ",
		"deep/b.jpg | deep/b.jpg |  | A blue star. |  | ")
	if got := told(s, dir); len(got) != 1 || !strings.HasPrefix(got[0], "no reference c.png [c.png]") || s.Layout != "folder" {
		t.Errorf("%q", got)
	}
	s = read(t, Perplexity, dir, Options{})
	if len(s.Items) != 2 || s.Items[0].References[0] != "A red ring.\r\n\r\n  A ring. \n" {
		t.Errorf("%+v", s.Items)
	}
}

func TestFolderForEachLabel(t *testing.T) {
	t.Parallel()
	dir := put(t, "", "star/1.png", "n02/2.png", "n02/deeper/3.png", "notes.png")
	write(t, dir, "classes.txt", "n02 ring, hoop\n")
	s := read(t, Classify, dir, Options{})
	want(t, s, dir,
		"n02/2.png | n02/2.png | ring |  |  | ",
		"n02/deeper/3.png | n02/deeper/3.png | ring |  |  | ",
		"star/1.png | star/1.png | star |  |  | ")
	if !slices.Equal(s.Labels, []string{"ring", "star"}) {
		t.Errorf("the labels are %q", s.Labels)
	}

	dir = put(t, "", "train/star/1.png", "test/star/2.png", "test/ring/3.png")
	s = read(t, Classify, dir, Options{})
	want(t, s, filepath.Join(dir, "test"),
		"ring/3.png | ring/3.png | ring |  |  | ",
		"star/2.png | star/2.png | star |  |  | ")
	if s.Split != "test" {
		t.Errorf("the split is %q", s.Split)
	}
	want(t, read(t, Classify, dir, Options{Split: "train"}), filepath.Join(dir, "train"), "star/1.png | star/1.png | star |  |  | ")
	if _, err := Read(t.Context(), Classify, dir, Options{Split: "val"}); err == nil || !strings.Contains(err.Error(), `there is no split "val" in it; there are test, train`) {
		t.Errorf("%v", err)
	}
}

func TestFolderWithATable(t *testing.T) {
	t.Parallel()
	dir := put(t, "", "test/a.png", "test/b.png", "train/c.png")
	write(t, dir, "test/metadata.jsonl", `{"file_name": "a.png", "text": "A ring.", "label": "ring"}
{"file_name": "b.png", "text": "A star.", "label": "star"}`)
	write(t, dir, "train/metadata.jsonl", `{"file_name": "c.png", "text": "A heart."}`)
	want(t, read(t, Caption, dir, Options{}), filepath.Join(dir, "test"), "a.png | a.png |  | A ring. |  | ", "b.png | b.png |  | A star. |  | ")
	want(t, read(t, Classify, dir, Options{}), filepath.Join(dir, "test"), "a.png | a.png | ring |  |  | ", "b.png | b.png | star |  |  | ")
}

func TestFolderWithoutAnything(t *testing.T) {
	t.Parallel()
	dir := put(t, "", "readme.md")
	for _, task := range []Task{Caption, VQA, Classify, Retrieval, Perplexity} {
		if _, err := Read(t.Context(), task, dir, Options{}); err == nil || hintOf(err) == "" {
			t.Errorf("%s: %v", task, err)
		}
	}
	dir = put(t, "coco")
	if _, err := Read(t.Context(), Caption, filepath.Join(dir, "annotations"), Options{}); err == nil || hintOf(err) != "name the file that is meant: captions_val2014.json" {
		t.Errorf("%v (%s)", err, hintOf(err))
	}
	dir = put(t, "", "a.png")
	_, err := Read(t.Context(), VQA, dir, Options{})
	if err == nil || !strings.Contains(err.Error(), "no questions") || !strings.Contains(hintOf(err), "questions.jsonl") {
		t.Errorf("%v (%s)", err, hintOf(err))
	}
}
