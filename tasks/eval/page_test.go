package eval

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/datasets"
)

// hostileReport has in every place what would run something, or ask for something at an address.
func hostileReport(t *testing.T, address string) *Report {
	t.Helper()
	run := `document.documentElement.setAttribute("data-ran","yes")`
	evil := `</style></title><script>` + run + `</script><img src="` + address + `/x.png" onerror='` + run + `'>"><svg onload='` + run + `'>` + "\x1b]0;t\a\u202e"
	set := &datasets.Set{Name: evil, Layout: evil, Split: evil, SHA256: evil, Problems: []datasets.Problem{{Kind: datasets.ProblemKind(evil), Place: evil, Detail: evil}}}
	var said []Prediction
	for i := range 6 {
		set.Items = append(set.Items, datasets.Item{
			ID: fmt.Sprint(evil, i), Image: evil, Question: evil, References: []string{"x"}, Groups: []datasets.Group{{By: evil, Name: fmt.Sprint(evil, i%2)}},
		})
		said = append(said, Prediction{ID: fmt.Sprint(evil, i), Answer: evil}, Prediction{ID: fmt.Sprint(evil, i), Variant: evil, Answer: evil})
	}
	said[0].Error = evil
	set.Items[1].References = []string{evil + "y", strings.Repeat("long", 100_000)}
	return newReport(t, set, said, Scoring{Task: datasets.VQA, Variants: []string{evil}, Vlmchat: evil, Asked: Asked{Model: evil, Engine: evil, Prompt: evil, Predictions: evil}})
}

func TestPageRunsNothing(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(server.Close)
	var b bytes.Buffer
	if err := hostileReport(t, server.URL).WritePage(&b, func(string) ([]byte, error) { return nil, errors.New("<script>alert(1)</script>") }); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, bad := range []string{"<script", "<svg", "onerror='", "\x1b", "\u202e", "<img src=\"http"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if len(page) > 1<<20 || !strings.Contains(page, "default-src 'none'") {
		t.Errorf("the page has %d bytes", len(page))
	}
	dom := inBrowser(t, page, "--dump-dom")
	if strings.Contains(dom, `data-ran="yes"`) || asked.Load() > 0 || strings.Count(dom, "<article") != 5 {
		t.Errorf("it has run something, or asked %d times:\n%.2000s", asked.Load(), dom)
	}
}

func TestPageHasWhatTheReportHas(t *testing.T) {
	t.Parallel()
	r := newReport(t, questions(), []Prediction{
		{ID: "1", Answer: "red"}, {ID: "2", Answer: "green", Cut: true}, {ID: "3", Answer: "seven"}, {ID: "4", Error: "the server is gone"},
		{ID: "1", Variant: "flip", Answer: "red"}, {ID: "2", Variant: "flip", Answer: "blue"},
	}, Scoring{Task: datasets.VQA, Variants: []string{"flip"}, Asked: Asked{Model: "tinyvlm", Engine: "native", Prompt: "Answer shortly."}, Vlmchat: "1.0"})
	var b bytes.Buffer
	var wanted []string
	err := r.WritePage(&b, func(image string) ([]byte, error) {
		wanted = append(wanted, image)
		if image == "a.png" {
			return nil, errors.New("it is gone")
		}
		return []byte("a jpeg"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"<title>vqa: q.jsonl</title>", "<p>tinyvlm, native</p>", "4 items, 3 answered, 1 failed (they count as wrong), 1 cut off at the limit of tokens, 1 left out",
		`<th scope="row">VQA accuracy</th><td class="n">25.0 %</td><td class="n">0.0 to 75.0 %</td><td class="n">4</td>`,
		`<i style="width: 25.00%"></i><b style="left: 0.00%; width: 75.00%"></b>`,
		`<th scope="row">color</th><td class="n">50.0 %</td><td class="n">0.0 to 100.0 %</td><td class="n">2</td>`,
		`<th scope="row">flip</th><td class="n">50.0 %</td><td class="n">&#43;25.0 %</td>`,
		`<img src="data:image/jpeg;base64,YSBqcGVn" alt="Picture b.png" loading="lazy">`, "The picture can’t be shown: it is gone",
		"<dd>green (cut off at the limit of tokens)</dd>", "<li>4: the server is gone</li>", "<li>missing picture: q.jsonl:5: there is no file d.png</li>",
		`<input type="radio" name="f" id="f0"> color</label>`, "article:not(.g1) { display: none; }", `<article class="g0">`,
	} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("there is no %s on the page", part)
		}
	}
	if len(wanted) != 2 {
		t.Errorf("pictures of %v were made", wanted)
	}
	if t.Failed() {
		t.Log(b.String())
	}
}

// However large a dataset is, its page opens at once.
func TestPageIsBounded(t *testing.T) {
	t.Parallel()
	set := &datasets.Set{Name: "many"}
	var said []Prediction
	for i := range 5000 {
		id := fmt.Sprint(i)
		set.Items = append(set.Items, datasets.Item{ID: id, Image: id + ".png", Question: strings.Repeat("why ", 5000), References: []string{"x"}})
		set.Problems = append(set.Problems, datasets.Problem{Kind: datasets.BrokenLine, Place: id, Detail: "it is broken"})
		one := Prediction{ID: id, Answer: "y"}
		if i%2 == 0 {
			one.Error = strings.Repeat("why ", 5000)
		}
		said = append(said, one)
	}
	var b bytes.Buffer
	made := 0
	err := newReport(t, set, said, Scoring{Task: datasets.VQA}).WritePage(&b, func(string) ([]byte, error) {
		made++
		return make([]byte, 1<<20), nil
	})
	if err != nil || b.Len() > 8<<20 || made > pageCases {
		t.Errorf("%d bytes with %d pictures, %v", b.Len(), made, err)
	}
	for _, rest := range []string{"and 2450 more", "and 4950 more"} {
		if !strings.Contains(b.String(), rest) {
			t.Errorf("it does not say %q", rest)
		}
	}
}

// inBrowser runs Chromium without a window on a page, and returns what it prints.
func inBrowser(t *testing.T, page string, flags ...string) string {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Skip("needs Chromium")
	}
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(file)}
	flags = append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
		"--user-data-dir=" + t.TempDir(), "--virtual-time-budget=3000",
	}, flags...)
	var out, log bytes.Buffer
	cmd := exec.CommandContext(ctx, program, append(flags, address.String())...)
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	return out.String()
}
