package llamacpp

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func knownRows(t *testing.T) []row {
	t.Helper()
	rows, err := parseLayouts(layoutTable)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// imitate is a library of the row: it writes the defaults and nothing behind
// the struct. Fields whose defaults differ from build to build get other.
func (r row) imitate(other uint64) func(*paramsBuffer) {
	return func(b *paramsBuffer) {
		clear(b.bytes()[:r.size])
		for _, m := range r.fields {
			value, known := defaults[r.name][m.name]
			if !known {
				value = other
			}
			var word [8]byte
			binary.LittleEndian.PutUint64(word[:], value)
			copy(b.bytes()[m.offset:][:m.width], word[:])
		}
	}
}

// overwritten is fill on a platform where the buffer is overwritten whole.
func overwritten(fill func(*paramsBuffer)) func(*paramsBuffer) {
	return func(b *paramsBuffer) {
		clear(b.Words[:])
		fill(b)
	}
}

// fieldsFor makes an empty struct of offsets for a parameter struct.
func fieldsFor(name string) any {
	switch name {
	case modelStruct:
		return &modelParams{}
	case contextStruct:
		return &contextParams{}
	}
	return &projectorParams{}
}

// Every row is recognised, and as no other one, on all platforms and whatever
// the fields hold whose defaults change.
func TestRecogniseEveryRow(t *testing.T) {
	t.Parallel()
	rows := knownRows(t)
	for _, r := range rows {
		for _, other := range []uint64{0, 1, 999, minusOne, 0x7f00deadbeef} {
			for how, fill := range map[string]func(*paramsBuffer){"": r.imitate(other), " overwritten": overwritten(r.imitate(other))} {
				got := fieldsFor(r.name)
				if err := recognise(rows, r.name, observe(fill), got); err != nil {
					t.Errorf("%s of %s, %d in other fields%s: %v", r.name, r.builds, other, how, err)
					continue
				}
				offsets := reflect.ValueOf(got).Elem()
				for i := range offsets.NumField() {
					name := fieldName(offsets.Type().Field(i).Tag.Get("c"))
					at := offset(offsets.Field(i).Int())
					if m, ok := r.find(name); ok && at != m.offset || !ok && at.has() && !r.allows(member{name, at, 1}) {
						t.Errorf("%s of %s%s: %s is taken to lie at %d", r.name, r.builds, how, name, at)
					}
				}
			}
		}
	}
}

// What is laid out in another way is refused.
func TestRefuseUnknownLayouts(t *testing.T) {
	t.Parallel()
	rows := knownRows(t)
	for _, r := range rows {
		for what, mutant := range mutants(r) {
			if slices.ContainsFunc(rows, func(o row) bool { return o.fits(observe(mutant.imitate(0))) }) {
				continue // it is what another build has
			}
			got := fieldsFor(r.name)
			err := recognise(rows, r.name, observe(mutant.imitate(0)), got)
			if err == nil {
				t.Errorf("%s of %s with %s passes", r.name, r.builds, what)
			} else if !strings.Contains(err.Error(), r.name) {
				t.Errorf("the error does not name %s: %v", r.name, err)
			}
		}
		longer := r
		longer.size += 8
		if err := recognise(rows, r.name, observe(longer.imitate(0)), fieldsFor(r.name)); err == nil {
			t.Errorf("%s of %s with a word more passes", r.name, r.builds)
		}
	}
}

func (r row) fits(seen observation) bool {
	_, err := r.agrees(seen)
	return err == nil
}

// mutants are the layouts that come of one more field: everything behind it
// moves. Where the field fits into a hole nothing does, and there is no mutant.
func mutants(r row) map[string]row {
	all := map[string]row{}
	for i := range r.fields {
		for _, width := range []int{4, 8} {
			m := row{name: r.name, builds: r.builds}
			for j, f := range r.fields {
				if j == i {
					m.add("new_field", width)
				}
				m.add(f.name, f.width)
			}
			m.size = (m.size + 7) &^ 7
			if m.size != r.size {
				all[fmt.Sprintf("%d bytes more before %s", width, r.fields[i].name)] = m
			}
		}
	}
	return all
}

func (r *row) add(name string, width int) {
	at := (r.size + width - 1) / width * width
	r.fields = append(r.fields, member{name, offset(at), width})
	r.size = at + width
}

// A library that does something else than to fill in defaults is refused.
func TestRefuseOtherDefaults(t *testing.T) {
	t.Parallel()
	rows := knownRows(t)
	for _, r := range rows {
		for _, m := range r.fields {
			value, known := defaults[r.name][m.name]
			if !known {
				continue
			}
			fill := func(b *paramsBuffer) {
				r.imitate(0)(b)
				b.bytes()[m.offset] = byte(value) ^ 2
			}
			if r.fits(observe(fill)) {
				t.Errorf("%s of %s passes with another default of %s", r.name, r.builds, m.name)
			}
		}
	}
}

func TestParseLayouts(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"s 8 b1", "s x b1 a:0+4", "s 8 b1 a:0", "s 8 b1 a:x+4"} {
		if _, err := parseLayouts(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if rows, err := parseLayouts("# nothing\n\n"); err != nil || len(rows) != 0 {
		t.Errorf("of comments there are %v, %v", rows, err)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for declaration, want := range map[string]string{
		"void llama_free(struct llama_context * ctx)": "llama_free",
		"const char * ggml_version(void)":             "ggml_version",
		"float *mtmd_get_output_embd(mtmd_context *)": "mtmd_get_output_embd",
	} {
		if got := functionName(declaration); got != want {
			t.Errorf("the name in %q is %q", declaration, got)
		}
	}
	for declaration, want := range map[string]string{"uint32_t n_ctx": "n_ctx", "const char *marker": "marker"} {
		if got := fieldName(declaration); got != want {
			t.Errorf("the name in %q is %q", declaration, got)
		}
	}
}

func TestLayerOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]float64{
		"ffn_out-3": 0.75, "layer_inp-0": 0, "kq-2 (view)": 0.5, "inp_raw": 0, "x-9": 0, "": 0, "-": 0,
	} {
		if got := layerOf(name, 4); got != want {
			t.Errorf("%q is at %g, want %g", name, got, want)
		}
	}
}
