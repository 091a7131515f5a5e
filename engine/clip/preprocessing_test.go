package clip

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// noise is the picture of testdata/clip/make_resized.py.
func noise(width, height int) []byte {
	rgb := make([]byte, 3*width*height)
	for i := range rgb {
		v := uint32(i) * 2654435761
		v ^= v >> 15
		v *= 2246822519
		v ^= v >> 13
		if i/4096%2 == 1 {
			v = v & 1 * 255
		}
		rgb[i] = byte(v)
	}
	return rgb
}

// TestPreprocessingLikeTransformers holds what becomes of pictures against the image
// processors of transformers, in the bits of the numbers.
func TestPreprocessingLikeTransformers(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../testdata/clip/pixels.json")
	if err != nil {
		t.Fatal(err)
	}
	var reference struct {
		Pictures [][2]int
		Cases    []struct {
			Family string
			Size   int
			File   json.RawMessage
			SHA256 []string
		}
	}
	if err := json.Unmarshal(content, &reference); err != nil {
		t.Fatal(err)
	}
	for _, c := range reference.Cases {
		dir := t.TempDir()
		if string(c.File) != "{}" {
			write(t, filepath.Join(dir, "preprocessor_config.json"), string(c.File))
		}
		p, err := readPreprocessing(dir, c.Family, c.Size)
		if err != nil {
			t.Errorf("%s: %v", c.File, err)
			continue
		}
		levels := p.levels()
		for i, size := range reference.Pictures {
			rgb := p.pixels(noise(size[0], size[1]), image.Pt(size[0], size[1]))
			if len(rgb) != 3*c.Size*c.Size {
				t.Errorf("%v becomes %d bytes by %s", size, len(rgb), c.File)
				continue
			}
			h := sha256.New()
			for channel := range 3 {
				for at := channel; at < len(rgb); at += 3 {
					h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(levels[channel][rgb[at]])))
				}
			}
			if have := hex.EncodeToString(h.Sum(nil)[:8]); have != c.SHA256[i] {
				t.Errorf("%v becomes something else by %s", size, c.File)
			}
		}
	}
}

// TestPreprocessingFiles: where it is read from, and what is refused.
func TestPreprocessingFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, content, want string }{
		{"preprocessor_config.json", `{"size":224,"crop_size":224}`, ""},
		{"preprocessor_config.json", `{"size":336,"crop_size":336}`, "336 × 336 pixels, and config.json says that the model takes 224 × 224"},
		{"preprocessor_config.json", `{"do_center_crop":false}`, "all sizes"},
		{"preprocessor_config.json", `{"do_resize":false,"do_center_crop":false}`, "all sizes"},
		{"preprocessor_config.json", `{"image_processor_type":"BlipImageProcessor"}`, `"BlipImageProcessor"`},
		{"preprocessor_config.json", `{"image_processor_type":"Siglip2ImageProcessorFast"}`, `"Siglip2ImageProcessorFast"`},
		{"preprocessor_config.json", `{"resample":9}`, "filter 9"},
		{"preprocessor_config.json", `{"size":{"shortest_edge":224,"longest_edge":500}}`, "longer side"},
		{"preprocessor_config.json", `{"size":[1,2,3]}`, "height and a width"},
		{"preprocessor_config.json", `{"size":-5}`, "no size"},
		{"preprocessor_config.json", `{"size":1000000000}`, "no size"},
		{"preprocessor_config.json", `{"image_mean":[0.5]}`, "image_mean"},
		{"preprocessor_config.json", `{"image_std":[0.5,0,0.5]}`, "image_std"},
		{"preprocessor_config.json", `{"size":"224"}`, "preprocessor_config.json"},
		{"preprocessor_config.json", `{`, "preprocessor_config.json"},
		{"processor_config.json", `{"image_processor":{"size":100}}`, ""},
		{"processor_config.json", `{"image_processor":{"crop_size":100}}`, "processor_config.json: pictures come out as 100 × 100"},
		{"processor_config.json", `{"processor_class":"CLIPProcessor"}`, ""},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, c.name), c.content)
		_, err := readPreprocessing(dir, "clip", 224)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s\ngives %v, which should say %q", c.content, err, c.want)
		}
	}
}

// FuzzPreprocessing: no file ends the process, and pictures come out as the tower takes them.
func FuzzPreprocessing(f *testing.F) {
	f.Add([]byte(`{"size":{"shortest_edge":41},"crop_size":{"height":30,"width":30},"resample":2,"image_mean":[1,2,3]}`), uint8(3), uint8(200))
	f.Add([]byte(`{"image_processor_type":"ViTImageProcessor","size":[30,30],"do_rescale":false}`), uint8(30), uint8(30))
	f.Fuzz(func(t *testing.T, content []byte, w, h uint8) {
		p, err := parsePreprocessing(content, "clip")
		if err != nil || p.fits(30) != nil || w == 0 || h == 0 {
			return
		}
		if rgb := p.pixels(noise(int(w), int(h)), image.Pt(int(w), int(h))); len(rgb) != 3*30*30 {
			t.Fatalf("%d bytes", len(rgb))
		}
	})
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
