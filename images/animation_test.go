package images

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color/palette"
	"image/gif"
	"testing"
	"time"
)

// The frames of an animation are known with their times before any is decoded.
func TestFramesHaveTimes(t *testing.T) {
	t.Parallel()
	want := []time.Duration{0, 100, 300, 350, 650, 720}
	for _, name := range []string{"keep.gif", "background.gif", "previous.gif", "lossless.webp", "lossy.webp"} {
		data := mustRead(t, "testdata/formats/"+name)
		all, err := recognise(data).frames(data)
		if err != nil || len(all) != len(want) {
			t.Fatal(name, all, err)
		}
		for i, f := range all {
			if f.at != want[i]*time.Millisecond {
				t.Errorf("%s: frame %d at %v", name, i, f.at)
			}
		}
		if _, err := recognise(data).decode(t.Context(), data, len(all)); err == nil {
			t.Error(name, "has a frame that is not there")
		}
	}
}

// What is no animation has one frame.
func TestFramesOfStills(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"testdata/lossy.webp", "testdata/alpha.webp", "testdata/formats/interlaced.gif", "testdata/formats/plain.tif"} {
		data := mustRead(t, name)
		if all, err := recognise(data).frames(data); err != nil || len(all) != 1 {
			t.Error(name, all, err)
		}
	}
}

// An animation that breaks off has the frames that are whole.
func TestCutAnimations(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"keep.gif", "lossless.webp"} {
		data := mustRead(t, "testdata/formats/"+name)
		data = data[:len(data)-10]
		f := recognise(data)
		all, err := f.frames(data)
		if err != nil || len(all) != 5 {
			t.Fatal(name, len(all), err)
		}
		if _, err := f.decode(t.Context(), data, 4); err != nil {
			t.Error(name, err)
		}
	}
}

// Of a long animation only the frames that show through are decoded: damage in
// what is covered hurts nobody.
func TestOnlyWhatShowsIsDecoded(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	m := image.NewPaletted(image.Rect(0, 0, 9, 9), palette.WebSafe)
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{m, m}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	file := b.Bytes()
	first := bytes.IndexByte(file, ',') // the first frame's head, with a table of its own
	copy(file[first+10+gifColours(file[first+9])+2:], "\xff\xff\xff")
	if _, err := decodeGIF(t.Context(), file, 0); err == nil {
		t.Error("damage was not seen")
	}
	if _, err := decodeGIF(t.Context(), file, 1); err != nil {
		t.Error(err)
	}
}

// To get at a late frame no more is decoded than a bound, and no more frames are
// passed than another.
func TestLongAnimations(t *testing.T) {
	t.Parallel()
	head := []byte("GIF89a\x00\x40\x00\x40\x80\x00\x00\x00\x00\x00\xff\xff\xff") // 16384×16384
	control := []byte("!\xf9\x04\x01\x05\x00\x00\x00")                           // shows through
	frame := []byte(",\x00\x00\x00\x00\x00\x40\x00\x40\x00\x02\x01\x00\x00")
	for n, want := range map[int]Reason{8: TooManyPixels, mostFrames + 1: TooManyFrames} {
		file := append(bytes.Clone(head), bytes.Repeat(append(bytes.Clone(control), frame...), n)...)
		_, err := decodeGIF(t.Context(), file, min(n, mostFrames)-1)
		if e, ok := errors.AsType[*Error](err); !ok || e.Reason != want {
			t.Errorf("%d frames: %v", n, err)
		}
	}
	anmf := append([]byte("ANMF\x10\x00\x00\x00"), make([]byte, 16)...)
	file := append([]byte("RIFF????WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x0f\x00\x00\x0f\x00\x00"), bytes.Repeat(anmf, mostFrames+1)...)
	binary.LittleEndian.PutUint32(file[4:], uint32(len(file)-8))
	var e *Error
	if _, err := webpFrames(file); !errors.As(err, &e) || e.Reason != TooManyFrames {
		t.Error(err)
	}
}
