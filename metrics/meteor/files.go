package meteor

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

// How the reference calls its files, and where a wheel of pycocoevalcap has them.
const (
	jarName   = "meteor-1.5.jar"
	tableName = "paraphrase-en.gz"
	inWheel   = "pycocoevalcap/meteor"
)

// maxJar is more than the jar of 6 MB needs.
const maxJar = 64 << 20

// ErrNoData is that there is nothing of METEOR where it was looked for.
var ErrNoData = errors.New("METEOR's data was not found")

// Data is what METEOR knows of English. The zero value, and nil, is what needs no file: the
// exact and the stem module, and a list of function words of our own.
type Data struct {
	function map[string]bool
	synonyms *synonyms
	files    fs.FS  // where the paraphrases are
	close    func() // lets go of it
	table    string // their name in it; empty is none
	shown    string // as a person knows it
}

// Open takes METEOR's data from the reference's own files: meteor-1.5.jar, or a folder that
// has it, with paraphrase-en.gz beside it or in data/ if that is there; or a wheel of
// pycocoevalcap, as "pip download --no-deps pycocoevalcap" leaves it, or where pip has
// unpacked it. The error is ErrNoData where there is no such file.
func Open(name string) (*Data, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, noData(name, err)
	}
	if !info.IsDir() {
		if strings.EqualFold(filepath.Ext(name), ".jar") {
			return open(os.DirFS(filepath.Dir(name)), filepath.Dir(name), filepath.Base(name), func() {})
		}
		z, err := zip.OpenReader(name)
		if err != nil {
			return nil, fmt.Errorf("%s is neither a folder nor a jar nor a wheel: %w", name, err)
		}
		d, err := open(z, name, path.Join(inWheel, jarName), func() { z.Close() })
		if err != nil {
			z.Close()
		}
		return d, err
	}
	folder := os.DirFS(name)
	for _, jar := range []string{jarName, path.Join("meteor", jarName), path.Join(inWheel, jarName)} {
		if _, err := fs.Stat(folder, jar); err == nil {
			return open(folder, name, jar, func() {})
		}
	}
	if wheels, _ := fs.Glob(folder, "pycocoevalcap-*.whl"); len(wheels) > 0 {
		return Open(filepath.Join(name, wheels[len(wheels)-1]))
	}
	return nil, noData(name, fmt.Errorf("there is no %s and no wheel of pycocoevalcap in it", jarName))
}

func noData(name string, why error) error {
	return fmt.Errorf("%w at %s: %w (pip download --no-deps pycocoevalcap fetches it, in a wheel)", ErrNoData, name, why)
}

func open(files fs.FS, shown, jar string, close func()) (*Data, error) {
	d := &Data{files: files, close: close, shown: shown}
	if err := d.readJar(jar); err != nil {
		return nil, err
	}
	for _, table := range []string{path.Join(path.Dir(jar), "data", tableName), path.Join(path.Dir(jar), tableName)} {
		if _, err := fs.Stat(files, table); err == nil {
			d.table = table
			return d, nil
		}
	}
	return d, nil
}

// Close lets go of the files.
func (d *Data) Close() {
	if d != nil && d.close != nil {
		d.close()
	}
}

// readJar reads function words and WordNet out of METEOR's jar.
func (d *Data) readJar(jar string) error {
	name := d.shown + ": " + path.Base(jar)
	f, err := d.files.Open(jar)
	if errors.Is(err, fs.ErrNotExist) {
		return noData(d.shown, err)
	}
	if err != nil {
		return fmt.Errorf("%s can't be opened: %w", name, err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxJar+1))
	if err != nil {
		return fmt.Errorf("%s can't be read: %w", name, err)
	}
	if len(content) > maxJar {
		return fmt.Errorf("%s is larger than %d MB, and METEOR's has six", name, maxJar>>20)
	}
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return fmt.Errorf("%s is no jar: %w", name, err)
	}
	var lists [3]*listing
	for i, entry := range []string{"function/english.words", "synonym/english.synsets", "synonym/english.exceptions"} {
		list, err := z.Open(entry)
		if err != nil {
			return fmt.Errorf("%s is not METEOR 1.5: %w", name, err)
		}
		defer list.Close()
		lists[i] = newListing(name+": "+entry, list, maxListing)
	}
	if d.function, err = readWords(lists[0]); err != nil {
		return err
	}
	d.synonyms, err = readSynonyms(lists[1], lists[2])
	return err
}

func readWords(l *listing) (map[string]bool, error) {
	words := map[string]bool{}
	for {
		line, err := l.next()
		if errors.Is(err, io.EOF) {
			return words, nil
		}
		if err != nil {
			return nil, err
		}
		words[string(line)] = true
	}
}

// paraphrases reads what the table has about captions. It is decompressed beside that.
func (d *Data) paraphrases(ctx context.Context, o *occurring) (*paraphrases, error) {
	name := d.shown + ": " + path.Base(d.table)
	f, err := d.files.Open(d.table)
	if err != nil {
		return nil, fmt.Errorf("%s can't be opened: %w", name, err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s is no gzip file: %w", name, err)
	}
	text, to := io.Pipe()
	var decompressing sync.WaitGroup
	decompressing.Go(func() {
		_, err := io.Copy(to, z)
		to.CloseWithError(err)
	})
	defer decompressing.Wait()
	defer text.Close()
	return readParaphrases(ctx, newListing(name, text, maxTable), o)
}
