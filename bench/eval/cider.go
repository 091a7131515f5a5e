package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/metrics"
	"github.com/vlmchat/vlmchat/metrics/ptb"
)

// captioned is a picture's caption and its references.
type captioned struct {
	Candidate  string   `json:"candidate"`
	References []string `json:"references"`
}

// scored is what scoring took, and what came out.
type scored struct {
	words, cider time.Duration
	score        float64
}

// cider measures CIDEr-D of captions, from their texts on: taking them apart into words, and
// what then is computed.
func (b *bench) cider(ctx context.Context) ([]*measure.Figure, error) {
	all := writeCaptions(b.captions, b.references)
	path := filepath.Join(b.Dir, "captions.json")
	data, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return nil, err
	}
	peer, err := measure.StartProcess(ctx, nil, measure.Python(), "bench/eval/peers/cider.py", path)
	if err != nil {
		return nil, err
	}
	defer peer.Close()
	whole := &measure.Figure{Name: fmt.Sprintf("CIDEr-D of %d captions with %d references each", b.captions, b.references), Headline: true, Unit: "s", Goal: measure.Goal{AtMost: 1}}
	words := &measure.Figure{Name: "of it words", Unit: "s"}
	alone := &measure.Figure{Name: "of it CIDEr-D", Unit: "s"}
	figures := []*measure.Figure{whole, words, alone}
	err = b.Repeat(ctx, func(round int) error {
		var ours, theirs scored
		err := measure.InTurns(round, func() error {
			ours = scoreHere(all)
			return nil
		}, func() (err error) {
			theirs, err = scoreThere(peer)
			return err
		})
		if err != nil {
			return err
		}
		if d := math.Abs(ours.score - theirs.score); !(d < 1e-6) {
			fmt.Fprintf(os.Stderr, "note: we compute %v, pycocoevalcap %v\n", ours.score, theirs.score)
		}
		for i, times := range [][2]time.Duration{{ours.words + ours.cider, theirs.words + theirs.cider}, {ours.words, theirs.words}, {ours.cider, theirs.cider}} {
			figures[i].Ours = append(figures[i].Ours, times[0].Seconds())
			figures[i].Peer = append(figures[i].Peer, times[1].Seconds())
		}
		return nil
	}, figures...)
	return figures, err
}

func scoreHere(all []captioned) scored {
	start := time.Now()
	words := make([]metrics.Captioned, len(all))
	for i, c := range all {
		words[i].Candidate = ptb.Tokenize(c.Candidate)
		for _, r := range c.References {
			words[i].References = append(words[i].References, ptb.Tokenize(r))
		}
	}
	s := scored{words: time.Since(start)}
	start = time.Now()
	s.score = metrics.CIDErD(words).Score()
	s.cider = time.Since(start)
	return s
}

// scoreThere has the peer do the same, with the process that it starts to find words.
func scoreThere(peer *measure.Process) (s scored, err error) {
	answer, err := peer.Ask("score")
	if err != nil {
		return s, err
	}
	if _, err := fmt.Sscan(answer, (*int64)(&s.words), (*int64)(&s.cider), &s.score); err != nil {
		return s, fmt.Errorf("pycocoevalcap's process says %q: %w", answer, err)
	}
	return s, nil
}

// writeCaptions makes captions of about the length and as varied as COCO's: words are drawn as
// often as in a language, few of them nearly always, and a picture's captions have much in
// common.
func writeCaptions(captions, references int) []captioned {
	draw := rand.New(rand.NewPCG(5, 6))
	frequent := rand.NewZipf(draw, 1.3, 8, 7999)
	phrase := func(n int) []string {
		words := make([]string, n)
		for i := range words {
			k := frequent.Uint64()
			words[i] = string(rune('a'+k%23)) + string(rune('a'+k/23%23)) + strings.Repeat("e", 1+int(k%5))
		}
		return words
	}
	all := make([]captioned, captions)
	for i := range all {
		scene := phrase(14)
		caption := func() string {
			start := draw.IntN(5)
			words := append([]string{"A"}, scene[start:start+5+draw.IntN(5)]...)
			words = append(words, phrase(1+draw.IntN(4))...)
			return strings.Join(words, " ") + [...]string{"", ".", ".", " .", ", isn't it?"}[draw.IntN(5)]
		}
		all[i].Candidate = caption()
		for range references {
			all[i].References = append(all[i].References, caption())
		}
	}
	return all
}
