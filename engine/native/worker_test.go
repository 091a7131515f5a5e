package native

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// A client that comes when the worker has begun to end is turned away before it
// relies on it.
func TestAttachToWorkerThatEnds(t *testing.T) {
	t.Parallel()
	w := newWorker(spec{})
	server := httptest.NewServer(w.handler())
	defer server.Close()
	close(w.loaded)
	w.runner = &runner{}
	w.end()
	if resp, err := http.Get(server.URL + "/attach?keep_alive=1m"); err == nil {
		resp.Body.Close()
		t.Errorf("it was attached: %s", resp.Status)
	}
}
