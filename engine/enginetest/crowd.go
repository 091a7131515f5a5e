package enginetest

import (
	"sync"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// manyAtOnce gives eight who ask at once each the answer to their own question.
func manyAtOnce(t *testing.T, s Subject) {
	e := s.Open(t)
	var all sync.WaitGroup
	defer all.Wait()
	for name, words := range map[string][]string{
		"scene-01.png": {"red digit 9", "white background"},
		"scene-02.png": {"blue diamond", "purple digit 6", "black background"},
		"scene-05.jpg": {"green heart", "black background"},
		"scene-06.png": {"black cross", "blue diamond", "white background"},
		"scene-09.png": {"pink digit 4", "black background"},
		"scene-13.png": {"black diamond", "yellow background"},
		"scene-17.jpg": {"brown circle", "black background"},
		"scene-22.png": {"blue square", "red triangle", "green background"},
	} {
		req := Greedy(engine.Ask("Describe this image.", Sample(t, name)))
		all.Go(func() {
			a := Ask(t.Context(), t, e, req)
			if a.Err != nil {
				t.Errorf("%s: %v", name, a.Err)
			}
			wants(t, a.Text, words...)
		})
	}
}
