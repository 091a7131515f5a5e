package cli

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// modelLoadCheckJSON is what came of loading a model and asking it.
type modelLoadCheckJSON struct {
	Question string  `json:"question"`
	Picture  bool    `json:"picture"`          // it was asked about one; a model that can't see is not
	Answer   string  `json:"answer,omitempty"` // cut after some words
	Device   string  `json:"device,omitempty"`
	Seconds  float64 `json:"seconds,omitempty"` // of loading and answering together
	Problem  string  `json:"problem,omitempty"`
}

func (c modelLoadCheckJSON) String() string {
	if c.Problem != "" {
		return "it does not answer: " + c.Problem
	}
	return fmt.Sprintf("%q is answered with %q, in %.1f s on %s", c.Question, c.Answer, c.Seconds, c.Device)
}

// checkAnswer loads a model into a worker that ends with this command, and asks it about a
// red disc. Any answer is one: how good it is, is not for a check of files.
func (a *app) checkAnswer(ctx context.Context, name string) *modelLoadCheckJSON {
	c := &modelLoadCheckJSON{Question: "What is the colour of the shape in this image?"}
	if err := c.ask(ctx, a, name); err != nil {
		c.Problem = err.Error()
	}
	return c
}

func (c *modelLoadCheckJSON) ask(ctx context.Context, a *app, name string) error {
	own := *a
	own.config = maps.Clone(a.config)
	own.config[config.KeepAlive] = config.Value{Text: "0", Origin: "models check"}
	own.config[config.Model] = config.Value{Text: name, Origin: "models check"}
	e, _, err := own.openNative()
	if err != nil {
		return err
	}
	defer e.Close()
	begun := time.Now()
	if err := newStatus(a.stderr).awaitModel(ctx, e); err != nil {
		return err
	}
	info, err := e.Info(ctx)
	if err != nil {
		return err
	}
	c.Device = info.Device
	asked := engine.Message{Role: engine.User, Parts: []engine.Part{{Text: c.Question}}}
	if c.Picture = info.Capabilities.Vision; c.Picture {
		picture, err := disc()
		if err != nil {
			return err
		}
		asked.Parts = append([]engine.Part{{Picture: picture}}, asked.Parts...)
	} else {
		c.Question = "What is the colour of the sky?"
		asked.Parts[0].Text = c.Question
	}
	off := false
	var answer strings.Builder
	for event, err := range e.Chat(ctx, engine.Request{Messages: []engine.Message{asked}, Sampling: engine.Sampling{MaxTokens: 24}, Thinking: &off, Private: true}) {
		if err != nil {
			return err
		}
		if event.Kind == engine.Delta {
			answer.WriteString(event.Text)
		}
	}
	c.Answer = strings.TrimSpace(answer.String())
	c.Seconds = time.Since(begun).Seconds()
	return nil
}

// disc is a picture of a red disc on a white ground.
func disc() (*images.Picture, error) {
	const side = 96
	m := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			c := color.RGBA{255, 255, 255, 255}
			if dx, dy := x-side/2, y-side/2; dx*dx+dy*dy < side*side/9 {
				c = color.RGBA{220, 30, 30, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return nil, err
	}
	return images.Decode("a red disc", b.Bytes(), images.Limits{})
}
