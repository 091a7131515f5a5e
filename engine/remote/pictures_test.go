package remote

import (
	"bytes"
	"image"
	"image/png"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// noise is a picture of w×h pixels whose file has some three bytes for each.
func noise(t *testing.T, w, h int) *images.Picture {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = byte(r.Uint32())
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	p, err := images.Decode("p.png", b.Bytes(), images.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCheckCounts(t *testing.T) {
	t.Parallel()
	s := Pictures{PictureLimits: Limits("Groq's"), Host: "api.groq.com"}
	p := noise(t, 4, 4)
	if err := s.Check(slices.Repeat([]*images.Picture{p}, 5), 0); err != nil {
		t.Error(err)
	}
	for _, beside := range []int{0, 2} {
		err := s.Check(slices.Repeat([]*images.Picture{p}, 6-beside), beside)
		if engine.KindOf(err) != engine.BadPicture || !strings.Contains(err.Error(), "6 pictures") || !strings.Contains(err.Error(), "api.groq.com takes 5") {
			t.Error(err)
		}
	}
	if err := (Pictures{}).Check(slices.Repeat([]*images.Picture{p}, 1000), 0); err != nil {
		t.Error("a server without known limits has one:", err)
	}
}

// One that is too large is made to fit. All together are refused.
func TestCheckBytes(t *testing.T) {
	t.Parallel()
	s := Pictures{PictureLimits: PictureLimits{RequestBytes: requestText + 240_000, Bytes: 160_000}, Host: "h"}
	p := noise(t, 400, 300)
	data, mime, err := s.Wire(p, 1)
	if err != nil || mime != "image/jpeg" || (len(data)+2)/3*4 > 160_000 {
		t.Error(len(data), mime, err)
	}
	if err := s.Check([]*images.Picture{p}, 0); err != nil {
		t.Error(err)
	}
	err = s.Check([]*images.Picture{p, p}, 0)
	if engine.KindOf(err) != engine.BadPicture || !strings.Contains(err.Error(), "2 pictures have 0.3 MB on their way, and the server at h takes 0.4 MB") || !strings.Contains(err.(*engine.Error).Hint, "--max-pixels") {
		t.Error(err)
	}
	s.Bytes = 40
	if _, _, err := s.Wire(p, 1); engine.KindOf(err) != engine.BadPicture || !strings.Contains(err.Error(), "p.png can't be made small enough") {
		t.Error(err)
	}
}

// --max-pixels holds whatever the server's own limits are.
func TestWirePixels(t *testing.T) {
	t.Parallel()
	p := noise(t, 90, 60)
	for _, c := range []struct {
		limits     PictureLimits
		max, among int
		w, h       int
	}{
		{PictureLimits{}, 0, 1, 90, 60},
		{PictureLimits{}, 600, 1, 30, 20},
		{PictureLimits{Pixels: 600}, 0, 1, 30, 20},
		{PictureLimits{Pixels: 600}, 150, 1, 15, 10},
		{PictureLimits{Pixels: 150}, 600, 1, 15, 10},
		{PictureLimits{Side: 45, Few: 2, ManySide: 30}, 0, 2, 45, 30},
		{PictureLimits{Side: 45, Few: 2, ManySide: 30}, 0, 3, 30, 20},
		{PictureLimits{Few: 2, ManySide: 30}, 0, 3, 30, 20},
	} {
		data, _, err := Pictures{PictureLimits: c.limits, MaxPixels: c.max}.Wire(p, c.among)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := images.Decode("sent", data, images.Limits{}); err != nil || got.Width != c.w || got.Height != c.h {
			t.Errorf("%+v: %dx%d, %v", c, got.Width, got.Height, err)
		}
	}
}

// What is shown is what is sent, pixel by pixel.
func TestSee(t *testing.T) {
	t.Parallel()
	s := Pictures{Host: "h", MaxPixels: 600}
	p := noise(t, 90, 60)
	sight, err := s.See(p)
	if err != nil {
		t.Fatal(err)
	}
	data, _, err := s.Wire(p, 1)
	if err != nil {
		t.Fatal(err)
	}
	want, err := images.Decode("sent", data, images.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if v := sight.Views[0]; sight.Server != "h" || sight.Tokens != 0 || v.Width != 30 || v.Height != 20 || v.Format != "png" || v.Bytes != len(data) || !bytes.Equal(v.RGB, want.RGB()) {
		t.Errorf("%+v", sight)
	}
	if _, err := (Pictures{PictureLimits: PictureLimits{Bytes: 40}}).See(p); engine.KindOf(err) != engine.BadPicture {
		t.Error(err)
	}
}

// A picture of the largest size that is refused no more.
func TestAnthropicCountsBase64(t *testing.T) {
	t.Parallel()
	s := Pictures{PictureLimits: Limits("Anthropic's OpenAI-compatible")}
	p := noise(t, 1200, 1100) // 3.96 MB, below 5 MB, and above in base64
	data, _, err := s.Wire(p, 1)
	if n := (len(data) + 2) / 3 * 4; err != nil || len(p.Data) >= 5*megabyte || n > 5*megabyte {
		t.Error(len(p.Data), n, err)
	}
}
