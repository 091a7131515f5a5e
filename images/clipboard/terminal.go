package clipboard

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"time"
)

// Terminal is one that can be asked for what the person has copied, wherever this
// process runs. Asked is how: kitty's clipboard protocol, OSC 5522
// (https://sw.kovidgoyal.net/kitty/clipboard), which has pictures, or OSC 52, which
// has text (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html). Terminals ask
// the person first, or don't answer.
type Terminal struct {
	Ask     func(sequence string) error // sends a control sequence to the terminal
	Answers <-chan string               // control sequences that come from it, each whole
}

// What may be asked, and what answers begin with. Every terminal tells its
// attributes, after what it was asked before, so their coming says that nothing
// else will, unless the person is asked.
const (
	askAttributes = "\x1b[c"
	attributes    = "\x1b[?"
	askText       = "\x1b]52;c;?\x1b\\"
	someText      = "\x1b]52;"
	askKitty      = "\x1b]5522;type=read;"
	fromKitty     = "\x1b]5522;"
)

// How long a terminal may take.
const (
	toAnswer = 2 * time.Second        // at all
	tooLate  = 500 * time.Millisecond // after its attributes
	toDecide = time.Minute            // with the person being asked
	toGoOn   = 10 * time.Second       // between parts of an answer
)

// errMute says that a terminal did not answer.
var errMute = errors.New("the terminal does not answer")

// Speaks tells whether a terminal can be asked, by the environment of its
// programs.
func Speaks(env func(string) string) bool {
	kind := env("TERM")
	return kind != "" && kind != "dumb" && kind != "linux"
}

// Read returns what the person has copied. It takes seconds to find out that a
// terminal does not tell, and may take a minute where the person is asked. A
// *NoAccess says that there is no answer.
func (t Terminal) Read(ctx context.Context, env func(string) string) (Content, error) {
	// Between this process and the terminal, tmux and screen pass on no more than
	// OSC 52, to which tmux gives what was copied in it.
	if env("TMUX") == "" && !strings.HasPrefix(env("TERM"), "screen") {
		c, err := t.readKitty(ctx)
		if !errors.Is(err, errMute) {
			return c, err
		}
	}
	c, err := t.readText(ctx)
	if errors.Is(err, errMute) {
		err = &NoAccess{"the terminal does not say what was copied (kitty can hand over pictures, some others text)"}
	}
	return c, err
}

// readKitty asks what there is, and then for what is of most use.
func (t Terminal) readKitty(ctx context.Context) (Content, error) {
	list, err := t.askKitty(ctx, ".", askAttributes)
	if err != nil {
		return Content{}, err
	}
	kinds := strings.Fields(string(list))
	if len(kinds) == 0 {
		return Content{}, ErrEmpty
	}
	return ofTypes(ctx, kinds, func(ctx context.Context, kind string) ([]byte, error) {
		return t.askKitty(ctx, kind, "")
	})
}

// askKitty asks for one type of content, or for a list of them, and reads the parts
// of the answer. fence is what to ask besides, so that a terminal that does not
// know the protocol is known at once.
func (t Terminal) askKitty(ctx context.Context, kind, fence string) ([]byte, error) {
	if err := t.Ask(askKitty + base64.StdEncoding.EncodeToString([]byte(kind)) + "\x1b\\" + fence); err != nil {
		return nil, err
	}
	limit := toDecide
	if fence != "" {
		limit = toAnswer
	}
	var data []byte
	for begun := false; ; {
		answer, err := t.next(ctx, limit)
		switch {
		case err != nil && begun:
			return nil, errors.New("the terminal broke off while it handed over what was copied")
		case err != nil:
			return nil, err
		case strings.HasPrefix(answer, attributes) && !begun:
			if fence != "" {
				limit = tooLate
			}
			continue
		case !strings.HasPrefix(answer, fromKitty):
			continue
		}
		begun, limit = true, toGoOn
		part, status := kittyPart(answer)
		switch status {
		case "OK":
		case "DATA":
			if data = append(data, part...); len(data) > maxBytes {
				return nil, errTooMuch
			}
		case "DONE":
			return data, nil
		case "EPERM":
			return nil, &NoAccess{"the terminal was not allowed to hand over what was copied"}
		case "EBUSY":
			return nil, &NoAccess{"the terminal is busy handing over what was copied to another program; try again"}
		default:
			return nil, &NoAccess{"the terminal can't hand over what was copied"}
		}
	}
}

// kittyPart reads one part of an answer: its status and what it brings.
func kittyPart(sequence string) (data []byte, status string) {
	about, payload, _ := strings.Cut(inner(sequence, fromKitty), ";")
	for field := range strings.SplitSeq(about, ":") {
		if name, value, _ := strings.Cut(field, "="); name == "status" {
			status = value
		}
	}
	data, err := base64.StdEncoding.DecodeString(payload)
	if err != nil {
		return nil, "damaged"
	}
	return data, status
}

// readText asks for what was copied as text.
func (t Terminal) readText(ctx context.Context) (Content, error) {
	if err := t.Ask(askText + askAttributes); err != nil {
		return Content{}, err
	}
	for limit := toAnswer; ; {
		answer, err := t.next(ctx, limit)
		switch {
		case err != nil:
			return Content{}, err
		case strings.HasPrefix(answer, attributes):
			limit = tooLate
		case strings.HasPrefix(answer, someText):
			_, payload, _ := strings.Cut(inner(answer, someText), ";")
			text, err := base64.StdEncoding.DecodeString(payload)
			if err != nil || len(text) == 0 {
				return Content{}, ErrEmpty
			}
			return Content{Text: string(text)}, nil
		}
	}
}

// next waits for something to come from the terminal.
func (t Terminal) next(ctx context.Context, limit time.Duration) (string, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case answer, open := <-t.Answers:
		if !open {
			return "", errMute
		}
		return answer, nil
	case <-timer.C:
		return "", errMute
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// inner is what a control sequence says between its beginning and its end.
func inner(sequence, begin string) string {
	s := strings.TrimPrefix(sequence, begin)
	for _, end := range []string{"\x1b\\", "\a", "\x9c"} {
		s = strings.TrimSuffix(s, end)
	}
	return s
}
