package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termtext"
	"github.com/vlmchat/vlmchat/ui"
)

// rerunReport is what 'vlmchat sessions rerun --json' prints.
type rerunReport struct {
	documentHead
	Session string        `json:"session"`
	Title   string        `json:"title"`
	Answers []rerunAnswer `json:"answers"`
}

// rerunAnswer is how an answer came out that was asked for again.
type rerunAnswer struct {
	Number    int          `json:"number"` // as the chat counts
	Question  string       `json:"question"`
	Model     string       `json:"model,omitempty"` // that answered now
	Identical bool         `json:"identical"`
	Kept      string       `json:"kept"`
	Now       string       `json:"now"`
	Departs   *int         `json:"departs,omitempty"` // behind so many words that both have
	Differs   []difference `json:"differs"`           // of where they come from
	Notes     []string     `json:"notes,omitempty"`
	From      *ui.Origin   `json:"provenance,omitempty"` // as it was kept
	By        engine.Info  `json:"-"`
	state     sessions.State
	asked     bool
	partial   bool // only its beginning is kept
	thought   string
	usage     engine.Usage // as it was kept
	by        string
}

// difference is something that is not as it was.
type difference struct {
	What string `json:"what"`
	Kept string `json:"kept"` // empty if it was not known
	Now  string `json:"now"`
}

func newRerunAnswer(r ui.Replay) rerunAnswer {
	out := rerunAnswer{
		Number: r.Number, Question: r.Question, Kept: r.Answer.Text(), Differs: []difference{}, From: r.Origin,
		state: r.Answer.State, partial: r.Answer.State != sessions.Whole, thought: r.Thought, by: r.Answer.Model,
	}
	_ = json.Unmarshal(r.Answer.Usage, &out.usage) // what is not known stays zero
	return out
}

func (r *rerunAnswer) note(text string) { r.Notes = append(r.Notes, text) }

// compare tells how an answer came out.
func (r *rerunAnswer) compare(now said, info engine.Info) {
	r.asked, r.Now, r.Model = true, now.text, info.Model
	r.Identical = now.text == r.Kept
	if r.partial {
		r.Identical = strings.HasPrefix(now.text, r.Kept)
		r.Now = strings.ToValidUTF8(now.text[:min(len(now.text), len(r.Kept))], "")
		r.note("The answer was not whole: what was there of it is compared.")
	}
	if !r.Identical {
		n := commonWords(r.Kept, r.Now)
		r.Departs = &n
	}
	if thought := termtext.Sanitize(now.thought); thought != r.thought && (!r.partial || !strings.HasPrefix(thought, r.thought)) {
		r.note("What the model thought before is not the same.")
	}
	if r.by != info.Model {
		r.Differs = append(r.Differs, difference{"answered by", r.by, info.Model})
	}
	from := *r.From
	from.Provenance, from.Vlmchat = now.from, version()
	r.Differs = append(r.Differs, differences(r.From.Facts(), from.Facts())...)
	if r.From.Model == "" && from.Model != "" {
		r.note("It was not known yet what is in the model's file when the chat ended. It may be another one by now.")
	}
	if r.From.Options["continued"] != "" {
		r.note("A worker ended in the middle of this answer, and a second one went on: from there on it drew other numbers.")
	}
	if u := r.usage; !r.Identical && len(r.Differs) == 0 && u.CachedTokens > 0 {
		r.note(fmt.Sprintf("%d of the %d tokens of its prompt had been computed before, in other company than now. That moves numbers in their last digits, and a choice that is nearly even can fall the other way.",
			u.CachedTokens, u.PromptTokens))
	}
	if now.from.Seed == nil && !r.Identical {
		r.note("The server tells no seed, or takes none: it may answer otherwise each time.")
	}
}

// differences are what of two origins is not the same, in the order of the first. What was
// not known then is no difference.
func differences(kept, now []engine.Fact) []difference {
	all := []difference{}
	value := func(of []engine.Fact, name string) string {
		for _, f := range of {
			if f.Name == name {
				return f.Value
			}
		}
		return ""
	}
	for _, f := range kept {
		if other := value(now, f.Name); other != f.Value {
			all = append(all, difference{f.Name, f.Value, other})
		}
	}
	return all
}

// commonWords is behind how many words two texts part.
func commonWords(a, b string) int {
	x, y := strings.Fields(a), strings.Fields(b)
	n := 0
	for n < min(len(x), len(y)) && x[n] == y[n] {
		n++
	}
	return n
}

// print writes the report for a person.
func (r *rerunAnswer) print(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "Answer %d, to %q", r.Number, cutTo(termtext.Line(r.Question), 60))
	switch {
	case !r.asked:
		fmt.Fprintln(out, ", can't be asked for again.")
	case r.Identical:
		fmt.Fprintf(out, ": the same, by %s.\n", termtext.Line(r.Model))
	case *r.Departs == 0:
		fmt.Fprintln(out, ": another one from the first word on.")
	default:
		fmt.Fprintf(out, ": another one after %d words.\n", *r.Departs)
	}
	if r.Departs != nil {
		fmt.Fprintf(out, "  kept:  %s\n  now:   %s\n", around(r.Kept, *r.Departs), around(r.Now, *r.Departs))
	}
	if len(r.Differs) > 0 && r.Departs != nil {
		fmt.Fprintln(out, "  What is not as it was:")
	} else if len(r.Differs) > 0 {
		fmt.Fprintln(out, "  It came out the same, although this is not as it was:")
	}
	for _, d := range r.Differs {
		fmt.Fprintf(out, "  - %s: %s, now %s\n", termtext.Line(d.What), termtext.Line(d.Kept), orDash(termtext.Line(d.Now)))
	}
	if len(r.Differs) == 0 && r.Departs != nil {
		fmt.Fprintln(out, "  All that is known of where it comes from is as it was.")
	}
	for _, n := range r.Notes {
		fmt.Fprintln(out, "  "+n)
	}
	return out.Flush()
}

// Words that are shown of a text where it parts from another.
const (
	wordsBefore = 4
	wordsBehind = 10
)

// around are the words of a text around the place where it parts from another.
func around(text string, at int) string {
	words := strings.Fields(termtext.Sanitize(text))
	from, to := max(0, min(at, len(words))-wordsBefore), min(len(words), at+wordsBehind)
	shown := strings.Join(words[from:to], " ")
	if from > 0 {
		shown = "… " + shown
	}
	if to < len(words) {
		shown += " …"
	}
	if at >= len(words) {
		shown = strings.TrimSpace(shown + " (its end)")
	}
	return shown
}
