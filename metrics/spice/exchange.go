package spice

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf16"

	"github.com/vlmchat/vlmchat/metrics"
)

// asked is a caption as the jar reads it.
type asked struct {
	ID         int      `json:"image_id"`
	Candidate  string   `json:"test"`
	References []string `json:"refs"`
}

// writeInput writes captions in ASCII alone: the jar reads them in whatever the locale says.
func writeInput(path string, all []metrics.Captioned) error {
	items := make([]asked, len(all))
	for i, c := range all {
		items[i] = asked{ID: i, Candidate: strings.Join(c.Candidate, " "), References: []string{}}
		for _, r := range c.References {
			items[i].References = append(items[i].References, strings.Join(r, " "))
		}
	}
	text, err := json.Marshal(items)
	if err != nil {
		return err
	}
	return os.WriteFile(path, escaped(text), 0o600)
}

// escaped is JSON with every letter beyond ASCII as its UTF-16 in escapes.
func escaped(text []byte) []byte {
	var b []byte
	for _, r := range string(text) {
		if r < 0x80 {
			b = append(b, byte(r))
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			b = fmt.Appendf(b, `\u%04x`, unit)
		}
	}
	return b
}

// answered is what the jar says of a caption. Of its numbers only the harmonic mean of
// precision and recall over all propositions is the score.
type answered struct {
	ID     *int `json:"image_id"`
	Scores struct {
		All *struct {
			F *float64 `json:"f"`
		}
	} `json:"scores"`
}

// maxAnswer is more than the jar writes of a caption.
const maxAnswer = 64 << 10

// readOutput reads the scores of n captions.
func readOutput(path string, n int) ([]float64, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, errors.New("wrote no scores")
	}
	if err != nil {
		return nil, fmt.Errorf("its scores can't be read: %w", err)
	}
	defer f.Close()
	return readScores(io.LimitReader(f, int64(n+1)*maxAnswer), n)
}

func readScores(r io.Reader, n int) ([]float64, error) {
	var all []answered
	if err := json.NewDecoder(r).Decode(&all); err != nil {
		return nil, fmt.Errorf("its scores are not as they should be: %w", err)
	}
	if len(all) != n {
		return nil, fmt.Errorf("it wrote scores of %d captions, and was asked about %d", len(all), n)
	}
	scores, seen := make([]float64, n), make([]bool, n)
	for _, a := range all {
		switch {
		case a.ID == nil || *a.ID < 0 || *a.ID >= n:
			return nil, errors.New("it wrote the score of a caption that it was not asked about")
		case seen[*a.ID]:
			return nil, fmt.Errorf("it wrote two scores of caption %d", *a.ID)
		case a.Scores.All == nil || a.Scores.All.F == nil:
			return nil, fmt.Errorf("it wrote no score of caption %d", *a.ID)
		case *a.Scores.All.F < 0 || *a.Scores.All.F > 1:
			return nil, fmt.Errorf("it wrote the score %v of caption %d, which lies between 0 and 1", *a.Scores.All.F, *a.ID)
		}
		seen[*a.ID] = true
		scores[*a.ID] = *a.Scores.All.F
	}
	return scores, nil
}
