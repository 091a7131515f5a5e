// Package spice measures captions by SPICE (Anderson, Fernando, Johnson and Gould, "SPICE:
// Semantic Propositional Image Caption Evaluation", ECCV 2016): how well the objects,
// attributes and relations that a caption names agree with those of its references.
//
// That takes a parser for which there is nothing but its own implementation, so this runs the
// reference, spice-1.0.jar, as pycocoevalcap does, where it and what it needs are there.
package spice

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/metrics"
)

// Scorer runs the reference's jar.
type Scorer struct {
	// Memory is what the JVM may take at most for its objects, in MiB; 0 is what
	// pycocoevalcap allows, 8 GiB. The parser needs some three.
	Memory int
	// Cache is a folder where the jar keeps what it has parsed of references, so that the next
	// run about the same is quick. Empty is none.
	Cache string

	java      string
	classpath string
}

const usualMemory = 8 << 10

// Name is what the score is called.
const Name = "SPICE"

// Score measures captions, in the words of ptb.Tokenize. It may take minutes: the parsers take
// one to be loaded. The jar is ended when the context is.
func (s *Scorer) Score(ctx context.Context, all []metrics.Captioned) (metrics.Result, error) {
	if len(all) == 0 {
		return metrics.Result{Name: Name}, nil
	}
	folder, err := os.MkdirTemp("", "vlmchat-spice-")
	if err != nil {
		return metrics.Result{}, fmt.Errorf("SPICE needs a folder for its input: %w", err)
	}
	defer os.RemoveAll(folder)
	input, output := filepath.Join(folder, "captions.json"), filepath.Join(folder, "scores.json")
	if err := writeInput(input, all); err != nil {
		return metrics.Result{}, fmt.Errorf("SPICE's input can't be written: %w", err)
	}
	if err := s.run(ctx, folder, input, output); err != nil {
		return metrics.Result{}, err
	}
	items, err := readOutput(output, len(all))
	if err != nil {
		return metrics.Result{}, fmt.Errorf("SPICE ran, but %w", err)
	}
	return metrics.Result{Name: Name, Items: items}, nil
}

// command is the call of the jar: pycocoevalcap's, with the memory for its objects bounded, an
// end when that is full, and nothing left behind in the system's folder for temporary files.
func (s *Scorer) command(folder, input, output string) []string {
	memory := s.Memory
	if memory == 0 {
		memory = usualMemory
	}
	args := []string{
		fmt.Sprintf("-Xmx%dm", memory), "-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData",
		"-Djava.io.tmpdir=" + folder, "-XX:ErrorFile=" + filepath.Join(folder, "crash.log"),
	}
	if s.Cache != "" {
		// The cache writes objects by looking into them, which Java forbids from 16 on.
		for _, inside := range []string{"lang", "math", "net", "text", "util", "util.concurrent"} {
			args = append(args, "--add-opens=java.base/java."+inside+"=ALL-UNNAMED")
		}
	}
	args = append(args, "-cp", s.classpath, "edu.anu.spice.SpiceScorer", input, "-out", output, "-silent")
	if s.Cache != "" {
		args = append(args, "-cache", s.Cache)
	}
	return args
}

func (s *Scorer) run(ctx context.Context, folder, input, output string) error {
	if s.Cache != "" {
		if err := os.MkdirAll(s.Cache, 0o700); err != nil {
			return fmt.Errorf("SPICE's cache can't be made: %w", err)
		}
	}
	words := &lastWords{}
	cmd := exec.CommandContext(ctx, s.java, s.command(folder, input, output)...)
	cmd.Dir = folder
	cmd.Stderr = words
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("SPICE was not done within its time: %w", ctx.Err())
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return fmt.Errorf("SPICE failed: %w%s%s", err, words.said(), words.hint())
}

// lastWords keeps the end of what the jar writes to its standard error.
type lastWords struct{ b []byte }

// keepWords is enough for the exception at the head of a stack trace, and the trace.
const keepWords = 16 << 10

func (w *lastWords) Write(p []byte) (int, error) {
	w.b = append(w.b, p...)
	if extra := len(w.b) - keepWords; extra > 0 {
		w.b = append(w.b[:0], w.b[extra:]...)
	}
	return len(p), nil
}

// said are the lines that tell what went wrong: those of exceptions if there are any, or the
// last few.
func (w *lastWords) said() string {
	var exceptions, others []string
	for line := range strings.SplitSeq(string(w.b), "\n") {
		line = strings.TrimRight(line, "\r ")
		switch {
		case line == "" || strings.HasPrefix(strings.TrimLeft(line, " \t"), "at ") || strings.HasPrefix(strings.TrimLeft(line, " \t"), "..."):
		case strings.Contains(line, "Exception") || strings.Contains(line, "Error"):
			exceptions = append(exceptions, line)
		default:
			others = append(others, line)
		}
	}
	lines := exceptions
	if len(lines) == 0 {
		lines = others
	}
	if len(lines) == 0 {
		return ""
	}
	return ": " + strings.Join(lines[max(0, len(lines)-4):], "; ")
}

// hint says what may help.
func (w *lastWords) hint() string {
	for _, h := range []struct{ said, help string }{
		{"OutOfMemoryError", "the parsers need about 3 GB: free some, or measure without SPICE"},
		{"Could not reserve enough space", "this machine does not give Java the memory: free some, or measure without SPICE"},
		{"NoClassDefFoundError", "a jar of lib is damaged or from another version: get pycocoevalcap and the Stanford models again"},
		{"ClassNotFoundException", "a jar of lib is damaged or from another version: get pycocoevalcap and the Stanford models again"},
		{"edu/stanford/nlp/models", "the jar of the Stanford models is damaged: get it again"},
		{"scriptEngine", "Java can't find JavaScript, which the jar writes its results with: is Nashorn in lib whole?"},
	} {
		if strings.Contains(string(w.b), h.said) {
			return " (" + h.help + ")"
		}
	}
	return ""
}
