package images

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"
)

// DecoderCommand is the hidden command under which vlmchat's executable decodes
// pictures in a process of its own: "vlmchat decoder", which reads requests from
// standard input and answers on standard output.
const DecoderCommand = "decoder"

// request asks the decoder for something. Behind it come the bytes of the file.
type request struct {
	Format string
	List   bool // of the frames; otherwise for the pixels of one
	Frame  int
	Limits Limits
	Size   int64 // of the file; 0 if it is the one before
}

// reply is the answer. Behind it come the pixels.
type reply struct {
	Reason             Reason // why there is none
	Detail             string
	Width, Height      int
	Transparent, Photo bool
	Turned             int             // as in canvas
	Note               string          // likewise
	Frames             []time.Duration // when they are shown
	// Preparing says that the answer follows once what reads the format is ready, which
	// takes long the first time.
	Preparing bool
}

// mostHead bounds what comes before the bytes of a file or of pixels.
const mostHead = 16 << 20

// send writes a request or a reply: its length (four bytes, the highest first), its
// JSON and what belongs to it.
func send(w io.Writer, head any, body []byte) error {
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	if _, err = w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(text))), text...)); err != nil {
		return err
	}
	_, err = w.Write(body)
	return err
}

// receive reads a request or a reply, up to what belongs to it. The end before its
// beginning is io.EOF.
func receive(r io.Reader, head any) error {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return err
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > mostHead {
		return fmt.Errorf("a message of %d bytes", n)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return err
	}
	return json.Unmarshal(text, head)
}

// mostStack is how deep a decoder may nest: as deep as in C.
const mostStack = 8 << 20

// DecoderMain decodes what it is asked for until standard input ends, and returns
// the process's exit code. In the folder it keeps the machine code that it makes of
// readers in WebAssembly, and runs what it finds: the folder has to be the user's alone.
// Without one ("") nothing is kept. A request that is hard to end ends with the process: who
// asks has the time and the memory in view.
func DecoderMain(stdin io.Reader, stdout io.Writer, folder string) int {
	pdfium.folder, libavif.folder, libheif.folder = folder, folder, folder
	// Decoders write what they like to the standard output, and answers go there.
	os.Stdout = os.Stderr
	debug.SetMaxStack(mostStack)
	asked := make(chan job)
	go func() {
		// Whoever asked is gone when the requests end, whatever is being decoded.
		err := readJobs(stdin, asked)
		if err != nil {
			fmt.Fprintln(os.Stderr, "vlmchat decoder: this command is for vlmchat's own use:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}()
	for j := range asked {
		limitProcess(j.Limits)
		if f := formatOf(j.Format); f != nil && f.ready != nil && !f.ready() {
			if err := send(stdout, reply{Preparing: true}, nil); err != nil {
				return 1
			}
		}
		r, pixels := j.do()
		if err := send(stdout, r, pixels); err != nil {
			return 1
		}
	}
	return 0
}

// job is a request with its file.
type job struct {
	request
	data []byte
}

// readJobs reads requests to the end.
func readJobs(stdin io.Reader, asked chan<- job) error {
	var j job
	for {
		j.request = request{}
		err := receive(stdin, &j.request)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && j.Size > 0 {
			var b bytes.Buffer
			if _, err = io.CopyN(&b, stdin, j.Size); err == nil {
				j.data = b.Bytes()
			}
		}
		if err != nil {
			return err
		}
		asked <- j
	}
}

// do decodes.
func (j job) do() (reply, []byte) {
	f := formatOf(j.Format)
	if f == nil || len(j.data) == 0 {
		return reply{Reason: Unsupported, Detail: "this format is not read here"}, nil
	}
	if j.List {
		all, err := list(f, j.data, j.Limits)
		r := replyOf(err)
		for _, one := range all {
			r.Frames = append(r.Frames, one.at)
		}
		return r, nil
	}
	c, err := render(context.Background(), f, j.data, j.Frame, j.Limits)
	r := replyOf(err)
	r.Width, r.Height, r.Transparent, r.Photo = c.w, c.h, c.transparent, c.photo
	r.Turned, r.Note = c.turned, c.note
	return r, c.rgb
}

// replyOf is the reply that tells an error, and an empty one for none.
func replyOf(err error) reply {
	var e *Error
	if errors.As(err, &e) {
		return reply{Reason: e.Reason, Detail: e.Detail}
	}
	return reply{}
}
