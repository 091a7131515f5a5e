package llamacpp

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"unsafe"

	"github.com/ebitengine/purego"
)

// proc is the address of a C function that takes and returns integers and
// pointers only. Calls through it cost a fraction of purego's typed functions;
// functions with float parameters are declared as Go function types instead.
type proc uintptr

// call calls the function. Pointers must be to heap memory that its caller
// keeps alive.
//
//go:uintptrescapes
func (p proc) call(args ...uintptr) uintptr {
	r, _, _ := purego.SyscallN(uintptr(p), args...)
	return r
}

// callInt is call for functions that return int32_t.
//
//go:uintptrescapes
func (p proc) callInt(args ...uintptr) int32 {
	r, _, _ := purego.SyscallN(uintptr(p), args...)
	return int32(r)
}

// callBool is call for functions that return bool, of which only the lowest
// byte of the register is defined.
//
//go:uintptrescapes
func (p proc) callBool(args ...uintptr) bool {
	r, _, _ := purego.SyscallN(uintptr(p), args...)
	return r&0xff != 0
}

// callByValue calls a function whose last parameter is a struct of more than
// two words passed by value. System V on amd64 copies it to the stack, behind
// the six argument registers; arm64 and Windows pass the address of a copy.
//
//go:uintptrescapes
func (p proc) callByValue(object []uintptr, args ...uintptr) uintptr {
	if runtime.GOARCH == "amd64" && runtime.GOOS != "windows" {
		words := make([]uintptr, 6, 6+len(object))
		copy(words, args)
		words = append(words, object...)
		return p.call(words...)
	}
	copied := append([]uintptr(nil), object...) // the callee owns its copy
	r := p.call(append(args, addr(copied))...)
	runtime.KeepAlive(copied)
	return r
}

// fillByValue calls a function without parameters that returns a struct of more
// than two words, into buf. On amd64 the hidden address of the result is the
// first argument. On arm64, Windows included, it travels in a register of its
// own, which only purego's struct returns can set; buf is then overwritten
// whole, with zeros where the function writes nothing.
func (p proc) fillByValue(buf *paramsBuffer) {
	if runtime.GOARCH == "amd64" {
		p.call(addr(buf.Words[:]))
		runtime.KeepAlive(buf)
		return
	}
	var f func() paramsBuffer
	purego.RegisterFunc(&f, uintptr(p))
	*buf = f()
}

// bindSymbols fills table, a pointer to a struct of procs and typed functions,
// each of which names its C declaration in a `c:"..."` tag. A function tagged
// optional:"true" may be missing and stays nil; the others that are missing,
// and their older forms, too, are named in the error.
func bindSymbols(library string, handle uintptr, table any) error {
	v := reflect.ValueOf(table).Elem()
	var missing []string
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name := functionName(field.Tag.Get("c"))
		address, ok := findSymbol(handle, name)
		if older := field.Tag.Get("older"); !ok && older != "" {
			address, ok = findSymbol(handle, functionName(older))
		}
		if !ok {
			if field.Tag.Get("optional") != "true" {
				missing = append(missing, name)
			}
			continue
		}
		if field.Type.Kind() == reflect.Func {
			purego.RegisterFunc(v.Field(i).Addr().Interface(), address)
		} else {
			v.Field(i).SetUint(uint64(address))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%s lacks %s", library, someOf(missing))
	}
	return nil
}

// someOf lists names, of many the first three and how many more there are.
func someOf(names []string) string {
	const shown = 3
	if len(names) <= shown+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more functions", strings.Join(names[:shown], ", "), len(names)-shown)
}

// functionName takes the name out of a C declaration: what stands before the
// first parenthesis, without the return type.
func functionName(declaration string) string {
	head, _, _ := strings.Cut(declaration, "(")
	return head[strings.LastIndexAny(head, " *")+1:]
}

func cBool(b bool) uintptr {
	if b {
		return 1
	}
	return 0
}

// cInt widens a C int for a register; the callee reads its low half.
func cInt[T ~int | ~int32](n T) uintptr { return uintptr(uint32(int32(n))) }

// cString returns s with a terminating zero. Its caller keeps it alive.
func cString(s string) []byte { return append([]byte(s), 0) }

// addr is the address of a slice's first element, 0 for an empty one. The
// slice's array is forced onto the heap: a stack could move while C holds the
// address (when a callback makes it grow). The caller keeps the slice alive.
func addr[T any](s []T) uintptr {
	if len(s) == 0 {
		return 0
	}
	p := unsafe.Pointer(unsafe.SliceData(s))
	if neverTrue {
		escapes.Store((*byte)(p))
	}
	return uintptr(p)
}

// The compiler can't prove that neverTrue stays false, so what addr might
// store in escapes has to live on the heap.
var (
	neverTrue bool
	escapes   atomic.Pointer[byte]
)

// goString copies a C string.
func goString(p uintptr) string {
	if p == 0 {
		return ""
	}
	start := pointer(p)
	n := 0
	for *(*byte)(unsafe.Add(start, n)) != 0 {
		n++
	}
	return string(unsafe.Slice((*byte)(start), n))
}

// pointer turns an address that C handed out into a pointer. C memory does not
// move, which is what the vet rule against this conversion is about.
func pointer(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }
