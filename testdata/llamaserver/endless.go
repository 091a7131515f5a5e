package llamaserver

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// RunEndless is Run with the endless demo model, which goes on until it is told to
// stop. It answers one question at a time.
func RunEndless(t testing.TB) *Server {
	t.Helper()
	dir := t.TempDir()
	model, projector := filepath.Join(dir, "endless.gguf"), filepath.Join(dir, "mmproj.gguf")
	for file, data := range map[string][]byte{model: tinyvlm.Endless(), projector: tinyvlm.Projector} {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Run(t, model, projector, "-np", "1", "-c", "32768")
}

// Busy tells whether the server is at work on something, as it says itself.
func (s *Server) Busy(t testing.TB) bool {
	t.Helper()
	resp, err := http.Get(s.URL + "/slots")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var all []struct {
		IsProcessing bool `json:"is_processing"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&all); err != nil || len(all) == 0 {
		t.Fatalf("the server's slots are %v, %v", all, err)
	}
	for _, slot := range all {
		if slot.IsProcessing {
			return true
		}
	}
	return false
}
