//go:build unix

package spice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/metrics"
	"github.com/vlmchat/vlmchat/testprogram"
)

// TestMain is a Java of our own too, where a test starts this program as one: it answers as
// the jar does, or fails as the variable says.
func TestMain(m *testing.M) {
	if how := os.Getenv("VLMCHAT_TEST_JAVA"); how != "" {
		os.Exit(beJava(how, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// beJava does as the JVM with the jar would. The score of a caption is the share of its words
// that the first reference has.
func beJava(how string, args []string) int {
	fail := func(words string, code int) int {
		fmt.Fprint(os.Stderr, words)
		return code
	}
	i := slices.Index(args, "edu.anu.spice.SpiceScorer")
	if i < 0 || len(args) < i+4 || args[i+2] != "-out" {
		return fail("this is not how the jar is called: "+strings.Join(args, " "), 2)
	}
	switch how {
	case "memory":
		return fail("Parsing reference captions\nTerminating due to java.lang.OutOfMemoryError: Java heap space\n", 3)
	case "exception":
		return fail("Error: Could not score batched file input:\njava.io.IOException: disk full\n\tat edu.anu.Spice(Spice.java:1)\n", 1)
	case "silent":
		return 1
	case "nothing":
		return 0
	case "hang":
		if err := os.WriteFile(os.Getenv("VLMCHAT_TEST_STARTED"), []byte(args[i+1]), 0o600); err != nil {
			return fail(err.Error(), 1)
		}
		time.Sleep(time.Hour)
	}
	text, err := os.ReadFile(args[i+1])
	if err != nil {
		return fail(err.Error(), 1)
	}
	for _, c := range text {
		if c >= 0x80 {
			return fail("the input has letters that not every locale knows", 1)
		}
	}
	var all []asked
	if err := json.Unmarshal(text, &all); err != nil {
		return fail(err.Error(), 1)
	}
	var answers []map[string]any
	for _, a := range all {
		words, same := strings.Fields(a.Candidate), 0
		for _, w := range words {
			if len(a.References) > 0 && slices.Contains(strings.Fields(a.References[0]), w) {
				same++
			}
		}
		answers = append(answers, map[string]any{
			"image_id": a.ID, "scores": map[string]any{"All": map[string]any{"f": float64(same) / float64(max(1, len(words))), "pr": 1}},
		})
	}
	slices.Reverse(answers)
	b, _ := json.Marshal(answers)
	if how == "half" {
		b = b[:len(b)/2]
	}
	if err := os.WriteFile(args[i+3], b, 0o600); err != nil {
		return fail(err.Error(), 1)
	}
	fmt.Println("SPICE evaluation took: 1 s")
	return 0
}

// pretending is a scorer with a Java of our own that does as how says.
func pretending(t *testing.T, how string) *Scorer {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	java := testprogram.Script(t, "java", "VLMCHAT_TEST_JAVA="+how+" VLMCHAT_TEST_STARTED="+filepath.Join(t.TempDir(), "started")+" exec "+self+` "$@"`)
	return &Scorer{java: java, classpath: "nowhere"}
}

func captioned(candidate string, references ...string) metrics.Captioned {
	c := metrics.Captioned{Candidate: strings.Fields(candidate)}
	for _, r := range references {
		c.References = append(c.References, strings.Fields(r))
	}
	return c
}

func TestScoresComeBackInOrder(t *testing.T) {
	t.Parallel()
	r, err := pretending(t, "well").Score(t.Context(), []metrics.Captioned{
		captioned("a café 🙂", "a café 🙂 here"), captioned("two dogs", "no cats"), captioned("a dog"), captioned(`one "two"`, `one \ two`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.Items, []float64{1, 0, 0, 0.5}) || r.Name != "SPICE" || r.Score() != 0.375 {
		t.Errorf("got %+v, together %v", r, r.Score())
	}
	none, err := (&Scorer{}).Score(t.Context(), nil)
	if err != nil || len(none.Items) != 0 {
		t.Errorf("no captions have %v, %v", none, err)
	}
}

func TestFailuresHaveTheJarsLastWords(t *testing.T) {
	t.Parallel()
	for how, want := range map[string][]string{
		"memory":    {"exit status 3", "OutOfMemoryError", "about 3 GB"},
		"exception": {"exit status 1", "java.io.IOException: disk full"},
		"silent":    {"SPICE failed: exit status 1"},
		"nothing":   {"wrote no scores"},
		"half":      {"not as they should be"},
	} {
		_, err := pretending(t, how).Score(t.Context(), []metrics.Captioned{captioned("a dog", "a dog")})
		if err == nil {
			t.Errorf("%s is no error", how)
			continue
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q does not say %q", how, err, w)
			}
		}
		if strings.Contains(err.Error(), "Spice.java") {
			t.Errorf("%s: %q has a stack trace", how, err)
		}
	}
}

// TestItCanBeStopped ends the jar once it works, and looks that nothing of it is left.
func TestItCanBeStopped(t *testing.T) {
	t.Parallel()
	s := pretending(t, "hang")
	script, err := os.ReadFile(s.java)
	if err != nil {
		t.Fatal(err)
	}
	_, started, _ := strings.Cut(string(script), "VLMCHAT_TEST_STARTED=")
	started, _, _ = strings.Cut(started, " ")
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		for range 6000 {
			if b, err := os.ReadFile(started); err == nil && len(b) > 0 {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		stop()
	}()
	if _, err := s.Score(ctx, []metrics.Captioned{captioned("a dog", "a dog")}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	input, err := os.ReadFile(started)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(string(input))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of the input is left: %v", err)
	}

	ctx, stop = context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer stop()
	if _, err := s.Score(ctx, []metrics.Captioned{captioned("a dog", "a dog")}); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "within its time") {
		t.Errorf("got %v", err)
	}
}

func TestMemoryIsBoundedAndTheCacheIsTheUsers(t *testing.T) {
	t.Parallel()
	args := (&Scorer{classpath: "x"}).command("f", "in", "out")
	if !slices.Contains(args, "-Xmx8192m") || slices.Contains(args, "-cache") || slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "--add-opens") }) {
		t.Errorf("got %q", args)
	}
	args = (&Scorer{classpath: "x", Memory: 4000, Cache: "kept"}).command("f", "in", "out")
	if i := slices.Index(args, "-cache"); !slices.Contains(args, "-Xmx4000m") || i < 0 || args[i+1] != "kept" {
		t.Errorf("got %q", args)
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	folder := t.TempDir()
	lib := filepath.Join(folder, "lib")
	if err := os.Mkdir(lib, 0o755); err != nil {
		t.Fatal(err)
	}
	put := func(names ...string) {
		t.Helper()
		for _, name := range names {
			if err := os.WriteFile(filepath.Join(folder, name), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	java := func(version string) {
		t.Helper()
		home := t.TempDir()
		t.Setenv("JAVA_HOME", home)
		if version == "" {
			return
		}
		if err := os.Mkdir(filepath.Join(home, "bin"), 0o755); err != nil {
			t.Fatal(err)
		}
		testprogram.Write(t, filepath.Join(home, "bin", "java"), []byte("#!/bin/sh\necho 'openjdk version \""+version+"\" 2025-04-15' >&2\n"))
	}
	missing := func(path string, want ...string) {
		t.Helper()
		_, err := Find(path)
		var m *MissingError
		if len(want) == 0 {
			if err != nil {
				t.Errorf("%v", err)
			}
			return
		}
		if !errors.As(err, &m) || len(m.What) != len(want) {
			t.Fatalf("got %v for %q", err, want)
		}
		for i, w := range want {
			if !strings.Contains(m.What[i], w) {
				t.Errorf("%q does not say %q", m.What[i], w)
			}
		}
	}
	java("")
	missing(folder, "Java 8", "spice-1.0.jar")
	java("1.7.0_80")
	missing(folder, "Java 8", "spice-1.0.jar")
	java("1.8.0_402")
	missing(folder, "spice-1.0.jar")
	missing(filepath.Join(folder, "none"), "spice-1.0.jar")
	put("spice-1.0.jar", "other.txt")
	missing(folder, "stanford-corenlp-3.6.0.jar", "stanford-corenlp-3.6.0-models.jar")
	missing(filepath.Join(folder, "other.txt"), "spice-1.0.jar")
	put("lib/stanford-corenlp-3.6.0.jar")
	missing(filepath.Join(folder, "spice-1.0.jar"), "stanford-corenlp-3.6.0-models.jar")
	put("lib/stanford-corenlp-3.6.0-models.jar")
	missing(folder)
	java("17.0.15")
	missing(folder, "Java 17 has no JavaScript")
	put("lib/nashorn-core-15.4.jar", "lib/asm-7.3.1.jar", "lib/asm-commons-7.3.1.jar", "lib/asm-tree-7.3.1.jar", "lib/asm-util-7.3.1.jar")
	missing(folder, "Java 17 has no JavaScript")
	put("lib/asm-analysis-7.3.1.jar")
	missing(folder)
	missing(filepath.Join(folder, "spice-1.0.jar"))
}
