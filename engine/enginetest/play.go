package enginetest

import (
	"io"
	"net/http"
	"strings"
)

// What may stand at the end of a body that is played.
const (
	CutHere   = "\x00cut"   // closes the connection in the middle of it
	StallHere = "\x00stall" // says nothing more until the client has gone
)

// Play answers a request with a body, and breaks it off where that ends in
// CutHere or StallHere.
func Play(w http.ResponseWriter, r *http.Request, body string) {
	body, cut := strings.CutSuffix(body, CutHere)
	body, stall := strings.CutSuffix(body, StallHere)
	_, _ = io.WriteString(w, body)
	w.(http.Flusher).Flush()
	if cut {
		panic(http.ErrAbortHandler)
	}
	if stall {
		<-r.Context().Done()
	}
}
