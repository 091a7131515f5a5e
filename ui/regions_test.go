package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// chips names the pictures that wait for the next message.
func (p *person) chips() []string {
	var all []string
	for _, s := range p.m.attachments.shots() {
		all = append(all, s.caption())
	}
	return all
}

func TestCropAndTiles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		inputs []string
		chips  []string
	}{
		{"of the chip", []string{"/crop 0,0,50%,50%"}, []string{"a.png · 96×64", "b.png · 40×30", "b.png · at 0,0 · 20×15"}},
		{"blanks", []string{"/crop  25%, 10 , 50% , 20"}, []string{"a.png · 96×64", "b.png · 40×30", "b.png · at 10,10 · 20×20"}},
		{"beside its picture", []string{"/crop 1 10,20,30,40", "/crop 1 0,0,4,4", "/crop 0,0,5,5"}, []string{
			"a.png · 96×64", "a.png · at 10,20 · 30×40", "a.png · at 0,0 · 4×4", "b.png · 40×30", "b.png · at 0,0 · 5×5",
		}},
		{"of a region", []string{"/crop 50%,50%,50%,50%", "/crop 3 5,5,5,5"}, []string{
			"a.png · 96×64", "b.png · 40×30", "b.png · at 20,15 · 20×15", "b.png · at 25,20 · 5×5",
		}},
		{"of the conversation", []string{"/crop 3 0,0,50%,50%"}, []string{"a.png · 96×64", "b.png · 40×30", "old.png · at 0,0 · 30×30"}},
		{"tiles", []string{"/tiles 2 2x1"}, []string{"a.png · 96×64", "b.png · 40×30", "b.png · left part · 20×30", "b.png · right part · 20×30"}},
		{"four tiles", []string{"/tiles"}, []string{
			"a.png · 96×64", "b.png · 40×30", "b.png · top left part · 20×15", "b.png · top right part · 20×15",
			"b.png · bottom left part · 20×15", "b.png · bottom right part · 20×15",
		}},
		{"tiles of the conversation", []string{"/tiles 3 1X2"}, []string{"a.png · 96×64", "b.png · 40×30", "old.png · top part · 60×30", "old.png · bottom part · 60×30"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := withPictures(t)
			for _, input := range test.inputs {
				p.enter(input)
				p.idle()
			}
			if got := p.chips(); !slices.Equal(got, test.chips) {
				t.Errorf("chips %q, want %q", got, test.chips)
			}
			if left := p.m.composer.value(); left != "" {
				t.Errorf("the composer holds %q", left)
			}
		})
	}
}

// withPictures is a chat in which one picture was asked about and two wait.
func withPictures(t *testing.T) *person {
	t.Helper()
	sizes := map[string][2]int{"a.png": {96, 64}, "b.png": {40, 30}, "old.png": {60, 60}}
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}, Attach: func(_ context.Context, source string) ([]*images.Picture, error) {
		size := sizes[source]
		return []*images.Picture{testPicture(source, size[0], size[1])}, nil
	}})
	p.enter("/attach old.png")
	p.enter("What is it?")
	p.sees("Fine.")
	p.idle()
	for _, source := range []string{"a.png", "b.png"} {
		p.enter("/attach " + source)
		p.idle()
	}
	return p
}

// What goes to the engine is the region's pixels, and before them their place.
func TestRegionsAreAskedAbout(t *testing.T) {
	t.Parallel()
	e := &fake{reply: say("Fine.")}
	p := open(t, Options{Setup: Setup{Engine: e}, Pictures: []*images.Picture{testPicture("/home/me/a.png", 96, 64)}})
	p.enter("/crop 25%,50%,50%,25%")
	p.idle()
	p.enter("/tiles 1 1x2")
	p.idle()
	p.enter("What is there?")
	p.sees("Fine.")
	asked := e.asked()[0].Messages[0].Parts
	var places []string
	for _, part := range asked {
		if part.Picture == nil {
			places = append(places, part.Text)
		} else {
			places = append(places, fmt.Sprintf("[%d×%d]", part.Picture.Width, part.Picture.Height))
		}
	}
	if want := []string{
		"[96×64]", "a.png, the part from 25% to 75% of its width and from 50% to 75% of its height:", "[48×16]",
		"a.png, the top part:", "[96×32]", "a.png, the bottom part:", "[96×32]", "What is there?",
	}; !slices.Equal(places, want) {
		t.Errorf("asked %q, want %q", places, want)
	}
	whole, part := asked[0].Picture, asked[2].Picture
	for y := range part.Height {
		row := 3 * ((y+32)*whole.Width + 24)
		if !slices.Equal(part.RGB()[3*y*part.Width:3*(y+1)*part.Width], whole.RGB()[row:row+3*part.Width]) {
			t.Fatalf("row %d has other pixels", y)
		}
	}
}

// What can't be cut says why, and what was written can be put right.
func TestRegionsRefused(t *testing.T) {
	t.Parallel()
	for written, says := range map[string]string{
		"/crop 1,2,3":      `"1,2,3" is no region: write x,y,width,height`,
		"/crop me":         "is no region",
		"/crop 2 -1,0,5,5": "none of the numbers is below",

		"/crop 40,0,10,10": "b.png: the region from 40,0 to 50,10 leaves 0×0 pixels of this picture, which is 40×30",
		"/crop 4 0,0,1,1":  "There is no picture of this number. There are:",
		"/crop 0 0,0,1,1":  "3 old.png · 60×60",
		"/tiles 9x9":       "too many tiles",
		"/tiles two":       `"two" is no grid of tiles`,
		"/tiles 2 30x1":    "too small for 30×1 tiles",
	} {
		t.Run(written, func(t *testing.T) {
			t.Parallel()
			p := withPictures(t)
			p.enter(written)
			p.idle()
			joined := strings.Join(strings.Fields(p.screen()), " ")
			if !strings.Contains(joined, says) || p.m.composer.value() != written || len(p.chips()) != 2 {
				t.Errorf("chips %q, the composer holds %q; the screen:\n%s", p.chips(), p.m.composer.value(), p.screen())
			}
		})
	}
	t.Run("no picture", func(t *testing.T) {
		t.Parallel()
		p := open(t, Options{Setup: Setup{Engine: &fake{}}})
		p.enter("/crop 0,0,5,5")
		p.sees("There is no picture yet")
	})
}

// A region that the engine does not take leaves its picture where it is.
func TestRegionNotTaken(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: wholesOnly{&fake{reply: say("Fine.")}}}})
	p.enter("/attach a.png")
	p.idle()
	p.enter("/tiles")
	p.sees("Whole pictures only.")
	if got := p.chips(); !slices.Equal(got, []string{"a.png · 96×64"}) || p.m.composer.value() != "/tiles" {
		t.Errorf("chips %q, the composer holds %q", got, p.m.composer.value())
	}
}

// wholesOnly is an engine that takes no regions.
type wholesOnly struct{ *fake }

func (wholesOnly) TakePicture(_ context.Context, p *images.Picture, _ []*images.Picture) error {
	if of, _ := p.Part(); of != "" {
		return &engine.Error{Kind: engine.BadPicture, Message: "Whole pictures only."}
	}
	return nil
}

// Where room is scarce, regions of one picture can still be told apart.
func TestChipsOfRegions(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{}}})
	p.enter("/attach a-photo-with-a-long-name.png")
	p.idle()
	p.enter("/crop 10,20,30,40")
	p.idle()
	for room, want := range map[int]string{80: "a-photo-with-a-long-name.png · at 10,20 · 30×40", 30: "a-photo-wi… · at 10,20 · 30×40", 12: "a-pho… · at…"} {
		if got := p.m.attachments[1].chip(room, p.m.styles); got != want {
			t.Errorf("in %d cells %q", room, got)
		}
	}
}
