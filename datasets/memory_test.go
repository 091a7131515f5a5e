package datasets

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// TestMemory: of 20,000 questions with ten answers each, about 20 MB as VQAv2 writes them, no
// more is held than what items are made of; nothing of the documents stays.
func TestMemory(t *testing.T) { // not beside others, which take memory, too
	const items = 20_000
	dir := t.TempDir()
	questions, annotations := filepath.Join(dir, "v2_OpenEnded_mscoco_val2014_questions.json"), filepath.Join(dir, "v2_mscoco_val2014_annotations.json")
	list := func(path, before string, each func(w *bufio.Writer, n int)) {
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		w := bufio.NewWriter(f)
		fmt.Fprint(w, before)
		for n := range items {
			if n > 0 {
				fmt.Fprint(w, ", ")
			}
			each(w, n)
		}
		fmt.Fprint(w, `], "data_subtype": "val2014"}`)
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	list(questions, `{"questions": [`, func(w *bufio.Writer, n int) {
		fmt.Fprintf(w, `{"image_id": %d, "question": "What number has the %dth picture?", "question_id": %d}`, n/5, n, n)
	})
	list(annotations, `{"annotations": [`, func(w *bufio.Writer, n int) {
		fmt.Fprintf(w, `{"question_type": "what number", "multiple_choice_answer": "%d", "answers": [`, n%3000)
		for k := range 10 {
			if k > 0 {
				fmt.Fprint(w, ", ")
			}
			fmt.Fprintf(w, `{"answer": "%d", "answer_confidence": "yes", "answer_id": %d}`, n%3000, k+1)
		}
		fmt.Fprintf(w, `], "image_id": %d, "answer_type": "number", "question_id": %d}`, n/5, n)
	})
	held := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := held()
	s := read(t, VQA, annotations, Options{Images: dir, Answered: true})
	after := held()
	if len(s.Items) != items || len(s.Problems) > 0 || s.Items[7].References[9] != "7" {
		t.Fatalf("%d items, %d problems", len(s.Items), len(s.Problems))
	}
	const most = 700 // bytes an item, of which ten answers that are shared take 160
	if each := int(after-before) / items; each > most {
		t.Errorf("an item takes %d bytes", each)
	} else {
		t.Logf("an item takes %d bytes", each)
	}
	runtime.KeepAlive(s)
}
