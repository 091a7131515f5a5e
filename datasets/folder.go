package datasets

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/images"
)

// tablesOf are the files in a folder that say what is in its pictures, for a task, without
// what they end in. metadata is what Hugging Face's imagefolder calls it.
func tablesOf(task Task) []string {
	own := map[Task][]string{
		Caption: {"captions"}, Retrieval: {"captions"}, Perplexity: {"texts", "captions"},
		VQA: {"questions", "vqa"}, Classify: {"labels"},
	}[task]
	return append([]string{"metadata"}, own...)
}

// tableEndings are what such a file may end in.
var tableEndings = []string{".jsonl", ".json", ".csv", ".tsv", ".txt"}

// splitFolders are what folders are called that are splits.
var splitFolders = []string{"train", "training", "val", "valid", "validation", "dev", "test", "testing"}

// folder reads a folder: with a table of what is in its pictures, with pictures and their
// captions side by side, or with a folder for each label.
func (r *reader) folder() error {
	r.set.Layout = "folder"
	entries, err := os.ReadDir(r.path)
	if err != nil {
		return &Error{Place: r.path, Message: fmt.Sprintf("the folder can't be read: %v", withoutPath(err)), Err: err}
	}
	if table := tableIn(r.task, r.path, entries); table != "" {
		r.path = table
		return r.file()
	}
	var folders, splits []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || !isFolder(r.path, e) {
			continue
		}
		folders = append(folders, e.Name())
		if slices.Contains(splitFolders, strings.ToLower(e.Name())) {
			splits = append(splits, e.Name())
		}
	}
	if len(splits) > 0 && len(splits) == len(folders) && !slices.ContainsFunc(entries, isPicture) {
		return r.split(splits)
	}
	if r.o.Split != "" {
		return &Error{Place: r.path, Message: fmt.Sprintf("there are no splits in it, and %q is wanted", r.o.Split), Hint: "leave out --split"}
	}
	r.look(filepath.Join(r.path, "x"), r.o.Images)
	if r.task == Classify {
		return r.classes(folders)
	}
	return r.sidecars()
}

// tableIn is the table of a folder, "" if it has none.
func tableIn(task Task, dir string, entries []os.DirEntry) string {
	for _, name := range tablesOf(task) {
		for _, ending := range tableEndings {
			for _, packed := range []string{"", ".gz"} {
				named := func(e os.DirEntry) bool { return e.Name() == name+ending+packed && !e.IsDir() }
				if slices.ContainsFunc(entries, named) {
					return filepath.Join(dir, name+ending+packed)
				}
			}
		}
	}
	return ""
}

// split goes on in the folder of a split.
func (r *reader) split(all []string) error {
	wanted, err := chooseSplit(r.path, r.o.Split, all)
	if err != nil {
		return err
	}
	if len(wanted) > 1 {
		return &Error{Place: r.path, Message: "splits that are folders are read one at a time", Hint: "name one with --split"}
	}
	r.set.Split, r.o.Split = wanted[0], ""
	r.path = filepath.Join(r.path, wanted[0])
	return r.folder()
}

// classes reads a folder for each label, as ImageNet has it.
func (r *reader) classes(folders []string) error {
	called, err := r.classNames()
	if err != nil {
		return err
	}
	for _, folder := range folders {
		label := folder
		if name, ok := called[folder]; ok {
			label = name
		}
		err := r.walk(folder, func(name string) {
			r.add(Item{Image: name, Label: label, Place: filepath.Join(r.path, filepath.FromSlash(name))}, "")
		})
		if err != nil {
			return err
		}
	}
	if len(r.items) == 0 {
		return &Error{Place: r.path, Message: "there is neither metadata nor a table of labels in it, nor a folder of pictures for each label", Hint: r.files()}
	}
	return nil
}

// classNames are what folders are called to people, where a file says it: ImageNet's folders
// are n01440764 and the like, and LOC_synset_mapping.txt has "n01440764 tench, Tinca tinca".
func (r *reader) classNames() (map[string]string, error) {
	for _, dir := range []string{r.path, filepath.Dir(r.path)} {
		for _, name := range []string{"LOC_synset_mapping.txt", "classes.txt"} {
			t, err := openText(r.ctx, filepath.Join(dir, name))
			if err != nil {
				continue
			}
			defer t.Close()
			called := map[string]string{}
			err = r.lines(t, func(line string, _ int) error {
				if folder, words, found := strings.Cut(strings.TrimSpace(line), " "); found {
					first, _, _ := strings.Cut(words, ",")
					called[folder] = strings.TrimSpace(first)
				}
				return nil
			})
			return called, err
		}
	}
	return nil, nil
}

// sidecars reads pictures that have a text beside them, a reference on each line.
func (r *reader) sidecars() error {
	pictures := 0
	err := r.walk("", func(name string) {
		pictures++
		i := Item{Image: name, Place: filepath.Join(r.path, filepath.FromSlash(name))}
		i.References = r.sidecar(i.Place)
		r.add(i, "")
	})
	if err != nil {
		return err
	}
	if pictures == 0 {
		return &Error{Place: r.path, Message: "there is no picture in this folder, and none below", Hint: r.files()}
	}
	if r.task == VQA {
		return &Error{Place: r.path, Message: "there are pictures in this folder, and no questions", Hint: "put metadata.jsonl, questions.jsonl or vqa.jsonl into it: " + r.task.needs()}
	}
	return nil
}

// files says which file of a folder may have been meant in place of it.
func (r *reader) files() string {
	const most = 3
	var names []string
	entries, _ := os.ReadDir(r.path) // it was read before
	for _, e := range entries {
		kind := filepath.Ext(strings.TrimSuffix(e.Name(), ".gz"))
		if !e.IsDir() && (kind == ".token" || slices.Contains(tableEndings, kind)) {
			names = append(names, e.Name())
		}
	}
	switch {
	case len(names) == 0:
		return expected
	case len(names) > most:
		names = append(names[:most], "…")
	}
	return "name the file that is meant: " + strings.Join(names, ", ")
}

// sidecar is what the text beside a picture says: photo.txt, or photo.jpg.txt.
func (r *reader) sidecar(picture string) (lines []string) {
	for _, path := range []string{strings.TrimSuffix(picture, filepath.Ext(picture)) + ".txt", picture + ".txt"} {
		if !isFile(path) {
			continue
		}
		t, err := openText(r.ctx, path)
		if err != nil {
			r.broken(path, err.Error())
			return nil
		}
		defer t.Close()
		beside := *r
		beside.path = path
		if r.task == Perplexity {
			whole, err := io.ReadAll(io.LimitReader(t, longestLine))
			if err != nil {
				r.broken(path, err.Error())
				return nil
			}
			return []string{string(whole)}
		}
		err = beside.lines(t, func(line string, _ int) error {
			lines = append(lines, strings.TrimSpace(line))
			return nil
		})
		if err != nil {
			r.broken(path, err.Error())
		}
		return lines
	}
	return nil
}

// walk hands on the pictures in a folder and in those below, by their names from the dataset's
// folder, in the order of these. What is hidden is left out; links to folders are not followed.
func (r *reader) walk(folder string, each func(name string)) error {
	err := filepath.WalkDir(filepath.Join(r.path, folder), func(path string, e fs.DirEntry, err error) error {
		if err == nil {
			err = r.ctx.Err()
		}
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(e.Name(), ".") && path != r.path
		switch {
		case hidden && e.IsDir():
			return fs.SkipDir
		case hidden || e.IsDir() || !isPicture(e):
			return nil
		}
		name, err := filepath.Rel(r.path, path)
		if err == nil {
			each(filepath.ToSlash(name))
		}
		return err
	})
	if err == nil || r.ctx.Err() != nil {
		return err
	}
	return &Error{Place: r.path, Message: fmt.Sprintf("the folder can't be read: %v", err), Err: err}
}

func isPicture(e os.DirEntry) bool { return !e.IsDir() && images.IsNamedPicture(e.Name()) }

// isFolder tells whether an entry is a folder, or a link to one.
func isFolder(dir string, e os.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := os.Stat(filepath.Join(dir, e.Name()))
	return err == nil && info.IsDir()
}
