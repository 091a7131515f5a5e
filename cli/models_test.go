package cli

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// evil is a text that would set the terminal's title and go back a line.
const evil = "evil\x1b]0;title\a\u202e\x1b[A\r\nname"

func TestModelsTable(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	var out bytes.Buffer
	if err := printModels(&out, []engine.ModelInfo{
		{Name: "llava:7b", Size: 4_700_000_000, ContextSize: 4096, Vision: &yes, Thinking: true, Parameters: "7.2B", Quantization: "Q4_0", Modified: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)},
		{Name: "text", Vision: &no},
		{Name: evil, Parameters: evil, Quantization: evil},
	}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	var rows []string
	for _, line := range lines {
		rows = append(rows, strings.Join(strings.Fields(line), " "))
	}
	want := []string{
		"NAME SIZE CONTEXT VISION THINKING PARAMETERS QUANTIZATION MODIFIED",
		"llava:7b 4.7 GB 4096 yes yes 7.2B Q4_0 2026-03-04",
		"text - - no - - - -",
		"evil name - - ? - evil name evil name -",
	}
	if strings.Join(rows, "\n") != strings.Join(want, "\n") {
		t.Errorf("the table is\n%s", out.String())
	}
	noControl(t, out.String())
}

// noControl makes sure that nothing in a text moves the cursor.
func noControl(t *testing.T, text string) {
	t.Helper()
	if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f || r == '\u202e' }); i >= 0 {
		t.Errorf("%q has a control character", text)
	}
}

func TestModelDescription(t *testing.T) {
	t.Parallel()
	d := engine.ModelDescription{ModelInfo: engine.ModelInfo{Name: evil}, Facts: []engine.Fact{
		{Name: evil, Value: evil},
		{Name: "stop", Value: "a\n\nb\tc"},
		{Name: "licence", Value: strings.Repeat("You may.\n", 100)},
	}}
	var out bytes.Buffer
	if err := printDescription(&out, d, false); err != nil {
		t.Fatal(err)
	}
	want := "name       evil\n           name\n" +
		"vision     ?\n" +
		"evil name  evil\n           name\n" +
		"stop       a\n           b c\n" +
		"licence    You may.\n" + strings.Repeat("           You may.\n", mostLines-1) +
		"           … and 94 lines more, with --json\n"
	if out.String() != want {
		t.Errorf("the description is\n%s\nwant\n%s", out.String(), want)
	}
	noControl(t, out.String())
	out.Reset()
	if err := printDescription(&out, d, true); err != nil || strings.Count(out.String(), "You may.") != 100 {
		t.Errorf("the description is %s, %v", out.String(), err)
	}
	noControl(t, strings.ReplaceAll(out.String(), "\u202e", "")) // which JSON has as it is
}

func TestParameters(t *testing.T) {
	t.Parallel()
	for n, want := range map[uint64]string{0: "", 659_840: "660K", 1_140_096: "1.14M", 494_032_768: "494M", 7_615_616_512: "7.6B", 72_700_000_000: "72.7B"} {
		if got := parameters(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

// pulling is a server that yields some progress and then an error, if any.
type pulling struct {
	progress []engine.PullProgress
	err      error
	cancel   func()
}

func (p pulling) Pull(ctx context.Context, _ string) iter.Seq2[engine.PullProgress, error] {
	return func(yield func(engine.PullProgress, error) bool) {
		for _, r := range p.progress {
			if !yield(r, nil) {
				return
			}
		}
		if p.cancel != nil {
			p.cancel()
			yield(engine.PullProgress{}, ctx.Err())
		} else if p.err != nil {
			yield(engine.PullProgress{}, p.err)
		}
	}
}

func TestPull(t *testing.T) {
	t.Parallel()
	progress := []engine.PullProgress{{Status: "pulling manifest"}, {Status: "pulling " + evil, Done: 1, Total: 2}, {Status: "pulling " + evil, Done: 2, Total: 2}}
	failed := errors.New("no space left")
	ctx, cancel := context.WithCancel(t.Context())
	for _, c := range []struct {
		name        string
		server      pulling
		err         error
		out, stderr string
	}{
		{"to its end", pulling{progress: progress}, nil, "", "pulling manifest\npulling evil name\n"},
		{"to a failure", pulling{progress: progress[:1], err: failed}, failed, "", "pulling manifest\n"},
		{"until it is stopped", pulling{progress: progress[:1], cancel: cancel}, context.Canceled, "", "pulling manifest\nStopped. What has come of llava is kept: a later pull goes on with it.\n"},
	} {
		var out, stderr bytes.Buffer
		a := &app{stdout: &out, stderr: &stderr}
		err := a.pull(ctx, c.server, "llava")
		if !errors.Is(err, c.err) || out.String() != c.out || stderr.String() != c.stderr {
			t.Errorf("%s: %v, printed %q and %q", c.name, err, out.String(), stderr.String())
		}
	}
}

// What a person sees who watches, second by second.
func TestPullProgress(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	p := &pullPrinter{progressLine: progressLine{w: &out, terminal: true, now: func() time.Time { return now }}}
	for _, c := range []struct {
		after time.Duration
		r     engine.PullProgress
		want  string
	}{
		{0, engine.PullProgress{Status: "pulling manifest"}, "pulling manifest"},
		// What an earlier pull fetched says nothing of the rate.
		{time.Second, engine.PullProgress{Status: "pulling a1", Done: 500e6, Total: 1000e6}, "pulling a1  50%  500.0 MB of 1.0 GB"},
		{10 * time.Millisecond, engine.PullProgress{Status: "pulling a1", Done: 501e6, Total: 1000e6}, ""},
		{1990 * time.Millisecond, engine.PullProgress{Status: "pulling a1", Done: 520e6, Total: 1000e6}, "pulling a1  52%  520.0 MB of 1.0 GB  10.0 MB/s  48s left"},
		{time.Second, engine.PullProgress{Status: "pulling a1", Done: 550e6, Total: 1000e6}, "pulling a1  55%  550.0 MB of 1.0 GB  14.0 MB/s  32s left"},
		{time.Second, engine.PullProgress{Status: "pulling a1", Done: 1000e6, Total: 1000e6}, "pulling a1  100%  1.0 GB of 1.0 GB"},
		{time.Second, engine.PullProgress{Status: evil, Done: 7, Total: -1}, "evil name"},
	} {
		now = now.Add(c.after)
		out.Reset()
		p.report(c.r)
		if got := strings.TrimPrefix(out.String(), "\r\x1b[K"); got != c.want {
			t.Errorf("%+v shows %q, want %q", c.r, got, c.want)
		}
	}
	out.Reset()
	p.end()
	p.end()
	if out.String() != "\n" {
		t.Errorf("the end is %q", out.String())
	}
}
