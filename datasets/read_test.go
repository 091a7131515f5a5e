package datasets

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// put makes a copy of a folder of testdata, if one is named, with pictures in it that are
// empty: a dataset is read without opening them.
func put(t *testing.T, from string, pictures ...string) string {
	t.Helper()
	dir := t.TempDir()
	if from != "" {
		if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", from))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range pictures {
		write(t, dir, name, "")
	}
	return dir
}

// write writes a file, and the folders on the way to it.
func write(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// read reads a dataset that can be read.
func read(t *testing.T, task Task, path string, o Options) *Set {
	t.Helper()
	s, err := Read(t.Context(), task, path, o)
	if err != nil {
		t.Fatalf("%v (%v)", err, hintOf(err))
	}
	return s
}

func hintOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Hint
	}
	return ""
}

// told is what is told of the problems, without the folder that all lies in.
func told(s *Set, dir string) (all []string) {
	for _, p := range s.Problems {
		all = append(all, strings.ReplaceAll(strings.ReplaceAll(string(p.Kind)+" "+p.Place+" ["+p.Item+"] "+p.Detail, dir+string(filepath.Separator), ""), `\`, "/"))
	}
	return all
}

// want holds items against what they should be, a line of each: ID, picture from dir, question
// or label, references, choices, groups.
func want(t *testing.T, s *Set, dir string, lines ...string) {
	t.Helper()
	var got []string
	for _, i := range s.Items {
		picture, err := filepath.Rel(dir, i.Image)
		if err != nil {
			picture = i.Image
		}
		var groups []string
		for _, group := range i.Groups {
			groups = append(groups, group.By+"="+group.Name)
		}
		got = append(got, strings.Join([]string{i.ID, filepath.ToSlash(picture), i.Question + i.Label, strings.Join(i.References, " / "), strings.Join(i.Choices, ","), strings.Join(groups, ",")}, " | "))
	}
	if !slices.Equal(got, lines) {
		t.Errorf("the items are\n%s\nwant\n%s\nproblems: %q", strings.Join(got, "\n"), strings.Join(lines, "\n"), told(s, dir))
	}
}

func TestCOCO(t *testing.T) {
	t.Parallel()
	const a, b = "COCO_val2014_000000000042.jpg", "COCO_val2014_000000000073.jpg"
	lines := func(folder string) []string {
		return []string{
			"42 | " + folder + a + " |  | A red digit 9 on white. / Nine, in red |  | ",
			"73 | " + folder + b + " |  | A yellow heart. / A heart at the top |  | ",
		}
	}
	for _, folder := range []string{"val2014/", "images/val2014/", "annotations/", "annotations/images/", "images/"} {
		dir := put(t, "coco", folder+a, folder+b)
		s := read(t, Caption, filepath.Join(dir, "annotations", "captions_val2014.json"), Options{})
		want(t, s, dir, lines(folder)...)
		if s.Layout != "coco" || s.Name != "captions_val2014.json" || len(s.Problems) > 0 {
			t.Errorf("%+v", s)
		}
	}
	dir := put(t, "coco", "else/"+a, "else/"+b)
	path := filepath.Join(dir, "annotations", "captions_val2014.json")
	want(t, read(t, Retrieval, path, Options{Images: filepath.Join(dir, "else")}), dir, lines("else/")...)

	_, err := Read(t.Context(), Caption, path, Options{})
	if err == nil || !strings.Contains(err.Error(), "image 1") || !strings.Contains(hintOf(err), "--images") {
		t.Errorf("without pictures: %v (%s)", err, hintOf(err))
	}
	// Who has the answers needs no pictures.
	s := read(t, Caption, path, Options{Answered: true})
	want(t, s, filepath.Join(dir, "annotations"), lines("")...)
	if len(s.Problems) > 0 {
		t.Errorf("%q", told(s, dir))
	}
}

func TestPerplexityAsksOfEachText(t *testing.T) {
	t.Parallel()
	dir := put(t, "coco", "val2014/COCO_val2014_000000000042.jpg")
	s := read(t, Perplexity, filepath.Join(dir, "annotations", "captions_val2014.json"), Options{})
	want(t, s, filepath.Join(dir, "val2014"),
		"42#1 | COCO_val2014_000000000042.jpg |  | A red digit 9 on white. |  | ",
		"42#2 | COCO_val2014_000000000042.jpg |  | Nine, in red |  | ")
	if got := told(s, dir); len(got) != 1 || !strings.HasPrefix(got[0], "missing picture annotations/captions_val2014.json: image 2 [73] there is no ") {
		t.Errorf("%q", got)
	}
}

func TestVQAv2(t *testing.T) {
	t.Parallel()
	const questions, annotations = "v2_OpenEnded_mscoco_val2014_questions.json", "v2_mscoco_val2014_annotations.json"
	dir := put(t, "vqav2", "val2014/COCO_val2014_000000000042.jpg", "val2014/COCO_val2014_000000000073.jpg")
	lines := []string{
		"42000 | val2014/COCO_val2014_000000000042.jpg | What digit is this? | 9 / 9 / 9 / 9 / 9 / 9 / 9 / nine / nine / red |  | answer type=other,question type=what",
		"42001 | val2014/COCO_val2014_000000000042.jpg | Is it red? | yes / yes / yes / yes / yes / yes / yes / yes / yes / yes |  | answer type=yes/no,question type=is it",
		"73000 | val2014/COCO_val2014_000000000073.jpg | How many hearts are there? | 3 / 3 / 3 / 3 / 3 / 3 / three / three / three / three |  | answer type=number,question type=how many",
	}
	var digests []string
	for _, name := range []string{questions, annotations} {
		s := read(t, VQA, filepath.Join(dir, name), Options{})
		want(t, s, dir, lines...)
		if s.Layout != "vqav2" || len(s.Problems) > 0 {
			t.Errorf("%+v", s)
		}
		digests = append(digests, s.SHA256)
	}
	if digests[0] != digests[1] {
		t.Error("the same dataset has two digests")
	}

	if err := os.Rename(filepath.Join(dir, questions), filepath.Join(dir, "asked.json")); err != nil {
		t.Fatal(err)
	}
	_, err := Read(t.Context(), VQA, filepath.Join(dir, annotations), Options{})
	if err == nil || !strings.Contains(err.Error(), "the questions to its answers are not beside it") || !strings.Contains(hintOf(err), "--questions") {
		t.Errorf("without questions: %v (%s)", err, hintOf(err))
	}
	want(t, read(t, VQA, filepath.Join(dir, annotations), Options{Questions: filepath.Join(dir, "asked.json")}), dir, lines...)
	want(t, read(t, VQA, filepath.Join(dir, "asked.json"), Options{Questions: filepath.Join(dir, annotations)}), dir, lines...)
}

func TestKarpathy(t *testing.T) {
	t.Parallel()
	dir := put(t, "karpathy", "flickr30k-images/1000001.jpg", "flickr30k-images/1000002.jpg", "flickr30k-images/1000004.jpg", "flickr30k-images/1000003.jpg",
		"val2014/COCO_val2014_000000000042.jpg", "val2014/COCO_val2014_000000000073.jpg", "train2014/COCO_train2014_000000000009.jpg")
	flickr, coco := filepath.Join(dir, "dataset_flickr30k.json"), filepath.Join(dir, "dataset_coco.json")
	s := read(t, Caption, flickr, Options{})
	want(t, s, dir,
		"1 | flickr30k-images/1000002.jpg |  | A blue star. / A star, in blue. |  | ",
		"3 | flickr30k-images/1000004.jpg |  | Nothing at all. |  | ")
	if s.Layout != "karpathy" || s.Split != "test" || len(s.Problems) > 0 {
		t.Errorf("%+v", s)
	}
	s = read(t, Retrieval, coco, Options{Split: "train+restval"})
	want(t, s, dir,
		"73 | val2014/COCO_val2014_000000000073.jpg |  | A yellow heart. |  | ",
		"9 | train2014/COCO_train2014_000000000009.jpg |  | A grey ring. |  | ")
	if s.Split != "train+restval" {
		t.Errorf("the split is %q", s.Split)
	}
	_, err := Read(t.Context(), Caption, flickr, Options{Split: "tets"})
	if err == nil || !strings.Contains(err.Error(), `there is no split "tets" in it; there are test, train, val`) {
		t.Errorf("%v", err)
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := put(t, "coco")
	if _, err := Read(ctx, Caption, filepath.Join(dir, "annotations", "captions_val2014.json"), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
