package images

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// needsFFmpeg skips a test where there is none.
func needsFFmpeg(t *testing.T) {
	t.Helper()
	for _, name := range []string{"ffmpeg", "ffprobe"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip("needs ffmpeg (make ffmpeg installs it)")
		}
	}
}

// clip has ffmpeg make a video of a graph of its filters, and returns its path.
func clip(t *testing.T, name, graph string, how ...string) string {
	t.Helper()
	needsFFmpeg(t)
	path := filepath.Join(t.TempDir(), name)
	args := append([]string{"-nostdin", "-v", "error", "-f", "lavfi", "-i", graph}, how...)
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", append(args, path)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// threeColours is a second each of red, green and blue, ten frames a second.
const threeColours = "color=red:64x48:10:1[a];color=lime:64x48:10:1[b];color=blue:64x48:10:1[c];[a][b][c]concat=n=3"

// colourAt is the colour in the middle of a picture, roughly: videos are lossy.
func colourAt(p *Picture, x, y float64) [3]byte {
	c := canvas{rgb: p.RGB(), w: p.Width, h: p.Height}.at(x, y)
	for i := range c {
		if c[i] = c[i] / 128 * 255; c[i] > 0 {
			c[i] = 255
		}
	}
	return c
}

// takes loads a source that has to be right.
func takes(t *testing.T, l *Loader, source string) []*Picture {
	t.Helper()
	all, err := l.Load(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestMomentsOfVideos(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		name string
		how  []string
	}{
		{"clip.mp4", []string{"-c:v", "mpeg4", "-q:v", "2"}},
		{"clip.mov", []string{"-c:v", "mpeg4", "-q:v", "2"}},
		{"clip.mkv", []string{"-c:v", "ffv1"}},
		{"clip.avi", []string{"-c:v", "mpeg4", "-q:v", "2"}},
		{"clip.ts", []string{"-c:v", "mpeg2video", "-q:v", "2", "-r", "25"}},
		{"clip.mpg", []string{"-c:v", "mpeg2video", "-q:v", "2", "-r", "25"}},
		{"clip.flv", []string{"-c:v", "flv", "-q:v", "2"}},
		{"clip.wmv", []string{"-c:v", "wmv2", "-q:v", "2"}},
		{"no ending", []string{"-c:v", "mpeg4", "-q:v", "2", "-f", "mp4"}},
	} {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			path := clip(t, kind.name, threeColours, kind.how...)
			for at, want := range map[string][3]byte{"0": red, "0.5": red, "1.5s": green, "00:00:02.5": blue} {
				all := takes(t, &Loader{}, path+"#t="+at)
				if len(all) != 1 || all[0].Width != 64 || all[0].Height != 48 || colourAt(all[0], 0.5, 0.5) != want {
					t.Errorf("at %s: %d×%d, %v", at, all[0].Width, all[0].Height, colourAt(all[0], 0.5, 0.5))
				}
			}
		})
	}
}

func TestFramesOfVideos(t *testing.T) {
	t.Parallel()
	path := clip(t, "a clip, 'quoted'.mp4", threeColours, "-c:v", "mpeg4", "-q:v", "2")
	all := takes(t, &Loader{Frames: 3}, path)
	if len(all) != 3 {
		t.Fatal(len(all))
	}
	for i, want := range []struct {
		colour [3]byte
		at     string
	}{{red, "500ms"}, {green, "1.5s"}, {blue, "2.5s"}} {
		p := all[i]
		if colourAt(p, 0.5, 0.5) != want.colour || p.Source != path+"#t="+want.at || p.Data != nil || p.Format != "" || len(p.SHA256) != 64 {
			t.Errorf("%d: %s", i, p.Source)
		}
		// A picture of what it is called by is the same.
		if again := takes(t, &Loader{}, p.Source); again[0].SHA256 != p.SHA256 {
			t.Errorf("%s is another picture", p.Source)
		}
	}
	several := takes(t, &Loader{Frames: 8}, path+"#t=2.5s,0.2")
	if len(several) != 2 || colourAt(several[0], 0.5, 0.5) != blue || colourAt(several[1], 0.5, 0.5) != red {
		t.Error(several)
	}
}

// The frame that is shown is taken, not the next one; the last one is shown to the end.
func TestTheFrameThatIsShown(t *testing.T) {
	t.Parallel()
	slow := clip(t, "slow.mkv", "color=red:64x48:1:2,drawbox=color=blue:t=fill:enable=gte(t\\,1)", "-c:v", "ffv1")
	for at, want := range map[string][3]byte{"0": red, "0.9": red, "1.1": blue, "1.9": blue, "2": blue} {
		if p := takes(t, &Loader{}, slow+"#t="+at)[0]; colourAt(p, 0.5, 0.5) != want {
			t.Errorf("at %s: %v", at, colourAt(p, 0.5, 0.5))
		}
	}
	// Three frames, of which the last one stays for a long time.
	still := clip(t, "still.mkv", "color=red:64x48:10:0.3,setpts=if(eq(N\\,2)\\,30\\,N)/10/TB[a];anullsrc[b];[a]null[out0];[b]atrim=0:8[out1]", "-c:v", "ffv1", "-c:a", "pcm_s16le")
	if p := takes(t, &Loader{}, still+"#t=7")[0]; colourAt(p, 0.5, 0.5) != red {
		t.Error("the last frame is gone before its end")
	}
	one := clip(t, "one.mp4", "color=lime:66x34:25:0.04,scale=33:17", "-c:v", "mpeg4", "-frames:v", "1")
	if all := takes(t, &Loader{Frames: 8}, one); len(all) != 1 || all[0].Width != 33 || all[0].Height != 17 || colourAt(all[0], 0.5, 0.5) != green {
		t.Errorf("%d frames, %d×%d, %v", len(all), all[0].Width, all[0].Height, colourAt(all[0], 0.5, 0.5))
	}
}

func TestVideosAreUprightAndInShape(t *testing.T) {
	t.Parallel()
	path := clip(t, "wide.mp4", "color=red:64x48:10:1,drawbox=0:0:32:48:blue:fill,setsar=2", "-c:v", "mpeg4", "-q:v", "2")
	p := takes(t, &Loader{}, path+"#t=0")[0]
	if p.Width != 128 || p.Height != 48 || colourAt(p, 0.2, 0.5) != blue || colourAt(p, 0.8, 0.5) != red {
		t.Errorf("wide: %d×%d", p.Width, p.Height)
	}
	// A telephone that was held upright says so in the matrix of the track's header
	// (ISO/IEC 14496-12, 8.3.2): a quarter turn clockwise.
	data := mustRead(t, path)
	header := bytes.Index(data, []byte("tkhd"))
	for i, v := range []uint32{0, 1 << 16, 0, 0xffff0000, 0, 0, 48 << 16, 0, 1 << 30} {
		binary.BigEndian.PutUint32(data[header+4+40+4*i:], v)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	p = takes(t, &Loader{}, path+"#t=0")[0]
	if p.Width >= p.Height || colourAt(p, 0.5, 0.2) != blue || colourAt(p, 0.5, 0.8) != red {
		t.Errorf("turned: %d×%d, %v above, %v below", p.Width, p.Height, colourAt(p, 0.5, 0.2), colourAt(p, 0.5, 0.8))
	}
}

func TestVideosThatCannotBeShown(t *testing.T) {
	t.Parallel()
	path := clip(t, "clip.mp4", threeColours, "-c:v", "mpeg4", "-q:v", "2")
	data := mustRead(t, path)
	write := func(name string, data []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	sound := clip(t, "song.m4a", "sine=duration=1", "-c:a", "aac")
	playlist := write("list.mp4", []byte("ffconcat version 1.0\nfile "+path+"\n"))
	for _, c := range []struct {
		source string
		loader *Loader
		reason Reason
		says   []string
	}{
		{path, &Loader{}, BadSelection, []string{"a video of 3s", "clip.mp4#t=1s", "--frames 8"}},
		{path + "#t=5s", &Loader{}, BadSelection, []string{"nothing at 5s", "3s long"}},
		{path + "#2", &Loader{}, BadSelection, []string{"this is a video", "#t=12s"}},
		{path, &Loader{Frames: 1000}, TooMany, []string{"1000 frames"}},
		{path + "#t=0", &Loader{Limits: Limits{Pixels: 1000}}, TooManyPixels, []string{"64×48"}},
		{sound + "#t=0", &Loader{}, NotPicture, []string{"only sound"}},
		{write("cut.mp4", data[:len(data)/2]) + "#t=0", &Loader{}, NotPicture, []string{"cut short"}},
		{write("only the beginning.mp4", data[:40]) + "#t=0", &Loader{}, Damaged, []string{"can't be read"}},
		{playlist, &Loader{}, NotPicture, []string{"text"}},
	} {
		_, err := c.loader.Load(t.Context(), c.source)
		var e *Error
		if !errors.As(err, &e) || e.Reason != c.reason || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%s: %v", c.source, err)
		}
		for _, words := range c.says {
			if !strings.Contains(err.Error(), words) {
				t.Errorf("%s: %v does not say %q", c.source, err, words)
			}
		}
	}
}

func TestVideoKind(t *testing.T) {
	t.Parallel()
	packets := bytes.Repeat(append([]byte{'G'}, make([]byte, 187)...), 5)
	for head, want := range map[string]string{
		"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42": "mov",
		"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ":     "mov",
		"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic": "",
		"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif": "",
		"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01":                "matroska",
		string(packets):                                    "mpegts",
		string(packets[:500]):                              "",
		"Go is not what is meant by a G":                   "",
		"#EXTM3U\n":                                        "",
		"GIF89a":                                           "",
		"":                                                 "",
	} {
		if got := videoKind([]byte(head)); got != want {
			t.Errorf("%q: %q, want %q", head[:min(len(head), 20)], got, want)
		}
	}
}

func TestShortTime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"12s": "12s", "90s": "1m30s", "60s": "1m", "3600s": "1h", "3660s": "1h1m", "500ms": "500ms", "0s": "0s", "10m": "10m", "1.23456s": "1.235s"} {
		d, err := time.ParseDuration(text)
		if got := shortTime(d); got != want || err != nil {
			t.Errorf("%s: %s", text, got)
		}
		again, err := parseTime(shortTime(d))
		if err != nil || again != d.Round(time.Millisecond) {
			t.Errorf("%s is read as %v, %v", shortTime(d), again, err)
		}
	}
}

// Whatever comes out of ffmpeg, it is a picture of the size that it says or none.
func FuzzPPM(f *testing.F) {
	f.Add([]byte("P6\n2 2\n255\n123456789012"))
	f.Add([]byte("P6\n-2 2\n255\n"))
	f.Add([]byte("P6\n99999999999999999999 2\n255\n"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := readPPM(bytes.NewReader(data), Limits{Pixels: 1 << 16})
		if err == nil && (c.w < minSide || c.h < minSide || len(c.rgb) != 3*c.w*c.h) {
			t.Errorf("%d×%d in %d bytes", c.w, c.h, len(c.rgb))
		}
	})
}

// A video is recognised by its first bytes, whatever they are.
func FuzzVideoKind(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42"))
	f.Add([]byte("\xff\xff\xff\xffftyp"))
	f.Add(bytes.Repeat([]byte("G"), 4*188))
	f.Fuzz(func(t *testing.T, data []byte) {
		if kind := videoKind(data); kind != "" && recognise(data) != nil {
			t.Error("both a picture and a video")
		}
	})
}

func TestNoFFmpeg(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clip.mp4")
	if err := os.WriteFile(path, []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", "")
	_, err := (&Loader{}).Load(t.Context(), path)
	var e *Error
	if !errors.As(err, &e) || e.Reason != NoFFmpeg || !strings.Contains(err.Error(), "isn't installed") {
		t.Error(err)
	}
}
