package native

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// BenchmarkBoundary measures what a token costs on its way from the worker's
// generation loop to the client: encoding, flushing, the socket, decoding.
func BenchmarkBoundary(b *testing.B) {
	socket := filepath.Join(b.TempDir(), "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		out := newLineWriter(rw)
		for range b.N {
			out.write(line{Event: &engine.Event{Kind: engine.Delta, Text: " token"}})
		}
	})}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", socket) }}}
	b.ReportAllocs()
	b.ResetTimer()
	resp, err := client.Get("http://worker/")
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	tokens := 0
	if err := readLines(resp.Body, func(line) (bool, error) { tokens++; return tokens < b.N, nil }); err != nil || tokens != b.N {
		b.Fatalf("%d of %d tokens, %v", tokens, b.N, err)
	}
}
