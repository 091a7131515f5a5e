package ui

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/ui/markdown"
)

// state is where an answer is on its way.
type state int

const (
	waiting   state = iota // for the model to load or the engine to be free
	running                // asked; perhaps some of it is there
	answered               // whole, or at its limit
	stopped                // by the person; what was said stays
	failed                 // see err; what was said stays
	abandoned              // stopped before a word was said
)

// answer is what the model says to a question.
type answer struct {
	raw      strings.Builder // as the engine sent it: what later requests repeat
	shown    markdown.Stream // as it is drawn
	json     bool            // it is a JSON document, and is drawn as one
	thought  thought
	state    state
	finish   engine.Finish
	limit    int              // of tokens, for the note when it was reached
	by       *engine.Info     // who says it; nil if that did not say what it is
	usage    *engine.Usage    // what it took; nil until it is whole, and if nobody told
	cost     float64          // in US dollars
	signed   bool             // it says who gave it
	sampling *engine.Sampling // how it was asked for; nil until it was
	from     *Origin          // what it came from; nil until it was asked for
	err      error
	leftOut  bool       // the question's pictures are left out of later requests
	ground   *grounding // what it rests on; nil until that is asked for
	branch   place      // among the answers to the question
	changes  int
	drawn    sections
	margin   dressing
}

// sections says which lines, of those that were drawn last, have what.
type sections struct {
	head          int  // says how it is with the thought; -1 if there is none
	thought, said rows // what the model thought and said, as far as they are seen
}

// silent reports whether the answer ended without a word.
func (a *answer) silent() bool {
	return a.raw.Len() == 0 && (a.state == failed || a.state == abandoned)
}

// isOf reports whether an engine said it, as far as is known.
func (a *answer) isOf(info *engine.Info) bool {
	return a.by == nil || info == nil || *a.by == *info
}

// add appends what the engine sent.
func (a *answer) add(text string) {
	if text == "" {
		return
	}
	if a.json && a.raw.Len() == 0 {
		a.shown.Add(jsonFence)
	}
	a.raw.WriteString(text)
	a.shown.Add(text)
	a.changes++
}

// jsonFence begins a code block.
const jsonFence = "```json\n"

// tidyJSON puts a document that is whole on lines of its own for each member.
func (a *answer) tidyJSON() {
	var tidy bytes.Buffer
	if a.json && json.Indent(&tidy, []byte(strings.TrimSpace(a.raw.String())), "", "  ") == nil {
		a.shown = markdown.Stream{}
		a.shown.Add(jsonFence + tidy.String())
	}
}

// think appends what the model thinks aloud. It is no part of what it says.
func (a *answer) think(text string) {
	if text == "" {
		return
	}
	a.thought.add(text)
	a.changes++
}

// takeBack makes as if nothing had come yet: the answer begins anew.
func (a *answer) takeBack() {
	a.raw.Reset()
	a.shown, a.thought = markdown.Stream{}, thought{}
	a.changes++
}

// end closes the answer.
func (a *answer) end(s state) {
	a.state = s
	a.tidyJSON()
	a.shown.End()
	a.changes++
}

// interrupted closes the answer where it is.
func (a *answer) interrupted() {
	if a.raw.Len() == 0 {
		a.end(abandoned)
	} else {
		a.end(stopped)
	}
}

// fail closes the answer with an error.
func (a *answer) fail(err error) {
	a.err = err
	switch engine.KindOf(err) {
	case engine.BadPicture, engine.NotVision, engine.ContextFull:
		// What made this request fail would make every later one fail.
		a.leftOut = a.raw.Len() == 0
	}
	a.end(failed)
}

func (a *answer) version() int { return a.changes }

func (a *answer) draw(f frame) []string {
	width := max(1, f.width-len(indent))
	lines := a.thinks(f, width)
	from := len(lines)
	if !a.shown.Empty() {
		if a.ground != nil && a.ground.seen {
			lines = append(lines, a.ground.lines(width, f.styles)...)
		} else {
			lines = append(lines, a.shown.Lines(width, f.styles.reading)...)
		}
	}
	a.drawn.said = rows{from, len(lines)}
	if len(lines) == 0 && !a.over() {
		lines = append(lines, f.styles.faint.Render("…"))
	}
	for _, n := range a.remarks() {
		lines = append(lines, n.lines(width, f.styles)...)
	}
	lines = f.styles.beside(lines, a.branch.String(), width)
	if line := a.footer(width, f.styles); line != "" && a.over() && !f.noFooter {
		lines = append(lines, f.styles.faint.Render(line))
	}
	return a.margin.lines(lines, f.styles, func(line string) string { return indent + line })
}

// remarks are what the program says of how an answer ended.
func (a *answer) remarks() []note {
	switch a.state {
	case stopped:
		return []note{{text: "■ stopped"}}
	case abandoned:
		return []note{{text: "■ stopped before it began · /retry asks again"}}
	case failed:
		text, hint := explain(a.err)
		remarks := []note{{text: text, hint: hint, bad: true}}
		if !a.leftOut {
			remarks[0].hint = strings.TrimSpace(hint + "\n" + remedy(a.err))
		} else {
			remarks = append(remarks, note{text: "The model will not see this question and its pictures again; /retry sends them once more."})
		}
		return remarks
	case answered:
		switch tokens := a.tokens(); {
		case a.finish == engine.Length && tokens > 0 && tokens < a.limit:
			return []note{{text: fmt.Sprintf("■ cut after %d tokens, below the limit of %d: the context is full, or the server has a limit of its own", tokens, a.limit)}}
		case a.finish == engine.Length && a.limit > 0:
			return []note{{text: fmt.Sprintf("■ cut at the limit of %d tokens", a.limit)}}
		case a.finish == engine.Length:
			return []note{{text: "■ cut at the token limit"}}
		case a.shown.Empty():
			return []note{{text: "(the model said nothing)"}}
		}
	}
	return nil
}

// said is the answer's text, safe to draw.
func (a *answer) said() string {
	if a.json {
		return strings.TrimPrefix(a.shown.Text(), jsonFence)
	}
	return a.shown.Text()
}

// thinks draws what the model thought.
func (a *answer) thinks(f frame, width int) []string {
	a.drawn = sections{head: -1}
	if a.thought.empty() {
		return nil
	}
	tokens := 0
	if a.usage != nil {
		tokens = a.usage.ThinkingTokens
	}
	lines := a.thought.draw(f, width, a.thinking(), tokens)
	a.drawn.head, a.drawn.thought = 0, rows{1, len(lines)}
	if a.drawn.thought.to > 1 && !a.shown.Empty() {
		lines = append(lines, "")
	}
	return lines
}

// thinking reports whether the model has begun to think and not yet to speak.
func (a *answer) thinking() bool {
	return a.state == running && !a.thought.empty() && a.shown.Empty()
}

// tick has the time go on that the model thinks.
func (a *answer) tick(now time.Time) {
	if a.thinking() {
		a.thought.doing.tick(now)
		a.changes++
	}
}

// over reports whether nothing will be added.
func (a *answer) over() bool { return a.state != waiting && a.state != running }

// turn folds or unfolds what the model thought.
func (a *answer) turn(f frame) {
	if a.thought.open(f) {
		a.thought.fold = folded
	} else {
		a.thought.fold = unfolded
	}
	a.changes++
}

// tokens is how many the answer has, 0 if nobody told.
func (a *answer) tokens() int {
	if a.usage == nil {
		return 0
	}
	return a.usage.GeneratedTokens
}

// explain says an error in the words of the engine: what is wrong, and what to
// do about it.
func explain(err error) (text, hint string) {
	var e *engine.Error
	if errors.As(err, &e) {
		return e.Message, e.Hint
	}
	return err.Error(), ""
}
