package images

import (
	"strings"
	"testing"
)

func TestFacts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		picture Picture
		want    string
	}{
		{Picture{Width: 4000, Height: 3000, Format: "jpeg", Data: make([]byte, 3_400_000), oriented: 6}, "4000×3000 (12.0 MP), JPEG, 3.4 MB, turned upright (EXIF orientation 6)"},
		{Picture{Width: 96, Height: 64, Format: "png", Data: make([]byte, 999), oriented: 1, transparent: true}, "96×64, PNG, 999 bytes, white where it is transparent"},
		{Picture{Width: 300, Height: 400, Format: "gif", Data: make([]byte, 1500), oriented: 1}, "300×400 (0.1 MP), GIF, 2 kB"},
		{Picture{Width: 10, Height: 10, Place: "the left half of a.png"}, "10×10, the left half of a.png"},
	} {
		if got := strings.Join(test.picture.Facts(), ", "); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}
