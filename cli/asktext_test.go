package cli

import (
	"bytes"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// A line of the log on the terminal of an answer stands by itself, and the answer's line ends once.
func TestLogBesideAnswer(t *testing.T) {
	t.Parallel()
	var terminal bytes.Buffer
	log := &aside{w: &terminal}
	p := newTextPrinter(&terminal, &terminal, false)
	p.log = log
	say := func(text string) {
		t.Helper()
		if err := p.hear(engine.Event{Kind: engine.Delta, Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	tell := func(line string) {
		t.Helper()
		if _, err := log.Write([]byte(line + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	tell("begins")
	say("A red ")
	say("circle.")
	tell("answer")
	if err := p.finish("A red circle.", nil); err != nil {
		t.Fatal(err)
	}
	tell("ends")
	if got, want := terminal.String(), "begins\nA red circle.\nanswer\nends\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
