package native

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// status is what a worker tells of itself.
type status struct {
	Model         string    `json:"model"`
	Path          string    `json:"path"`
	Projector     string    `json:"projector,omitempty"`
	Runtime       string    `json:"runtime"`
	Device        string    `json:"device,omitempty"` // these two once it is loaded
	ContextSize   int       `json:"context_size,omitempty"`
	Loaded        float64   `json:"loaded"` // 0 to 1
	Busy          bool      `json:"busy"`
	Conversations int       `json:"conversations"`
	Clients       int       `json:"clients"`
	Started       time.Time `json:"started"`
	// IdleSince is when the last client left, and Ends when the worker does if
	// none comes; nil while there is one, and Ends also for a worker that stays.
	IdleSince *time.Time `json:"idle_since,omitempty"`
	Ends      *time.Time `json:"ends,omitempty"`
}

// tellStatus answers GET /status.
func (w *worker) tellStatus(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(rw).Encode(w.status())
}

func (w *worker) status() status {
	s := status{
		Model: w.spec.ModelName, Path: w.spec.path(), Projector: w.spec.Projector, Runtime: w.spec.Runtime,
		Loaded: float64(w.progress.Load()) / 1e6, Busy: w.busy(), Started: w.born,
	}
	select {
	case <-w.loaded:
		if w.loadErr == nil {
			info := w.info()
			s.Loaded, s.Device, s.ContextSize = 1, info.Device, info.ContextSize
			if w.runner != nil {
				s.Conversations = int(w.runner.loop.held.Load())
			}
		}
	default:
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s.Clients = w.attached
	if since := w.idleSince; !since.IsZero() {
		s.IdleSince = &since
		if w.keepAlive > 0 {
			ends := since.Add(w.keepAlive)
			s.Ends = &ends
		}
	}
	return s
}

// stop answers POST /stop: it ends the worker, whoever uses it. Those who do are
// told, and don't start another for the answer that was cut.
func (w *worker) stop(rw http.ResponseWriter, _ *http.Request) {
	w.farewell.Store(&engine.Error{
		Kind:    engine.WorkerDied,
		Message: "the model was unloaded by 'vlmchat stop'",
		Hint:    "ask again: it is loaded again, and the conversation goes on",
	})
	w.mu.Lock()
	w.finish()
	w.mu.Unlock()
	rw.WriteHeader(http.StatusNoContent)
}

// retire answers POST /retire, of a new worker, once the memory is about to be
// free.
func (w *worker) retire(rw http.ResponseWriter, r *http.Request) {
	if w.endIfAbandoned() {
		<-r.Context().Done()
	}
	rw.WriteHeader(http.StatusNoContent)
}
