package models

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func TestOllamaManifestsThatLie(t *testing.T) {
	t.Parallel()
	hex := strings.Repeat("0a", 32)
	for _, digest := range []string{
		"", "sha256:", "sha256:" + hex[1:], "sha256:" + hex + "0", "sha256-" + hex, "md5:" + hex, hex,
		"sha256:" + strings.ToUpper(hex), "sha256:../../../../../../../etc/passwd", "sha256:" + hex[:60] + "/../", "sha256:" + hex[:63] + "\x00",
	} {
		if m, err := parseOllamaManifest(fmt.Appendf(nil, `{"layers":[{"digest":%q}]}`, digest)); err == nil {
			t.Errorf("the digest %q is taken: %+v", digest, m)
		}
	}
	for _, text := range []string{"", "[]", `"layers"`, `{"layers":`, `{"layers":{}}`, `{"layers":[{"digest":"sha256:` + hex + `","size":-1}]}`} {
		if m, err := parseOllamaManifest([]byte(text)); err == nil {
			t.Errorf("the manifest %s is taken: %+v", text, m)
		}
	}
}

func TestOllamaStops(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`{}`:                              nil,
		`{"stop":null,"temperature":0.3}`: nil,
		`{"num_ctx":1024,"stop":["<|im_end|>","","\n"]}`: {"<|im_end|>", "\n"},
		`{"stop":"USER:"}`: {"USER:"},
	} {
		if got, err := parseOllamaStops([]byte(text)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{``, `[]`, `{"stop":1}`, `{"stop":[1]}`, `{"stop":{}}`, `{"stop":["a"`, `{"stop":["a"` + strings.Repeat(`,"a"`, maxStops) + `]}`} {
		if got, err := parseOllamaStops([]byte(text)); err == nil {
			t.Errorf("%s: %q", text, got)
		}
	}
}

// FuzzOllamaManifest reads manifests: whatever one says, it names nothing but
// files in the folder of blobs.
func FuzzOllamaManifest(f *testing.F) {
	hex := strings.Repeat("0a", 32)
	f.Add([]byte(`{"schemaVersion":2,"config":{"digest":"sha256:` + hex + `"},"layers":[{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:` + hex + `","size":1,"from":"/x"}]}`))
	f.Add([]byte(`{"layers":[{"mediaType":"application/vnd.ollama.image.tensor; name=x","digest":"sha256:../..","size":-1}]}`))
	f.Add([]byte(`{"stop":["a"]}`))
	f.Add([]byte(`{"stop":"a"}`))
	blob := regexp.MustCompile(`^sha256-[0-9a-f]{64}$`)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseOllamaManifest(b)
		for _, l := range m.Layers {
			if err == nil && (!blob.MatchString(l.blob()) || l.Size < 0) {
				t.Errorf("the layer %+v is the file %q", l, l.blob())
			}
		}
		if stops, err := parseOllamaStops(b); err != nil && stops != nil || len(stops) > maxStops {
			t.Errorf("%d texts to stop at, %v", len(stops), err)
		}
	})
}
