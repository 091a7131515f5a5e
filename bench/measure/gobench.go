package measure

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// GoBench runs a package's Go benchmarks that match a pattern, so many times, and returns
// what they have measured: by name, without the number of cores, and by unit.
func GoBench(ctx context.Context, pkg, pattern string, count int, flags ...string) (map[string]map[string][]float64, error) {
	args := append([]string{"test", pkg, "-run", "^$", "-bench", pattern, "-count", strconv.Itoa(count)}, flags...)
	out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go test %s: %w:\n%s", pkg, err, out)
	}
	all := make(map[string]map[string][]float64)
	for line := range strings.Lines(string(out)) {
		// BenchmarkName-2   5000   0.5 p50-ms   4.4 p99-ms
		words := strings.Fields(line)
		if len(words) < 4 || !strings.HasPrefix(words[0], "Benchmark") {
			continue
		}
		name := words[0]
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			name = name[:i]
		}
		if all[name] == nil {
			all[name] = make(map[string][]float64)
		}
		for i := 2; i+1 < len(words); i += 2 {
			x, err := strconv.ParseFloat(words[i], 64)
			if err != nil {
				return nil, fmt.Errorf("go test says %q: %w", line, err)
			}
			all[name][words[i+1]] = append(all[name][words[i+1]], x)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("go test printed no times:\n%s", out)
	}
	return all, nil
}
