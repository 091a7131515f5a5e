package native

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"time"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// spec says what a worker loads. Two engines with the same spec share a worker.
type spec struct {
	Paths       llamacpp.Paths `json:"paths"`
	Runtime     string         `json:"runtime"`             // its name, for Info
	Model       string         `json:"model"`               // path of the GGUF file
	ModelName   string         `json:"model_name"`          // for people
	Projector   string         `json:"projector,omitempty"` // path of the mmproj file
	Layers      int            `json:"layers,omitempty"`    // of the projector's encoder
	LoRAs       []LoRA         `json:"loras,omitempty"`
	ContextSize int            `json:"context_size"`      // as in Options; the model may have fewer
	Threads     int            `json:"threads,omitempty"` // 0: found by probing
	Offload     Offload        `json:"offload"`
	KVType      string         `json:"kv_type,omitempty"`    // one of KVTypes
	FlashAttn   string         `json:"flash_attn,omitempty"` // on or off; "" is where devices can
	ImageTokens ImageTokens    `json:"image_tokens"`
	RPC         []string       `json:"rpc,omitempty"`       // servers to spread the model over, host:port
	Parallel    int            `json:"parallel,omitempty"`  // requests that are computed at once; 0: as many as are sensible
	CacheDir    string         `json:"cache_dir,omitempty"` // of what outlives the worker; "": nothing does
	CacheBytes  int64          `json:"cache_bytes,omitempty"`
	Try         bool           `json:"try,omitempty"`   // only load the libraries and end
	Trial       *templateTrial `json:"trial,omitempty"` // only try a chat template and end
}

// command is the process that serves the spec: this executable as a worker,
// ended when ctx is.
func (s spec) command(ctx context.Context) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, WorkerCommand)
	cmd.Env = quietOpenMP(os.Environ())
	cmd.Stdin = bytes.NewReader(text)
	return cmd, nil
}

// key is the spec's identity: its contents, those of the files that it names as
// far as size and time tell, the vlmchat that runs it, and the environment's
// choice of devices.
func (s spec) key() string {
	type stamp struct {
		Size int64
		Time time.Time
	}
	stampOf := func(path string) stamp {
		fi, err := os.Stat(path)
		if err != nil {
			return stamp{}
		}
		return stamp{fi.Size(), fi.ModTime()}
	}
	loras := make([]stamp, len(s.LoRAs))
	for i, a := range s.LoRAs {
		loras[i] = stampOf(a.Path)
	}
	self, _ := os.Executable()
	b, _ := json.Marshal(struct {
		Version                             int
		Spec                                spec
		Self                                string
		Devices                             []string
		Binary, Llama, Model, ProjectorFile stamp
		LoRAs                               []stamp
	}{protocolVersion, s, self, deviceVariables(os.Environ()), stampOf(self), stampOf(s.Paths.Llama), stampOf(s.Model), stampOf(s.Projector), loras})
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}
