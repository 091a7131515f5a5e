package openai

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// unpack has a response's body read as it was before it was packed. None is asked
// for that is: proxies hold the words of a stream back to pack them together. But
// some pack it all the same, and not all of those say so.
func unpack(host string, resp *http.Response) error {
	switch how := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding"))); how {
	case "", "identity", "gzip", "x-gzip":
	default:
		return failed(nil, "the server at %s packs its answer in a form that was not asked for: %s", host, remote.OneLine(how))
	}
	resp.Body = &unpacked{host: host, packed: resp.Body}
	return nil
}

// unpacked reads a body, unpacked if it begins as gzip does.
type unpacked struct {
	host   string
	packed io.ReadCloser
	plain  io.Reader // once it is known what comes
	gzip   bool
}

// gzipMark begins what gzip made (RFC 1952, section 2.3.1), and never JSON, a stream
// of events or a page.
const gzipMark = 0x1f

func (u *unpacked) Read(p []byte) (int, error) {
	if u.plain == nil {
		in := bufio.NewReader(u.packed)
		first, err := in.Peek(1)
		if err != nil {
			return 0, err
		}
		u.plain = in
		if u.gzip = first[0] == gzipMark; u.gzip {
			z, err := gzip.NewReader(in)
			if err != nil {
				u.plain = nil
				return 0, u.cut(err)
			}
			u.plain = z
		}
	}
	n, err := u.plain.Read(p)
	return n, u.cut(err)
}

// cut makes an error of a body that can't be unpacked to its end.
func (u *unpacked) cut(err error) error {
	var known *engine.Error
	if err == nil || err == io.EOF || errors.As(err, &known) || !u.gzip {
		return err
	}
	return remote.Cut(u.host, "broke it off", err)
}

// Close ends the request.
func (u *unpacked) Close() error { return u.packed.Close() }
