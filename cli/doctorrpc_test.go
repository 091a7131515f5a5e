package cli

import (
	"io"
	"net"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/config"
)

// Each server is greeted: one that answers as llama.cpp's does, and one that isn't
// there.
func TestCheckRPC(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.ReadFull(conn, make([]byte, 1+8+24))
		_, _ = conn.Write([]byte{3, 0, 0, 0, 0, 0, 0, 0, 7, 1, 2})
	}()
	check := func(servers string) []check {
		c := config.LoadWithoutFile(func(name string) (string, bool) { return servers, name == config.RPC })
		c[config.Backend] = config.Value{Text: "native"}
		return (&doctor{app: &app{config: c}}).checkRPC(t.Context())
	}
	here := l.Addr().String()
	got := check(here + ",127.0.0.1:1")
	if len(got) != 2 || got[0].Status != statusOK || got[0].Message != here+" answers, version 7.1.2 of the protocol" {
		t.Errorf("%+v", got)
	}
	if got[1].Status != statusFailure || !strings.Contains(got[1].Message, "127.0.0.1:1 can't be reached") || got[1].Hint == "" {
		t.Errorf("%+v", got[1])
	}
	for _, none := range []string{"", "no list"} {
		if got := check(none); len(got) != 0 {
			t.Errorf("%q: %+v", none, got)
		}
	}
}
