package images

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// asksDecoder has the test's executable decode for another process that ends in the
// middle of it.
const asksDecoder = "asks-decoder"

// TestMain lets the test's executable be the process that decodes.
func TestMain(m *testing.M) {
	formats = append(formats, hostileFormat)
	if len(os.Args) > 1 && os.Args[1] == DecoderCommand {
		os.Exit(DecoderMain(os.Stdin, os.Stdout, strings.Join(os.Args[2:], "")))
	}
	if len(os.Args) == 2 && os.Args[1] == asksDecoder {
		l := Loader{Decoder: []string{os.Args[0], DecoderCommand}}
		if _, err := l.Decode(context.Background(), "x", hostile("well")); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(l.decoder.process.cmd.Process.Pid)
		_, err := l.Decode(context.Background(), "x", hostile("hang"))
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// hostile is a file whose decoder does what is said.
func hostile(does string) []byte { return []byte("HOSTILE " + does) }

// hostileFormat is a format with a decoder of the worst kind.
var hostileFormat = format{
	name: "hostile",
	is:   magic("HOSTILE "),
	size: func(data []byte, _ int) (image.Point, error) {
		if string(data) == "HOSTILE large" {
			return image.Pt(1<<20, 1<<20), nil
		}
		return image.Pt(4, 3), nil
	},
	decode: func(ctx context.Context, data []byte, frame int) (canvas, error) {
		// The collector closes this file: it is for processes that end here.
		answers := func() *os.File { return os.NewFile(1, "answers") }
		switch does := strings.TrimPrefix(string(data), "HOSTILE "); does {
		case "hang":
			for ctx.Err() == nil {
				runtime.Gosched()
			}
		case "eat":
			var all [][]byte
			for {
				all = append(all, make([]byte, 16<<20))
				for i := 0; i < 16<<20; i += 4096 {
					all[len(all)-1][i] = 1
				}
			}
		case "exit":
			os.Exit(7)
		case "overflow":
			var deep func(int) int
			deep = func(n int) int { return deep(n+1) + n }
			deep(0)
		case "panic":
			panic("deep within")
		case "garbage":
			fmt.Fprintln(answers(), "\x1b[2J\x1b]0;gotcha\x07 and so on")
			time.Sleep(time.Hour)
		case "lie":
			_ = send(answers(), reply{Width: 1 << 30, Height: 1 << 30}, nil)
		case "half":
			_ = send(answers(), reply{Width: 400, Height: 300}, make([]byte, 400))
			os.Exit(0)
		case "other size":
			return canvas{rgb: make([]byte, 3*2*2), w: 2, h: 2}, nil
		case "cut":
			return canvas{}, io.ErrUnexpectedEOF
		case "chat":
			fmt.Println("libraries may print")
			fmt.Fprintln(os.Stderr, strings.Repeat("\x1b[2J and complain", 10_000))
		case "environment":
			return canvas{}, errors.New(strings.Join(os.Environ(), " "))
		}
		return canvas{rgb: []byte(strings.Repeat(string(rune('a'+frame)), 3*4*3)), w: 4, h: 3, photo: true}, nil
	},
	orientation: noOrientation,
	colours:     noColours,
	frames: func(data []byte) ([]frame, error) {
		if string(data) == "HOSTILE none" {
			return nil, nil
		}
		return []frame{{}, {at: time.Second}}, nil
	},
	apart: true,
}

// apartLoader decodes apart.
func apartLoader(t testing.TB, lim Limits) *Loader {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	l := &Loader{Limits: lim, Decoder: []string{self, DecoderCommand}}
	t.Cleanup(func() { l.Close() })
	return l
}

// What a decoder does to its process costs one picture, with its reason.
func TestApart(t *testing.T) {
	t.Parallel()
	l := apartLoader(t, Limits{Time: 30 * time.Second})
	for _, c := range []struct {
		does   string
		reason Reason
		says   string
	}{
		{"well", "", ""},
		{"chat", "", ""},
		{"exit", Damaged, "exit status 7"},
		{"overflow", Damaged, "its process ended"},
		{"panic", Damaged, "deep within"},
		{"garbage", Damaged, "answered nonsense"},
		{"lie", Damaged, "1073741824×1073741824"},
		{"half", Damaged, "exit status 0"},
		{"other size", Damaged, "it says 4×3 pixels and holds 2×2"},
		{"large", TooManyPixels, "1048576×1048576"},
		{"cut", Truncated, "HOSTILE file is cut short"},
		{"environment", Damaged, "damaged: GOTRACEBACK=none"},
	} {
		p, err := l.Decode(t.Context(), "a.hostile", hostile(c.does))
		if c.reason == "" {
			if err != nil || p.Width != 4 || p.Height != 3 || string(p.RGB()) != strings.Repeat("a", 36) || !p.photo {
				t.Errorf("%s: %v %v", c.does, p, err)
			}
			continue
		}
		var e *Error
		if !errors.As(err, &e) || e.Reason != c.reason || !strings.Contains(err.Error(), c.says) || strings.ContainsAny(err.Error(), "\x1b\n") {
			t.Errorf("%s: %v", c.does, err)
		}
	}
}

// The same error comes from a decoder in this process.
func TestApartSaysTheSame(t *testing.T) {
	t.Parallel()
	l := apartLoader(t, Limits{})
	for _, does := range []string{"panic", "other size", "large", "cut"} {
		_, here := Decode("a.hostile", hostile(does), Limits{})
		_, there := l.Decode(t.Context(), "a.hostile", hostile(does))
		if here == nil || there == nil || here.Error() != there.Error() {
			t.Errorf("%s: here %v, apart %v", does, here, there)
		}
	}
}

func TestApartWithinLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		does   string
		lim    Limits
		reason Reason
		says   string
	}{
		{"hang", Limits{Time: time.Second / 2}, TooSlow, "after 500ms"},
		{"eat", Limits{Memory: 300 << 20, Time: time.Minute}, TooHungry, "more than 314.6 MB"},
	} {
		l := apartLoader(t, c.lim)
		_, err := l.Decode(t.Context(), "a.hostile", hostile(c.does))
		var e *Error
		if !errors.As(err, &e) || e.Reason != c.reason || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.does, err)
		}
		l.Limits = Limits{}
		if _, err := l.Decode(t.Context(), "b.hostile", hostile("well")); err != nil {
			t.Errorf("after %s: %v", c.does, err)
		}
	}
}

// In this process, too, a picture has its time, and ends with its context.
func TestDecodingHereEnds(t *testing.T) {
	t.Parallel()
	l := Loader{Limits: Limits{Time: time.Second / 10}}
	_, err := l.Decode(t.Context(), "a.hostile", hostile("hang"))
	var e *Error
	if !errors.As(err, &e) || e.Reason != TooSlow {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Decode(ctx, "a.png", mustRead(t, "testdata/grey.jpg.golden.png")); !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "a.png: ") {
		t.Error(err)
	}
	for _, name := range []string{"testdata/grey.jpg.golden.png", "testdata/lossy.webp", "testdata/lossless.webp", "testdata/progressive.jpg"} {
		data := mustRead(t, name)
		if _, err := recognise(data).decode(ctx, data, 0); err == nil {
			t.Errorf("%s was decoded to its end", name)
		}
	}
}

func TestApartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	l := apartLoader(t, Limits{Time: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Second/5, cancel)
	if _, err := l.Decode(ctx, "a.hostile", hostile("hang")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := l.Decode(t.Context(), "b.hostile", hostile("well")); err != nil {
		t.Error(err)
	}
}

// Several at once get each their own answer, and share a process with those that
// take it down.
func TestApartForSeveral(t *testing.T) {
	t.Parallel()
	l := apartLoader(t, Limits{})
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			if i%6 == 0 {
				if _, err := l.Decode(t.Context(), "bad", hostile("exit")); err == nil {
					t.Error("a process that ended has decoded a picture")
				}
				return
			}
			data := hostile(fmt.Sprint("well ", i%2))
			p, err := l.decodeFrame(t.Context(), "good", data, &hostileFormat, i)
			if err != nil || p.RGB()[0] != byte('a'+i) {
				t.Error(p, err)
			}
		})
	}
	all.Wait()
}

// One process serves many pictures; one that ended while nobody looked, or was
// closed, is replaced without a word.
func TestApartAgain(t *testing.T) {
	t.Parallel()
	l := apartLoader(t, Limits{})
	data := hostile("well")
	decode := func() *child {
		t.Helper()
		if _, err := l.Decode(t.Context(), "x", data); err != nil {
			t.Fatal(err)
		}
		return l.decoder.process
	}
	first := decode()
	if decode() != first {
		t.Error("a second picture needs a second process")
	}
	_ = first.cmd.Process.Kill()
	<-first.gone
	second := decode()
	if second == first {
		t.Error("the first one is dead")
	}
	l.decoder.retire()
	if !second.ended() {
		t.Error("it was retired and lives")
	}
	third := decode()
	l.Close()
	if !third.ended() {
		t.Error("it was closed and lives")
	}
}

func TestFramesApart(t *testing.T) {
	t.Parallel()
	l, f := apartLoader(t, Limits{}), formatOf("hostile")
	all, err := l.framesIn(t.Context(), "x", hostile("well"), f)
	if err != nil || len(all) != 2 || all[1].at != time.Second {
		t.Error(all, err)
	}
	if _, err := l.framesIn(t.Context(), "x", hostile("none"), f); err == nil || !strings.Contains(err.Error(), "nothing in it") {
		t.Error(err)
	}
	p, err := l.decodeFrame(t.Context(), "x", hostile("well"), f, 1)
	if err != nil || p.Data != nil || p.Format != "" || p.RGB()[0] != 'b' {
		t.Error(p, err)
	}
	if all, err := l.framesIn(t.Context(), "x", []byte("\xff\xd8\xff"), formatOf("jpeg")); err != nil || len(all) != 1 {
		t.Error(all, err)
	}
}

func TestNoDecoder(t *testing.T) {
	t.Parallel()
	l := &Loader{Decoder: []string{"/no/such/program"}}
	_, err := l.Decode(t.Context(), "x", hostile("well"))
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "could not be started") {
		t.Error(err)
	}
}

// Nobody who starts the hidden command by hand waits for ever, or learns nothing.
func TestDecoderByHand(t *testing.T) {
	t.Parallel()
	self, _ := os.Executable()
	for _, c := range []struct{ input, says string }{
		{"", ""},
		{"what is this?", "for vlmchat's own use"},
		{"\x00\x00\x00\x02{", "for vlmchat's own use"},
	} {
		cmd := exec.Command(self, DecoderCommand)
		cmd.Stdin = strings.NewReader(c.input)
		out, err := cmd.CombinedOutput()
		if (c.says == "") != (err == nil) || !strings.Contains(string(out), c.says) {
			t.Errorf("%q: %v %q", c.input, err, out)
		}
	}
}
