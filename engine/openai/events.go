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

// events reads a stream of server-sent events (the HTML standard, section
// 9.2.6) as servers write it. It notices errors and whether the end was there.
//
// What is in an event is read here, once: the library leaves out much of it,
// refuses all of it for a member that it expects in another form, and takes an
// error that is null for one. It gets an empty line "data: {}" for each piece, in
// the one form that it reads well, and "data: [DONE]".
type events struct {
	x    *exchange
	resp *http.Response
	body io.Closer
	in   lines
	out  []byte // not given on yet
	err  error  // after out

	pieces []piece // of the lines that were given on, and of out

	begun    bool // a choice was there: the answer, if only its beginning
	done     bool // [DONE] was there after it
	finished bool // a reason for the end of the answer was there
	hurry    *time.Timer
}

func newEvents(x *exchange, resp *http.Response, in *bufio.Reader) *events {
	return &events{x: x, resp: resp, body: resp.Body, in: lines{in: in}}
}

// ended tells whether the answer's own end was seen.
func (s *events) ended() bool { return s.done || s.finished }

// next is the piece of the next line that the library has read.
func (s *events) next() piece {
	p := s.pieces[0]
	s.pieces = s.pieces[1:]
	return p
}

// Read gives the events on.
func (s *events) Read(p []byte) (int, error) {
	for len(s.out) == 0 && s.err == nil {
		data, err := readEvent(&s.in)
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
// Servers have put two documents, and the end mark, into one event.
func (s *events) take(data []byte) {
	for data = bytes.TrimSpace(data); len(data) > 0 && s.err == nil; data = bytes.TrimSpace(data) {
		if bytes.HasPrefix(data, endMark) {
			s.done = s.begun // of nothing there is no end
			s.out, s.err = append(s.out, "data: [DONE]\n"...), io.EOF
			return
		}
		doc, rest := data, []byte(nil)
		var p piece
		if json.Unmarshal(data, &p) != nil { // it is not one document, or not a piece
			var err error
			if doc, rest, err = document(data); err == nil {
				p = piece{}
				err = json.Unmarshal(doc, &p)
			}
			if err != nil {
				s.refuse(doc, err)
				return
			}
		}
		s.takePiece(doc, p)
		data = bytes.TrimPrefix(bytes.TrimSpace(rest), []byte("data:"))
	}
}

// refuse ends the stream with what cannot be read: an error in another form, or
// a piece that is broken, for which err says why.
func (s *events) refuse(doc []byte, err error) {
	if refusal := errorIn(doc); refusal != nil {
		s.err = s.x.refused(inPlaceOf(s.resp, refusal), doc)
		return
	}
	s.err = remote.Cut(s.x.engine.base.Host, "broke it off", err)
}

var endMark = []byte("[DONE]")

// document splits the first JSON document off.
func document(data []byte) (doc, rest []byte, err error) {
	split := func(data []byte) error {
		var raw json.RawMessage
		in := json.NewDecoder(bytes.NewReader(data))
		if err := in.Decode(&raw); err != nil {
			return err
		}
		doc, rest = raw, data[in.InputOffset():]
		return nil
	}
	if err = split(data); err != nil {
		if tried := withoutNaN(data); !bytes.Equal(tried, data) {
			err = split(tried)
		}
	}
	return doc, rest, err
}

// takePiece passes a document on, as which it was read.
func (s *events) takePiece(doc []byte, p piece) {
	if len(p.Error) > 0 || p.Object == "error" {
		if refusal := errorIn(doc); refusal != nil {
			s.err = s.x.refused(inPlaceOf(s.resp, refusal), doc)
			return
		}
	}
	for _, c := range p.Choices {
		s.begun = true
		if c.finish() != "" && c.Index == 0 && !s.finished {
			s.finished = true
			// Some servers leave the connection open after the end.
			s.hurry = time.AfterFunc(s.x.engine.grace, func() { _ = s.body.Close() })
		}
	}
	s.pieces = append(s.pieces, p)
	s.out = append(s.out, "data: {}\n"...)
}

var errTooLong = errors.New("an event is too large")

// readEvent returns the data of the next event: its data lines joined, without
// comments and other fields. At the end of the stream it returns io.EOF, with
// the data of an event that lacks its closing blank line: servers forget it, and
// some send no blank lines at all, so a line that is a whole document is not made
// to wait for one.
func readEvent(in *lines) ([]byte, error) {
	var data []byte
	some, failed := false, false
	for {
		line, err := in.next()
		switch name, value, _ := bytes.Cut(line, []byte(":")); string(name) {
		case "data":
			if some {
				data = append(data, '\n')
			}
			whole := !some && isWhole(value)
			data, some = append(data, bytes.TrimPrefix(value, []byte(" "))...), true
			if whole && err == nil {
				return asError(data, failed), nil
			}
		case "event":
			failed = string(bytes.TrimSpace(value)) == "error"
		case "error": // as llama-server has sent errors at times
			data, some = fmt.Appendf(nil, `{"error":%s}`, value), true
		}
		switch {
		case err != nil:
			return asError(data, failed), err
		case len(data) > maxEvent:
			return nil, errTooLong
		case len(line) == 0 && some:
			return asError(data, failed), nil
		}
	}
}

// isWhole tells whether a line of data is all that its event can mean.
func isWhole(value []byte) bool {
	value = bytes.TrimSpace(value)
	return bytes.Equal(value, endMark) || len(value) > 0 && value[0] == '{' && json.Valid(value)
}

// asError makes an error of the data of an event that is called one, if it does
// not say so itself.
func asError(data []byte, failed bool) []byte {
	if !failed || errorIn(data) != nil {
		return data
	}
	if !json.Valid(data) {
		data, _ = json.Marshal(string(data))
	}
	return fmt.Appendf(nil, `{"error":%s}`, data)
}
