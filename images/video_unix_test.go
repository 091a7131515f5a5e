//go:build unix

package images

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/testprogram"
)

// script is a program that a test has in ffmpeg's place.
func script(t *testing.T, lines string) string {
	t.Helper()
	return testprogram.Script(t, "ffmpeg", lines)
}

// An ffmpeg that fails, in any way, fails alone, and it is told how.
func TestFFmpegThatFails(t *testing.T) {
	t.Parallel()
	v := &video{source: "clip.mp4", path: "clip.mp4", kind: "mov"}
	for name, c := range map[string]struct {
		script string
		reason Reason
		says   string
	}{
		"fails":            {"echo '[mov @ 0x5] no \x1b[31mmoov' >&2; exit 1", Damaged, `ffmpeg says: "no \x1b[31mmoov"`},
		"garbage":          {"echo 'this is no picture'", Damaged, "header makes no sense"},
		"flood":            {"cat /dev/zero", Damaged, "header makes no sense"},
		"a flood of words": {"head -c 10000000 /dev/zero | tr '\\0' x >&2; exit 1", Damaged, "ffmpeg says: xxx"},
		"huge":             {"printf 'P6\\n100000 100000\\n255\\n'; cat /dev/zero", Damaged, "100000×100000 pixels"},
		"cut short":        {"printf 'P6\\n64 48\\n255\\nabc'", Damaged, "unexpected EOF"},
		"negative":         {"printf 'P6\\n-64 -48\\n255\\nabc'", Damaged, "pixels"},
		"is none":          {"", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ffmpegTools{ffmpeg: script(t, c.script)}.first(t.Context(), v, 0, Limits{}.filled())
			if c.reason == "" {
				if !errors.Is(err, errNoFrame) {
					t.Error(err)
				}
				return
			}
			var e *Error
			if !errors.As(err, &e) || e.Reason != c.reason || !strings.Contains(err.Error(), c.says) || len(err.Error()) > 2*mostSaid {
				t.Errorf("%.300v", err)
			}
		})
	}
	if _, err := (ffmpegTools{ffmpeg: filepath.Join(t.TempDir(), "ffmpeg")}).first(t.Context(), v, 0, Limits{}.filled()); err == nil || !strings.Contains(err.Error(), "can't be started") {
		t.Error(err)
	}
}

// One that hangs ends with what it was wanted for, and so does one that has given all
// that was wanted.
func TestFFmpegThatHangs(t *testing.T) {
	t.Parallel()
	v := &video{source: "clip.mp4", path: "clip.mp4", kind: "mov"}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := (ffmpegTools{ffmpeg: script(t, "exec sleep 1000")}).first(ctx, v, 0, Limits{}.filled()); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	c, err := ffmpegTools{ffmpeg: script(t, "printf 'P6\\n2 2\\n255\\n123456789012'; exec sleep 1000")}.first(t.Context(), v, 0, Limits{}.filled())
	if err != nil || c.w != 2 || c.h != 2 || string(c.rgb) != "123456789012" {
		t.Error(c, err)
	}
}

// What ffmpeg gets is no shell's, no option and no protocol's, and of the environment
// little.
func TestWhatFFmpegGets(t *testing.T) {
	t.Parallel()
	told := filepath.Join(t.TempDir(), "told")
	v := &video{source: "x", path: "-i $(date);'concat:|http://", kind: "mov"}
	tools := ffmpegTools{ffmpeg: script(t, fmt.Sprintf("{ printf '%%s\\n' \"$@\"; env; } > %s", told))}
	if _, err := tools.first(t.Context(), v, 1500*time.Millisecond, Limits{}.filled()); !errors.Is(err, errNoFrame) {
		t.Fatal(err)
	}
	got := string(mustRead(t, told))
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"-nostdin\n", "-protocol_whitelist\nfile\n", "-f\nmov\n", "-ss\n1.500000\n", "-i\nfile:" + here + "/-i $(date);'concat:|http:\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "HOME=") {
		t.Errorf("it knows more than it needs:\n%s", got)
	}
}
