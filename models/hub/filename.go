package hub

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// What a GGUF file is, people read from its name; the hub tells no more.

// fileName is what the name of a GGUF file says.
type fileName struct {
	base        string // without quantisation, part and ending, in lower case: one for each model
	quant       string // as it is written, "" if none is
	part, parts int    // 1 of 1 for a file that is not split
}

var (
	splitEnding = lazyregexp.New(`(?i)-(\d{5})-of-(\d{5})$`)
	// The types of weights of llama.cpp and of those who make mixtures of them: Q4_K_M, IQ4_XS,
	// UD-Q4_K_XL, TQ1_0, MXFP4_MOE, F16, FP16, BF16, int4.
	quantInName = lazyregexp.New(`(?i)(?:^|[-._])((?:UD-)?(?:I?Q[1-9]_?(?:[A-Z0-9]+(?:_[A-Z0-9]+)*)?|TQ[12]_0|(?:MX|NV)FP4(?:_[A-Z]+)?|BF16|FP?(?:16|32)|INT[48]))(?:[-._]|$)`)
)

// maxParts is more than any model is split into.
const maxParts = 1000

// parseFileName reads the name of a GGUF file, or its path.
func parseFileName(path string) fileName {
	stem := path[strings.LastIndex(path, "/")+1:]
	stem = stem[:max(len(stem)-len(".gguf"), 0)]
	f := fileName{part: 1, parts: 1}
	if m := splitEnding().FindStringSubmatch(stem); m != nil {
		part, _ := strconv.Atoi(m[1])
		parts, _ := strconv.Atoi(m[2])
		if part >= 1 && part <= parts && parts <= maxParts {
			f.part, f.parts = part, parts
			stem = stem[:len(stem)-len(m[0])]
		}
	}
	f.base = strings.ToLower(stem)
	// The last one counts: others may be part of the model's name.
	for at := 0; at < len(stem); {
		m := quantInName().FindStringSubmatchIndex(stem[at:])
		if m == nil {
			break
		}
		f.quant = stem[at+m[2] : at+m[3]]
		f.base = strings.ToLower(strings.Trim(stem[:at+m[2]], "-._") + "|" + strings.Trim(stem[at+m[3]:], "-._"))
		at += m[3]
	}
	return f
}

// partPath is the path of another part of the file that is path.
func (f fileName) partPath(path string, part int) string {
	ending := path[len(path)-len(".gguf"):]
	stem := path[:len(path)-len(ending)]
	stem = stem[:len(stem)-len("-00001-of-00001")]
	return fmt.Sprintf("%s-%05d-of-%05d%s", stem, part, f.parts, ending)
}

// folder is the folder of a path in a repository, "" for the uppermost.
func folder(path string) string { return path[:max(strings.LastIndex(path, "/"), 0)] }

// isProjector reports whether a file is the part of a model that sees.
func isProjector(path string) bool {
	return isGGUF(path) && strings.Contains(strings.ToLower(path[strings.LastIndex(path, "/")+1:]), "mmproj")
}

// helpers mark files that belong to a model and are none: a quantisation's statistics, and
// small models that guess ahead for a large one. They are those of llama.cpp's own choice.
var helpers = []string{"imatrix", "mtp-", "eagle3-", "dflash-", "dspark-"}

// isModel reports whether a file is a language model, or a part of one.
func isModel(path string) bool {
	if !isGGUF(path) || isProjector(path) {
		return false
	}
	name := strings.ToLower(path[strings.LastIndex(path, "/")+1:])
	for _, helper := range helpers {
		if strings.Contains(name, helper) {
			return false
		}
	}
	return true
}
