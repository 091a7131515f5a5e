package sessions

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk mounts one of a megabyte and a half.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1536k,mode=0700"); err != nil {
		if os.Getuid() == 0 && !errors.Is(err, syscall.EPERM) {
			t.Fatal(err)
		}
		t.Skip("a small disk is mounted, which takes root:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// A full disk costs what was to be kept, and nothing else; when there is room again
// it is kept.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t)
	s := open(t, dir)
	first := add(t, s, "s", question(0, "What?"))
	filler := fill(t, dir)
	for what, m := range map[string]Message{
		"a picture": question(first, "And this?", picture("a.png", strings.Repeat("bytes", 100_000))),
		"a text":    question(first, strings.Repeat("And this? ", 100_000)),
	} {
		if _, err := s.Append(t.Context(), Session{ID: "s"}, m); err == nil || !strings.Contains(err.Error(), "keeping a message: the disk is full") {
			t.Errorf("%s on a full disk: %v", what, err)
		}
	}
	if c, err := s.Load(t.Context(), "s"); err != nil || len(c.All) != 1 {
		t.Errorf("there is %+v, %v", c, err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	add(t, s, "s", question(first, "And now?", picture("a.png", "small")))
	if err := s.check(); err != nil {
		t.Error(err)
	}
}

// What is on a disk that can't be written to can be read, however it was left there, and
// every change is told as what can't be.
func TestReadOnlyDisk(t *testing.T) {
	t.Parallel()
	cat := picture("a.png", "bytes")
	for name, leave := range map[string]func(t *testing.T, dir string){
		"clean": func(t *testing.T, dir string) {
			s := open(t, dir)
			add(t, s, "s", question(0, "What?", cat))
			_ = s.Close()
		},
		"killed, with changes in the log": func(t *testing.T, dir string) {
			elsewhere := t.TempDir()
			s := open(t, elsewhere)
			add(t, s, "s", question(0, "What?", cat))
			if err := os.CopyFS(dir, os.DirFS(elsewhere)); err != nil {
				t.Fatal(err)
			}
			os.Remove(filepath.Join(dir, fileName+"-shm"))
		},
		"killed, with all beside": func(t *testing.T, dir string) {
			elsewhere := t.TempDir()
			s := open(t, elsewhere)
			add(t, s, "s", question(0, "What?", cat))
			if err := os.CopyFS(dir, os.DirFS(elsewhere)); err != nil {
				t.Fatal(err)
			}
		},
		"open elsewhere": func(t *testing.T, dir string) { add(t, open(t, dir), "s", question(0, "What?", cat)) },
		"damaged": func(t *testing.T, dir string) {
			s := open(t, dir)
			add(t, s, "s", question(0, "What?", cat))
			_ = s.Close()
			f, err := os.OpenFile(filepath.Join(dir, fileName), os.O_WRONLY, 0)
			if err == nil {
				_, err = f.WriteAt(make([]byte, 1000), 40)
				f.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := smallDisk(t)
			leave(t, dir)
			s := open(t, onlyRead(t, dir))
			if s.Writable() == nil {
				t.Fatal("it is taken for one that can be written to")
			}
			c, err := s.Load(t.Context(), "s")
			if err != nil || len(c.All) != 1 || c.All[0].Text() != "What?" {
				t.Fatalf("there is %+v, %v", c, err)
			}
			if hits, err := s.Search(t.Context(), "what", 10); err != nil || len(hits) != 1 {
				t.Errorf("%d are found, %v", len(hits), err)
			}
			if data, err := s.Bytes(cat.SHA256); err != nil || string(data) != "bytes" {
				t.Errorf("the picture is %q, %v", data, err)
			}
			_, appending := s.Append(t.Context(), Session{ID: "s"}, question(0, "And this?"))
			_, holding := s.Hold("s")
			for what, err := range map[string]error{"append": appending, "hold": holding, "remove": s.Remove(t.Context(), "s"),
				"draft": s.SaveDraft(t.Context(), Draft{Session: "s", Text: "x"}), "rename": s.Rename(t.Context(), "s", "x", ByPerson)} {
				if err == nil || !strings.Contains(err.Error(), "the disk or the folder can't be written to") {
					t.Errorf("%s: %v", what, err)
				}
			}
			if told := len(s.Notices()) > 0; told != (name == "damaged") {
				t.Errorf("the notices are %q", s.Notices())
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(s.temporary); s.temporary != "" && err == nil {
				t.Errorf("%s is left", s.temporary)
			}
		})
	}
	if _, err := Open(onlyRead(t, smallDisk(t))); err == nil || !strings.Contains(err.Error(), "can't be written to") {
		t.Errorf("where there is nothing: %v", err)
	}
}

// onlyRead is a place where a folder can be seen and not be written to. Whoever has it open
// may go on.
func onlyRead(t *testing.T, dir string) string {
	t.Helper()
	only := t.TempDir()
	if err := syscall.Mount(dir, only, "", syscall.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(only, syscall.MNT_DETACH) })
	if err := syscall.Mount("", only, "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	return only
}

// A database of an earlier version can be read there, too.
func TestReadOnlyEarlier(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t)
	earlier(t, dir)
	s := open(t, onlyRead(t, dir))
	if holdsEarlier(t, s); s.Writable() == nil {
		t.Error("it is taken for one that can be written to")
	}
}

// Where there is no room for the copy, a database is left as it is until there is.
func TestNoRoomForCopy(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t)
	earlier(t, dir)
	filler := fill(t, dir)
	for _, room := range []int64{0, 48 << 10} {
		if info, err := os.Stat(filler); err != nil || os.Truncate(filler, info.Size()-room) != nil {
			t.Fatal(err)
		}
		s := open(t, dir)
		if err := s.Writable(); err == nil || !strings.Contains(err.Error(), "the disk is full") {
			t.Errorf("with room for %d bytes: %v", room, err)
		}
		holdsEarlier(t, s)
		_ = s.Close()
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".backup-*")); err != nil || len(left) > 0 {
		t.Errorf("%q is left, %v", left, err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	holdsEarlier(t, open(t, dir))
}

// What is on a full disk can be read, and written to as soon as there is room.
func TestOpenFullDisk(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t)
	s := open(t, dir)
	first := add(t, s, "s", question(0, "What?"))
	_ = s.Close()
	filler := fill(t, dir)
	s = open(t, dir)
	if c, err := s.Load(t.Context(), "s"); err != nil || len(c.All) != 1 {
		t.Errorf("there is %+v, %v", c, err)
	}
	if _, err := s.Append(t.Context(), Session{ID: "s"}, question(first, "And this?")); err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("what is written: %v", err)
	}
	if _, err := s.Reopened(); err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("opened again: %v", err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	again, err := s.Reopened()
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := again.Writable(); err != nil {
		t.Error(err)
	}
	add(t, again, "s", question(first, "And now?"))
}

// fill takes all the room of a disk, and returns the file that has it.
func fill(t *testing.T, dir string) string {
	t.Helper()
	filler := filepath.Join(dir, "filler")
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	return filler
}
