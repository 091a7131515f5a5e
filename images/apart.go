package images

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/vlmchat/vlmchat/memory"
)

// Some decoders were never meant for files of strangers, and some can't be stopped.
// They run in a process of their own: the same executable under a hidden command
// (decoder.go). It is started when it is first needed and kept, as getting such a
// decoder ready takes a second; it does one thing at a time; and it is ended, with
// no harm to anything but one picture, when it takes too long, takes too much
// memory, or answers nonsense.

// mostPreparing is how long a reader may take to be ready, besides the time for a
// picture.
const mostPreparing = 2 * time.Minute

// idleDecoder is how long a process stays that has nothing to do.
const idleDecoder = time.Minute

// betweenLooks is how often the memory of a process is looked at, behind which stands
// the kernel's own limit where there is one (decoder_linux.go).
const betweenLooks = time.Second / 20

// decoderProcess is the process of a Loader. Its zero value has none yet.
type decoderProcess struct {
	once sync.Once
	turn chan struct{} // holds one token: who has it may use the rest

	process *child
	idle    *time.Timer
}

// child is a running process.
type child struct {
	cmd    *exec.Cmd
	stdin  *os.File
	stdout *os.File
	said   *lastWords
	gone   chan struct{} // closed when it has ended
	last   *byte         // where the file begins that it has in mind
	size   int
}

// take waits for the turn.
func (d *decoderProcess) take(ctx context.Context) error {
	d.once.Do(func() { d.turn = make(chan struct{}, 1) })
	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if d.idle != nil {
		d.idle.Stop()
	}
	return nil
}

// give passes the turn on. A process that nobody wants for a while ends.
func (d *decoderProcess) give() {
	if d.process != nil {
		if d.idle == nil {
			d.idle = time.AfterFunc(idleDecoder, d.retire)
		} else {
			d.idle.Reset(idleDecoder)
		}
	}
	<-d.turn
}

// retire ends the process, unless it is in use.
func (d *decoderProcess) retire() {
	select {
	case d.turn <- struct{}{}:
		d.end()
		<-d.turn
	default:
	}
}

// close ends the process, whatever it is doing once that is done.
func (d *decoderProcess) close() error {
	if err := d.take(context.Background()); err != nil {
		return err
	}
	d.end()
	<-d.turn
	return nil
}

// end lets the process go.
func (d *decoderProcess) end() {
	if d.process != nil {
		d.process.kill()
		d.process = nil
	}
}

// render is the function of this name, apart.
func (d *decoderProcess) render(ctx context.Context, command []string, f *format, data []byte, frame int, lim Limits) (canvas, error) {
	var c canvas
	r, err := d.ask(ctx, command, f, data, request{Frame: frame, Limits: lim}, func(r reply, body io.Reader) error {
		if r.Width < minSide || r.Height < minSide || int64(r.Width) > lim.Pixels/int64(r.Height) {
			return fmt.Errorf("a picture of %d×%d pixels", r.Width, r.Height)
		}
		c.rgb = make([]byte, 3*r.Width*r.Height)
		_, err := io.ReadFull(body, c.rgb)
		return err
	})
	if err != nil {
		return canvas{}, err
	}
	c.w, c.h, c.transparent, c.photo = r.Width, r.Height, r.Transparent, r.Photo
	c.turned, c.note = r.Turned, r.Note
	return c, nil
}

// frames is list, apart.
func (d *decoderProcess) frames(ctx context.Context, command []string, f *format, data []byte, lim Limits) ([]frame, error) {
	r, err := d.ask(ctx, command, f, data, request{List: true, Limits: lim}, func(r reply, _ io.Reader) error {
		if len(r.Frames) == 0 {
			return errors.New("an empty list")
		}
		return nil
	})
	var all []frame
	for _, at := range r.Frames {
		all = append(all, frame{at: at})
	}
	return all, err
}

// ask sends a request and reads the reply to it, with what belongs to it, within the
// limits. An error is an *Error without a source, or ctx's.
func (d *decoderProcess) ask(ctx context.Context, command []string, f *format, data []byte, q request, body func(reply, io.Reader) error) (reply, error) {
	if err := d.take(ctx); err != nil {
		return reply{}, err
	}
	defer d.give()
	if d.process != nil && d.process.ended() {
		d.end()
	}
	if d.process == nil {
		p, err := startDecoder(command)
		if err != nil {
			return reply{}, &Error{Reason: Unsupported, Err: err, Detail: fmt.Sprintf("the process that decodes %s could not be started: %v", f.title(), err)}
		}
		d.process = p
	}
	p := d.process
	q.Format, q.Size = f.name, int64(len(data))
	if p.last == &data[0] && p.size == len(data) {
		q.Size, data = 0, nil
	} else {
		p.last, p.size = &data[0], len(data)
	}

	var r reply
	var failed error
	answered, preparing := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(answered)
		if failed = send(p.stdin, q, data); failed == nil {
			failed = receive(p.stdout, &r)
		}
		if failed == nil && r.Preparing {
			close(preparing)
			r = reply{}
			failed = receive(p.stdout, &r)
		}
		if failed == nil && r.Reason == "" {
			failed = body(r, p.stdout)
		}
	}()
	late := time.NewTimer(q.Limits.Time)
	defer late.Stop()
	look := time.NewTicker(betweenLooks)
	defer look.Stop()
	// The process is ended before its turn is passed on: only then nobody reads what
	// it says any more.
	stop := func(err error) (reply, error) {
		d.end()
		<-answered
		return reply{}, err
	}
	for {
		select {
		case <-answered:
			switch {
			case failed != nil:
				d.process = nil
				return reply{}, p.died(f, q.Limits, failed)
			case r.Reason != "":
				return reply{}, &Error{Reason: r.Reason, Detail: r.Detail}
			}
			return r, nil
		case <-ctx.Done():
			return stop(ctx.Err())
		case <-preparing:
			preparing = nil
			late.Reset(q.Limits.Time + mostPreparing)
			doing(ctx, "getting ready for %s files, once (some seconds)", f.title())
		case <-late.C:
			return stop(tooSlow(f, q.Limits))
		case <-look.C:
			if memory.Resident(p.cmd.Process.Pid) > q.Limits.Memory {
				return stop(tooHungry(f, q.Limits))
			}
		}
	}
}

// tooHungry is the error of a picture that takes more memory than it may.
func tooHungry(f *format, lim Limits) *Error {
	return &Error{Reason: TooHungry, Detail: fmt.Sprintf("decoding this %s was given up, as it takes more than %s of memory; if it opens elsewhere, convert it to JPEG or PNG", f.title(), megabytes(lim.Memory))}
}

// startDecoder starts the process. Of this one's environment it gets nothing: what
// it reads are files of strangers.
func startDecoder(command []string) (*child, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = []string{"GOTRACEBACK=none"} // of one that ends by itself the reason is read
	cmd.WaitDelay = time.Second
	separate(cmd)
	p := &child{cmd: cmd, said: &lastWords{}, gone: make(chan struct{})}
	cmd.Stderr = p.said
	toRead, stdin, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer toRead.Close()
	stdout, toWrite, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, stdin.Close())
	}
	defer toWrite.Close()
	cmd.Stdin, cmd.Stdout, p.stdin, p.stdout = toRead, toWrite, stdin, stdout
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, stdin.Close(), stdout.Close())
	}
	go func() {
		_ = cmd.Wait() // how it ended is in its state
		close(p.gone)
	}()
	return p, nil
}

// ended tells whether it has ended by itself.
func (p *child) ended() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

// kill ends the process, if it has not ended, and waits for that.
func (p *child) kill() {
	_ = p.cmd.Process.Kill()
	<-p.gone
	p.stdin.Close()
	p.stdout.Close()
}

// farewell is how long a process may take to end that has closed its output.
const farewell = 5 * time.Second

// died ends a process that answered err instead of a picture, and says what that
// means.
func (p *child) died(f *format, lim Limits, err error) *Error {
	closed := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.EPIPE)
	if closed {
		select {
		case <-p.gone:
		case <-time.After(farewell):
		}
	}
	if !p.ended() {
		p.kill()
		return &Error{Reason: Damaged, Err: err, Detail: fmt.Sprintf("the decoder of %s failed at this file: it answered nonsense (%v); if it opens elsewhere, convert it to JPEG or PNG", f.title(), err)}
	}
	p.kill()
	if said := p.said.String(); strings.Contains(said, "out of memory") || strings.Contains(said, "cannot allocate memory") {
		return tooHungry(f, lim)
	}
	return &Error{Reason: Damaged, Err: err, Detail: fmt.Sprintf("the decoder of %s failed at this file: its process ended (%s); if it opens elsewhere, convert it to JPEG or PNG", f.title(), p.cmd.ProcessState)}
}

// lastWords keeps the end of what a process says.
type lastWords struct {
	mu   sync.Mutex
	text []byte
}

// mostWords is how much of it is kept.
const mostWords = 16 << 10

func (l *lastWords) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b...)
	if over := len(l.text) - mostWords; over > 0 {
		l.text = append(l.text[:0], l.text[over:]...)
	}
	return len(b), nil
}

func (l *lastWords) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}
