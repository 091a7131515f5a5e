package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/memory"
	"github.com/vlmchat/vlmchat/models"
)

func TestJudgeMemory(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		facts memory.Facts
		need  uint64
		gpu   bool
		want  checkStatus
		said  string
	}{
		"unknown":           {memory.Facts{}, 5e9, false, statusInfo, "unknown"},
		"enough":            {memory.Facts{Total: 16e9, Available: 6e9}, 5e9, false, statusOK, "16.0 GB, 6.0 GB available; the model's files have 5.0 GB"},
		"too little left":   {memory.Facts{Total: 16e9, Available: 6e9}, 7e9, false, statusWarning, "7.0 GB"},
		"too little at all": {memory.Facts{Total: 16e9, Available: 6e9}, 17e9, false, statusWarning, "17.0 GB"},
		"limited":           {memory.Facts{Total: 16e9, Available: 3e9, Limit: 4e9}, 5e9, false, statusWarning, "limits this process to 4.0 GB"},
		"a GPU has room":    {memory.Facts{Total: 16e9, Available: 6e9}, 17e9, true, statusOK, "17.0 GB"},
		"macOS":             {memory.Facts{Total: 16e9}, 15e9, false, statusOK, "16.0 GB; the model's files have 15.0 GB"},
		"no model":          {memory.Facts{Total: 16e9, Available: 6e9}, 0, false, statusOK, "16.0 GB, 6.0 GB available"},
	} {
		if got := judgeMemory(c.facts, c.need, c.gpu); got.Status != c.want || !strings.Contains(got.Message, c.said) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestJudgeVision(t *testing.T) {
	t.Parallel()
	m := models.Model{Path: "/m/model.gguf", Projector: "/p/mmproj.gguf"}
	sees := &models.GGUF{Values: map[string]any{"clip.has_vision_encoder": true, "clip.has_audio_encoder": true, "clip.vision.projector_type": "gemma4v"}}
	hears := &models.GGUF{Values: map[string]any{"clip.has_audio_encoder": true}}
	for name, c := range map[string]struct {
		projector *models.GGUF
		want      checkStatus
		said      string
	}{
		"both":         {sees, statusOK, "on: projector mmproj.gguf, gemma4v"},
		"sound only":   {hears, statusWarning, "off: the projector /p/mmproj.gguf is for sound only"},
		"no projector": {nil, statusWarning, "off: no projector (mmproj) lies beside model.gguf in /m"},
	} {
		if got := judgeVision(m, c.projector); got.Status != c.want || !strings.Contains(got.Message, c.said) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	pulled := models.Model{Name: "llama3:8b", Path: "/o/blobs/sha256-0", Ollama: true}
	if got := judgeVision(pulled, nil); got.Status != statusWarning || got.Message != "off: Ollama's model llama3:8b has no projector" || strings.Contains(got.Hint, "folder") {
		t.Errorf("%+v", got)
	}
	loaded := engine.Info{Device: "CPU", ContextSize: 2048, Threads: 2}
	if got := judgeLoad(loaded, 1234*time.Millisecond, ""); got.Status != statusOK || got.Message != "loaded in 1.2s, on CPU, context of 2048 tokens, 2 threads, vision off" {
		t.Errorf("%+v", got)
	}
	if got := judgeLoad(loaded, time.Millisecond, m.Projector); got.Status != statusWarning || !strings.Contains(got.Message, "vision off: the runtime sees nothing with the projector mmproj.gguf") || got.Hint == "" {
		t.Errorf("%+v", got)
	}
	loaded.Capabilities.Vision = true
	if got := judgeLoad(loaded, time.Millisecond, m.Projector); got.Status != statusOK || !strings.HasSuffix(got.Message, "vision on") {
		t.Errorf("%+v", got)
	}
}

func TestJudgeContext(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		setting       string
		size, trained int
		said          string
	}{
		{"auto", 8192, 131072, "8192 of the 131072 tokens"},
		{"auto", 2048, 2048, ""},
		{"auto", 2048, 0, ""},
		{"8192", 8192, 131072, ""},
	} {
		got := strings.Join(judgeContext(c.setting, c.size, c.trained), "")
		if !strings.Contains(got, c.said) || (got == "") != (c.said == "") {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
