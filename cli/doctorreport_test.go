package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/images/clipboard"
	"github.com/vlmchat/vlmchat/memory"
	"github.com/vlmchat/vlmchat/models"
)

// someChecks are the outcomes of faked facts about ada's machine.
func someChecks() []check {
	m := models.Model{Name: "Some VLM", Path: "/home/ada/models/some/some-model-with-a-long-name-Q4_K_M.gguf"}
	header := &models.GGUF{Size: 9_800_000_000, Values: map[string]any{
		"general.architecture": "qwen2vl", "general.file_type": uint64(15), "qwen2vl.context_length": uint64(32768),
	}}
	gpu := graphics{vendor: "NVIDIA", name: "NVIDIA L4"}
	cpu := native.Device{Name: "CPU", Type: "cpu", Description: "Some Processor", Backend: "CPU", Free: 6e9, Total: 16e9}
	env := func(name string) string {
		return map[string]string{"TERM": "tmux-256color", "NO_COLOR": "1"}[name]
	}
	checks := []check{
		note("vlmchat", "v1.2.3"),
		judgeDevices([]native.Device{cpu}, []string{"cpu"}, []graphics{gpu}),
		judgeMemory(memory.Facts{Total: 16e9, Available: 6e9}, 9_800_000_000, false),
	}
	checks = append(checks, judgeModel(m, modelFiles{model: header, modelSize: header.Size})...)
	failed := failure("load", "", &engine.Error{
		Kind:    engine.WorkerDied,
		Message: "the worker ended while it loaded " + m.Path + " for ada on engine",
		Hint:    "do this\nor http://u:p@engine:1/?k=v",
	})
	return append(checks, failed,
		judgeServer("ollama", engine.Info{Host: "127.0.0.1:11434", Model: "smollm"}),
		judgeTerminal(terminalFacts{there: true, width: 80, height: 24, profile: colorprofile.ASCII, env: env, pictures: []string{"pictures are drawn as a ramp of characters"}}),
		judgeClipboard("", &clipboard.NoAccess{Detail: "there is no display"}, false),
	)
}

const someReport = `- vlmchat        v1.2.3
! devices        NVIDIA L4 is idle: the runtime has no backend but the CPU's
                 > get a llama.cpp with CUDA or Vulkan, and choose it: vlmchat
                   runtime use FOLDER
                 - CPU: cpu, Some Processor, 6.0 GB of 16.0 GB free
! memory         16.0 GB, 6.0 GB available; the model's files have 9.8 GB
                 > close what else needs memory, or take a smaller model or
                   quantisation: reading it from disk again and again is slow
+ model          Some VLM: qwen2vl, Q4_K_M, 9.8 GB, trained for 32768 tokens
                 - ~/models/some/some-model-with-a-long-name-Q4_K_M.gguf
! template       the model's file has no chat template, so that of its family
                 stands in, which may be another format than the model was
                 trained on
                 > if answers are odd or don't end, take a GGUF file of the
                   model that has its template (tokenizer.chat_template)
! vision         off: no projector (mmproj) lies beside
                 some-model-with-a-long-name-Q4_K_M.gguf in ~/models/some
                 > put the projector (mmproj) that was published with the model
                   into that folder, or name it with --mmproj; a model without
                   one is for text only
x load           the worker ended while it loaded
                 ~/models/some/some-model-with-a-long-name-Q4_K_M.gguf for
                 [user] on [host]
                 > do this
                 > or http://[secret]@[host]:1/?[secret]
! ollama         127.0.0.1:11434 answers; model smollm; vision is off: the
                 server says that this model can't see pictures
                 > choose one that can with --model; 'ollama show MODEL' lists
                   vision among its capabilities
! terminal       tmux-256color, 80x24, no colours, not UTF-8
                 > characters may come out wrong: set LANG to a locale with
                   UTF-8, such as C.UTF-8
                 - pictures are drawn as a ramp of characters
                 - NO_COLOR is set
- clipboard      none: there is no display

1 check failed, 6 warnings.
`

func TestDoctorReport(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		look reportLook
		want func(string) string
	}{
		"ascii":   {reportLook{width: 80}, func(s string) string { return s }},
		"unicode": {reportLook{width: 80, unicode: true}, withUnicode},
		"colour":  {reportLook{width: 80, unicode: true, colour: true}, withUnicode},
	} {
		var out bytes.Buffer
		p := &textReport{w: &out, redactor: newRedactor(ada, false), look: c.look}
		for _, c := range someChecks() {
			if err := p.add(c); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.end(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got := out.String()
		if coloured := got != ansi.Strip(got); coloured != c.look.colour {
			t.Errorf("%s: colours: %v", name, coloured)
		}
		if got, want := ansi.Strip(got), c.want(someReport); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

// withUnicode is a report's text with the marks of a place that can show them.
func withUnicode(report string) string {
	var b strings.Builder
	for line := range strings.Lines(report) {
		margin, text := line, ""
		if len(line) > 17 {
			margin, text = line[:17], line[17:]
		}
		if strings.TrimSpace(margin) != "" && text != "" {
			margin = strings.NewReplacer("+ ", "✓ ", "- ", "– ", "x ", "✗ ").Replace(margin)
		}
		if rest, ok := strings.CutPrefix(text, "> "); ok {
			text = "→ " + rest
		}
		if rest, ok := strings.CutPrefix(text, "- "); ok {
			text = "· " + rest
		}
		b.WriteString(margin + text)
	}
	return b.String()
}

func TestDoctorJSON(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := newReport(&out, newRedactor(ada, false), true)
	for _, c := range someChecks() {
		if err := p.add(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.end(); err != nil {
		t.Error(err)
	}
	var got struct {
		Version string
		Checks  []check
	}
	d := json.NewDecoder(&out)
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := someChecks()
	if got.Version != version() || len(got.Checks) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i, c := range got.Checks {
		if c.Name != want[i].Name || c.Status != want[i].Status || len(c.Details) != len(want[i].Details) {
			t.Errorf("%+v", c)
		}
		text := c.Message + c.Hint + strings.Join(c.Details, " ")
		for _, hidden := range []string{"ada", "u:p", "k=v", "//engine"} {
			if strings.Contains(text, hidden) {
				t.Errorf("%s has %s: %s", c.Name, hidden, text)
			}
		}
	}
}

// brokenWriter is a full disk.
type brokenWriter struct{}

var errFull = errors.New("full")

func (brokenWriter) Write([]byte) (int, error) { return 0, errFull }

func TestDoctorCantWrite(t *testing.T) {
	t.Parallel()
	p := newReport(brokenWriter{}, newRedactor(ada, false), false)
	if err := p.add(fine("vlmchat", "x")); !errors.Is(err, errFull) {
		t.Error(err)
	}
	if err := newReport(brokenWriter{}, newRedactor(ada, false), true).end(); !errors.Is(err, errFull) {
		t.Error(err)
	}
}
