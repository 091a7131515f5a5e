package runtimes

import (
	"archive/tar"
	"archive/zip"
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
)

// limits bound what an archive may become on disk.
type limits struct {
	bytes int64
	files int
}

// archiveLimits are several times what the largest release (CUDA) unpacks to.
var archiveLimits = limits{bytes: 8 << 30, files: 20_000}

var errAbsurd = errors.New("it unpacks to an absurd size")

// keepFunc says under which name an archive's entry is kept, if it is.
type keepFunc func(name string) (string, bool)

func keepAll(name string) (string, bool) { return name, true }

// unpack writes the files of archives below dest, which it makes. An archive that
// names anything outside dest or what another has written, that holds other things
// than files, folders and links, or that is absurdly large is refused whole.
func unpack(ctx context.Context, archives []string, dest string, keep keepFunc, max limits) error {
	u := &unpacker{ctx: ctx, keep: keep, left: max, copies: !canSymlink}
	return u.unpack(archives, dest)
}

// unpacker writes through an os.Root, so that even an entry that slipped
// through the checks could not leave the folder.
type unpacker struct {
	ctx  context.Context
	root *os.Root
	keep keepFunc
	left limits

	copies bool // copies are made of what links mean

	// Links are made at the end: until then every folder is a real one, and no
	// file can be written through a link.
	links []link
}

func (u *unpacker) unpack(archives []string, dest string) error {
	err := os.Mkdir(dest, 0o755)
	if err != nil {
		return err
	}
	if u.root, err = os.OpenRoot(dest); err != nil {
		return err
	}
	defer func() { _ = u.root.Close() }()
	for _, path := range archives {
		if err := u.open(path); err != nil {
			return err
		}
	}
	return u.makeLinks()
}

func (u *unpacker) open(archivePath string) error {
	f, err := os.Open(archivePath)
	if err != nil {
		return err
	}
	defer f.Close()
	if strings.HasSuffix(archivePath, ".tar.gz") {
		return u.tarGz(f)
	}
	return u.zip(f)
}

type link struct {
	name, target string
	hard         bool // the target is a name in the archive
}

func (u *unpacker) tarGz(r io.Reader) error {
	unzipped, err := gzip.NewReader(r)
	if err != nil {
		return err
	}
	for entries := tar.NewReader(unzipped); ; {
		h, err := entries.Next()
		if err == io.EOF {
			// What follows the end of the archive still has to be whole.
			_, err := io.Copy(io.Discard, io.LimitReader(unzipped, 1<<20))
			return err
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) { // we say it better
			return err
		}
		switch h.Typeflag {
		case tar.TypeXGlobalHeader:
			continue
		case tar.TypeReg, tar.TypeGNUSparse:
			err = u.file(h.Name, h.Mode&0o111 != 0, uint64(h.Size), entries)
		case tar.TypeDir:
			err = u.folder(h.Name)
		case tar.TypeSymlink:
			err = u.link(link{name: h.Name, target: h.Linkname})
		case tar.TypeLink:
			err = u.link(link{name: h.Name, target: h.Linkname, hard: true})
		default:
			err = fmt.Errorf("%q is neither a file nor a folder nor a link", h.Name)
		}
		if err != nil {
			return err
		}
	}
}

func (u *unpacker) zip(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	archive, err := zip.NewReader(f, info.Size())
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return err
	}
	for _, entry := range archive.File {
		if err := u.zipEntry(entry); err != nil {
			return err
		}
	}
	return nil
}

func (u *unpacker) zipEntry(entry *zip.File) error {
	mode := entry.Mode()
	if mode.IsDir() {
		return u.folder(entry.Name)
	}
	if mode.Type() != 0 && mode.Type() != fs.ModeSymlink {
		return fmt.Errorf("%q is neither a file nor a folder nor a link", entry.Name)
	}
	r, err := entry.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	if mode.Type() == fs.ModeSymlink {
		target, err := io.ReadAll(io.LimitReader(r, maxName+1))
		if err != nil {
			return err
		}
		return u.link(link{name: entry.Name, target: string(target)})
	}
	return u.file(entry.Name, mode&0o111 != 0, entry.UncompressedSize64, r)
}

// take checks an entry's name, counts it and says what it is kept as.
func (u *unpacker) take(name string) (kept string, ok bool, err error) {
	if err := u.ctx.Err(); err != nil {
		return "", false, err
	}
	clean, err := entryName(name)
	if err != nil {
		return "", false, err
	}
	if u.left.files--; u.left.files < 0 {
		return "", false, errors.New("it holds too many files")
	}
	kept, ok = u.keep(clean)
	if !ok || kept == "." {
		return "", false, nil
	}
	return kept, true, nil
}

func (u *unpacker) folder(name string) error {
	kept, ok, err := u.take(name)
	if err != nil || !ok {
		return err
	}
	return u.root.MkdirAll(filepath.FromSlash(kept), 0o755)
}

func (u *unpacker) file(name string, executable bool, size uint64, r io.Reader) error {
	kept, ok, err := u.take(name)
	if err != nil || !ok {
		return err
	}
	if size > uint64(u.left.bytes) { // as declared: refused before a disk is filled
		return errAbsurd
	}
	perm := fs.FileMode(0o644)
	if executable {
		perm = 0o755
	}
	return u.write(kept, perm, r)
}

func (u *unpacker) write(name string, perm fs.FileMode, r io.Reader) error {
	local := filepath.FromSlash(name)
	if err := u.root.MkdirAll(filepath.Dir(local), 0o755); err != nil {
		return err
	}
	f, err := u.root.OpenFile(local, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	n, err := io.Copy(f, io.LimitReader(&stoppable{u.ctx, r}, u.left.bytes+1))
	u.left.bytes -= n
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if u.left.bytes < 0 {
		return errAbsurd
	}
	return nil
}

func (u *unpacker) link(l link) error {
	kept, ok, err := u.take(l.name)
	if err != nil || !ok {
		return err
	}
	l.name = kept
	if l.hard {
		target, err := entryName(l.target)
		if err != nil {
			return fmt.Errorf("%q is a link: %w", l.name, err)
		}
		if l.target, ok = u.keep(target); !ok {
			return nil
		}
	} else if err := checkTarget(kept, l.target); err != nil {
		return err
	}
	u.links = append(u.links, l)
	return nil
}

func (u *unpacker) makeLinks() error {
	for _, l := range u.links {
		if err := u.makeLink(l); err != nil {
			return err
		}
	}
	return nil
}

// makeLink makes a symbolic link, or a copy of the file where a copy is meant
// (hard links) or the system won't have links (Windows, for most people).
func (u *unpacker) makeLink(l link) error {
	folder := path.Dir(l.name)
	if err := u.realFolder(folder); err != nil {
		return err
	}
	if !l.hard && !u.copies {
		return u.root.Symlink(filepath.FromSlash(l.target), filepath.FromSlash(l.name))
	}
	source := l.target
	if !l.hard {
		source = path.Join(folder, l.target)
	}
	return u.copyFile(l.name, u.follow(source))
}

// realFolder makes a link's folder and insists that none of it is a link: the
// ".." of a link's target is counted from where the link seems to be.
func (u *unpacker) realFolder(folder string) error {
	if err := u.root.MkdirAll(filepath.FromSlash(folder), 0o755); err != nil {
		return err
	}
	for ; folder != "."; folder = path.Dir(folder) {
		info, err := u.root.Lstat(filepath.FromSlash(folder))
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return fmt.Errorf("%q is a link and holds a link", folder)
		}
	}
	return nil
}

// follow goes along links that are not made on this system to the file that
// they mean.
func (u *unpacker) follow(name string) string {
	for range u.links {
		next := name
		for _, l := range u.links {
			if l.name == name && l.hard {
				next = l.target
			} else if l.name == name {
				next = path.Join(path.Dir(name), l.target)
			}
		}
		if next == name {
			break
		}
		name = next
	}
	return name
}

// copyFile copies within the folder. A source that isn't there is left out, as
// a dangling link would be.
func (u *unpacker) copyFile(name, source string) error {
	f, err := u.root.Open(filepath.FromSlash(source))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := u.root.Lstat(filepath.FromSlash(name)); err == nil {
			return fmt.Errorf("%q is there twice", name)
		}
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%q is a link to something that is not a file", name)
	}
	return u.write(name, info.Mode().Perm(), f)
}

// stoppable ends a copy when the context ends.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}
