package native

import (
	"slices"
	"testing"
)

func TestEnvironment(t *testing.T) {
	t.Parallel()
	environ := []string{
		"PATH=/bin", "OPENAI_API_KEY=hush", "HF_TOKEN=hush", "AT_WORK=hush", "CUDA_VISIBLE_DEVICES=0",
		"HTTPS_PROXY=http://ada:hush@proxy:3128", "NO_PASSWORD=", "HTTP_PROXY=http://proxy:3128", "MAIL=ada@example.org", "GGML_VK_SOME_KEY=1", "LD_LIBRARY_PATH=/lib", "EMPTY=", "=C:=C:\\x",
	}
	before := slices.Clone(environ)
	want := []string{"PATH=/bin", "CUDA_VISIBLE_DEVICES=0", "HTTP_PROXY=http://proxy:3128", "MAIL=ada@example.org", "GGML_VK_SOME_KEY=1", "LD_LIBRARY_PATH=/lib", "EMPTY=", "=C:=C:\\x"}
	if got := environment(environ, []string{"AT_WORK"}); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if !slices.Equal(environ, before) {
		t.Error("the process's own environment was changed")
	}
}

// Which variables are secret doesn't make another worker.
func TestSecretsAreNoIdentity(t *testing.T) {
	t.Parallel()
	if (spec{Model: "m"}).key() != (spec{Model: "m", secrets: []string{"AT_WORK"}}).key() {
		t.Error("it does")
	}
}
