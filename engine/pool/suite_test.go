package pool

import (
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/enginetest"
	"github.com/vlmchat/vlmchat/engine/openai"
	"github.com/vlmchat/vlmchat/engine/remote"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
)

// The conversations that every engine has to get right, with two real
// llama-servers behind one.
func TestConversations(t *testing.T) {
	t.Parallel()
	var servers []*llamaserver.Server
	for range 2 {
		servers = append(servers, llamaserver.Run(t, tiny+".gguf", tiny+"-mmproj.gguf", "--api-key", enginetest.Key))
	}
	locked := func(t testing.TB, key string) engine.Engine { return openPool(t, key, servers...) }
	enginetest.Run(t, enginetest.Subject{
		Name: "openai", Model: "tiny-vlm.gguf",
		Open:    func(t testing.TB) engine.Engine { return locked(t, enginetest.Key) },
		Locked:  locked,
		Endless: endlessServers,
		Blind: func(t testing.TB) engine.Engine {
			return openPool(t, "", llamaserver.Run(t, tiny+".gguf", ""), llamaserver.Run(t, tiny+".gguf", ""))
		},
		Without: map[string]string{
			"wrong model": "a llama-server has one model, and does not look at the name that it is asked for",
		},
	})
}

// openPool opens an engine on all of the servers, with a key for each.
func openPool(t testing.TB, key string, servers ...*llamaserver.Server) engine.Engine {
	t.Helper()
	var members []Member
	for _, s := range servers {
		host := strings.TrimPrefix(s.URL, "http://")
		e, err := openai.New(openai.Options{BaseURL: s.URL, Options: remote.Options{Key: remote.Key{Value: key, Hosts: []string{host}}}})
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, Member{Host: host, Engine: e})
	}
	p := New(0, members...)
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// endlessServers are two whose model goes on until it is told to stop. One of them
// that computes is busy, and both end together.
func endlessServers(t testing.TB) *enginetest.Endless {
	t.Helper()
	one, other := llamaserver.RunEndless(t), llamaserver.RunEndless(t)
	reopen := func(t testing.TB) engine.Engine { return openPool(t, "", one, other) }
	return &enginetest.Endless{
		Engine: reopen(t),
		Reopen: reopen,
		Busy:   func(t testing.TB) bool { return one.Busy(t) || other.Busy(t) },
		Kill:   func(testing.TB) { one.Kill(); other.Kill() },
		Restart: func(t testing.TB) {
			for _, s := range []*llamaserver.Server{one, other} {
				if err := s.Restart(); err != nil {
					t.Fatal(err)
				}
			}
		},
	}
}
