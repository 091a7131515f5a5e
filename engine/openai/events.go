package openai

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/vlmchat/vlmchat/engine/remote"
)

// maxEvent is the largest event that is taken.
const maxEvent = 32 << 20

// timings are what llama-server adds to the last event: milliseconds.
type timings struct {
	CacheN      int     `json:"cache_n"`
	PromptMS    float64 `json:"prompt_ms"`
	PredictedMS float64 `json:"predicted_ms"`
}

// events reads a stream of server-sent events (the HTML standard, section
// 9.2.6) as servers write it, and gives it on as the library reads it: one line
// "data: {…}" an event, ended with "data: [DONE]". It notices errors and
// whether the end was there.
type events struct {
	x    *exchange
	resp *http.Response
	body io.Closer
	in   *bufio.Reader
	out  []byte // not given on yet
	err  error  // after out

	done     bool // [DONE] was there
	finished bool // a reason for the end of the answer was there
	timings  *timings
	hurry    *time.Timer
}

func newEvents(x *exchange, resp *http.Response, in *bufio.Reader) *events {
	return &events{x: x, resp: resp, body: resp.Body, in: in}
}

// ended tells whether the answer's own end was seen.
func (s *events) ended() bool { return s.done || s.finished }

// Read gives the events on.
func (s *events) Read(p []byte) (int, error) {
	for len(s.out) == 0 && s.err == nil {
		data, err := readEvent(s.in)
		s.take(data)
		if s.err == nil {
			s.err = err
		}
	}
	if n := copy(p, s.out); n > 0 {
		s.out = s.out[n:]
		return n, nil
	}
	if s.finished && s.err != io.EOF {
		// The answer is whole. What is missing is the usage at most.
		return 0, io.EOF
	}
	return 0, s.err
}

// Close ends the request.
func (s *events) Close() error {
	if s.hurry != nil {
		s.hurry.Stop()
	}
	return s.body.Close()
}

// take looks at an event's data and passes it on, or finds out what is wrong.
func (s *events) take(data []byte) {
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0:
		return
	case string(data) == "[DONE]":
		s.done = true
		s.out, s.err = []byte("data: [DONE]\n"), io.EOF
		return
	}
	if refusal := errorIn(data); refusal != nil {
		s.err = s.x.refused(inPlaceOf(s.resp, refusal), data)
		return
	}
	var seen struct {
		Choices []struct {
			FinishReason *string `json:"finish_reason"`
		} `json:"choices"`
		Timings *timings `json:"timings"`
	}
	if err := json.Unmarshal(data, &seen); err != nil {
		s.err = remote.Cut(s.x.engine.base.Host, "broke it off", err)
		return
	}
	for _, c := range seen.Choices {
		if c.FinishReason != nil && *c.FinishReason != "" && !s.finished {
			s.finished = true
			// Some servers leave the connection open after the end.
			s.hurry = time.AfterFunc(s.x.engine.grace, func() { _ = s.body.Close() })
		}
	}
	if seen.Timings != nil {
		s.timings = seen.Timings
	}
	line := bytes.NewBufferString("data: ")
	if err := json.Compact(line, data); err != nil { // cannot fail: it was parsed
		s.err = err
		return
	}
	line.WriteByte('\n')
	s.out = line.Bytes()
}

var errTooLong = errors.New("an event is too large")

// readEvent returns the data of the next event: its data lines joined, without
// comments and other fields. At the end of the stream it returns io.EOF, with
// the data of an event that lacks its closing blank line: servers forget it.
func readEvent(in *bufio.Reader) ([]byte, error) {
	var data []byte
	some := false
	for {
		line, err := readLine(in)
		switch name, value, _ := bytes.Cut(line, []byte(":")); string(name) {
		case "data":
			if some {
				data = append(data, '\n')
			}
			data, some = append(data, bytes.TrimPrefix(value, []byte(" "))...), true
		case "error": // as llama-server has sent errors at times
			data, some = fmt.Appendf(nil, `{"error":%s}`, value), true
		}
		switch {
		case err != nil:
			return data, err
		case len(data) > maxEvent:
			return nil, errTooLong
		case len(line) == 0 && some:
			return data, nil
		}
	}
}

// readLine returns a line without its end (LF or CR LF), and without the byte
// order mark that may begin the stream.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxEvent {
			return nil, errTooLong
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		return bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")), err
	}
}
