package llamacpp

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// llama.cpp passes three parameter structs by value, and their fields move
// between builds. A wrong offset does not crash: it silently sets another
// field. So every layout that a build has had is a row of layouts.txt, and the
// row is chosen by what the loaded library itself shows: its defaults are
// written into two buffers of different filling, which tells where the struct
// ends, and of the known rows one has to agree with the size and with the
// default value of every field. How builds call themselves plays no part. See
// docs/abi.md.

// paramsBuffer receives a parameter struct. It is larger than any known one;
// callByValue hands over at most maxParamsWords of it.
type paramsBuffer struct{ Words [64]uintptr }

// maxParamsWords is what fits behind the six argument registers within the
// 32 arguments that purego can pass.
const maxParamsWords = 26

// offset is where a field lies in a struct, in bytes.
type offset int

// absent is the offset of a field that this build does not have.
const absent offset = -1

// has reports whether the build has the field.
func (o offset) has() bool { return o != absent }

// The fields used of each struct, with their declarations. Those that are
// tagged optional:"true" are not in every build.

type modelParams struct {
	Devices          offset `c:"ggml_backend_dev_t * devices"` // ends with NULL; NULL itself: all there are
	NGPULayers       offset `c:"int32_t n_gpu_layers"`
	SplitMode        offset `c:"enum llama_split_mode split_mode"`
	MainGPU          offset `c:"int32_t main_gpu"`
	TensorSplit      offset `c:"const float * tensor_split"`
	ProgressCallback offset `c:"llama_progress_callback progress_callback"`
}

type contextParams struct {
	NCtx          offset `c:"uint32_t n_ctx"`
	NBatch        offset `c:"uint32_t n_batch"`
	NUbatch       offset `c:"uint32_t n_ubatch"`
	NSeqMax       offset `c:"uint32_t n_seq_max"`
	NThreads      offset `c:"int32_t n_threads"`
	NThreadsBatch offset `c:"int32_t n_threads_batch"`
	FlashAttn     offset `c:"enum llama_flash_attn_type flash_attn_type" optional:"true"`
	FlashAttnBool offset `c:"bool flash_attn" optional:"true"` // in builds before the type
	TypeK         offset `c:"enum ggml_type type_k"`
	TypeV         offset `c:"enum ggml_type type_v"`
	Pooling       offset `c:"enum llama_pooling_type pooling_type"`
	Embeddings    offset `c:"bool embeddings"`
	NoPerf        offset `c:"bool no_perf"`
	KVUnified     offset `c:"bool kv_unified" optional:"true"`
}

type projectorParams struct {
	UseGPU       offset `c:"bool use_gpu"`
	Device       offset `c:"ggml_backend_dev_t device" optional:"true"`
	PrintTimings offset `c:"bool print_timings"`
	NThreads     offset `c:"int n_threads"`
	MediaMarker  offset `c:"const char * media_marker"`
	FlashAttn    offset `c:"enum llama_flash_attn_type flash_attn_type" optional:"true"`
	Verbosity    offset `c:"enum ggml_log_level verbosity" optional:"true"` // before there was mtmd_log_set
	CBEval       offset `c:"ggml_backend_sched_eval_callback cb_eval" optional:"true"`

	ImageMinTokens offset `c:"int image_min_tokens" optional:"true"`
	ImageMaxTokens offset `c:"int image_max_tokens" optional:"true"`
}

// layout is where the fields lie in the build that is loaded.
type layout struct {
	model     modelParams
	context   contextParams
	projector projectorParams
}

// Names of the structs in layouts.txt.
const (
	modelStruct     = "llama_model_params"
	contextStruct   = "llama_context_params"
	projectorStruct = "mtmd_context_params"
)

// defaults are the values of fields that no build has changed yet, by struct
// and field; of the fields that are not listed any value is taken.
var defaults = map[string]map[string]uint64{
	modelStruct: {
		"devices": 0, "tensor_buft_overrides": 0, "split_mode": 1, "main_gpu": 0, "tensor_split": 0,
		"progress_callback": 0, "progress_callback_user_data": 0, "kv_overrides": 0,
		"vocab_only": 0, "use_mmap": 1, "use_mlock": 0, "check_tensors": 0,
		"use_extra_bufts": 1, "no_host": 0, "no_alloc": 0,
	},
	contextStruct: {
		"n_ctx": 512, "n_batch": 2048, "n_ubatch": 512, "n_seq_max": 1, "n_threads": 4, "n_threads_batch": 4,
		"rope_scaling_type": minusOne, "pooling_type": minusOne, "attention_type": minusOne, "flash_attn_type": minusOne,
		"rope_freq_base": 0, "rope_freq_scale": 0, "yarn_ext_factor": uint64(math.Float32bits(-1)), "yarn_orig_ctx": 0,
		"cb_eval": 0, "cb_eval_user_data": 0, "type_k": 1, "type_v": 1, "abort_callback": 0, "abort_callback_data": 0,
		"embeddings": 0, "offload_kqv": 1, "flash_attn": 0, "no_perf": 1, "op_offload": 1, "swa_full": 1, "kv_unified": 0,
		"samplers": 0, "n_samplers": 0, "ctx_other": 0,
	},
	projectorStruct: {
		"use_gpu": 1, "device": 0, "print_timings": 1, "n_threads": 4, "flash_attn_type": minusOne, "warmup": 1,
		"image_min_tokens": minusOne, "image_max_tokens": minusOne, "cb_eval": 0, "cb_eval_user_data": 0,
		"batch_max_tokens": 1024, "progress_callback": 0, "progress_callback_user_data": 0,
	},
}

// minusOne is -1 in a field of four bytes.
const minusOne = math.MaxUint32

//go:embed layouts.txt
var layoutTable string

// row is a layout that builds have given a struct.
type row struct {
	name   string // of the struct
	size   int    // in bytes
	builds string // that it was seen in
	fields []member
}

// member is a field of a row.
type member struct {
	name   string
	offset offset
	width  int
}

// parseLayouts reads layouts.txt: a line a row, of the struct's name, its size,
// the builds, and name:offset+width for each field.
func parseLayouts(table string) ([]row, error) {
	var rows []row
	for line := range strings.Lines(table) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if len(words) < 4 {
			return nil, fmt.Errorf("a row of the layouts is too short: %s", line)
		}
		size, err := strconv.Atoi(words[1])
		r := row{name: words[0], size: size, builds: words[2]}
		for _, word := range words[3:] {
			m := member{}
			var place, width string
			m.name, place, _ = strings.Cut(word, ":")
			place, width, _ = strings.Cut(place, "+")
			at, err1 := strconv.Atoi(place)
			var err2 error
			m.width, err2 = strconv.Atoi(width)
			m.offset = offset(at)
			err = errors.Join(err, err1, err2)
			r.fields = append(r.fields, m)
		}
		if err != nil {
			return nil, fmt.Errorf("a row of the layouts can't be read: %s: %w", line, err)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// recogniseLayout finds out the layouts of the library whose functions fill a
// buffer with the default parameters of their kind.
func recogniseLayout(model, context, projector func(*paramsBuffer)) (*layout, error) {
	rows, err := parseLayouts(layoutTable)
	if err != nil {
		return nil, err
	}
	l := &layout{}
	for _, s := range []struct {
		name   string
		fill   func(*paramsBuffer)
		fields any
	}{{modelStruct, model, &l.model}, {contextStruct, context, &l.context}, {projectorStruct, projector, &l.projector}} {
		seen := observe(s.fill)
		if err := recognise(rows, s.name, seen, s.fields); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// recognise sets the offsets in fields, a pointer to a struct of them, by the
// row that agrees with what was observed.
func recognise(rows []row, name string, seen observation, fields any) error {
	var agreeing []row
	var nearest error
	most := -1
	for _, r := range rows {
		if r.name != name {
			continue
		}
		if n, err := r.agrees(seen); err == nil {
			agreeing = append(agreeing, r)
		} else if n > most {
			nearest, most = err, n
		}
	}
	if len(agreeing) == 0 {
		return fmt.Errorf("its struct %s is laid out in a way that is not known (%w)", name, nearest)
	}
	// Some rows look alike: a field came in where there was padding, or, where
	// the size is not seen, at the end. To set such a field does no harm in a
	// build without it, so the row that has it stands for both.
	fullest := agreeing[0]
	for _, r := range agreeing[1:] {
		if len(r.fields) > len(fullest.fields) {
			fullest = r
		}
	}
	target := reflect.ValueOf(fields).Elem()
	for i := range target.NumField() {
		tag := target.Type().Field(i).Tag
		field, ok := fullest.find(fieldName(tag.Get("c")))
		switch {
		case ok:
			target.Field(i).SetInt(int64(field.offset))
		case tag.Get("optional") == "true":
			target.Field(i).SetInt(int64(absent))
			continue
		default:
			return fmt.Errorf("its struct %s has no field %s", name, fieldName(tag.Get("c")))
		}
		for _, r := range agreeing {
			if !r.allows(field) {
				return fmt.Errorf("two known layouts of its struct %s look alike", name)
			}
		}
	}
	return nil
}

// find returns the field of a name.
func (r row) find(name string) (member, bool) {
	for _, m := range r.fields {
		if m.name == name {
			return m, true
		}
	}
	return member{}, false
}

// allows reports whether a field may be set in builds of this row: it is there,
// or nothing is.
func (r row) allows(field member) bool {
	for _, m := range r.fields {
		if m.name == field.name {
			return m == field
		}
		if m.offset < field.offset+offset(field.width) && field.offset < m.offset+offset(m.width) {
			return false
		}
	}
	return true
}

// fieldName takes the name out of a field's declaration.
func fieldName(declaration string) string {
	return declaration[strings.LastIndexAny(declaration, " *")+1:]
}

// observation is what a library shows of a parameter struct.
type observation struct {
	bytes []byte // the defaults
	size  int    // in bytes; all of the buffer where fill leaves nothing of its filling
}

// observe calls fill on two buffers of different filling. The bytes that agree
// were written by the library; the last of them, rounded up to a word, is the
// end of the struct.
//
// Where fill can't keep the filling (see fillByValue) all bytes agree, and the
// size is not seen. A struct with more zeros at its end passes for a known one
// then, and does no harm: it is handed on as the library filled it.
func observe(fill func(*paramsBuffer)) observation {
	a, b := new(paramsBuffer), new(paramsBuffer)
	for i := range a.Words {
		a.Words[i], b.Words[i] = 0xAAAAAAAAAAAAAAAA, 0x5555555555555555
	}
	fill(a)
	fill(b)
	seen := observation{bytes: a.bytes()}
	for i := range seen.bytes {
		if seen.bytes[i] == b.bytes()[i] {
			seen.size = i&^7 + 8
		}
	}
	return seen
}

// agrees says what of an observation speaks against the row, and how many of
// its fields agree before that.
func (r row) agrees(seen observation) (fields int, err error) {
	if seen.size != r.size && seen.size != len(seen.bytes) {
		return 0, fmt.Errorf("it has %d bytes", seen.size)
	}
	for i, m := range r.fields {
		want, known := defaults[r.name][m.name]
		if !known {
			continue
		}
		if got := little(seen.bytes[m.offset:][:m.width]); got != want {
			return i, fmt.Errorf("it is like that of %s up to byte %d, where it has %#x", r.builds, m.offset, got)
		}
	}
	if seen.size == r.size {
		return len(r.fields), nil
	}
	for i, b := range seen.bytes[r.size:] {
		if b != 0 {
			return len(r.fields), fmt.Errorf("it is like that of %s and goes on at byte %d", r.builds, r.size+i)
		}
	}
	return len(r.fields), nil
}

func little(b []byte) uint64 {
	var word [8]byte
	copy(word[:], b)
	return binary.LittleEndian.Uint64(word[:])
}
