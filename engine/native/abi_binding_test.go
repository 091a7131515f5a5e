//go:build abi

package native

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/testdata/hostile"
)

// bindingCommand is the hidden command under which the tests' executable tries
// the binding on a runtime: what the engine does not show of it.
const bindingCommand = "abi-binding"

// A test's init comes before its TestMain.
func init() {
	commands = append(commands, func() {
		if len(os.Args) == 2 && os.Args[1] == bindingCommand {
			os.Exit(bindingMain(os.Stdin, os.Stdout))
		}
	})
}

// bindingTask is what the process gets on its standard input.
type bindingTask struct {
	Paths            llamacpp.Paths
	Model, Projector string
	Layers           int
	Picture          llamacpp.Bitmap
	Question         string // a prompt, in which bindingMarker stands for the picture

	// Resume is what another process found: its state is restored, and the
	// answer goes on from there. Without it the prompt is read.
	Resume *bindingReport
}

// bindingReport is what it found.
type bindingReport struct {
	Version, Commit string
	EncodeStops     bool // a picture's encoding can be stopped half way

	Positions int              // that the state holds
	State     []byte           // saved in the middle of the answer
	Next      []llamacpp.Token // the rest of the answer
	Text      string           // the whole answer
}

const bindingMarker = "<__picture__>"

// half is how many tokens of the answer come before its state is saved.
const half = 5

func bindingMain(in io.Reader, out io.Writer) int {
	var task bindingTask
	err := json.NewDecoder(in).Decode(&task)
	if err == nil {
		var r bindingReport
		if r, err = tryBinding(task); err == nil {
			err = json.NewEncoder(out).Encode(r)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// bindingTrial is a runtime with a model, at work on a task.
type bindingTrial struct {
	bindingTask
	lib       *llamacpp.Library
	model     *llamacpp.Model
	context   *llamacpp.Context
	projector *llamacpp.Projector
}

func tryBinding(task bindingTask) (r bindingReport, err error) {
	t := bindingTrial{bindingTask: task}
	t.lib, err = llamacpp.Load(task.Paths, func(level llamacpp.Level, text string) {
		if level == llamacpp.Error || level == llamacpp.Fatal {
			fmt.Fprintln(os.Stderr, text)
		}
	})
	if err != nil {
		return r, err
	}
	r.Version, r.Commit = t.lib.Version, t.lib.Commit
	if t.model, err = t.lib.LoadModel(task.Model, llamacpp.ModelOptions{}, func(float32) bool { return true }); err != nil {
		return r, fmt.Errorf("the model: %w", err)
	}
	defer t.model.Close()
	if t.context, err = t.model.NewContext(llamacpp.ContextOptions{Size: 512, Threads: 1}); err != nil {
		return r, err
	}
	defer t.context.Close()
	t.projector, err = t.model.LoadProjector(task.Projector, llamacpp.ProjectorOptions{Threads: 1, Marker: bindingMarker, Layers: task.Layers})
	if err != nil {
		return r, fmt.Errorf("the projector: %w", err)
	}
	defer t.projector.Close()
	if task.Resume != nil {
		return r, t.resume(&r)
	}
	return r, t.answer(&r)
}

// answer reads the prompt, answers, and saves the state half way.
func (t *bindingTrial) answer(r *bindingReport) error {
	if err := t.read(r); err != nil {
		return fmt.Errorf("reading the prompt: %w", err)
	}
	before, err := t.write(&r.Positions, half)
	if err != nil {
		return err
	}
	if err := t.cancelled(r.Positions); err != nil {
		return err
	}
	if r.State, err = t.context.SaveState(0, t.Model); err != nil {
		return err
	}
	// One that wants to go on needs a token that the state does not hold yet,
	// for its logits.
	last := before[len(before)-1]
	end := r.Positions
	rest, err := t.goOn(last, &end)
	if err != nil {
		return err
	}
	r.Next = append([]llamacpp.Token{last}, rest...)
	r.Text = t.text(slices.Concat(before, rest))
	return nil
}

// read computes the prompt, after stopping the encoder in its middle.
func (t *bindingTrial) read(r *bindingReport) error {
	chunks, err := t.projector.Tokenize(t.Question, t.model.AddsBOS(), []llamacpp.Bitmap{t.Picture})
	if err != nil {
		return err
	}
	defer chunks.Close()
	for i, c := range chunks.All {
		if c.Tokens != nil {
			err = t.context.DecodeTokens(0, c.Tokens, r.Positions, i == len(chunks.All)-1)
		} else {
			err = t.readPicture(c, r)
		}
		if err != nil {
			return err
		}
		r.Positions += c.Positions
	}
	return nil
}

func (t *bindingTrial) readPicture(c llamacpp.Chunk, r *bindingReport) error {
	if c.ID != t.Picture.ID || c.Count != 64 {
		return fmt.Errorf("the picture's chunk is %+v", c)
	}
	asked := 0
	_, err := t.projector.Encode(c, func(float64) bool { asked++; return asked < 2 })
	switch r.EncodeStops = asked > 0; {
	case asked == 0 && err != nil:
		return err
	case asked > 0 && (asked != 2 || !errors.Is(err, llamacpp.ErrCancelled)):
		return fmt.Errorf("an encoding that was to stop when it asked the second time asked %d times and ended with %v", asked, err)
	}
	embeddings, err := t.projector.Encode(c, func(float64) bool { return true })
	if err != nil {
		return err
	}
	return t.context.DecodeTile(0, c.Tile, embeddings, r.Positions, 0, c.Count)
}

// write samples up to n tokens, and computes all but the last of them.
func (t *bindingTrial) write(pos *int, n int) ([]llamacpp.Token, error) {
	sampler, err := t.model.NewSampler(engine.Sampling{})
	if err != nil {
		return nil, err
	}
	defer sampler.Close()
	var tokens []llamacpp.Token
	for {
		token, err := sampler.Sample(t.context, -1)
		if err != nil {
			return tokens, err
		}
		if t.model.IsEnd(token) {
			return tokens, nil
		}
		tokens = append(tokens, token)
		if len(tokens) == n {
			return tokens, nil
		}
		if err := t.context.DecodeTokens(0, []llamacpp.Token{token}, *pos, true); err != nil {
			return tokens, err
		}
		*pos++
	}
}

// goOn computes a token and writes what follows.
func (t *bindingTrial) goOn(token llamacpp.Token, pos *int) ([]llamacpp.Token, error) {
	if err := t.context.DecodeTokens(0, []llamacpp.Token{token}, *pos, true); err != nil {
		return nil, err
	}
	*pos++
	return t.write(pos, 100)
}

func (t *bindingTrial) text(tokens []llamacpp.Token) string {
	var text []byte
	for _, token := range tokens {
		text = t.model.Piece(text, token)
	}
	return string(text)
}

// cancelled stops computing a batch after the sequence's end at pos, and takes
// back what is there of it.
func (t *bindingTrial) cancelled(pos int) error {
	t.context.Cancel()
	err := t.context.DecodeTokens(0, make([]llamacpp.Token, 100), pos, true)
	t.context.Resume()
	if !errors.Is(err, llamacpp.ErrCancelled) {
		return fmt.Errorf("a decode that was cancelled ended with %v", err)
	}
	if !t.context.Truncate(0, pos) {
		return fmt.Errorf("after a decode that was cancelled, position %d can't be gone back to", pos)
	}
	return nil
}

// resume restores a state, after states that are not whole have been refused,
// and goes on with the answer.
func (t *bindingTrial) resume(r *bindingReport) error {
	saved := t.Resume.State
	for _, bad := range hostile.States {
		if err := t.context.RestoreState(0, bad.Edit(slices.Clone(saved)), t.Model); err == nil {
			return fmt.Errorf("a damaged state was restored: %s", bad.Name)
		}
	}
	if err := t.context.RestoreState(0, saved, "another model"); err == nil {
		return errors.New("another model's state was restored")
	}
	if err := t.context.RestoreState(0, saved, t.Model); err != nil {
		return err
	}
	r.Positions = t.Resume.Positions
	last := t.Resume.Next[0]
	rest, err := t.goOn(last, &r.Positions)
	r.Next = append([]llamacpp.Token{last}, rest...)
	return err
}
