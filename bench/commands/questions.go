package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// asked are the questions about each picture, as an evaluation has several about one.
var asked = []string{
	"What color is the background?", "How many objects are there?", "Is there a star in the image?", "What is the largest object?", "Is there anything red?",
}

// shortly is what 'vlmchat eval vqa' says behind a question.
const shortly = "\nAnswer the question using a single word or phrase."

// question is one of a dataset, in the form that 'vlmchat eval' reads.
type question struct {
	ID       string `json:"id"`
	Image    string `json:"image"`
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

// questions measures what an evaluation takes: 'vlmchat eval vqa' with its start, its reading
// of the pictures, its journal, scores and intervals; and as many clients as llama-server has
// slots, which ask the same questions in the same order and do nothing with the answers. Both
// models are loaded before, and neither has seen the pictures.
func (b *bench) questions(ctx context.Context) ([]*measure.Figure, error) {
	f := &measure.Figure{
		Name: fmt.Sprintf("%d questions evaluated, %d at once", b.evalQuestions, batchSlots), Beside: "as many clients", Headline: true, Unit: "questions/s",
		Goal: measure.Goal{AtLeast: 1},
	}
	var pictures measure.Pictures
	return b.besideServer(ctx, f, func(round int, url string) error {
		dir, err := os.MkdirTemp(b.Dir, "eval")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		all, err := b.dataset(ctx, &pictures, dir)
		if err != nil {
			return err
		}
		if err := b.warm(ctx); err != nil {
			return err
		}
		speed := func(took time.Duration) float64 { return float64(len(all)) / took.Seconds() }
		return measure.InTurns(round, func() error {
			took, err := b.ourEvaluation(ctx, dir, len(all))
			f.Ours = append(f.Ours, speed(took))
			return err
		}, func() error {
			took, err := byClients(all, func(q question) error { return b.askQuestion(ctx, url, dir, q) })
			f.Peer = append(f.Peer, speed(took))
			return err
		})
	})
}

// dataset writes pictures and questions.jsonl into a folder.
func (b *bench) dataset(ctx context.Context, pictures *measure.Pictures, dir string) ([]question, error) {
	file, err := os.Create(filepath.Join(dir, "questions.jsonl"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := json.NewEncoder(file)
	var all []question
	for picture := ""; len(all) < b.evalQuestions; {
		n := len(all)
		if n%len(asked) == 0 {
			if picture, err = pictures.File(ctx, dir); err != nil {
				return nil, err
			}
		}
		q := question{strconv.Itoa(n), filepath.Base(picture), asked[n%len(asked)], "white"}
		if err := lines.Encode(q); err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	return all, nil
}

// ourEvaluation is a whole run of the command.
func (b *bench) ourEvaluation(ctx context.Context, dir string, n int) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, measure.Program, b.forBatch("eval", "vqa", "--data", filepath.Join(dir, "questions.jsonl"),
		"-o", filepath.Join(dir, "run"), "--json", "--jobs", strconv.Itoa(batchSlots))...)
	var complaint, printed strings.Builder
	cmd.Stderr, cmd.Stdout = &complaint, &printed
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if err != nil {
		return 0, fmt.Errorf("the evaluation: %w: %s", err, complaint.String())
	}
	var report struct {
		Counts struct{ Answered int }
	}
	if err := json.Unmarshal([]byte(printed.String()), &report); err != nil {
		return 0, err
	}
	if report.Counts.Answered != n {
		return 0, fmt.Errorf("the evaluation has %d answers to %d questions", report.Counts.Answered, n)
	}
	return took, nil
}

// evaluator keeps a connection for each client.
var evaluator = http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: batchSlots}}

// askQuestion sends the picture as the file has it, and waits for the whole answer.
func (b *bench) askQuestion(ctx context.Context, url, dir string, q question) error {
	data, err := os.ReadFile(filepath.Join(dir, q.Image))
	if err != nil {
		return err
	}
	p := &images.Picture{Source: q.Image, Format: "png", Data: data}
	body, err := b.PeerRequest([]engine.Message{engine.Ask(q.Question+shortly, p)}, false, true)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/chat/completions", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := evaluator.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var answer struct {
		Choices []struct {
			Message struct{ Content string }
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return err
	}
	if len(answer.Choices) == 0 || answer.Choices[0].Message.Content == "" {
		return fmt.Errorf("llama-server: %s: no answer to %q", resp.Status, q.Question)
	}
	return nil
}
