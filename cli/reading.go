package cli

import (
	"context"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/termtext"
)

// slow is how long reading pictures may take before it is shown.
const slow = 300 * time.Millisecond

// reading tells of pictures while they are read: on the status line what takes long,
// and to note what a person should know of them. Pictures are read with the context;
// finish ends it.
func reading(ctx context.Context, s *status, note func(text string)) (_ context.Context, finish func()) {
	var mu sync.Mutex
	var last string
	late, finished := false, false
	show := func() {
		if late && !finished && last != "" {
			s.doing(last)
		}
	}
	timer := time.AfterFunc(slow, func() {
		mu.Lock()
		defer mu.Unlock()
		late = true
		show()
	})
	ctx = images.Listen(ctx, images.Listener{
		Note: func(text string) {
			mu.Lock()
			defer mu.Unlock()
			s.clear()
			note(termtext.Line(text))
			show()
		},
		Doing: func(text string) {
			mu.Lock()
			defer mu.Unlock()
			last = termtext.Line(text)
			show()
		},
	})
	return ctx, func() {
		timer.Stop()
		mu.Lock()
		defer mu.Unlock()
		finished = true
		s.clear()
	}
}
