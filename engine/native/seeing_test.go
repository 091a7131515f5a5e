package native

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"path/filepath"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/testdata/zoo"
)

// The views of a picture have the tokens that are counted of it, and their colours
// are the picture's, in all families: with one mean for another they would not be.
func TestSightOfEveryFamily(t *testing.T) {
	t.Parallel()
	for _, family := range zoo.Families {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			e := open(t, zooOptions(t, family))
			for _, size := range [][2]int{{320, 240}, {900, 600}, {37, 500}} {
				p := flat(t, size[0], size[1])
				s, err := e.See(t.Context(), p)
				if err != nil {
					t.Fatal(err)
				}
				c, err := e.Count(t.Context(), engine.Request{Messages: []engine.Message{engine.Ask("", p)}})
				if err != nil {
					t.Fatal(err)
				}
				tokens := 0
				for i, v := range s.Views {
					tokens += v.Tokens
					if len(v.RGB) != 3*v.Width*v.Height || !bytes.Contains(v.RGB, bytes.Repeat(flatColour, 4)) {
						t.Errorf("%v: view %d of %d, %d×%d, has other colours: %v", size, i+1, len(s.Views), v.Width, v.Height, v.RGB[:12])
					}
				}
				if len(s.Views) == 0 || s.Tokens != c.ImageTokens || tokens != s.Tokens || s.Server != "" {
					t.Errorf("%v: %d views with %d of %d tokens, counted %d", size, len(s.Views), tokens, s.Tokens, c.ImageTokens)
				}
			}
		})
	}
}

var flatColour = []byte{201, 87, 30}

// flat is a picture of one colour.
func flat(t *testing.T, width, height int) *images.Picture {
	t.Helper()
	return drawn(t, fmt.Sprintf("flat %dx%d", width, height), width, height, func(int, int) [3]byte { return [3]byte(flatColour) })
}

// drawn is a picture of a size, drawn pixel by pixel.
func drawn(t *testing.T, name string, width, height int, at func(x, y int) [3]byte) *images.Picture {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := at(x, y)
			m.SetRGBA(x, y, color.RGBA{c[0], c[1], c[2], 255})
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	p, err := images.Decode(name, file.Bytes(), images.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A picture that has the encoder's size goes in as it is, byte for byte.
func TestSightIsExact(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	p, err := images.Load(t.Context(), filepath.Join(samples, "scene-12.png"), images.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	const side = 96
	small := drawn(t, "small", side, side, func(x, y int) [3]byte { return [3]byte(p.RGB()[3*(y*p.Width+x):]) })
	s, err := e.See(t.Context(), small)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Views) != 1 || s.Views[0].Width != side || s.Views[0].Height != side || s.Tokens != 64 || !bytes.Equal(s.Views[0].RGB, small.RGB()) {
		t.Errorf("%d views, %d tokens; the first is another picture", len(s.Views), s.Tokens)
	}
	// The worker answers as before.
	a := mustAsk(t, e, engine.Sampling{MaxTokens: 8}, engine.Ask("What is in this image?", p))
	if a.usage.ImageTokens != 64 {
		t.Errorf("answered with %+v", a.usage)
	}
}

// Tiles lie side by side: together they show the picture once more.
func TestSightOfTiles(t *testing.T) {
	t.Parallel()
	e := open(t, zooOptions(t, "llava-next"))
	// Left half red, right half blue, on a grid of two by two.
	p := drawn(t, "halves", 224, 224, func(x, _ int) [3]byte {
		if x < 112 {
			return [3]byte{255, 0, 0}
		}
		return [3]byte{0, 0, 255}
	})
	s, err := e.See(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Views) != 5 {
		t.Fatalf("%d views", len(s.Views))
	}
	for i, want := range []byte{255, 0, 255, 0} { // red of the tiles, before the overview
		v := s.Views[i]
		if got := v.RGB[3*(v.Height/2*v.Width+v.Width/2)]; got != want {
			t.Errorf("tile %d has %d red in its middle, want %d", i, got, want)
		}
	}
}

func TestSightOfBlindModel(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.Model.Projector = ""
	e := open(t, o)
	if _, err := e.See(t.Context(), flat(t, 20, 20)); engine.KindOf(err) != engine.NotVision {
		t.Errorf("error %v", err)
	}
}

func TestUndoNormalisation(t *testing.T) {
	t.Parallel()
	n := normalisation{mean: []float64{0.5, 0.25, 0}, deviation: []float64{0.5, 0.25, 1}}
	in := llamacpp.Input{Width: 2, Height: 1, Planes: [3][]float32{{-1, 1}, {0, 3}, {float32(math.Nextafter(1, 2)), -0.1}}}
	if got, want := n.undo(in), []byte{0, 64, 255, 255, 255, 0}; !bytes.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
