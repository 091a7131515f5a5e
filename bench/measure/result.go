package measure

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	resultFormat  = "vlmchat-bench"
	resultVersion = 1
)

// Result is a table as a run has measured it, with what it means nothing without. The
// folder bench/results keeps one of each table as JSON, and docs/performance.md is made of
// those.
type Result struct {
	Format  string    `json:"format"`
	Version int       `json:"version"`
	Name    string    `json:"name"` // of the table
	Date    string    `json:"date"`
	Seconds int       `json:"seconds"` // that measuring took
	Machine Machine   `json:"machine"`
	Setup   []string  `json:"setup,omitempty"` // the runtime, the model, the peers' versions
	Peer    string    `json:"peer"`
	Figures []*Figure `json:"figures"`
}

// Markdown is the table, with what it was measured on above it.
func (r *Result) Markdown() string {
	var w strings.Builder
	m := r.Machine
	fmt.Fprintf(&w, "- %s, %d cores; load average %s at the start, %s at the end\n", m.CPU, m.Cores, m.LoadBefore, m.LoadAfter)
	fmt.Fprintf(&w, "- %s (%s), %s\n", m.System, m.Platform, m.Go)
	for _, line := range r.Setup {
		fmt.Fprintf(&w, "- %s\n", line)
	}
	fmt.Fprintf(&w, "- %s, %d s\n\n", r.Date, r.Seconds)
	writeFigures(&w, r.Peer, r.Figures)
	return w.String()
}

// Write keeps a result in a folder.
func (r *Result) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(r); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, r.Name+".json"), b.Bytes(), 0o644)
}

// ReadResults reads those of a folder, by their names. A folder that is not there has none.
func ReadResults(dir string) (map[string]*Result, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	all := make(map[string]*Result)
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		r := new(Result)
		if err := json.Unmarshal(b, r); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if r.Format != resultFormat || r.Version != resultVersion || r.Name+".json" != filepath.Base(file) {
			return nil, fmt.Errorf("%s is no result of a benchmark of version %d by that name", file, resultVersion)
		}
		all[r.Name] = r
	}
	return all, nil
}

// rounded keeps of samples what a table could ever show of them: the file is to be read, too.
func rounded(samples []float64) []float64 {
	const kept = 6 // significant digits
	all := make([]float64, len(samples))
	for i, x := range samples {
		all[i] = x
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			all[i], _ = strconv.ParseFloat(strconv.FormatFloat(x, 'g', kept, 64), 64)
		}
	}
	return all
}
