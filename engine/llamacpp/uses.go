package llamacpp

import (
	"reflect"
	"slices"
	"strings"
)

// Uses is everything in llama.cpp's C API that the binding relies on. The
// command abi compares it with the headers of a build.
type Uses struct {
	Functions []Function
	Fields    []Field
	Structs   map[string][][]string // laid out by the binding itself: the fields of each form
	Constants []Constant
	MaxParams int // bytes of a struct that can be passed by value
}

// Function is a C function that is called.
type Function struct {
	Declaration string // as in a header
	Older       string // a form that builds had before, which can be called alike; "" if there is none
	Optional    bool   // the binding does without it
	Typed       bool   // called through a Go function type, as floats need
}

// Field is a field of a parameter struct that is set or read.
type Field struct {
	Struct      string
	Declaration string
	Optional    bool
}

// Constant is a constant of a C enum.
type Constant struct {
	Name     string
	Value    int64
	Older    []int64 // values that builds had before
	Optional bool
}

// UsesOfC lists what the binding relies on.
func UsesOfC() Uses {
	u := Uses{Structs: fixedStructs, Constants: slices.Clone(constants), MaxParams: 8 * maxParamsWords}
	for _, t := range CacheTypes {
		u.Constants = append(u.Constants, Constant{Name: "GGML_TYPE_" + strings.ToUpper(t.Name), Value: int64(t.id)})
	}
	for _, table := range []any{ggmlBaseFuncs{}, graphFuncs{}, graphExtras{}, ggmlFuncs{}, rpcFuncs{}, rpcBaseFuncs{}, llamaFuncs{}, mtmdFuncs{}} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(table)) {
			u.Functions = append(u.Functions, Function{
				Declaration: f.Tag.Get("c"), Older: f.Tag.Get("older"),
				Optional: f.Tag.Get("optional") == "true", Typed: f.Type.Kind() == reflect.Func,
			})
		}
	}
	for name, table := range map[string]any{modelStruct: modelParams{}, contextStruct: contextParams{}, projectorStruct: projectorParams{}} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(table)) {
			u.Fields = append(u.Fields, Field{Struct: name, Declaration: f.Tag.Get("c"), Optional: f.Tag.Get("optional") == "true"})
		}
	}
	return u
}
