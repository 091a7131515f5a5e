package native

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// templateTrial is a chat template that is tried in a process of its own. One
// that takes the process with it is noticed there, before any question is asked.
type templateTrial struct {
	Source string `json:"source"`
	BOS    string `json:"bos"`
	EOS    string `json:"eos"`
}

// trialTimeout is more than a template needs that gives up by itself, of which
// newChatTemplate renders several conversations.
const trialTimeout = 15 * time.Second

// run tries the template and returns it compiled, or why it can't be used.
func (trial templateTrial) run() (*chatTemplate, error) {
	ctx, cancel := context.WithTimeout(context.Background(), trialTimeout)
	defer cancel()
	cmd, err := spec{Trial: &trial}.command(ctx)
	if err != nil {
		return nil, err
	}
	told, err := runAside(ctx, cmd, "trying it")
	if err != nil {
		return nil, err
	}
	for l := range strings.Lines(told) {
		if text, ok := strings.CutPrefix(l, factsMark); ok {
			t, err := compileTemplate(trial.Source, trial.BOS, trial.EOS)
			if err != nil {
				return nil, err
			}
			return t, json.Unmarshal([]byte(text), &t.templateForm)
		}
	}
	return nil, errors.New("trying it told nothing")
}

// chooseTemplate returns a model's own chat template if it is of use, or else
// that of its family, with a sentence for people that says so.
func chooseTemplate(own templateTrial, familyOf func() family) (t *chatTemplate, note string, err error) {
	var reason string
	if own.Source != "" {
		if t, err = own.run(); err == nil {
			return t, "", nil
		}
		reason = fmt.Sprintf("The model's own chat template is not used (%s)", shorten(err.Error(), 200))
	} else {
		reason = "The model's file has no chat template"
	}
	f := familyOf()
	if t, err = newChatTemplate(f.template, own.BOS, own.EOS); err == nil {
		t.family = f.name
	}
	return t, reason + "; the one for " + f.name + " stands in.", err
}

// shorten cuts a text to about n bytes, at a character's end.
func shorten(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "") + "…"
}

// main is the side of the process that may suffer.
func (trial templateTrial) main() int {
	t, err := newChatTemplate(trial.Source, trial.BOS, trial.EOS)
	if err == nil {
		var form []byte
		if form, err = json.Marshal(t.templateForm); err == nil {
			fmt.Println(factsMark + string(form))
			return exitOK
		}
	}
	fmt.Fprintln(os.Stderr, fatalMark+strings.Join(strings.Fields(err.Error()), " "))
	return exitFailed
}
