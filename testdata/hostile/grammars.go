package hostile

import (
	"fmt"
	"strings"
)

// Grammar is a hostile grammar.
type Grammar struct {
	Name string
	Text string
	Want string // is in the error that refuses it
}

// Grammars are hostile grammars.
var Grammars = []Grammar{
	{"nothing", "", "no rule named root"},
	{"no root", `answer ::= "yes"`, "no rule named root"},
	{"a rule that is not there", `root ::= "a" missing`, "no rule named missing"},
	{"a rule twice", "root ::= \"a\"\nroot ::= \"b\"", "the rule root is defined twice"},
	{"no rule at all", "hello world", "a rule begins with its name"},
	{"a zero", "root ::= \"a\x00b\"", "not UTF-8 text"},
	{"bytes", "root ::= \"\xff\xfe\"", "not UTF-8 text"},
	{"200000 parentheses", "root ::= " + strings.Repeat("(", 200000) + `"a"` + strings.Repeat(")", 200000), "and at most 262144 are allowed"},
	{"10000 parentheses", "root ::= " + strings.Repeat("(", 10000) + `"a"` + strings.Repeat(")", 10000), "nests more than 64 deep"},
	{"10000 parentheses that stay open", "root ::= " + strings.Repeat("(", 10000), "nests more than 64 deep"},
	{"a megabyte", "root ::= \"" + strings.Repeat("a", 1<<20) + "\"", "it has 1048587 bytes"},
	{"10000 rules", manyRules(10000), "more than 4096 rules"},
	{"a billion times", `root ::= "a"{1000000000}`, `a repetition of "1000000000"`},
	{"more times than a number has", `root ::= "a"{99999999999999999999}`, `a repetition of "99999999999999999999"`},
	{"from many to few", `root ::= "a"{5,2}`, "a repetition from 5 to 2"},
	{"times without a number", `root ::= "a"{,3}`, `a repetition of ""`},
	{"times without an end", `root ::= "a"{3`, "a repetition is not closed"},
	{"long texts many times", "root ::= " + strings.Repeat(`"`+strings.Repeat("a", 90)+`"{2000} `, 10), "too many symbols"},
	{"a repetition repeated", `root ::= "a"{2000}{2000}{2000}`, "a repetition of a repetition"},
	{"a repetition of nothing", `root ::= ""*`, "a repetition of nothing"},
	{"a repetition of what may be nothing", `root ::= ("a"?)* "b"`, "what can be empty"},
	{"nothing in a billion ways", `root ::= ` + strings.Repeat(`("" | "") `, 30) + `"a"`, "in more than 1000 ways"},
	{"nothing in a billion ways, later", `root ::= "b" (` + strings.Repeat(`("" | "") `, 30) + `"a")`, "in more than 1000 ways"},
	{"a rule that begins with itself", `root ::= root "a" | "b"`, "left recursion"},
	{"rules that begin with each other", "root ::= a\na ::= b \"x\"\nb ::= \"\" root", "left recursion"},
	{"a rule that may begin with itself", `root ::= "a"? root`, "left recursion"},
	{"a text that is open", `root ::= "abc`, "not closed"},
	{"a set that is open", `root ::= [a-z`, "not closed"},
	{"a group that is open", `root ::= ("a"`, "a group is not closed"},
	{"an empty set", `root ::= []`, "a set of no characters"},
	{"half an escape", `root ::= "\x4"`, "2 hexadecimal digits"},
	{"an escape that is none", `root ::= "\q"`, `\q is no escape`},
	{"an escape of nothing", `root ::= "\`, "is no escape"},
	{"a control token", `root ::= <|im_end|>`, "is not expected here"},
}

func manyRules(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "r%d ::= \"a\"\n", i)
	}
	return b.String()
}
