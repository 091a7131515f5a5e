package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/xmp"
)

// Sidecars puts answers into files beside their pictures, where other programs look for
// them. Nothing that somebody else wrote is lost by it.
type Sidecars struct {
	Format    SidecarFormat
	Overwrite bool   // also what has another text, unless it is not understood
	Tool      string // that writes, for XMP
	// Earlier is what runs before this one have begun to write: it is theirs, and may
	// be replaced. nil for nothing.
	Earlier *Intents

	Written int // files that have their answer
	Kept    int // files that have another text, and were left alone
	Without int // answers about what is no picture file by itself
}

// SidecarFormat is what a file beside a picture is.
type SidecarFormat string

// The formats of sidecars.
const (
	TextSidecar SidecarFormat = "txt" // photo.jpg.txt, the answer
	XMPSidecar  SidecarFormat = "xmp" // photo.jpg.xmp or photo.xmp, a description and keywords
)

// maxText is how much of a text file is compared with an answer.
const maxText = 1 << 20

// SidecarError says that a file beside a picture can't be used.
type SidecarError struct {
	Path   string
	Detail string // a phrase
}

func (e *SidecarError) Error() string { return e.Path + ": " + e.Detail + "; it was left alone" }

// Check says what is wrong with the file that is beside an item's picture already, before
// that is asked about.
func (s *Sidecars) Check(item Item) error {
	picture := pictureFile(item)
	if picture == "" {
		return nil
	}
	path, err := s.path(picture)
	if err != nil {
		return err
	}
	_, err = s.present(path)
	return err
}

// Write puts the answer of a record beside the item's picture, and tells in the record
// where. Its errors are *SidecarErrors, and those of the disk.
func (s *Sidecars) Write(item Item, r *Record) error {
	if r.Status != Answered {
		return nil
	}
	said := subjectOf(r)
	picture := pictureFile(item)
	if picture == "" || r.ImageFormat == nil || strings.TrimSpace(*r.Answer) == "" {
		s.Without++
		return nil
	}
	path, err := s.path(picture)
	if err != nil {
		return err
	}
	now, err := s.present(path)
	if err != nil {
		return err
	}
	next, err := s.next(now, said)
	if err != nil {
		return &SidecarError{path, err.Error()}
	}
	switch mine := s.Earlier.has(path, now.said); {
	case next == nil || now.data != nil && bytes.Equal(next, now.data):
	case now.said != "" && said.text(s.Format) != "" && !s.Overwrite && !mine:
		s.Kept++
		return nil
	default:
		if err := s.Earlier.add(path, said.text(s.Format)); err != nil {
			return err
		}
		if err := replace(path, next, now.mode); err != nil {
			return err
		}
	}
	s.Written++
	r.Sidecar = &path
	return nil
}

// subject is what an answer says of a picture.
type subject struct {
	xmp.Subject
	line string // as a text file has it
}

func (s subject) text(f SidecarFormat) string {
	if f == TextSidecar {
		return s.line
	}
	return s.Description
}

// subjectOf reads an answer. One that is held to a schema may say by the names of its
// members what is what: that of the prompt tags has tags.
func subjectOf(r *Record) subject {
	answer := strings.TrimSpace(*r.Answer)
	s := subject{xmp.Subject{Description: answer}, answer}
	var members map[string]json.RawMessage
	if r.JSON == nil || json.Unmarshal(r.JSON, &members) != nil {
		return s
	}
	var description string
	told := json.Unmarshal(members["description"], &description) == nil
	for _, name := range []string{"tags", "keywords"} {
		if json.Unmarshal(members[name], &s.Tags) == nil && len(s.Tags) > 0 {
			s.Description = ""
			if len(members) == 1 {
				s.line = strings.Join(s.Tags, ", ")
			}
			break
		}
		s.Tags = nil
	}
	if told {
		s.Description = strings.TrimSpace(description)
	}
	return s
}

// present is what a file beside a picture has.
type present struct {
	data []byte // nil where there is no file
	mode fs.FileMode
	said string // the text that would be replaced
	file *xmp.File
}

// present reads the file that is beside a picture, if there is one. It has to be a file
// itself: what a link leads to may be anywhere.
func (s *Sidecars) present(path string) (present, error) {
	var p present
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p, nil
	case err != nil:
		return p, &SidecarError{path, "it can't be read: " + withoutPath(err).Error()}
	case !info.Mode().IsRegular():
		return p, &SidecarError{path, "this is no file, as the picture's text should be"}
	case s.Format == XMPSidecar && info.Size() > xmp.MaxBytes:
		return p, &SidecarError{path, fmt.Sprintf("it is larger than %d MiB", xmp.MaxBytes>>20)}
	}
	p.mode = info.Mode().Perm()
	if s.Format == TextSidecar && info.Size() > maxText {
		p.data, p.said = []byte{}, "another text"
		return p, nil
	}
	if p.data, err = os.ReadFile(path); err != nil {
		return p, &SidecarError{path, "it can't be read: " + withoutPath(err).Error()}
	}
	if s.Format == TextSidecar {
		p.said = strings.TrimSpace(string(p.data))
		return p, nil
	}
	if len(bytes.TrimSpace(p.data)) == 0 {
		p.data = nil // nothing is lost
		return p, nil
	}
	if p.file, err = xmp.Parse(p.data); err != nil {
		return p, &SidecarError{path, "this XMP is not understood: " + err.Error()}
	}
	p.said = p.file.Description
	return p, nil
}

// next is what the file will have. It is nil where nothing changes.
func (s *Sidecars) next(now present, said subject) ([]byte, error) {
	switch {
	case s.Format == TextSidecar && now.said == said.line:
		return nil, nil
	case s.Format == TextSidecar:
		return []byte(said.line + "\n"), nil
	case now.file == nil:
		return xmp.New(said.Subject, s.Tool, time.Now()), nil
	}
	return now.file.Write(said.Subject, time.Now())
}

// pictureFile is the file that an item is about, "" unless that is a single one.
func pictureFile(item Item) string {
	if len(item.Images) != 1 || item.Images[0] == "-" || images.IsURL(item.Images[0]) {
		return ""
	}
	for _, path := range images.Paths(shown(item, item.Images[0])) {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	return ""
}

// path is where a picture's text is. A new XMP has the picture's whole name before its own
// extension, as with darktable and digiKam, so that photo.jpg and photo.png don't share one.
// An XMP that is there as Adobe's programs have it, photo.xmp, is the picture's if it is
// nobody else's.
func (s *Sidecars) path(picture string) (string, error) {
	path := picture + "." + string(s.Format)
	if s.Format == TextSidecar {
		return path, nil
	}
	stem := strings.TrimSuffix(picture, filepath.Ext(picture))
	adobe := stem + ".xmp"
	if _, err := os.Lstat(path); err == nil || adobe == picture {
		return path, nil
	}
	if _, err := os.Lstat(adobe); err != nil || shared(picture, stem) {
		return path, nil
	}
	there, err := s.present(adobe)
	if err != nil {
		return "", err
	}
	if there.file != nil && there.file.Extension != "" && !strings.EqualFold(there.file.Extension, strings.TrimPrefix(filepath.Ext(picture), ".")) {
		return path, nil // the raw file's, from which the picture may have come
	}
	return adobe, nil
}

// shared tells whether another picture has the same name but for the extension.
func shared(picture, stem string) bool {
	const extensions = "jpg jpeg png tif tiff webp avif heic heif gif bmp dng cr2 cr3 nef arw raf orf rw2 pef srw psd mov mp4"
	here, err := os.Stat(picture)
	if err != nil {
		return true
	}
	for extension := range strings.FieldsSeq(extensions) {
		for _, e := range []string{extension, strings.ToUpper(extension)} {
			other, err := os.Stat(stem + "." + e)
			if err == nil && !os.SameFile(here, other) {
				return true
			}
		}
	}
	return false
}

// replace puts a file in its place as a whole. A new one has the rights that the person
// gives to new files.
func replace(path string, data []byte, mode fs.FileMode) (err error) {
	failed := func(err error) error { return fmt.Errorf("%s can't be written: %w", path, withoutPath(err)) }
	f, err := draft(path, 0o666)
	if err != nil {
		return failed(err)
	}
	defer os.Remove(f.Name()) // where it is still called so
	_, err = f.Write(data)
	if err == nil && mode != 0 {
		if err = f.Chmod(mode); err == nil {
			err = f.Sync() // in its place there was something
		}
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return failed(err)
	}
	return nil
}
