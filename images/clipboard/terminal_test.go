package clipboard

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
)

func encoded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// kitty is a terminal that speaks OSC 5522, and holds these types.
func kitty(holds map[string]string, refusal string) Terminal {
	answers := make(chan string, 100)
	return Terminal{Answers: answers, Ask: func(sequence string) error {
		question, fence, _ := strings.Cut(sequence, "\x1b\\")
		kind, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(question, askKitty))
		data, kinds := holds[string(kind)], []string{}
		if string(kind) == "." {
			for k := range holds {
				kinds = append(kinds, k)
			}
			slices.Sort(kinds)
			data = strings.Join(kinds, " ")
		} else if refusal != "" {
			answers <- "\x1b]5522;type=read:status=" + refusal + "\x1b\\"
			return nil
		}
		answers <- "\x1b]5522;type=read:status=OK\x1b\\"
		for data != "" {
			n := min(5, len(data))
			answers <- "\x1b]5522;type=read:status=DATA:mime=" + encoded(string(kind)) + ";" + encoded(data[:n]) + "\x1b\\"
			data = data[n:]
		}
		answers <- "\x1b]5522;type=read:status=DONE\x1b\\"
		if fence != "" {
			answers <- "\x1b[?62;c"
		}
		return nil
	}}
}

// xterm is a terminal that speaks OSC 52 at most.
func xterm(answer string) Terminal {
	answers := make(chan string, 100)
	return Terminal{Answers: answers, Ask: func(sequence string) error {
		if strings.Contains(sequence, askText) && answer != "" {
			answers <- answer
		}
		if strings.HasSuffix(sequence, askAttributes) {
			answers <- "\x1b[?64;4c"
		}
		return nil
	}}
}

func in(env ...string) func(string) string {
	return func(name string) string {
		for _, e := range env {
			if n, v, _ := strings.Cut(e, "="); n == name {
				return v
			}
		}
		return ""
	}
}

func TestTerminal(t *testing.T) {
	t.Parallel()
	const word = "\x1b]52;c;" + "d29yZA==" + "\a"
	for name, c := range map[string]struct {
		terminal Terminal
		env      func(string) string
		want     Content
		err      string
	}{
		"a picture":         {kitty(map[string]string{"image/png": "a picture in parts", "text/plain": "x"}, ""), in(), Content{Picture: []byte("a picture in parts")}, ""},
		"files":             {kitty(map[string]string{"text/uri-list": "file:///a.png\r\n"}, ""), in(), Content{Sources: []string{"file:///a.png"}}, ""},
		"nothing":           {kitty(nil, ""), in(), Content{}, ErrEmpty.Error()},
		"not allowed":       {kitty(map[string]string{"image/png": "x"}, "EPERM"), in(), Content{}, "not allowed"},
		"busy":              {kitty(map[string]string{"image/png": "x"}, "EBUSY"), in(), Content{}, "try again"},
		"text":              {xterm(word), in(), Content{Text: "word"}, ""},
		"tmux":              {xterm(word), in("TMUX=/tmp/x"), Content{Text: "word"}, ""},
		"kitty within tmux": {kitty(map[string]string{"image/png": "x"}, ""), in("TMUX=/tmp/x"), Content{}, "does not say"},
		"no text":           {xterm("\x1b]52;c;\x1b\\"), in(), Content{}, ErrEmpty.Error()},
		"none":              {xterm(""), in(), Content{}, "does not say what was copied"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.terminal.Read(t.Context(), c.env)
			if string(got.Picture) != string(c.want.Picture) || got.Text != c.want.Text || !slices.Equal(got.Sources, c.want.Sources) {
				t.Errorf("%q", got)
			}
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Error(err)
			}
		})
	}
}

// Whatever a terminal sends, an answer is read to an end.
func FuzzTerminal(f *testing.F) {
	f.Add("\x1b]5522;type=read:status=OK\x1b\\\n\x1b]5522;type=read:status=DATA:mime=Lg==;aW1hZ2UvcG5n\x1b\\\n\x1b]5522;type=read:status=DONE\x1b\\")
	f.Add("\x1b[?62;c\n\x1b]52;c;d29yZA==\x1b\\")
	f.Fuzz(func(t *testing.T, lines string) {
		answers := make(chan string, 1+strings.Count(lines, "\n"))
		for line := range strings.SplitSeq(lines, "\n") {
			answers <- line
		}
		close(answers)
		got, err := Terminal{Ask: func(string) error { return nil }, Answers: answers}.Read(t.Context(), in())
		if err == nil && got.Picture == nil && got.Sources == nil && got.Text == "" {
			t.Error("neither content nor an error")
		}
		if none := (*NoAccess)(nil); err != nil && errors.As(err, &none) && none.Detail == "" {
			t.Error("no reason")
		}
	})
}
