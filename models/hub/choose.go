package hub

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/spelling"
)

// preferred are quantisations from the one that is taken first where a name says none, as
// llama.cpp does with the first two: small enough for most machines, and close to the original.
var preferred = []string{
	"Q4_K_M", "Q8_0", "Q4_K_XL", "Q5_K_M", "Q6_K", "Q4_K_S", "Q4_K", "Q4_K_L", "Q4_1", "Q4_0", "IQ4_NL", "IQ4_XS",
	"MXFP4", "MXFP4_MOE", "Q5_K_S", "Q5_K", "Q5_K_L", "Q5_K_XL", "Q5_1", "Q5_0", "Q6_K_L", "Q6_K_XL", "Q8_K_XL", "INT4", "INT8", "F16", "FP16", "BF16", "F32", "FP32",
}

// projectorTypes are those of projectors from the one that is taken first: they are small, and
// what a model sees passes through them.
var projectorTypes = []string{"F16", "FP16", "BF16", "Q8_0", "F32", "FP32"}

// group is a language model in a repository: its files.
type group struct {
	name  fileName
	files []File // its parts in order, as far as they are there
}

func (g group) whole() bool { return len(g.files) == g.name.parts }

func (g group) size() (sum int64) {
	for _, f := range g.files {
		sum += f.Size
	}
	return sum
}

// groupModels finds the language models among files.
func groupModels(files []File) []group {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	var groups []group
	first := map[string]int{} // the groups by where their parts would be
	for _, f := range files {
		if !isModel(f.Path) {
			continue
		}
		name := parseFileName(f.Path)
		if name.parts == 1 {
			groups = append(groups, group{name, []File{f}})
			continue
		}
		key := name.partPath(f.Path, 1)
		if at, ok := first[key]; ok {
			groups[at].files = append(groups[at].files, f)
			continue
		}
		first[key] = len(groups)
		groups = append(groups, group{name, []File{f}})
	}
	return groups
}

// choose finds the language model that a name means.
func choose(n Name, files []File) (group, error) {
	groups := groupModels(files)
	if len(groups) == 0 {
		return group{}, noModels(n, files)
	}
	if n.wantsFile() {
		return chooseFile(n, groups, files)
	}
	found := withQuant(groups, n.Variant)
	if len(found) == 0 {
		return group{}, noVariant(n, groups)
	}
	// The same file may lie in several folders: the uppermost is meant.
	slices.SortStableFunc(found, func(a, b group) int {
		return cmp.Compare(strings.Count(a.files[0].Path, "/"), strings.Count(b.files[0].Path, "/"))
	})
	for _, other := range found[1:] {
		if other.name.base != found[0].name.base {
			return group{}, severalModels(n, found)
		}
	}
	return wholeOf(n, found[0])
}

// wholeOf refuses a model of which parts are missing.
func wholeOf(n Name, g group) (group, error) {
	if g.whole() {
		return g, nil
	}
	return group{}, &engine.Error{
		Kind:    engine.ModelInvalid,
		Message: fmt.Sprintf("of the %d parts of %s, %s has %d", g.name.parts, oneLine(g.files[0].name()), n.Repo, len(g.files)),
		Hint:    "ask those who publish it, or take another quantisation",
	}
}

// withQuant are the models of a quantisation, or of the most preferred one that there is.
func withQuant(groups []group, variant string) []group {
	if variant != "" {
		return matching(groups, variant)
	}
	for _, quant := range preferred {
		if found := matching(groups, quant); len(found) > 0 {
			return found
		}
	}
	if len(groups) > 1 {
		if quant := groups[0].name.quant; quant != "" {
			return matching(groups, quant)
		}
	}
	return groups
}

// matching are the models whose names have a quantisation: exactly, or else with UD- before
// it, or else anywhere as a word of the path.
func matching(groups []group, quant string) []group {
	for _, is := range []func(group) bool{
		func(g group) bool { return strings.EqualFold(g.name.quant, quant) },
		func(g group) bool { return strings.EqualFold(g.name.quant, "UD-"+quant) },
		func(g group) bool { return hasWord(g.files[0].Path, quant) },
	} {
		var found []group
		for _, g := range groups {
			if is(g) {
				found = append(found, g)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// hasWord reports whether a path has a word, without regard to case, with no letter or digit
// at its ends.
func hasWord(path, word string) bool {
	path, word = strings.ToLower(path), strings.ToLower(word)
	edge := func(i int) bool {
		return i < 0 || i >= len(path) || strings.IndexByte("-._/", path[i]) >= 0
	}
	for at := 0; at+len(word) <= len(path) && word != ""; at++ {
		if strings.HasPrefix(path[at:], word) && edge(at-1) && edge(at+len(word)) {
			return true
		}
	}
	return false
}

// chooseFile finds the model with a file of some path, or only name.
func chooseFile(n Name, groups []group, files []File) (group, error) {
	for _, same := range []func(path string) bool{
		func(path string) bool { return path == n.Variant },
		func(path string) bool { return strings.EqualFold(path, n.Variant) },
		func(path string) bool {
			return strings.EqualFold(path[strings.LastIndex(path, "/")+1:], n.Variant)
		},
	} {
		for _, g := range groups {
			if slices.ContainsFunc(g.files, func(f File) bool { return same(f.Path) }) {
				return wholeOf(n, g)
			}
		}
	}
	if slices.ContainsFunc(files, func(f File) bool { return f.Path == n.Variant }) {
		return group{}, &engine.Error{
			Kind:    engine.ModelInvalid,
			Message: fmt.Sprintf("%s of %s is no language model", oneLine(n.Variant), n.Repo),
			Hint:    "name the language model: its projector is found by itself, and another one of the repository is named with --mmproj",
		}
	}
	return group{}, noVariant(n, groups)
}

// chooseProjector finds the projector for a model: the one that is asked for, or else of those
// in the folder nearest above it the one that is named most like it, in the best type.
func chooseProjector(n Name, g group, files []File, wanted string) (File, error) {
	var found []File
	for _, f := range files {
		if isProjector(f.Path) {
			found = append(found, f)
		}
	}
	if wanted != "" {
		return wantedProjector(n, found, wanted)
	}
	if len(found) == 0 {
		return File{}, nil
	}
	dir := folder(g.files[0].Path)
	slices.SortStableFunc(found, func(a, b File) int {
		return cmp.Or(
			cmp.Compare(nearness(dir, folder(b.Path)), nearness(dir, folder(a.Path))),
			cmp.Compare(likeness(g.name.base, b.Path), likeness(g.name.base, a.Path)),
			cmp.Compare(typeRank(a.Path), typeRank(b.Path)),
			strings.Compare(a.Path, b.Path),
		)
	})
	return found[0], nil
}

// nearness is high for the model's own folder, lower for each above it, and lowest for others.
func nearness(dir, other string) int {
	if other == "" || dir == other || strings.HasPrefix(dir, other+"/") {
		return 1 + len(other)
	}
	return 0
}

// likeness is how many words of a model's name a projector's has, too.
func likeness(base, path string) (n int) {
	for _, word := range strings.FieldsFunc(base, func(r rune) bool { return strings.ContainsRune("-._|", r) }) {
		if hasWord(path[strings.LastIndex(path, "/")+1:], word) {
			n++
		}
	}
	return n
}

func typeRank(path string) int {
	quant := strings.ToUpper(parseFileName(path).quant)
	if at := slices.Index(projectorTypes, quant); at >= 0 {
		return at
	}
	return len(projectorTypes)
}

func wantedProjector(n Name, found []File, wanted string) (File, error) {
	for _, same := range []func(File) bool{
		func(f File) bool { return f.Path == wanted },
		func(f File) bool { return strings.EqualFold(f.name(), wanted) },
		func(f File) bool { return strings.EqualFold(parseFileName(f.Path).quant, wanted) },
	} {
		if at := slices.IndexFunc(found, same); at >= 0 {
			return found[at], nil
		}
	}
	e := &engine.Error{
		Kind:    engine.ModelNotFound,
		Message: fmt.Sprintf("%s has no projector %s", n.Repo, oneLine(wanted)),
		Hint:    "it has none at all: the model can't see",
	}
	if len(found) > 0 {
		e.Hint = "it has " + list(paths(found))
	}
	return File{}, e
}

// Errors, which list what there is.

func noVariant(n Name, groups []group) error {
	e := &engine.Error{Kind: engine.ModelNotFound, Message: fmt.Sprintf("%s has no %s", n.Repo, oneLine(n.Variant))}
	if n.wantsFile() {
		all := groupPaths(groups)
		e.Hint = "its models are " + list(all)
		if near := spelling.Nearest(n.Variant, all, 1+len(n.Variant)/4); near != "" {
			e.Hint = "you may mean " + oneLine(near)
		}
		return e
	}
	quants := quantsOf(groups)
	if len(quants) == 0 {
		e.Hint = "its models are " + list(groupPaths(groups))
		return e
	}
	e.Hint = "there are " + list(quants)
	if near := spelling.Nearest(strings.ToUpper(n.Variant), quants, 2); near != "" {
		e.Hint = fmt.Sprintf("you may mean %s; %s", near, e.Hint)
	}
	return e
}

func severalModels(n Name, groups []group) error {
	files := groupPaths(groups)
	return &engine.Error{
		Kind:    engine.ModelNotFound,
		Message: fmt.Sprintf("%s has several models: %s", n.Repo, list(files)),
		Hint:    "name the file that you want: " + oneLine(Name{Repo: n.Repo, Revision: n.Revision, Variant: files[0]}.String()),
	}
}

// noModels says what a repository without GGUF models has instead.
func noModels(n Name, files []File) error {
	has := func(endings ...string) bool {
		return slices.ContainsFunc(files, func(f File) bool {
			return slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(strings.ToLower(f.Path), e) })
		})
	}
	e := &engine.Error{
		Kind:    engine.ModelNotFound,
		Message: n.Repo + " has no GGUF files",
		Hint:    "look for one of the same model with GGUF in its name, at https://huggingface.co/models?search=" + strings.ToLower(n.Repo[strings.Index(n.Repo, "/")+1:]),
	}
	switch {
	case has(".gguf"):
		e.Message = n.Repo + " has GGUF files, but no language model among them: " + list(paths(slices.DeleteFunc(slices.Clone(files), func(f File) bool { return !isGGUF(f.Path) })))
	case has(".safetensors"):
		e.Message += ": its weights are safetensors, which the native engine can't run"
	case has(".bin", ".pt", ".pth"):
		e.Message += ": its weights are pickled ones of PyTorch, which run code when they are read"
	case has(".onnx"):
		e.Message += ": its weights are for ONNX"
	case len(files) == 0:
		e.Message += ", nor any others"
	}
	return e
}

// quantsOf names the quantisations of models, in the order of their sizes.
func quantsOf(groups []group) []string {
	groups = slices.Clone(groups)
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(a.size(), b.size()) })
	var quants []string
	for _, g := range groups {
		if q := strings.ToUpper(g.name.quant); q != "" && !slices.Contains(quants, q) {
			quants = append(quants, q)
		}
	}
	return quants
}

func groupPaths(groups []group) []string {
	var all []string
	for _, g := range groups {
		all = append(all, g.files[0].Path)
	}
	return all
}

func paths(files []File) []string {
	all := make([]string, len(files))
	for i, f := range files {
		all[i] = f.Path
	}
	return all
}

// list joins names for a sentence, and leaves out those that are too many for one.
func list(names []string) string {
	const most = 20
	more := ""
	if len(names) > most {
		more = fmt.Sprintf(" and %d more", len(names)-most)
		names = names[:most]
	}
	clean := make([]string, len(names))
	for i, name := range names {
		clean[i] = oneLine(name)
	}
	return strings.Join(clean, ", ") + more
}
