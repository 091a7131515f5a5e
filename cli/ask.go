package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/termtext"
)

// ask answers one question, or a whole conversation's last one, on stdout.
func (a *app) ask(ctx context.Context, flags askFlags, sources []string) error {
	sampling, err := a.sampling()
	if err != nil {
		return err
	}
	thinking, err := a.thinking()
	if err != nil {
		return err
	}
	prices, err := a.prices()
	if err != nil {
		return err
	}
	anew, err := a.config.Bool(config.RetryCut)
	if err != nil {
		return err
	}
	held, err := readStructure(flags)
	if err != nil {
		return err
	}
	if err := a.setUpLoader(); err != nil {
		return err
	}
	status := newStatus(a.stderr)
	listening, finish := reading(ctx, status, status.note)
	messages, err := a.conversation(listening, flags, sources)
	finish()
	if err != nil {
		return err
	}
	private, err := a.config.Bool(config.NoSave)
	if err != nil {
		return err
	}
	e, notice, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer e.Close()
	if notice != "" {
		status.note(notice)
	}
	out := newAnswerPrinter(a.stdout, flags.json || held.given())
	var done engine.Event
	var answer, thought strings.Builder
	told := false
	req := engine.Request{Messages: messages, Sampling: sampling, Thinking: thinking, Schema: held.schema, Grammar: held.grammar, Private: private}
	req.Restart = anew || out.silent // nothing is seen of what is taken back
	for ev, err := range e.Chat(ctx, req) {
		if err != nil {
			status.clear()
			out.abort()
			return held.explain(err)
		}
		if !told && ev.Kind != engine.Load {
			told = true
			if note := noteOf(ctx, e); note != "" {
				status.clear()
				status.note(note)
			}
		}
		if ev.Kind != engine.Delta && ev.Kind != engine.Thinking {
			ev.Text = a.secrets.hide(ev.Text) // it may be the server's words
		}
		switch ev.Kind {
		case engine.Delta:
			status.clear()
			answer.WriteString(ev.Text)
			if err := out.text(ev.Text); err != nil {
				return err
			}
		case engine.Restart:
			status.clear()
			answer.Reset()
			thought.Reset()
			if out, err = out.restart(a.stderr, ev.Text); err != nil {
				return err
			}
		case engine.Done:
			done = ev
		case engine.Thinking:
			thought.WriteString(ev.Text)
			status.show(ev)
		case engine.Note:
			status.clear()
			status.note(termtext.Line(ev.Text))
		default:
			status.show(ev)
		}
	}
	status.clear()
	if answer.Len() == 0 && thought.Len() > 0 {
		status.note("The model thought and came to no answer: --max-tokens allows more of both, --thinking off has it answer at once")
	}
	if err := held.check(answer.String(), done.Finish, sampling.MaxTokens); err != nil {
		return err
	}
	if held.given() {
		out = newAnswerPrinter(a.stdout, flags.json)
		if err := out.text(answer.String()); err != nil {
			return err
		}
	}
	if !flags.json {
		return out.end()
	}
	// The answer is whole. It is not withheld where the server would tell no
	// more of the model than its name: many keys may ask, but not list.
	info, _ := e.Info(ctx)
	info.Model = a.secrets.hide(info.Model) // a server can call its model by the key
	done.Provenance = proved(ctx, e, done.Provenance)
	return printJSON(a.stdout, info, answer.String(), thought.String(), done, imagesOf(messages), prices)
}

// provingPatience is how long an answer that is there waits for what is yet to be known of
// where it comes from: the digest of a large model, at its first answer.
const provingPatience = time.Second

// proved completes what an answer comes from, as far as that is known soon.
func proved(ctx context.Context, e engine.Engine, p *engine.Provenance) *engine.Provenance {
	prover, ok := e.(engine.Prover)
	if !ok || p == nil {
		return p
	}
	ctx, cancel := context.WithTimeout(ctx, provingPatience)
	defer cancel()
	whole, err := prover.Prove(ctx, *p)
	if err != nil {
		return p
	}
	return &whole
}

// noteOf is what a person should know of how a model was loaded, "" for nothing.
// Only engines that load one themselves know without asking a server.
func noteOf(ctx context.Context, e engine.Engine) string {
	if _, loads := e.(engine.Loader); !loads {
		return ""
	}
	info, _ := e.Info(ctx)
	return termtext.Line(info.Note)
}

// conversation makes the messages to answer: those of --messages, then the
// question with the pictures.
func (a *app) conversation(ctx context.Context, flags askFlags, sources []string) ([]engine.Message, error) {
	question := flags.prompt
	if slices.Contains(sources, "-") && flags.messages == "-" {
		return nil, usagef("standard input (-) can't be both the conversation and a picture")
	}
	stdinTaken := slices.Contains(sources, "-") || flags.messages == "-"
	if !flags.hasPrompt && flags.messages == "" {
		if stdinTaken || isTerminal(a.stdin) {
			return nil, usagef("there is no question: name one with -p, or put it on standard input")
		}
		text, err := readUntil(ctx, a.stdin, maxPromptBytes)
		if err != nil {
			return nil, fmt.Errorf("reading the question from standard input: %w", err)
		}
		question = strings.TrimRight(string(text), "\r\n")
		if len(text) == maxPromptBytes {
			return nil, usagef("the question on standard input is longer than %d MiB", maxPromptBytes>>20)
		}
	}
	if strings.TrimSpace(question) == "" && flags.messages == "" {
		return nil, usagef("the question is empty: name one with -p, or put it on standard input")
	}
	var messages []engine.Message
	if system := a.config.String(config.System); system != "" {
		messages = append(messages, engine.Text(engine.System, system))
	}
	if flags.messages != "" {
		more, err := a.readMessages(ctx, flags.messages)
		if err != nil {
			return nil, err
		}
		messages = append(messages, more...)
	}
	pictures, err := a.pictures(ctx, sources)
	if err != nil {
		return nil, err
	}
	if flags.clipboard {
		copied, err := a.fromClipboard(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range copied {
			pictures = append(pictures, engine.Part{Picture: p})
		}
	}
	if question != "" || len(pictures) > 0 {
		last := engine.Message{Role: engine.User, Parts: pictures}
		if question != "" {
			last.Parts = append(last.Parts, engine.Part{Text: question})
		}
		messages = append(messages, last)
	}
	return messages, nil
}

const maxPromptBytes = 16 << 20

// answerPrinter prints the answer as it comes, made safe for a terminal.
type answerPrinter struct {
	w       io.Writer
	silent  bool // the answer is printed later, as JSON
	cleaner termtext.Cleaner
	last    byte
	begun   bool // something was printed
}

func newAnswerPrinter(w io.Writer, silent bool) *answerPrinter {
	return &answerPrinter{w: w, silent: silent, last: '\n'}
}

func (p *answerPrinter) text(s string) error {
	s = p.cleaner.Clean(s)
	if p.silent || s == "" {
		return nil
	}
	p.last, p.begun = s[len(s)-1], true
	_, err := io.WriteString(p.w, s)
	return err
}

// restart is the printer of the answer that begins anew, in place of what was
// printed: that is told on stderr, whoever reads it.
func (p *answerPrinter) restart(stderr io.Writer, why string) (*answerPrinter, error) {
	if p.begun {
		if err := p.end(); err != nil {
			return nil, err
		}
		fmt.Fprintf(stderr, "The answer above was cut, and begins anew: %s\n", termtext.Line(why))
	}
	return newAnswerPrinter(p.w, p.silent), nil
}

// end ends the answer's last line.
func (p *answerPrinter) end() error {
	if p.last == '\n' {
		return nil
	}
	_, err := io.WriteString(p.w, "\n")
	return err
}

// abort ends the line of an answer that did not come to its end, so that the
// error below it stands alone.
func (p *answerPrinter) abort() { _ = p.end() }

// answerJSON is what --json prints.
type answerJSON struct {
	Answer   string      `json:"answer"`
	Thinking string      `json:"thinking,omitempty"`
	Finish   string      `json:"finish"`
	Engine   string      `json:"engine"`
	Model    string      `json:"model"`
	Device   string      `json:"device,omitempty"`
	Note     string      `json:"note,omitempty"`
	Images   []imageJSON `json:"images"`
	Usage    usageJSON   `json:"usage"`
	Cost     *float64    `json:"cost,omitempty"` // in US dollars, where the prices are known
	Timings  timingsJSON `json:"timings"`

	Provenance *engine.Provenance `json:"provenance,omitempty"`
	Vlmchat    string             `json:"vlmchat"` // the version that asked
}

type imageJSON struct {
	Source string `json:"source"`
	SHA256 string `json:"sha256,omitempty"` // this and the rest only of pictures that were read here
	Format string `json:"format,omitempty"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
}

// imagesOf lists the pictures of a conversation.
func imagesOf(messages []engine.Message) []imageJSON {
	list := []imageJSON{}
	for _, m := range messages {
		for _, part := range m.Parts {
			switch p := part.Picture; {
			case p != nil:
				list = append(list, imageJSON{p.Source, p.SHA256, p.Format, p.Width, p.Height})
			case part.URL != "":
				list = append(list, imageJSON{Source: images.ShownURL(part.URL)})
			}
		}
	}
	return list
}

type usageJSON struct {
	PromptTokens    int `json:"prompt_tokens"`
	ImageTokens     int `json:"image_tokens"`
	CachedTokens    int `json:"cached_tokens"`
	GeneratedTokens int `json:"generated_tokens"`
	ThinkingTokens  int `json:"thinking_tokens,omitempty"` // of the generated ones, where a server tells
}

// timingsJSON counts milliseconds.
type timingsJSON struct {
	Load            float64 `json:"load_ms"`
	Encode          float64 `json:"encode_ms"`
	Prompt          float64 `json:"prompt_ms"`
	Generate        float64 `json:"generate_ms"`
	TTFT            float64 `json:"ttft_ms"`
	TokensPerSecond float64 `json:"tokens_per_second"`
}

func printJSON(w io.Writer, info engine.Info, answer, thinking string, done engine.Event, pictures []imageJSON, prices engine.Prices) error {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	v := answerJSON{Answer: answer, Thinking: thinking, Finish: string(done.Finish), Engine: info.Engine, Model: info.Model, Device: info.Device, Note: info.Note, Images: pictures,
		Provenance: done.Provenance, Vlmchat: version()}
	if u := done.Usage; u != nil {
		v.Usage = usageJSON{u.PromptTokens, u.ImageTokens, u.CachedTokens, u.GeneratedTokens, u.ThinkingTokens}
		v.Timings = timingsJSON{ms(u.LoadTime), ms(u.EncodeTime), ms(u.PromptTime), ms(u.GenerateTime), ms(u.TTFT), u.TokensPerSecond()}
		const digits = 1e12 // those after are what binary fractions leave
		if cost := math.Round(prices.Cost(*u)*digits) / digits; prices.Known() && u.PromptTokens+u.GeneratedTokens > 0 {
			v.Cost = &cost
		}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
