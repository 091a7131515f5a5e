package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/runtimes"
)

// putRuntime installs the real runtime in a data directory, and returns its
// folder there and the runtime.
func putRuntime(t *testing.T, data string) (string, runtimes.Runtime) {
	t.Helper()
	libraries, err := runtimes.Use(os.Getenv("VLMCHAT_RUNTIME"))
	if err != nil {
		t.Fatalf("this test needs the llama.cpp runtime (run 'make runtime'): %v", err)
	}
	if err := installRuntime(data, "mine", libraries.Dir); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(data, "runtimes", "mine"), libraries
}

// runCommand runs vlmchat with a data directory of its own.
func runCommand(t *testing.T, data string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Setenv("VLMCHAT_DATA_DIR", data)
	t.Setenv("VLMCHAT_CONFIG", filepath.Join(data, "config.toml"))
	var out, errs bytes.Buffer
	code = Main(args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

func TestRuntimeList(t *testing.T) {
	data, full, empty := t.TempDir(), t.TempDir(), t.TempDir()
	installed, libraries := putRuntime(t, full)
	t.Setenv("VLMCHAT_RUNTIME", "")
	code, stdout, stderr := runCommand(t, data, "runtime", "list")
	if code != exitEngine || strings.Contains(stdout, "* ") || !strings.Contains(stderr, "vlmchat runtime install") {
		t.Errorf("none: %d %q %q", code, stdout, stderr)
	}
	// What this machine may have of others' is listed and left alone.
	code, stdout, _ = runCommand(t, data, "runtime", "list", "--json")
	var others []listedRuntime
	if err := json.Unmarshal([]byte(stdout), &others); err != nil || code != exitEngine || others == nil {
		t.Errorf("none as JSON: %d %q %v", code, stdout, err)
	}
	for _, l := range others {
		if l.Used || l.Tried {
			t.Errorf("loaded: %+v", l)
		}
	}

	code, stdout, stderr = runCommand(t, full, "runtime", "list")
	if code != exitOK || !strings.HasPrefix(stdout, "* "+libraries.Name+" (installed; cpu") ||
		!strings.Contains(stdout, installed) || !strings.Contains(stdout, "usable") || stderr != "" {
		t.Errorf("one: %d %q %q", code, stdout, stderr)
	}

	for source, args := range map[string][]string{
		"flag":        {"runtime", "list", "--json", "--runtime", empty},
		"environment": {"runtime", "list", "--json"},
		"config":      {"runtime", "list", "--json"},
	} {
		t.Run(source, func(t *testing.T) {
			switch source {
			case "environment":
				t.Setenv("VLMCHAT_RUNTIME", empty)
			case "config":
				file := filepath.Join(full, "config.toml")
				if err := os.WriteFile(file, []byte("runtime = '"+empty+"'\n"), 0o600); err != nil {
					t.Fatal(err)
				}
				defer os.Remove(file)
			}
			code, stdout, stderr := runCommand(t, full, args...)
			var listed []listedRuntime
			if err := json.Unmarshal([]byte(stdout), &listed); err != nil || len(listed) != 2+len(others) {
				t.Fatalf("%v: %q", err, stdout)
			}
			named, ours := listed[0], listed[1]
			if code != exitEngine || !strings.Contains(stderr, empty) {
				t.Errorf("code %d, stderr %q", code, stderr)
			}
			if named.Source != source || named.Dir != empty || named.Usable || named.Used || !strings.Contains(named.Problem, "no libllama") {
				t.Errorf("named: %+v", named)
			}
			if ours.Source != "installed" || !ours.Usable || ours.Used || len(ours.Libraries) != 4 || !strings.HasPrefix(ours.BackendDir, installed) {
				t.Errorf("installed: %+v", ours)
			}
		})
	}
}

func TestRuntimeInstall(t *testing.T) {
	data := t.TempDir()
	installed, libraries := putRuntime(t, data)
	code, stdout, stderr := runCommand(t, data, "runtime", "install")
	if code != exitOK || stdout != installed+"\n" || stderr != libraries.Name+" is already installed\n" {
		t.Errorf("%d %q %q", code, stdout, stderr)
	}
	code, stdout, stderr = runCommand(t, data, "runtime", "install", "--source", "ftp")
	if code != exitUsage || stdout != "" || !strings.Contains(stderr, "--source is auto, github or pypi") {
		t.Errorf("%d %q %q", code, stdout, stderr)
	}
}

func TestStepPrinter(t *testing.T) {
	t.Parallel()
	reports := []runtimes.Progress{
		{Step: "Asking a.example"},
		{Step: "Not from GitHub: \x1b]0;title\aunreachable"},
		{Step: "Downloading x", Done: 1_000_000, Total: 4_000_000},
		{Step: "Downloading x", Done: 2_000_000, Total: 4_000_000}, // too soon to be shown
		{Step: "Downloading x", Done: 4_000_000, Total: 4_000_000},
	}
	const log = "Asking a.example\nNot from GitHub: unreachable\nDownloading x\n"
	const screen = "\r\x1b[KAsking a.example" +
		"\n\r\x1b[KNot from GitHub: unreachable\n" +
		"\r\x1b[KDownloading x  25%  1.0 of 4.0 MB" +
		"\r\x1b[KDownloading x  100%  4.0 of 4.0 MB\n"
	for terminal, want := range map[bool]string{false: log, true: screen} {
		var out bytes.Buffer
		p := newStepPrinter(&out)
		p.terminal = terminal
		for _, r := range reports {
			p.report(r)
		}
		p.end()
		if terminal {
			// Whether the second report is shown depends on how fast this runs.
			got := strings.Replace(out.String(), "\r\x1b[KDownloading x  50%  2.0 of 4.0 MB", "", 1)
			if got != want {
				t.Errorf("on a terminal: %q, want %q", got, want)
			}
		} else if out.String() != want {
			t.Errorf("in a log: %q, want %q", out.String(), want)
		}
	}
}
