package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// headersOf writes headers that declare just what the binding uses.
func headersOf(u llamacpp.Uses) string {
	var b strings.Builder
	b.WriteString(`
#ifdef __cplusplus
extern "C" {
#endif
typedef int32_t llama_token; typedef int32_t llama_pos; typedef int32_t llama_seq_id;
typedef struct ggml_backend_device * ggml_backend_dev_t;
typedef bool (*llama_progress_callback)(float progress, void * user_data);
typedef bool (*ggml_backend_sched_eval_callback)(struct ggml_tensor * t, bool ask, void * user_data);
enum llama_split_mode { A }; enum llama_flash_attn_type { B }; enum ggml_type { C }; enum ggml_log_level { D }; enum llama_pooling_type { E };
`)
	for _, c := range u.Constants {
		fmt.Fprintf(&b, "enum of_%s { %s = %d, };\n", c.Name, c.Name, c.Value)
	}
	for _, name := range parameterStructs(u) {
		fmt.Fprintf(&b, "struct %s {\n", name)
		for _, f := range u.Fields {
			if f.Struct == name {
				fmt.Fprintf(&b, "%s; // %s\n", f.Declaration, "see https://example.com")
			}
		}
		b.WriteString("};\n")
	}
	for name, forms := range u.Structs {
		fmt.Fprintf(&b, "typedef struct %s { %s; } %s;\n", name, strings.Join(forms[0], "; "), name)
	}
	for _, f := range u.Functions {
		fmt.Fprintf(&b, "LLAMA_API %s;\n", f.Declaration)
	}
	b.WriteString("DEPRECATED(LLAMA_API int old(void), \"use https://example.com, (new)\");\n#ifdef __cplusplus\n}\n#endif\n")
	return b.String()
}

func headerOf(t *testing.T, text string) *header {
	t.Helper()
	h := parse("")
	h.parse(text)
	return h
}

// One planted defect for each rule is found, and nothing else is.
func TestPlantedDefects(t *testing.T) {
	t.Parallel()
	u := llamacpp.UsesOfC()
	good := headersOf(u)
	h := headerOf(t, good)
	rows, err := derive(nil, parameterStructs(u), h, "good", func(string) {})
	if err != nil || len(rows) != 3 {
		t.Fatal(rows, err)
	}
	if found := check(u, h, rows); len(found) > 0 {
		t.Fatalf("headers that declare what is used do not agree: %s", strings.Join(found, "\n"))
	}
	if _, ok := h.functions["old"]; !ok {
		t.Error("a deprecated function was not seen")
	}
	const decode = "int32_t llama_decode(struct llama_context * ctx, struct llama_batch batch)"
	for _, test := range []struct{ rule, old, planted, want string }{
		{"a function is missing", decode, "int32_t llama_decode2(void)", "function llama_decode is missing"},
		{"another result", decode, "int64_t llama_decode(struct llama_context * ctx, struct llama_batch batch)", "function llama_decode returns int64_t, not int32_t"},
		{"another number of parameters", decode, "int32_t llama_decode(struct llama_context * ctx, struct llama_batch batch, int flags)", "function llama_decode has 3 parameters, not 2"},
		{"another type of a parameter", decode, "int32_t llama_decode(struct llama_context * ctx, struct llama_batch * batch)", "function llama_decode: parameter 2 is llama_batch *, not llama_batch"},
		{"a struct by value for one by pointer", "llama_model * llama_model_load_from_file(const char * path_model, struct llama_model_params params)",
			"llama_model * llama_model_load_from_file(const char * path_model, const struct llama_model_params * params)", "function llama_model_load_from_file: parameter 2"},
		{"an optional function in another form", "int32_t llama_model_n_swa(const struct llama_model * model)", "int32_t llama_model_n_swa(const struct llama_model * model, int layer)", "function llama_model_n_swa has 2 parameters, not 1"},
		{"a struct is missing", "struct llama_context_params {", "struct llama_context_params2 {", "struct llama_context_params is missing"},
		{"a field is missing", "uint32_t n_ctx;", "uint32_t n_context;", "struct llama_context_params: field n_ctx is missing"},
		{"another type of a field", "uint32_t n_ctx;", "size_t n_ctx;", "struct llama_context_params: field n_ctx is size_t, not uint32_t"},
		{"a new field", "uint32_t n_ubatch;", "uint32_t n_new; uint32_t n_ubatch;", "struct llama_context_params is laid out as in no row"},
		{"fields in another order", "uint32_t n_batch; // see https://example.com\nuint32_t n_ubatch;", "uint32_t n_ubatch; uint32_t n_batch;", "struct llama_context_params is laid out as in no row"},
		{"a struct too large to pass", "uint32_t n_ctx;", "uint32_t n_ctx;" + wide(), "bytes, and 208 can be passed by value"},
		{"a field of an unknown type", "uint32_t n_ubatch;", "uint32_t n_ubatch; struct new_type options;", `the type "new_type" is not known`},
		{"another form of a struct of our own", "int8_t * logits", "int8_t * logits; int32_t n_outputs", "struct llama_batch is another one"},
		{"a constant is missing", "{ GGML_LOG_LEVEL_ERROR = 4, }", "{ GGML_LOG_LEVEL_BAD = 4, }", "constant GGML_LOG_LEVEL_ERROR is missing"},
		{"another value of a constant", "{ GGML_LOG_LEVEL_ERROR = 4, }", "{ GGML_LOG_LEVEL_ERROR = 1 << 3, }", "constant GGML_LOG_LEVEL_ERROR is 8, not 4"},
	} {
		text := strings.Replace(good, test.old, test.planted, 1)
		if text == good {
			t.Errorf("%s: there is nothing to replace", test.rule)
			continue
		}
		found := check(u, headerOf(t, text), rows)
		if !slices.ContainsFunc(found, func(s string) bool { return strings.Contains(s, test.want) }) {
			t.Errorf("%s: found %q, and not %q", test.rule, found, test.want)
		}
		for _, f := range found {
			if !strings.Contains(f, test.want) && !strings.Contains(f, "no row") {
				t.Errorf("%s: found %q as well", test.rule, f)
			}
		}
	}
}

// A float needs a Go function type, whatever the headers say.
func TestPlantedFloat(t *testing.T) {
	t.Parallel()
	u := llamacpp.UsesOfC()
	h := headerOf(t, headersOf(u))
	rows, err := derive(nil, parameterStructs(u), h, "good", func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(u.Functions, func(f llamacpp.Function) bool { return f.Typed })
	u.Functions[i].Typed = false
	found := check(u, h, rows)
	if len(found) != 1 || !strings.Contains(found[0], "has a float and is called without a Go function type") {
		t.Errorf("found %q", found)
	}
}

// wide are fields of more bytes than can be passed.
func wide() string {
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, " size_t more%d;", i)
	}
	return b.String()
}

// Older forms are as good as those of today.
func TestOlderForms(t *testing.T) {
	t.Parallel()
	u := llamacpp.UsesOfC()
	text := headersOf(u)
	for _, f := range u.Functions {
		if f.Older != "" {
			text = strings.Replace(text, f.Declaration, f.Older, 1)
		}
	}
	for name, forms := range u.Structs {
		last := forms[len(forms)-1]
		text = strings.Replace(text, "struct "+name+" { "+strings.Join(forms[0], "; "), "struct "+name+" { "+strings.Join(last, "; "), 1)
	}
	for _, c := range u.Constants {
		for _, older := range c.Older {
			text = strings.Replace(text, fmt.Sprintf("{ %s = %d, }", c.Name, c.Value), fmt.Sprintf("{ %s = %d, }", c.Name, older), 1)
		}
	}
	h := headerOf(t, text)
	rows, err := derive(nil, parameterStructs(u), h, "old", func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	if found := check(u, h, rows); len(found) > 0 {
		t.Errorf("older forms do not pass: %s", strings.Join(found, "\n"))
	}
}

// A row is derived as a C compiler lays the struct out.
func TestDerive(t *testing.T) {
	t.Parallel()
	h := headerOf(t, `
typedef void (*callback)(int, void *);
enum mode { M0, M1 = 5, M2, M3 = M1 | (1 << 6), M4 = -1 };
struct inner { char c; int64_t n; };
struct outer {
    bool         on;
    enum mode    m;
    bool /* none */ b;
    callback     f;
    void       (*g)(float);
    struct inner i;
    const char * name;
    bool         last;
};`)
	size, fields, err := h.layoutOf("outer")
	want := "on:0+1 m:4+4 b:8+1 f:16+8 g:24+8 i:32+16 name:48+8 last:56+1"
	if err != nil || size != 64 || strings.Join(fields, " ") != want {
		t.Errorf("%d bytes: %s, %v", size, strings.Join(fields, " "), err)
	}
	for name, want := range map[string]int64{"M0": 0, "M1": 5, "M2": 6, "M3": 69, "M4": -1} {
		if got := h.enums[name]; got != want {
			t.Errorf("%s is %d, want %d", name, got, want)
		}
	}
	rows := []row{{"outer", 64, []string{"b1"}, fields}, {"other", 8, []string{"b1"}, []string{"x:0+8"}}}
	got, err := derive(rows, []string{"outer", "inner"}, h, "b2", func(string) {})
	if err != nil || len(got) != 3 || !slices.Equal(got[0].builds, []string{"b1", "b2"}) || got[2].name != "inner" {
		t.Errorf("derived %v, %v", got, err)
	}
	if len(rows[0].builds) != 1 {
		t.Error("the rows that were given have changed")
	}
}

// The table that is compiled in says what the headers said.
func TestTable(t *testing.T) {
	t.Parallel()
	rows, head, err := readTable("../layouts.txt")
	if err != nil || len(rows) < 10 || !strings.HasPrefix(head, "#") {
		t.Fatalf("%d rows, %q, %v", len(rows), head, err)
	}
	path := t.TempDir() + "/layouts.txt"
	if err := writeTable(path, head, rows); err != nil {
		t.Fatal(err)
	}
	again, _, err := readTable(path)
	if err != nil || fmt.Sprint(again) != fmt.Sprint(rows) {
		t.Errorf("written and read again the table is another one: %v", err)
	}
}
