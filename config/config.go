// Package config knows vlmchat's settings: what they are called, and what each
// is set to by flag, environment, profile, file or default, in this order, and
// by which.
package config

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"
)

// Setting is something that can be configured. Its flag is --Name, its variable
// VLMCHAT_NAME, and its key in the file its name, dashes as underscores.
type Setting struct {
	Name    string
	Short   string // one-letter flag, if it has one
	Default string
	Usage   string
}

// The settings' names.
const (
	Backend     = "backend"
	Model       = "model"
	MMProj      = "mmproj"
	Encoder     = "encoder"
	BaseURL     = "base-url"
	Runtime     = "runtime"
	Threads     = "threads"
	Context     = "ctx"
	KeepAlive   = "keep-alive"
	System      = "system"
	Temperature = "temperature"
	TopP        = "top-p"
	MaxTokens   = "max-tokens"
	Seed        = "seed"
	MaxPixels   = "max-pixels"
	PrivateURLs = "allow-private-urls"
	Preview     = "preview"
	Plain       = "plain"
	Frames      = "frames"
	DiskCache   = "disk-cache"
	LoRA        = "lora"
	Parallel    = "parallel"
	Thinking    = "thinking"
	NoHistory   = "no-history"
	NoSave      = "no-save"
	NoState     = "no-state"
	SessionsDir = "sessions-dir"
	SessionAge  = "session-age"
	SessionSize = "session-size"
	Data        = "data-dir"
	NoFooter    = "no-footer"
	NoTitles    = "no-titles"
	Unfolded    = "unfold-thinking"
	Verbose     = "verbose"
	LogFile     = "log-file"

	GPULayers       = "gpu-layers"
	Device          = "device"
	MainGPU         = "main-gpu"
	SplitMode       = "split-mode"
	TensorSplit     = "tensor-split"
	NoMMProjOffload = "no-mmproj-offload"
	KVType          = "kv-type"
	FlashAttn       = "flash-attn"
	ImageMinTokens  = "image-min-tokens"
	ImageMaxTokens  = "image-max-tokens"
	RPC             = "rpc"
)

// Settings lists all of them, in the order in which help shows them.
var Settings = slices.Concat([]Setting{
	{Profile, "", "", "settings from the part of the configuration file that is called [profiles.NAME]"},
	{Backend, "b", "native", "engine to ask: native, ollama or openai (any OpenAI-compatible server)"},
	{Model, "m", "", "model: a GGUF file or folder, or a server's name for it (default: the built-in demo model)"},
	{MMProj, "", "", "projector (mmproj) file of a native model (default: found beside the model)"},
	{Encoder, "", "", "model that puts pictures and words into one space, for classify, index and search: the folder of a CLIP or SigLIP checkpoint, its name in the cache of Hugging Face, or an embedding model in GGUF (default: the built-in demo one)"},
	{LoRA, "", "", "LoRA adapter of a native model, FILE or FILE:SCALE; may be repeated"},
	{BaseURL, "", "", "address of the server, for ollama and openai; several of one model with commas"},
	{Runtime, "", "", "folder of the llama.cpp libraries to use"},
	{Threads, "", "auto", "threads of the native engine"},
	{Context, "", "auto", "context size in tokens of the native engine; 0 is what the model was trained for, auto what memory is good for"},
	{Parallel, "", "8", "requests that a native model computes at once, 1 to 56; they share the context"},
	{GPULayers, "", "auto", "layers of a native model that go to GPUs: a number, all, or auto for as many as fit"},
	{Device, "", "", "devices that take layers, by the names of 'vlmchat devices', with commas; none is the CPU alone (default: the GPUs)"},
	{MainGPU, "", "0", "which of the devices has all layers with --split-mode none, from 0"},
	{SplitMode, "", "layer", "how a model is spread over several devices: none, layer or row"},
	{TensorSplit, "", "", "shares of the devices, such as 3,1 (default: by their free memory)"},
	{NoMMProjOffload, "", "false", "encode pictures on the CPU"},
	{KVType, "", "f16", "type of the KV cache: f16, bf16, f32, q8_0, q5_1, q5_0, q4_1, q4_0 or iq4_nl"},
	{FlashAttn, "", "auto", "flash attention: on, off, or auto for where the devices can"},
	{ImageMinTokens, "", "auto", "fewest tokens of a picture, for native models to which pictures may have any size"},
	{ImageMaxTokens, "", "auto", "most tokens of a picture, likewise; more show more detail and take longer"},
	{RPC, "", "", "computers to spread a native model over: host:port of llama.cpp RPC servers, with commas"},
	{KeepAlive, "", "5m", "how long a native model stays loaded after its last use; forever until 'vlmchat stop'"},
	{NoState, "", "false", "don't keep on disk what a native model has read of conversations: those that are opened again are read again"},
	{DiskCache, "", "2GB", "most that encoded pictures and states of conversations take on disk, such as 500MB; 0 keeps none"},
	{System, "s", "", "system message"},
	{Temperature, "", "0.7", "0 always takes the likeliest token, higher is more varied"},
	{TopP, "", "0.9", "sample from the likeliest tokens that add up to this probability"},
	{MaxTokens, "", "512", "longest answer, in tokens"},
	{Seed, "", "", "number that makes sampling repeatable (default: a fresh one)"},
	{Stop, "", "", "text at which an answer ends, without it; may be repeated"},
	{Thinking, "", "auto", "whether a model thinks before it answers, if it has the choice: on, off, or auto for its own way"},
	{MaxPixels, "", "0", "largest picture that is sent to a server, in pixels; 0 sends it as it is"},
	{Frames, "", "0", "frames to take of each video and animation, spread evenly, where none are chosen as in clip.mp4#t=12s; 0 takes an animation's first"},
	{PrivateURLs, "", "false", "fetch pictures by web addresses of this machine and of private networks, too"},
	{Preview, "", "auto", "how pictures are drawn: placeholders, kitty, iterm2, sixel, blocks, ascii, off, or auto for what the terminal can"},
	{Plain, "", "false", "chat line by line, for screen readers and for terminals that can't do more"},
	{NoSave, "", "false", "keep nothing of the chat: neither what is said and what is being written, nor the history of what was sent, nor what the native engine computes of it; the last with -p, too"},
	{SessionsDir, "", "", "folder in which conversations are kept (default: sessions in the data directory)"},
	{SessionAge, "", "0", "remove conversations that were not used for so long, such as 90d, 26w or 2y; 0 never does"},
	{SessionSize, "", "0", "remove the conversations that were not used for the longest time when all take more than this, such as 5GB; 0 never does"},
	{Data, "", "", "folder of all that is kept: conversations, runtimes and models (default: the system's place for it)"},
	{NoTitles, "", "false", "don't have the model make titles of conversations: they are called by the first words"},
	{NoFooter, "", "false", "no line under each answer in the chat that says how it went"},
	{Unfolded, "", "false", "show all of what a model thinks in the chat, in place of one line once it answers"},
	{NoHistory, "", "false", "don't keep what is sent in the chat for the next one, in the file history of the state directory"},
	{Verbose, "v", "false", "tell on standard error what is done: settings, the model, requests, times; no prompt, picture or key"},
	{LogFile, "", "", "add the same to this file, as lines of JSON"},
}, Servers, Sampling)

// Config holds the value of every setting.
type Config map[string]Value

// Load resolves all settings. flag returns the value of a flag that was given.
// A configuration file that does not exist is an empty one.
func Load(flag func(name string) (string, bool)) (Config, error) {
	f, err := userFile()
	if err != nil {
		return nil, err
	}
	name := f.profile(flag)
	if _, known := f.profiles[name.Text]; name.Text != "" && !known {
		return nil, f.unknownProfile(name)
	}
	return resolve(f, name.Text, flag), nil
}

// LoadWithoutFile resolves all settings as if there were no configuration file,
// for whoever looks for the fault in it.
func LoadWithoutFile(flag func(name string) (string, bool)) Config {
	return resolve(file{}, "", flag)
}

// resolve takes each setting from the highest place that has it.
func resolve(f file, profile string, flag func(name string) (string, bool)) Config {
	c := Config{}
	for _, s := range Settings {
		v := Value{Text: s.Default, Origin: "default"}
		if text, ok := f.values[s.Name]; ok {
			v = v.under(text, f.path, InFile)
		}
		if text, ok := f.profiles[profile][s.Name]; ok {
			v = v.under(text, f.origin(profile), InProfile)
		}
		if text, ok := os.LookupEnv(s.Variable()); ok && text != "" {
			v = v.under(text, s.Variable(), InVariable)
		}
		if text, ok := flag(s.Name); ok {
			v = v.under(text, "--"+s.Name, InFlag)
		}
		c[s.Name] = v
	}
	return c
}

// Variable is the name of the setting's environment variable.
func (s Setting) Variable() string { return Variable(s.Name) }

// Variable is the name of the environment variable that stands for a flag.
func Variable(flag string) string { return "VLMCHAT_" + mapName(flag, upper) }

// Switch reports whether the setting is on or off, and its flag needs no value.
func (s Setting) Switch() bool { return s.Default == "false" }

// Number reports whether the setting is a number and nothing else.
func (s Setting) Number() bool {
	switch s.Name {
	case Seed, PriceInput, PriceCached, PriceOutput:
		return true
	case SessionAge, SessionSize, Mirostat: // which have a unit, or choices
		return false
	}
	_, err := strconv.ParseFloat(s.Default, 64)
	return err == nil
}

func (s Setting) fileKey() string { return mapName(s.Name, func(b byte) byte { return b }) }

func upper(b byte) byte {
	if 'a' <= b && b <= 'z' {
		return b - 'a' + 'A'
	}
	return b
}

func mapName(name string, f func(byte) byte) string {
	b := []byte(name)
	for i := range b {
		if b[i] = f(b[i]); b[i] == '-' {
			b[i] = '_'
		}
	}
	return string(b)
}

// String returns a setting's text.
func (c Config) String(name string) string { return c[name].Text }

// Bool returns whether a switch is on.
func (c Config) Bool(name string) (bool, error) {
	on, err := strconv.ParseBool(c[name].Text)
	if err != nil {
		return false, c.invalid(name, "true or false")
	}
	return on, nil
}

// Int returns a whole number of at least least.
func (c Config) Int(name string, least int) (int, error) {
	n, err := strconv.Atoi(c[name].Text)
	if err != nil || n < least {
		return 0, c.invalid(name, fmt.Sprintf("a whole number of at least %d", least))
	}
	return n, nil
}

// Float returns a number between least and most.
func (c Config) Float(name string, least, most float64) (float64, error) {
	f, err := strconv.ParseFloat(c[name].Text, 64)
	if err != nil || !(f >= least && f <= most) {
		return 0, c.invalid(name, fmt.Sprintf("a number from %g to %g", least, most))
	}
	return f, nil
}

// Forever is the time span without an end.
const Forever time.Duration = -1

// Duration returns a time span such as 90s or 5m; a bare number counts seconds.
// forever, or a negative one, is Forever.
func (c Config) Duration(name string) (time.Duration, error) {
	text := c[name].Text
	if text == "forever" {
		return Forever, nil
	}
	if n, err := strconv.Atoi(text); err == nil {
		text = fmt.Sprintf("%ds", n)
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, c.invalid(name, "a time span such as 90s or 5m, or forever")
	}
	return max(d, Forever), nil
}

// Invalid is a setting whose value can't be used.
type Invalid struct {
	Name string
	Value
	Want string
}

func (e *Invalid) Error() string {
	if Secret(e.Name) {
		return fmt.Sprintf("%s (from %s) is not %s", e.Name, e.Origin, e.Want)
	}
	return fmt.Sprintf("%s %q (from %s) is not %s", e.Name, e.Text, e.Origin, e.Want)
}

func (c Config) invalid(name, want string) error { return &Invalid{name, c[name], want} }

// Reject says that a setting's value is not what was wanted.
func (c Config) Reject(name, want string) error { return c.invalid(name, want) }
