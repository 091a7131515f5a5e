package cli

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/runtimes"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
)

// The tests' executable is vlmchat itself when it is called by that name, also
// as its own worker.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == native.WorkerCommand {
		os.Exit(native.WorkerMain(os.Stdin))
	}
	testscript.Main(m, map[string]func(){
		"vlmchat": func() {
			fakeKeyring()
			os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// TestScripts runs the scripts in testdata/script: the command line as a shell
// sees it, with the real runtime and the demo model.
func TestScripts(t *testing.T) {
	t.Parallel()
	libraries, err := runtimes.Use(os.Getenv("VLMCHAT_RUNTIME"))
	if err != nil {
		t.Fatalf("these tests need the llama.cpp runtime (run 'make runtime'): %v", err)
	}
	model, err := models.Find("", "")
	if err != nil {
		t.Fatal(err)
	}
	samples, err := filepath.Abs("../testdata/tinyvlm/samples")
	if err != nil {
		t.Fatal(err)
	}
	animation, err := filepath.Abs("../images/testdata/formats/keep.gif")
	if err != nil {
		t.Fatal(err)
	}
	server := llamaserver.Run(t, model.Path, model.Projector)
	web := httptest.NewServer(http.FileServer(http.Dir(samples)))
	t.Cleanup(web.Close)
	data, err := config.DataDir()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			// A socket's path has to be short.
			sockets, err := os.MkdirTemp("", "vlm")
			if err != nil {
				return err
			}
			env.Defer(func() { os.RemoveAll(sockets) })
			env.Setenv("XDG_RUNTIME_DIR", sockets)
			env.Setenv("VLMCHAT_DATA_DIR", data)
			env.Setenv("VLMCHAT_CACHE_DIR", filepath.Join(env.WorkDir, "cache"))
			env.Setenv("VLMCHAT_RUNTIME", libraries.Dir)
			env.Setenv("VLMCHAT_CONFIG", filepath.Join(env.WorkDir, "config.toml"))
			env.Setenv("VLMCHAT_SESSIONS_DIR", filepath.Join(env.WorkDir, "sessions"))
			env.Setenv("VLMCHAT_TEMPERATURE", "0")
			env.Setenv("VLMCHAT_KEEP_ALIVE", "3s")
			env.Setenv("SAMPLES", samples)
			env.Setenv("ANIMATION", animation)
			for _, variable := range hubEnv(t, env.WorkDir) {
				name, value, _ := strings.Cut(variable, "=")
				env.Setenv(name, value)
			}
			env.Setenv("MODEL", model.Path)
			env.Setenv("PROJECTOR", model.Projector)
			env.Setenv("RUNTIME", libraries.Dir)
			env.Setenv("SERVER", server.URL)
			env.Setenv("WEB", web.URL)
			env.Setenv("SERVER_HOST", strings.TrimPrefix(server.URL, "http://"))
			env.Setenv("EVIL", "evil\x1b]0;title\a.png")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "fixtures": fixtures, "installed": installed, "append": change, "checked": checked, "templated": templated, "conforms": conforms, "flipbit": flipBit},
	})
}

// exits runs vlmchat and compares its exit code: exits CODE ARGUMENT...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARGUMENT...")
	}
	code := 0
	if err := ts.Exec("vlmchat", args[1:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("vlmchat: %v", err)
		}
		code = exit.ExitCode()
	}
	if want := args[0]; strconv.Itoa(code) != want {
		ts.Fatalf("vlmchat exited with %d, want %s", code, want)
	}
}
