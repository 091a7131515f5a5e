package images

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// ffmpegTools are the programs that read videos, which the person has installed.
type ffmpegTools struct{ ffmpeg, ffprobe string }

// findFFmpeg finds them in PATH, and never in the current folder.
func findFFmpeg(v *video) (t ffmpegTools, err error) {
	if t.ffmpeg, err = exec.LookPath("ffmpeg"); err != nil {
		return t, v.fail(NoFFmpeg, err, "this is a video; its frames are taken with ffmpeg, which isn't installed: %s, or give pictures of it", howToGetFFmpeg[runtime.GOOS])
	}
	if t.ffprobe, err = exec.LookPath("ffprobe"); err != nil {
		return t, v.fail(NoFFmpeg, err, "this is a video; of ffmpeg, by which its frames are taken, the program ffprobe isn't installed: %s", howToGetFFmpeg[runtime.GOOS])
	}
	return t, nil
}

// howToGetFFmpeg says how ffmpeg is installed, by the system.
var howToGetFFmpeg = map[string]string{
	"linux":   "install the package ffmpeg (sudo apt install ffmpeg, or as your distribution has it)",
	"darwin":  "install it (brew install ffmpeg)",
	"windows": "install it (winget install ffmpeg)",
}

// videoFacts is what ffprobe tells of a video.
type videoFacts struct {
	width, height int           // as it is stored
	duration      time.Duration // 0 if it is not told
	start         time.Duration // the time of its beginning by its own clock
	rate          float64       // frames a second on average, 0 if it is not told
	frames        int           // 0 if it is not told
}

// nominal is how long a frame is shown, as far as it is told.
func (f videoFacts) nominal() time.Duration {
	if f.rate <= 0 {
		return 0
	}
	return time.Duration(min(1/f.rate, 1) * float64(time.Second))
}

// probe asks ffprobe about a video. One without moving pictures is refused.
func (t ffmpegTools) probe(ctx context.Context, v *video, lim Limits) (videoFacts, error) {
	var told struct {
		Streams []struct {
			Width, Height int
			Rate          string `json:"avg_frame_rate"`
			Frames        string `json:"nb_frames"`
			Duration      string
		}
		Format struct {
			Duration string
			Start    string `json:"start_time"`
		}
	}
	err := t.ask(ctx, v, &told, nil, "stream=width,height,avg_frame_rate,nb_frames,duration:format=duration,start_time")
	if err != nil {
		return videoFacts{}, err
	}
	if len(told.Streams) == 0 {
		return videoFacts{}, v.fail(NotPicture, nil, "not a picture, nor a video that can be read: there is only sound in it, or it is cut short")
	}
	s := told.Streams[0]
	f := videoFacts{width: s.Width, height: s.Height, duration: seconds(s.Duration), start: seconds(told.Format.Start)}
	if f.duration <= 0 {
		f.duration = max(0, seconds(told.Format.Duration))
	}
	f.frames, _ = strconv.Atoi(s.Frames)
	if over, under, ok := strings.Cut(s.Rate, "/"); ok {
		a, _ := strconv.ParseFloat(over, 64)
		if b, _ := strconv.ParseFloat(under, 64); b > 0 {
			f.rate = a / b
		}
	}
	switch w, h := int64(f.width), int64(f.height); {
	case w <= 0 || h <= 0:
		return f, v.fail(Damaged, nil, "the video is damaged: it does not say how large its frames are")
	case w > lim.Pixels/h:
		return f, v.fail(TooManyPixels, nil, "too large: its frames have %d×%d pixels, and the limit is %d megapixels", w, h, lim.Pixels/1_000_000)
	}
	return f, nil
}

// seconds reads a time as ffprobe writes it; N/A and nonsense are 0.
func seconds(text string) time.Duration {
	s, err := strconv.ParseFloat(text, 64)
	if err != nil || !(s > -longestTime.Seconds() && s < longestTime.Seconds()) {
		return 0
	}
	return time.Duration(s * float64(time.Second))
}

// lastBegin returns when the last frame begins, looking from a time on.
func (t ffmpegTools) lastBegin(ctx context.Context, v *video, from time.Duration) (time.Duration, error) {
	var told struct {
		Packets []struct {
			At string `json:"pts_time"`
		}
	}
	interval := []string{"-read_intervals", plainSeconds(from+v.start) + "%"}
	if err := t.ask(ctx, v, &told, interval, "packet=pts_time"); err != nil {
		return 0, err
	}
	var last time.Duration
	for _, p := range told.Packets {
		last = max(last, seconds(p.At)-v.start)
	}
	return max(0, last-time.Millisecond), nil
}

// ask has ffprobe tell the entries that are named.
func (t ffmpegTools) ask(ctx context.Context, v *video, told any, how []string, entries string) error {
	args := append(v.reading(), "-select_streams", "V:0", "-show_entries", entries, "-of", "json")
	return v.run(ctx, t.ffprobe, append(append(args, how...), v.file()), func(r io.Reader) error {
		text, err := readAtMost(r, mostProbed, 0)
		if err != nil {
			return err
		}
		var entries map[string]json.RawMessage
		if err := json.Unmarshal(text, &entries); err != nil || len(entries) == 0 {
			return errors.New("it tells nothing")
		}
		return json.Unmarshal(text, told)
	})
}

// mostProbed bounds what ffprobe may say.
const mostProbed = 16 << 20

// first takes the first frame that begins at a time or later: upright, with square
// pixels, and no larger than there may be.
func (t ffmpegTools) first(ctx context.Context, v *video, from time.Duration, lim Limits) (c canvas, err error) {
	const scale = "scale=w='max(2,trunc(iw*sar*min(1,sqrt(%[1]d/(iw*sar*ih)))))':h='max(2,trunc(ih*min(1,sqrt(%[1]d/(iw*sar*ih)))))':flags=bicubic+accurate_rnd+full_chroma_int,setsar=1"
	before := from
	if v.kind == "mpegts" || v.kind == "mpeg" {
		// These are sought in by guess. What is between is read and left out.
		before = max(0, from-10*time.Second)
	}
	args := append(append([]string{"-nostdin"}, v.reading()...), "-ss", plainSeconds(before), "-i", v.file(),
		"-ss", plainSeconds(from-before), "-map", "0:V:0", "-frames:v", "1",
		"-vf", fmt.Sprintf(scale, lim.Pixels), "-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24", "pipe:1")
	err = v.run(ctx, t.ffmpeg, args, func(r io.Reader) error {
		c, err = readPPM(r, lim)
		return err
	})
	c.photo = true
	return c, err
}

// reading are the arguments by which a video is read: as what it was recognised as,
// and from nowhere but its file.
func (v *video) reading() []string {
	return []string{"-v", "error", "-protocol_whitelist", "file", "-f", v.kind}
}

// file is the video's path such that it is neither an option nor a protocol.
func (v *video) file() string {
	if path, err := filepath.Abs(v.path); err == nil {
		return "file:" + path
	}
	return "file:" + v.path
}

// plainSeconds writes a time as ffmpeg has always read it.
func plainSeconds(t time.Duration) string { return strconv.FormatFloat(t.Seconds(), 'f', 6, 64) }

// readPPM reads a picture of the kind that ffmpeg was asked for: P6, the size, 255 and
// the pixels. Nothing at all is errNoFrame.
func readPPM(r io.Reader, lim Limits) (canvas, error) {
	b := bufio.NewReader(r)
	if _, err := b.Peek(1); err == io.EOF {
		return canvas{}, errNoFrame
	}
	var c canvas
	var levels int
	if _, err := fmt.Fscanf(b, "P6\n%d %d\n%d\n", &c.w, &c.h, &levels); err != nil || levels != 255 {
		return canvas{}, errors.New("its header makes no sense")
	}
	if c.w < minSide || c.h < minSide || int64(c.w) > lim.Pixels/int64(c.h) {
		return canvas{}, fmt.Errorf("it has %d×%d pixels", c.w, c.h)
	}
	c.rgb = make([]byte, 3*c.w*c.h)
	_, err := io.ReadFull(b, c.rgb)
	return c, err
}

// What a tool may take, and how much of what it says is kept, to tell of its failure.
const (
	toolTime = 30 * time.Second
	mostSaid = 4 << 10
)

// run runs ffmpeg or ffprobe, with no shell, no input, and of this process's
// environment only what it needs to start: what it reads are files of strangers. read
// has what it writes. It is ended when read is done, ctx ends or it takes too long.
func (v *video) run(ctx context.Context, tool string, args []string, read func(io.Reader) error) error {
	limited, cancel := context.WithTimeout(ctx, toolTime)
	defer cancel()
	cmd := exec.CommandContext(limited, tool, args...)
	for _, name := range []string{"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SystemRoot", "TEMP"} {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.WaitDelay = time.Second
	separate(cmd)
	var said firstWords
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(filepath.Base(tool), ".exe")
	if err := cmd.Start(); err != nil {
		return v.fail(NoFFmpeg, err, "this is a video, and %s, which reads it, can't be started: %s", name, cause(err))
	}
	failed := read(out)
	if failed == nil {
		cancel() // nothing more is wanted of it
	}
	out.Close()
	ended := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", printable(v.source), ctx.Err())
	case failed == nil:
		return nil
	case limited.Err() != nil:
		return v.fail(TooSlow, limited.Err(), "%s was given up at this video after %v; if it plays elsewhere, save the frame as a picture, and give that", name, toolTime)
	case ended != nil && len(said) > 0:
		return v.fail(Damaged, failed, "this video can't be read: %s says: %s", name, said.line(v.file()))
	case errors.Is(failed, errNoFrame):
		return failed
	}
	return v.fail(Damaged, failed, "this video can't be read: what %s makes of it is no picture (%v)", name, failed)
}

// firstWords keeps the beginning of what is written to it.
type firstWords []byte

func (f *firstWords) Write(b []byte) (int, error) {
	*f = append(*f, b[:min(len(b), mostSaid-len(*f))]...)
	return len(b), nil
}

// line is the first line of it, fit to be shown, without the file's name and the
// address of who says it: "[mov,mp4 @ 0x5581] ".
func (f firstWords) line(file string) string {
	text, _, _ := strings.Cut(strings.TrimSpace(string(f)), "\n")
	if _, rest, ok := strings.Cut(text, "] "); ok && strings.HasPrefix(text, "[") {
		text = rest
	}
	return printable(strings.TrimSpace(strings.TrimPrefix(text, file+": ")))
}
