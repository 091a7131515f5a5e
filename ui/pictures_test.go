package ui

import (
	"testing"

	"github.com/vlmchat/vlmchat/images"
)

// The picture that would be picked is seen, and folders lead to others.
func TestPickAPicture(t *testing.T) {
	t.Parallel()
	dir := pictureFiles(t, "cat.png", "photos/dog.png")
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}, Attach: (&images.Loader{}).Load})
	p.run(p.m.openPictures(dir))
	p.sees("cat.png")
	p.press(keyDown)
	p.sees("cat.png · 8×8") // the preview's caption
	p.press(keyDown, keyEnter)
	p.sees("dog.png")
	p.press(keyDown)
	p.sees("dog.png · 9×8")
	p.press(keyEnter)
	p.until("the chip", func() bool { return p.m.dialog == nil && len(p.m.attachments.shots()) == 1 })
	if got := p.m.attachments.shots()[0].name; got != "dog.png" {
		t.Errorf("%s is attached", got)
	}
}
