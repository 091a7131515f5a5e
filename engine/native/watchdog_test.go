package native

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// body is a computation as a watchdog sees it.
type body struct {
	mu    sync.Mutex
	since time.Time
	ticks uint64
	did   effort
}

func (b *body) progress() (time.Time, uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.since, b.ticks
}

func (b *body) exertion() effort {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.did
}

// live lets some of its life pass.
func (b *body) live(how func(*body)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	how(b)
}

func TestWatchdog(t *testing.T) {
	t.Parallel()
	const limit = 2 * time.Minute
	for _, c := range []struct {
		name  string
		idle  bool
		live  func(b *body) // every second
		barks bool
	}{
		{name: "nothing runs", idle: true, live: func(*body) {}},
		{name: "steps are done", live: func(b *body) { b.ticks++ }},
		{name: "it computes", live: func(b *body) { b.did.computing += 100 * time.Millisecond }},
		{name: "it reads", live: func(b *body) { b.did.reads++ }},
		{name: "it is stuck", live: func(*body) {}, barks: true},
		{name: "it is stuck, and the process breathes", live: func(b *body) { b.did.computing += 5 * time.Millisecond }, barks: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := &body{since: time.Now()}
				if c.idle {
					b.since = time.Time{}
				}
				barked := make(chan time.Time, 1)
				done := make(chan struct{})
				defer close(done)
				began := time.Now()
				go watchdog{pulse: b, exertion: b.exertion, limit: limit, bark: func(string) { barked <- time.Now() }}.run(done)
				for range 10 * 60 {
					time.Sleep(time.Second)
					synctest.Wait()
					b.live(c.live)
				}
				select {
				case at := <-barked:
					if after := at.Sub(began); !c.barks || after < limit || after > limit+limit/looks {
						t.Errorf("it barked after %v", after)
					}
				default:
					if c.barks {
						t.Error("it did not bark")
					}
				}
			})
		})
	}
}

// It begins anew with whatever moves.
func TestWatchdogIsPatient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &body{since: time.Now()}
		done := make(chan struct{})
		defer close(done)
		go watchdog{pulse: b, exertion: b.exertion, limit: time.Minute, bark: func(reason string) { t.Error(reason) }}.run(done)
		for range 100 {
			time.Sleep(50 * time.Second)
			synctest.Wait()
			b.live(func(b *body) { b.ticks++ })
		}
	})
}

func TestPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gaveUp := time.Time{}
		p := newPatience(10*time.Second, func() { gaveUp = time.Now() })
		time.Sleep(time.Hour) // nobody waits
		for range 20 {
			p.wait()
			time.Sleep(9 * time.Second)
			p.rest()
			time.Sleep(time.Minute) // who reads may take his time
		}
		synctest.Wait()
		if !gaveUp.IsZero() {
			t.Fatal("it gave up on somebody who answers")
		}
		began := time.Now()
		p.wait()
		time.Sleep(time.Minute)
		synctest.Wait()
		if after := gaveUp.Sub(began); after != 10*time.Second {
			t.Errorf("it gave up after %v", after)
		}
	})
}
