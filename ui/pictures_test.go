package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// The picture that would be picked is seen, and folders lead to others.
func TestPickAPicture(t *testing.T) {
	t.Parallel()
	dir := pictureFiles(t, "cat.png", "photos/dog.png")
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}, Attach: (&images.Loader{}).Load})
	p.run(p.m.openPictures(dir))
	p.sees("cat.png · 8×8") // the preview's caption
	p.sees("PNG · ")
	p.press(keyDown, keyDown)
	p.sees("› photos/")
	p.press(keyRight)
	p.sees("dog.png · 9×8")
	p.press(keyLeft)
	p.sees("› photos/") // from where one came
	p.press(keyEnter)
	p.sees("dog.png · 9×8")
	p.press(keyEnter)
	p.until("the chip", func() bool { return p.m.dialog == nil && len(p.m.attachments.shots()) == 1 })
	if got := p.m.attachments.shots()[0].name; got != "dog.png" {
		t.Errorf("%s is attached", got)
	}
}

// Several are marked, in the order in which they are sent, whichever folder they are in.
func TestMarkPictures(t *testing.T) {
	t.Parallel()
	dir := pictureFiles(t, "a.png", "b.png", "c.png", "photos/d.png")
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}, Attach: (&images.Loader{}).Load})
	p.run(p.m.openPictures(dir))
	p.sees("b.png")
	p.press(keyDown, keyNamed("space"), keyUp, keyUp, keyNamed("space"), keyNamed("space")) // b, a, and b no more
	p.sees("1 marked")
	p.sees("a.png ✓")
	p.sees("Enter attaches 1")
	p.write("pho")
	p.press(keyRight, keyBackspace, keyBackspace, keyBackspace) // in what is written it only moves
	p.sees("b.png")
	p.press(keyEnd, keyRight)
	p.sees("d.png")
	p.press(keyTab, keyEnter)
	p.until("the chips", func() bool { return p.m.dialog == nil && len(p.m.attachments.shots()) == 2 })
	var names []string
	for _, s := range p.m.attachments.shots() {
		names = append(names, s.name)
	}
	if !slices.Equal(names, []string{"a.png", "d.png"}) {
		t.Errorf("%q are attached", names)
	}
}

// A folder that can't be read says so, and one gets out of it; no more previews are kept
// than are of use, and none is made for nobody.
func TestPicturesThatCantBeHad(t *testing.T) {
	t.Parallel()
	dir := pictureFiles(t, "a.png")
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}, Attach: (&images.Loader{}).Load})
	p.run(p.m.openPictures(filepath.Join(dir, "nowhere")))
	p.sees("be read: no such")
	p.press(keyLeft)
	p.sees("a.png · 8×8")
	g := &pictureChoice{}
	for i := range 10 {
		g.previewed(previewMsg{from: g, source: strconv.Itoa(i)})
	}
	if len(g.previews) != mostPreviews || g.previews["9"] == nil {
		t.Errorf("%d previews are kept", len(g.previews))
	}
	cancelled := false
	g.cancel = func() { cancelled = true }
	p.m.closeDialog()
	p.m.dialog = &picker{left: g.leave}
	p.m.closeDialog()
	if !cancelled {
		t.Error("a preview is made for nobody")
	}
}

// A folder of very many pictures is listed as far as that is of use, and the others are
// found by their names.
func TestHugeFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range mostPictures + 3 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%05d.png", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}, Attach: (&images.Loader{}).Load})
	p.run(p.m.openPictures(dir))
	p.sees("00000.png")
	p.press(keyEnd)
	p.sees("… and 3 more")
	p.press(keyEnter)
	p.writes("/attach " + dir + string(filepath.Separator))
	p.offers()
}

// Without a screen the pictures are listed with numbers.
func TestPlainPictures(t *testing.T) {
	dir := pictureFiles(t, "a.png", "b.png", "photos/d.png")
	t.Chdir(dir)
	f := &fake{reply: say("Fine.")}
	got, err := plainly(t, Options{Setup: Setup{Engine: f}, Attach: (&images.Loader{}).Load}, "/attach", "/attach 2 1", "/attach 4", "/attach 1", "/attach 9", "/attach a.png", "What?")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1. a.png\n2. b.png\n3. ../: the folder above\n4. photos/\n", "/attach and a number picks one.",
		"Attached to the next message: b.png · 9×8\n", "1. d.png\n", "d.png · 10×8", "There is no number 9"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	var names []string
	for _, picture := range engine.Pictures(f.asked()[0].Messages) {
		names = append(names, filepath.Base(picture.Source))
	}
	if !slices.Equal(names, []string{"b.png", "a.png", "d.png", "a.png"}) {
		t.Errorf("%q were sent", names)
	}
}
