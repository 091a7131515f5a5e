package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// header is what the C headers of a llama.cpp build declare, as far as a
// binding has to know.
type header struct {
	functions map[string]function
	structs   map[string][]field
	enums     map[string]int64  // constants of all enums
	typedefs  map[string]string // what a name stands for
}

// function is a C function; its types are normalised (see typeOf).
type function struct {
	result string
	params []string
}

// field is a member of a struct.
type field struct{ ctype, name string }

// readHeaders reads C header files into one header.
func readHeaders(paths ...string) (*header, error) {
	h := &header{functions: map[string]function{}, structs: map[string][]field{}, enums: map[string]int64{}, typedefs: map[string]string{}}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		h.parse(string(b))
	}
	if len(h.functions) == 0 {
		return nil, fmt.Errorf("no function is declared in %s", strings.Join(paths, ", "))
	}
	return h, nil
}

var (
	// A string comes first, for there are addresses with // in some.
	comments = regexp.MustCompile(`(?s)"(?:[^"\\\n]|\\.)*"|/\*.*?\*/|//[^\n]*`)
	tokens   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*|0[xX][0-9a-fA-F]+|\d+[\w.]*|<<|\.\.\.|\S`)
	macros   = regexp.MustCompile(`^(LLAMA|GGML|MTMD|GGML_BACKEND|LLAVA)_(API|CALL|RESTRICT|NORETURN|EXTERN)$`)
)

// parse takes the declarations out of a header's text. It knows as much of C as
// llama.cpp's headers use outside of their C++ parts.
func (h *header) parse(text string) {
	toks := tokens.FindAllString(withoutDirectives(withoutComments(text)), -1)
	var decl []string
	for i := 0; i < len(toks); i++ {
		switch t := toks[i]; {
		case t == "{" && !declaresType(decl): // a function's body, or extern "C"
			if len(decl) > 0 && decl[0] == "extern" {
				decl = nil
				continue
			}
			i = closing(toks, i)
			decl = nil
		case t == "{":
			end := closing(toks, i)
			decl = append(decl, toks[i:min(end+1, len(toks))]...)
			i = end
		case t == "}": // of extern "C"
			decl = nil
		case t == ";":
			h.declare(decl)
			decl = nil
		case !macros.MatchString(t):
			decl = append(decl, t)
		}
	}
}

func withoutComments(text string) string {
	return comments.ReplaceAllStringFunc(text, func(s string) string {
		if s[0] == '"' {
			return s
		}
		return " "
	})
}

// withoutDirectives drops preprocessor lines and what only C++ sees.
func withoutDirectives(text string) string {
	text = strings.ReplaceAll(text, "\\\n", " ")
	var kept strings.Builder
	var hidden []bool // one for each open #if
	for line := range strings.Lines(text) {
		directive, ok := strings.CutPrefix(strings.TrimSpace(line), "#")
		directive = strings.TrimSpace(directive)
		switch {
		case !ok:
			if !anyOf(hidden) {
				kept.WriteString(line)
			}
		case strings.HasPrefix(directive, "if"):
			hidden = append(hidden, strings.HasPrefix(directive, "ifdef __cplusplus"))
		case strings.HasPrefix(directive, "el") && len(hidden) > 0:
			// Both branches are kept but for C++'s: they differ in macros only.
			hidden[len(hidden)-1] = false
		case strings.HasPrefix(directive, "endif") && len(hidden) > 0:
			hidden = hidden[:len(hidden)-1]
		}
	}
	return kept.String()
}

func anyOf(bools []bool) bool {
	for _, b := range bools {
		if b {
			return true
		}
	}
	return false
}

func declaresType(decl []string) bool {
	for _, t := range decl {
		if t == "(" {
			return false
		}
	}
	for _, t := range decl {
		if t == "struct" || t == "enum" || t == "union" {
			return true
		}
	}
	return false
}

// closing is the index of the bracket that closes the one at i.
func closing(toks []string, i int) int {
	pairs := map[string]string{"{": "}", "(": ")", "[": "]"}
	opens, closes := toks[i], pairs[toks[i]]
	depth := 0
	for ; i < len(toks); i++ {
		switch toks[i] {
		case opens:
			depth++
		case closes:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(toks)
}

// declare takes note of one declaration.
func (h *header) declare(decl []string) {
	if len(decl) > 2 && (decl[0] == "DEPRECATED" || decl[0] == "GGML_DEPRECATED") && decl[1] == "(" {
		inner := decl[2 : len(decl)-1]
		for i := len(inner) - 1; i > 0; i-- {
			if inner[i] == "," {
				inner = inner[:i]
				break
			}
		}
		decl = inner
	}
	typedef := len(decl) > 0 && decl[0] == "typedef"
	if typedef {
		decl = decl[1:]
	}
	if brace := index(decl, "{"); brace > 0 && declaresType(decl[:brace]) {
		h.declareType(decl, brace, typedef)
		return
	}
	open := index(decl, "(")
	switch {
	case typedef && open < 0 && len(decl) > 1:
		h.typedefs[decl[len(decl)-1]] = typeOf(decl[:len(decl)-1])
	case typedef && open > 0 && open+2 < len(decl) && decl[open+1] == "*":
		h.typedefs[decl[open+2]] = "*"
	case !typedef && open > 1 && open < len(decl)-1:
		f := function{result: typeOf(decl[:open-1])}
		for _, param := range split(decl[open+1:closing(decl, open)], ",") {
			f.params = append(f.params, typeOf(withoutName(param)))
		}
		if len(f.params) == 1 && f.params[0] == "void" {
			f.params = nil
		}
		h.functions[decl[open-1]] = f
	}
}

func (h *header) declareType(decl []string, brace int, typedef bool) {
	end := closing(decl, brace)
	body := decl[brace+1 : end]
	name := decl[brace-1]
	if typedef && end+1 < len(decl) {
		alias := decl[end+1]
		if name == "struct" || name == "enum" {
			name = alias
		}
		h.typedefs[alias] = name
	}
	switch {
	case index(decl[:brace], "enum") >= 0:
		next := int64(0)
		for _, constant := range split(body, ",") {
			if len(constant) == 0 {
				continue
			}
			if len(constant) > 2 && constant[1] == "=" {
				next = h.value(constant[2:])
			}
			h.enums[constant[0]] = next
			next++
		}
		h.typedefs[name] = "int"
	case index(decl[:brace], "struct") >= 0:
		var fields []field
		for _, member := range split(body, ";") {
			if len(member) < 2 {
				continue
			}
			if open := index(member, "("); open > 0 && open+2 < len(member) && member[open+1] == "*" {
				fields = append(fields, field{"*", member[open+2]})
				continue
			}
			fields = append(fields, field{typeOf(withoutName(member)), member[len(member)-1]})
		}
		h.structs[name] = fields
	}
}

// value computes a constant: a number, another constant, -, | and <<.
func (h *header) value(expr []string) int64 {
	if len(expr) > 1 && expr[0] == "(" && closing(expr, 0) == len(expr)-1 {
		return h.value(expr[1 : len(expr)-1])
	}
	if i := index(expr, "|"); i > 0 {
		return h.value(expr[:i]) | h.value(expr[i+1:])
	}
	if i := index(expr, "<<"); i > 0 {
		return h.value(expr[:i]) << h.value(expr[i+1:])
	}
	switch {
	case len(expr) == 0:
		return 0
	case expr[0] == "-":
		return -h.value(expr[1:])
	}
	var n int64
	if _, err := fmt.Sscanf(expr[0], "%v", &n); err != nil {
		n = h.enums[expr[0]]
	}
	return n
}

// typeOf writes a type in one way for all that mean the same to a caller:
// without const and the words struct and enum.
func typeOf(toks []string) string {
	var kept []string
	for _, t := range toks {
		if t != "const" && t != "struct" && t != "enum" && t != "static" && t != "inline" && t != "extern" {
			kept = append(kept, t)
		}
	}
	return strings.Join(kept, " ")
}

// withoutName drops the name of a parameter or member.
func withoutName(toks []string) []string {
	words := 0
	for _, t := range toks {
		if t != "const" && t != "struct" && t != "enum" && t != "*" {
			words++
		}
	}
	if words < 2 {
		return toks
	}
	return toks[:len(toks)-1]
}

func index(toks []string, t string) int {
	for i := range toks {
		if toks[i] == t {
			return i
		}
	}
	return -1
}

// split cuts at a token, but not within brackets.
func split(toks []string, at string) (parts [][]string) {
	start := 0
	for i := 0; i < len(toks); i++ {
		switch toks[i] {
		case "(", "{", "[":
			i = closing(toks, i)
		case at:
			parts = append(parts, toks[start:i])
			start = i + 1
		}
	}
	if start < len(toks) {
		parts = append(parts, toks[start:])
	}
	return parts
}
