package engine

// Provenance is what an answer came from, besides its request: who has all of it again
// gets the same answer again, as far as computers compute the same twice. What an engine
// does not know is empty.
type Provenance struct {
	// The files, by the SHA-256 of their bytes in hex; of a model on a server, what that
	// calls its digest. Adapters are LoRAs, in their order, with their scales.
	Model     string   `json:"model,omitempty"`
	Projector string   `json:"projector,omitempty"`
	Adapters  []string `json:"adapters,omitempty"`

	Template string `json:"template,omitempty"` // SHA-256 of the chat template that was rendered
	Runtime  string `json:"runtime,omitempty"`  // what computed: llama.cpp's build, a server's version or fingerprint
	Device   string `json:"device,omitempty"`   // where

	// Options are those that change what is computed, by their names: the type of the KV
	// cache, flash attention, the context's size, what pictures are made of.
	Options map[string]string `json:"options,omitempty"`

	Seed *uint32 `json:"seed,omitempty"` // that was drawn, or asked for
}
