package batch

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/xmp"
)

// beside makes a folder with a picture and other files, and says what was answered about it.
func beside(t *testing.T, s *Sidecars, files map[string]string, answer, value string) (dir string, r Record, err error) {
	t.Helper()
	dir = t.TempDir()
	files["photo.jpg"] = "a picture"
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	item := Item{ID: "x", Images: []string{filepath.Join(dir, "photo.jpg")}}
	r = NewRecord(item, Question{}, tasks.Answer{Answer: answer, Images: []tasks.Image{{Source: item.Images[0], Format: "jpeg"}}})
	if value != "" {
		r.JSON = json.RawMessage(value)
	}
	if err := s.Check(item); err != nil {
		return dir, r, err
	}
	return dir, r, s.Write(item, &r)
}

func fileIn(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestTextSidecar(t *testing.T) {
	t.Parallel()
	const name = "photo.jpg.txt"
	for what, c := range map[string]struct {
		there     string // "" for no file
		answer    string
		json      string
		overwrite bool
		want      string
		kept      bool
	}{
		"a new one":               {"", " A dog.\n", "", false, "A dog.\n", false},
		"the same":                {"A dog.\r\n", "A dog.", "", false, "A dog.\r\n", false},
		"an empty one":            {"\n", "A dog.", "", false, "A dog.\n", false},
		"another text":            {"My dog", "A dog.", "", false, "My dog", true},
		"another text, given up":  {"My dog", "A dog.", "", true, "A dog.\n", false},
		"tags":                    {"", `{"tags": ["dog", "sun"]}`, `{"tags": ["dog", "sun"]}`, false, "dog, sun\n", false},
		"tags and more":           {"", `{"tags": ["dog"], "x": 1}`, `{"tags": ["dog"], "x": 1}`, false, `{"tags": ["dog"], "x": 1}` + "\n", false},
		"much text, not replaced": {strings.Repeat("x", maxText+1), "A dog.", "", false, strings.Repeat("x", maxText+1), true},
	} {
		files := map[string]string{}
		if c.there != "" {
			files[name] = c.there
		}
		s := &Sidecars{Format: TextSidecar, Overwrite: c.overwrite}
		dir, r, err := beside(t, s, files, c.answer, c.json)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if got := fileIn(t, dir, name); got != c.want {
			t.Errorf("%s: the file has %.80q, want %.80q", what, got, c.want)
		}
		if (s.Kept == 1) != c.kept || (r.Sidecar == nil) != c.kept {
			t.Errorf("%s: %+v, and the record says %v", what, s, r.Sidecar)
		}
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 2 {
			t.Errorf("%s: the folder has %v, %v", what, entries, err)
		}
		info, err := os.Stat(filepath.Join(dir, name))
		if want := os.FileMode(0o640); c.there != "" && runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != want) {
			t.Errorf("%s: its rights are %v, want %v", what, info.Mode(), want)
		}
	}
}

const ofAdobe = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" crs:Exposure="+1"EXT/></rdf:RDF></x:xmpmeta>`

func TestXMPSidecar(t *testing.T) {
	t.Parallel()
	adobe := strings.Replace(ofAdobe, "EXT", "", 1)
	raw := strings.Replace(ofAdobe, "EXT", ` xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:SidecarForExtension="CR2"`, 1)
	described := string(xmp.New(xmp.Subject{Description: "Mine", Tags: []string{"me"}}, "x", time.Unix(0, 0)))
	const tagged = `{"tags": ["dog", "sun"], "description": "Of words."}`
	for what, c := range map[string]struct {
		files     map[string]string
		json      string
		overwrite bool
		name      string
		want      xmp.Subject
		has       string // which the file had
	}{
		"a new one":         {nil, "", false, "photo.jpg.xmp", xmp.Subject{Description: "A dog."}, ""},
		"darktable's":       {map[string]string{"photo.jpg.xmp": adobe, "photo.xmp": raw}, "", false, "photo.jpg.xmp", xmp.Subject{Description: "A dog."}, `crs:Exposure="+1"`},
		"Adobe's":           {map[string]string{"photo.xmp": adobe}, "", false, "photo.xmp", xmp.Subject{Description: "A dog."}, `crs:Exposure="+1"`},
		"the raw file's":    {map[string]string{"photo.xmp": raw}, "", false, "photo.jpg.xmp", xmp.Subject{Description: "A dog."}, ""},
		"another picture's": {map[string]string{"photo.xmp": adobe, "photo.PNG": "x"}, "", false, "photo.jpg.xmp", xmp.Subject{Description: "A dog."}, ""},
		"a described one":   {map[string]string{"photo.jpg.xmp": described}, "", false, "photo.jpg.xmp", xmp.Subject{Description: "Mine", Tags: []string{"me"}}, "Mine"},
		"one given up":      {map[string]string{"photo.jpg.xmp": described}, "", true, "photo.jpg.xmp", xmp.Subject{Description: "A dog.", Tags: []string{"me"}}, ""},
		"tags":              {map[string]string{"photo.jpg.xmp": described}, `{"tags": ["dog", "me"]}`, false, "photo.jpg.xmp", xmp.Subject{Description: "Mine", Tags: []string{"me", "dog"}}, "Mine"},
		"tags and words":    {nil, tagged, false, "photo.jpg.xmp", xmp.Subject{Description: "Of words.", Tags: []string{"dog", "sun"}}, ""},
		"an empty file":     {map[string]string{"photo.jpg.xmp": ""}, "", false, "photo.jpg.xmp", xmp.Subject{Description: "A dog."}, ""},
	} {
		if c.files == nil {
			c.files = map[string]string{}
		}
		before := len(c.files) + 1
		if _, there := c.files[c.name]; !there {
			before++
		}
		s := &Sidecars{Format: XMPSidecar, Overwrite: c.overwrite, Tool: "vlmchat"}
		dir, _, err := beside(t, s, c.files, "A dog.", c.json)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		text := fileIn(t, dir, c.name)
		f, err := xmp.Parse([]byte(text))
		if err != nil || f.Description != c.want.Description || strings.Join(f.Tags, ",") != strings.Join(c.want.Tags, ",") || !strings.Contains(text, c.has) {
			t.Errorf("%s: it is %v, want %v:\n%s", what, err, c.want, text)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != before {
			t.Errorf("%s: the folder has %v", what, entries)
		}
	}
}

// What is there and not understood is left alone, with the reason.
func TestSidecarsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"not XMP": "photo.jpg.xmp: this XMP is not understood: it has no rdf:RDF, as XMP has; it was left alone",
		`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Description dc:description="x"/></rdf:RDF>`: "dc:description is an attribute",
	} {
		s := &Sidecars{Format: XMPSidecar, Overwrite: true}
		dir, _, err := beside(t, s, map[string]string{"photo.jpg.xmp": text}, "A dog.", "")
		if _, ok := errors.AsType[*SidecarError](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
		if got := fileIn(t, dir, "photo.jpg.xmp"); got != text {
			t.Errorf("it became %q", got)
		}
	}
	// A link may lead anywhere.
	dir := t.TempDir()
	elsewhere := filepath.Join(t.TempDir(), "notes.txt")
	picture := filepath.Join(dir, "photo.jpg")
	for path, text := range map[string]string{picture: "a picture", elsewhere: "A note."} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(elsewhere, picture+".txt"); err != nil {
		if runtime.GOOS == "windows" {
			t.Skip("Windows lets only some people make links")
		}
		t.Fatal(err)
	}
	s := &Sidecars{Format: TextSidecar, Overwrite: true}
	if err := s.Check(Item{Images: []string{picture}}); err == nil || !strings.Contains(err.Error(), "this is no file") {
		t.Errorf("a link is followed: %v", err)
	}
}

// Answers about what is no single picture file have no file beside one.
func TestWithoutSidecar(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a.pdf")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := &Sidecars{Format: TextSidecar}
	items := []Item{{}, {Images: []string{"https://x/a.png"}}, {Images: []string{"-"}}, {Images: []string{file, file}}, {Images: []string{file}}, {Images: []string{file + "#2"}}}
	for _, item := range items {
		r := NewRecord(item, Question{}, tasks.Answer{Answer: "A page.", Images: []tasks.Image{{Source: "x"}}})
		if err := s.Write(item, &r); err != nil || r.Sidecar != nil {
			t.Errorf("%q: %v, %v", item.Images, r.Sidecar, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 || s.Without != len(items) {
		t.Errorf("there are %v, %v; %+v", entries, err, s)
	}
}

// A run that was killed between a picture's text and its record left a text of its own.
func TestSidecarOfAKilledRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	output, picture := filepath.Join(dir, "out.jsonl"), filepath.Join(dir, "photo.jpg")
	if err := os.WriteFile(picture, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	write := func(answer string, record bool) *Sidecars {
		i, err := OpenIntents(output)
		if err != nil {
			t.Fatal(err)
		}
		s := &Sidecars{Format: TextSidecar, Earlier: i}
		item := Item{Images: []string{picture}}
		r := NewRecord(item, Question{}, tasks.Answer{Answer: answer, Images: []tasks.Image{{Source: picture, Format: "jpeg"}}})
		if err := s.Write(item, &r); err != nil {
			t.Fatal(err)
		}
		if err := i.Close(record); err != nil {
			t.Fatal(err)
		}
		return s
	}
	write("A dog.", false)
	f, err := os.OpenFile(output+".sidecars", os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("half an entry"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	write("A hound.", false)
	if got := fileIn(t, dir, "photo.jpg.txt"); got != "A hound.\n" {
		t.Errorf("the killed run's text stayed: %q", got)
	}
	if err := os.WriteFile(picture+".txt", []byte("Mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s := write("A cat.", true); s.Kept != 1 {
		t.Errorf("a person's text after a killed run was not kept: %+v", s)
	}
	if _, err := os.Stat(output + ".sidecars"); err == nil {
		t.Error("the file of intents stays when it is of no use")
	}
}
