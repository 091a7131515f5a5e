package runtimes

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// web fetches over HTTP and gives up on what doesn't move.
type web struct {
	client      *http.Client
	reach, idle time.Duration
}

func newWeb(reach, idle time.Duration) web {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: reach}).DialContext
	transport.TLSHandshakeTimeout = reach
	// The archives are compressed; a second layer would hide their length.
	transport.DisableCompression = true
	return web{reach: reach, idle: idle, client: &http.Client{
		Transport:     transport,
		CheckRedirect: checkRedirect,
	}}
}

// checkRedirect lets a download go to another host, which is how GitHub serves
// files, but not from https to http.
func checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) >= 10 {
		return errors.New("too many redirects")
	}
	if via[0].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return fmt.Errorf("it redirects to %s without encryption", req.URL.Host)
	}
	return nil
}

// get sends a request. An error is unavailable: nobody answered.
func (w web) get(ctx context.Context, address string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "vlmchat") // GitHub refuses requests without
	resp, err := w.client.Do(req)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return nil, unavailable{fmt.Errorf("%s cannot be reached: %w", req.URL.Host, short(err))}
	}
	return resp, nil
}

// download writes an asset to path and verifies its length and digest.
func (w web) download(ctx context.Context, a asset, path, digest string, report func(done int64)) error {
	if a.Size <= 0 || a.Size > maxArchive {
		return fmt.Errorf("%s is said to have %d bytes; %d are the most that is taken", a.Name, a.Size, int64(maxArchive))
	}
	u, err := url.Parse(a.URL)
	if err != nil || u.Host == "" {
		return fmt.Errorf("%s has no address to download from (%q)", a.Name, a.URL)
	}
	stalled := fmt.Errorf("nothing came for %v", w.idle)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(w.idle, func() { cancel(stalled) })
	defer watch.Stop()

	resp, err := w.get(ctx, a.URL)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return unavailable{refusal(resp)}
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	hash := sha256.New()
	body := &counted{r: io.LimitReader(resp.Body, a.Size+1), moved: func(done int64) {
		watch.Reset(w.idle)
		report(done)
	}}
	_, err = io.Copy(io.MultiWriter(file, hash), body)
	switch {
	case err != nil && body.err == nil: // it was the writing
		return fmt.Errorf("cannot save %s: %w", a.Name, err)
	case err != nil || body.n < a.Size:
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return unavailable{fmt.Errorf("%s from %s broke off after %d of %d bytes: %w", a.Name, resp.Request.URL.Host, body.n, a.Size, err)}
	}
	if got := hex.EncodeToString(hash.Sum(nil)); body.n != a.Size || got != digest {
		return fmt.Errorf("%s from %s is not the file that was published: its sha256 should be %s and is %s; nothing was installed",
			a.Name, resp.Request.URL.Host, digest, got)
	}
	return file.Close()
}

// read fetches a small asset and verifies it, if it has a digest.
func (w web) read(ctx context.Context, a asset) (string, error) {
	const most = 4096
	ctx, cancel := context.WithTimeoutCause(ctx, w.reach, fmt.Errorf("no answer within %v", w.reach))
	defer cancel()
	resp, err := w.get(ctx, a.URL)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", unavailable{refusal(resp)}
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil {
		return "", unavailable{fmt.Errorf("%s from %s broke off: %w", a.Name, resp.Request.URL.Host, short(err))}
	}
	if sum := sha256.Sum256(data); a.Digest != "" && a.Digest != "sha256:"+hex.EncodeToString(sum[:]) {
		return "", fmt.Errorf("%s from %s is not the file that was published: its sha256 should be %s; nothing was installed",
			a.Name, resp.Request.URL.Host, strings.TrimPrefix(a.Digest, "sha256:"))
	}
	return string(data), nil
}

// counted is a reader that tells how far it is and keeps its own error apart
// from the writer's.
type counted struct {
	r     io.Reader
	n     int64
	err   error
	moved func(done int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if n > 0 {
		c.n += int64(n)
		c.moved(c.n)
	}
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}
