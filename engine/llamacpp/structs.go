package llamacpp

import (
	"errors"
	"runtime"
	"unsafe"
)

// fixedStructs are the structs that the binding lays out by itself, each in all
// the forms that builds have. They come without defaults by which one could
// tell the forms apart.
var fixedStructs = map[string][][]string{
	"ggml_init_params": {{"size_t mem_size", "void * mem_buffer", "bool no_alloc"}},
	"llama_batch": {{
		"int32_t n_tokens", "llama_token * token", "float * embd", "llama_pos * pos",
		"int32_t * n_seq_id", "llama_seq_id ** seq_id", "int8_t * logits",
	}},
	"llama_logit_bias":           {{"llama_token token", "float bias"}},
	"llama_sampler_chain_params": {{"bool no_perf"}},
	"mtmd_decoder_pos":           {{"uint32_t t", "uint32_t x", "uint32_t y", "uint32_t z"}},
	"mtmd_input_text": {
		{"const char * text", "size_t text_len", "bool add_special", "bool parse_special"},
		{"const char * text", "bool add_special", "bool parse_special"}, // before b10068
	},
}

// inputText makes a struct mtmd_input_text of a text that ends with a zero.
// Control tokens in the text are recognised.
func inputText(text []byte, hasLength, addSpecial bool) []uintptr {
	object := make([]uintptr, 3)
	object[0], object[1] = addr(text), uintptr(len(text)-1)
	flags := &object[2]
	if !hasLength {
		flags = &object[1]
		*flags = 0
	}
	b := (*[2]byte)(unsafe.Pointer(flags))
	b[0], b[1] = byte(cBool(addSpecial)), 1
	return object
}

// probeInputText finds out whether struct mtmd_input_text has a length, by what
// mtmd_tokenize makes of a text that is longer than the length given. Both
// forms may read it: where a build has no length its lowest byte is the flag
// add_special.
func (p *Projector) probeInputText() error {
	const all, part = "a b c d e f", "a"
	text := cString(all)
	object := []uintptr{addr(text), uintptr(len(part)), 0}
	f := &p.lib.mtmd
	c := &Chunks{p: p, ptr: f.ChunksInit.call()}
	defer c.Close()
	rc := f.Tokenize.callInt(p.ptr, c.ptr, addr(object), 0, 0)
	runtime.KeepAlive(text)
	if rc != 0 {
		return errInputText
	}
	if err := c.read(); err != nil {
		return err
	}
	got := 0
	for _, chunk := range c.All {
		got += chunk.Count
	}
	short, err := p.model.Tokenize(part, false, false)
	if err != nil {
		return err
	}
	long, err := p.model.Tokenize(all, true, false)
	if err != nil {
		return err
	}
	switch got {
	case len(short):
		p.textLength = true
	case len(long):
		p.textLength = false
	default:
		return errInputText
	}
	return nil
}

var errInputText = errors.New("its struct mtmd_input_text is laid out in a way that is not known")
