package hub

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/models/hub/hubtest"
)

// In a process of their own tests run this binary again, with what it is to pull.
const (
	hubVariable   = "VLMCHAT_TEST_HUB"
	cacheVariable = "VLMCHAT_TEST_CACHE"
)

func TestMain(m *testing.M) {
	if address := os.Getenv(hubVariable); address != "" {
		at, err := url.Parse(address)
		if err != nil {
			os.Exit(2)
		}
		c := &Client{
			connections: defaultConnections, cache: cache{os.Getenv(cacheVariable)}, backoff: time.Millisecond, endpoint: at,
			http: newHTTPClient(), idle: idleTime, grain: testGrain,
		}
		if _, _, err := pullAll(context.Background(), c, Name{Repo: "o/M"}); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestKilled kills a process in the middle, twice, and goes on with what it had noted.
func TestKilled(t *testing.T) {
	t.Parallel()
	s := startHub(t)
	content := gguf(1, large)
	s.Add("o/M", hubtest.Files{"M-Q8_0.gguf": content})
	s.Rate = 1 << 20
	c := clientOf(t, s)
	had := int64(0)
	for range 2 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), hubVariable+"="+s.URL, cacheVariable+"="+c.cache.dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		more := func() bool {
			all, err := c.cache.list()
			return err == nil && len(all) == 1 && all[0].Size > had+large/5
		}
		for !more() {
			if _, err := c.cache.find(nameOf(t, "o/M")); err == nil {
				t.Fatal("it came whole too early")
			}
			time.Sleep(5 * time.Millisecond)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		all, err := c.cache.list()
		if err != nil || len(all) != 1 || !all[0].Incomplete {
			t.Fatalf("%+v (%v)", all, err)
		}
		had = all[0].Size
	}
	settle(t, s)
	s.Rate = 0
	before := len(s.Requests())
	same(t, mustPull(t, c, "o/M").Model, content)
	asked := int64(0)
	for _, r := range s.Requests()[before:] {
		if r.CDN {
			asked += r.Sent
		}
	}
	// More only where a slow connection's rest was taken over, part of it on the way already.
	if asked < large-had || asked > large-had+testGrain.block {
		t.Errorf("%d bytes were there of %d, and %d were sent", had, large, asked)
	}
}
