package hub

import "strings"

// File is a file of a repository, as the hub's metadata has it.
type File struct {
	Path   string // in the repository, with / between its parts
	Size   int64  // in bytes
	SHA256 string // of its content, "" for one that lies in git itself
	Blob   string // the SHA-1 of the git blob: of the content if SHA256 is ""
}

// etag is the name that the cache has for the content.
func (f File) etag() string {
	if f.SHA256 != "" {
		return f.SHA256
	}
	return f.Blob
}

// name is the path's last part.
func (f File) name() string { return f.Path[strings.LastIndex(f.Path, "/")+1:] }

// Selection is what of a repository is fetched for a name: a GGUF model, or the checkpoint of
// an encoder.
type Selection struct {
	Name         Name // with the variant that was chosen
	Commit       string
	Model        []File // the language model's parts in order
	Projector    File   // Path is "" if the repository has none: the model can't see
	Checkpoint   []File // an encoder's files; then there is no Model
	Quantization string // of the model, as its file's name has it; "" if it tells none
}

// Files are all of them.
func (s Selection) Files() []File {
	files := append(append([]File(nil), s.Model...), s.Checkpoint...)
	if s.Projector.Path != "" {
		files = append(files, s.Projector)
	}
	return files
}

// Size is how many bytes they have together.
func (s Selection) Size() int64 {
	var sum int64
	for _, f := range s.Files() {
		sum += f.Size
	}
	return sum
}

func isGGUF(path string) bool { return strings.HasSuffix(strings.ToLower(path), ".gguf") }
