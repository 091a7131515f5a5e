package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/lazyregexp"
)

// Transfer is how Import takes a model's files.
type Transfer string

// The ways to take files.
const (
	Cheapest Transfer = ""     // a hard link where the file system has them, else a copy
	Link     Transfer = "link" // a hard link, which takes no room
	Copy     Transfer = "copy" // on file systems that share blocks it takes no room either
	Move     Transfer = "move" // they are no longer where they were
)

// ImportOptions say how a model is imported.
type ImportOptions struct {
	How      Transfer
	Free     func(dir string) (uint64, error) // how much room there is; nil: it is not asked
	Progress func(engine.PullProgress)        // may be nil
}

// modelFolder is where the models of the data directory are.
func modelFolder() (string, error) {
	data, err := config.DataDir()
	return filepath.Join(data, "models"), err
}

// ImportName is what a model is called in the data directory unless a name is given: by its
// folder or file, or as Ollama calls it.
func ImportName(source string, m Model) string {
	if name, ok := strings.CutPrefix(source, OllamaPrefix); ok {
		source = strings.TrimSuffix(name, ":latest")
	} else if fi, err := os.Stat(source); err == nil && fi.IsDir() {
		if abs, err := filepath.Abs(source); err == nil {
			source = abs
		}
	} else {
		source = strings.TrimSuffix(firstPart().ReplaceAllString(m.Path, ".gguf"), ".gguf")
	}
	name := filepath.Base(filepath.FromSlash(source))
	return strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(nameRunes, r) {
			return r
		}
		return '-'
	}, name), "-.")
}

var firstPart = lazyregexp.New(`-00001-of-[0-9]{5}\.gguf$`)

const nameRunes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

// checkName refuses names that would mean something else, or lead out of the folder.
func checkName(name string) error {
	wrong := func(why string) error {
		return &engine.Error{Kind: engine.BadOption, Message: fmt.Sprintf("a model can't be called %q: %s", name, why),
			Hint: "name it with --name, with letters, digits and -_."}
	}
	switch {
	case name == "":
		return wrong("it needs a name")
	case strings.Trim(name, nameRunes) != "":
		return wrong("a name has letters, digits and -_. only")
	case name[0] == '.' || name[0] == '-':
		return wrong("a name begins with a letter or a digit")
	case name == DemoName || name == DemoEncoderName || isDemoFolder(name):
		return wrong("so the demo is called")
	}
	return nil
}

// Import puts a model's files into the data directory under a name, whole or not at all, and
// returns what Find takes of it then. The files are checked before. Adapters and the system
// message of an Ollama model don't go along.
func Import(ctx context.Context, m Model, name string, o ImportOptions) (Model, error) {
	if err := checkName(name); err != nil {
		return Model{}, err
	}
	if m.Demo {
		return Model{}, &engine.Error{Kind: engine.BadOption, Message: "the demo model is there already", Hint: "it answers when no model is named"}
	}
	if err := CheckFiles(m.Path, m.Projector); err != nil {
		return Model{}, err
	}
	m.LoRAs = nil
	if o.How == Move {
		for _, path := range m.files() {
			if storedDigest(path) != "" {
				return Model{}, &engine.Error{
					Kind:    engine.BadOption,
					Message: path + " is in another program's store, from which nothing is moved",
					Hint:    "leave out --move: a link takes no room",
				}
			}
		}
	}
	dir, err := modelFolder()
	if err != nil {
		return Model{}, err
	}
	final := filepath.Join(dir, name)
	for _, taken := range []string{final, final + ".gguf"} {
		if _, err := os.Lstat(taken); err == nil {
			return Model{}, &engine.Error{Kind: engine.BadOption, Message: fmt.Sprintf("there is a model %s in the data directory already", name),
				Hint: fmt.Sprintf("call this one otherwise with --name, or remove that one first: vlmchat models rm %s", name)}
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Model{}, err
	}
	temporary, err := os.MkdirTemp(dir, ".import-*")
	if err != nil {
		return Model{}, err
	}
	defer os.RemoveAll(temporary)
	taken, err := m.takeFiles(ctx, temporary, name, o)
	if err == nil {
		err = os.Rename(temporary, final)
	}
	if err != nil {
		return Model{}, notImported(name, err)
	}
	if o.How == Move {
		for _, path := range taken {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return Model{}, notImported(name, fmt.Errorf("it is imported, but can't be removed from where it was: %w", err))
			}
		}
	}
	return Find(final, "")
}

func notImported(name string, err error) error {
	var e *engine.Error
	if errors.As(err, &e) || errors.Is(err, context.Canceled) {
		return err
	}
	return &engine.Error{Kind: engine.Failed, Message: fmt.Sprintf("%s can't be imported: %v", name, err), Err: err}
}

// takeFiles puts the files into a folder and returns those that were copied or linked.
func (m Model) takeFiles(ctx context.Context, dir, name string, o ImportOptions) ([]string, error) {
	t := taking{ctx: ctx, o: o, progress: engine.PullProgress{Status: "importing " + name}}
	var whole int64
	for _, path := range m.files() {
		fi, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		whole += fi.Size()
	}
	t.progress.Total = whole
	for _, path := range m.files() {
		target := m.importedName(path, name)
		real, err := filepath.EvalSymlinks(path) // a link to a link would lead nowhere once that goes
		if err != nil {
			return nil, err
		}
		if err := t.take(real, filepath.Join(dir, target)); err != nil {
			return nil, err
		}
		t.taken = append(t.taken, path)
	}
	return t.taken, nil
}

// importedName is what a file is called in the data directory: as it was, unless its name
// does not say what it is, as the blobs of a store don't.
func (m Model) importedName(path, name string) string {
	base := filepath.Base(path)
	if !strings.EqualFold(filepath.Ext(base), ".gguf") {
		base = name + ".gguf"
		if path == m.Projector {
			base = "mmproj-" + base
		}
	}
	if path == m.Projector && !looksLikeProjector(base) {
		base = "mmproj-" + base
	}
	return base
}

// taking is an import under way.
type taking struct {
	ctx      context.Context
	o        ImportOptions
	progress engine.PullProgress
	taken    []string
}

func (t *taking) take(from, to string) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	fi, err := os.Stat(from)
	if err != nil {
		return err
	}
	if t.o.How != Copy {
		err := os.Link(from, to)
		if err == nil {
			t.advance(fi.Size())
			return nil
		}
		if t.o.How == Link {
			return &engine.Error{Kind: engine.Failed, Message: fmt.Sprintf("%s can't be linked into the data directory: %v", from, err), Err: err,
				Hint: "--link needs the same disk, and a file system with hard links: leave it out to copy"}
		}
	}
	if t.o.Free != nil {
		if free, err := t.o.Free(filepath.Dir(to)); err == nil && free < uint64(fi.Size()) {
			return &engine.Error{Kind: engine.Failed, Message: fmt.Sprintf("there is no room for %s in %s: it has %.1f GB, and %.1f GB are free",
				from, filepath.Dir(filepath.Dir(to)), float64(fi.Size())/1e9, float64(free)/1e9),
				Hint: "make room, or let VLMCHAT_DATA_DIR name a folder on another disk"}
		}
	}
	return t.copy(from, to)
}

// copyPiece is how much is copied between two looks at whether to go on.
const copyPiece = 16 << 20

func (t *taking) copy(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	for {
		// From file to file the kernel copies, and shares the blocks where the file system can.
		n, err := io.CopyN(out, in, copyPiece)
		t.advance(n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := t.ctx.Err(); err != nil {
			return err
		}
	}
	if err := out.Sync(); err != nil {
		return err
	}
	return out.Close()
}

func (t *taking) advance(n int64) {
	t.progress.Done += n
	if t.o.Progress != nil {
		t.o.Progress(t.progress)
	}
}
