package native

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// spec says what a worker loads. Two engines with the same spec share a worker.
type spec struct {
	Paths       llamacpp.Paths `json:"paths"`
	Runtime     string         `json:"runtime"`             // its name, for Info
	Model       string         `json:"model"`               // path of the GGUF file
	ModelName   string         `json:"model_name"`          // for people
	Projector   string         `json:"projector,omitempty"` // path of the mmproj file
	Encoder     string         `json:"encoder,omitempty"`   // in place of these: folder of a dual encoder
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
	NoState     bool           `json:"no_state,omitempty"` // no states of conversations are kept or read
	Alone       string         `json:"alone,omitempty"`    // tells this worker from all others with the same model
	Try         bool           `json:"try,omitempty"`      // only load the libraries and end
	Trial       *templateTrial `json:"trial,omitempty"`    // only try a chat template and end

	secrets []string // variables that the process must not have; no part of the identity

	Version int    `json:"version,omitempty"` // of the protocol
	Key     string `json:"key,omitempty"`     // the identity by which clients find the worker
}

// path is what is loaded: a model's file or an encoder's folder.
func (s spec) path() string { return cmp.Or(s.Encoder, s.Model) }

// command is the process that serves the spec: this executable as a worker,
// ended when ctx is.
func (s spec) command(ctx context.Context) (*exec.Cmd, error) {
	self, err := executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, WorkerCommand)
	cmd.Env = quietOpenMP(environment(os.Environ(), s.secrets))
	cmd.Stdin = bytes.NewReader(text)
	return cmd, nil
}

// executable is the file of this process. One that an upgrade has replaced
// meanwhile would not be understood by its successor; Linux still has it.
func executable() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	const running = "/proc/self/exe"
	if ours, err := os.Stat(running); err == nil {
		if there, err := os.Stat(path); err != nil || !os.SameFile(ours, there) {
			return running, nil
		}
	}
	return path, nil
}

// identified is the spec with its identity, as it is now.
func (s spec) identified() spec {
	s.Version, s.Key = protocolVersion, s.key()
	return s
}

// key is the spec's identity: its contents, the files that it names and the
// vlmchat that runs it, and the environment's choice of devices.
func (s spec) key() string {
	s.Version, s.Key = protocolVersion, ""
	b, _ := json.Marshal(struct {
		Spec    spec
		Files   files
		Devices []string
	}{s, s.files(), deviceVariables(os.Environ())})
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// files are what a spec's files are, as far as size and time tell.
type files struct {
	Self                            string
	Binary, Llama, Model, Projector fileStamp
	LoRAs, Encoder                  string // stamps of these files
}

type fileStamp struct{ Size, Time int64 }

func (s spec) files() files {
	stampOf := func(path string) fileStamp {
		fi, err := os.Stat(path)
		if err != nil {
			return fileStamp{}
		}
		return fileStamp{fi.Size(), fi.ModTime().UnixNano()}
	}
	var loras []fileStamp
	for _, a := range s.LoRAs {
		loras = append(loras, stampOf(a.Path))
	}
	encoder := map[string]fileStamp{}
	if s.Encoder != "" {
		entries, _ := os.ReadDir(s.Encoder) // without them it can't be loaded either
		for _, entry := range entries {
			encoder[entry.Name()] = stampOf(filepath.Join(s.Encoder, entry.Name()))
		}
	}
	self, _ := os.Executable()
	return files{self, stampOf(self), stampOf(s.Paths.Llama), stampOf(s.Model), stampOf(s.Projector), fmt.Sprint(loras), fmt.Sprint(encoder)}
}
