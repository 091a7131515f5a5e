package qdrant

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks/index"
)

// server is as much of Qdrant as is asked for, by its API's document: a collection in memory.
type server struct {
	mu     sync.Mutex
	size   int // 0: there is no collection
	points map[string]point
}

type condition struct {
	Key   string `json:"key"`
	Match *struct {
		Value string   `json:"value"`
		Any   []string `json:"any"`
	} `json:"match"`
	Range *struct {
		GTE, LT *time.Time
	} `json:"range"`
}

type filter struct {
	Must    []condition `json:"must"`
	MustNot []condition `json:"must_not"`
}

func (c condition) holds(p payload) bool {
	has := map[string][]string{"space": {p.Space}, "index": {p.Index}, "run": {p.Run}, "folders": p.Folders}[c.Key]
	switch {
	case c.Range != nil:
		return (c.Range.GTE == nil || !p.Taken.Before(*c.Range.GTE)) && (c.Range.LT == nil || p.Taken.Before(*c.Range.LT))
	case c.Match.Any != nil:
		return slices.ContainsFunc(c.Match.Any, func(v string) bool { return slices.Contains(has, v) })
	}
	return slices.Contains(has, c.Match.Value)
}

func (f filter) holds(p payload) bool {
	return !slices.ContainsFunc(f.Must, func(c condition) bool { return !c.holds(p) }) && !slices.ContainsFunc(f.MustNot, func(c condition) bool { return c.holds(p) })
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("api-key") != "secret" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var body struct {
		Vectors struct {
			Size     int
			Distance string
		}
		Points []point
		Query  []float32
		Limit  int
		Filter filter
		Least  *float64 `json:"score_threshold"`
	}
	_ = json.NewDecoder(r.Body).Decode(&body) // GET has none
	answer := func(result any) {
		_ = json.NewEncoder(w).Encode(map[string]any{"result": result, "status": "ok", "time": 0.001})
	}
	what := r.Method + strings.TrimPrefix(r.URL.Path, "/collections/my photos")
	if s.size == 0 && what != "PUT" {
		w.WriteHeader(http.StatusNotFound)
		_ = json.NewEncoder(w).Encode(map[string]any{"status": map[string]string{"error": "Not found: Collection `my photos` doesn't exist!"}, "time": 0.001})
		return
	}
	type found struct {
		ID      string  `json:"id"`
		Score   float64 `json:"score"`
		Payload payload `json:"payload"`
	}
	var all []found
	switch what {
	case "GET":
		answer(map[string]any{"status": "green", "config": map[string]any{"params": map[string]any{"vectors": map[string]any{"size": s.size, "distance": "Cosine"}}}})
	case "PUT":
		s.size, s.points = body.Vectors.Size, map[string]point{}
		answer(true)
	case "PUT/index":
		answer(map[string]any{"operation_id": 1, "status": "completed"})
	case "PUT/points":
		for _, p := range body.Points {
			s.points[p.ID] = p
		}
		answer(map[string]any{"operation_id": 2, "status": "completed"})
	case "POST/points/delete":
		for id, p := range s.points {
			if body.Filter.holds(p.Payload) {
				delete(s.points, id)
			}
		}
		answer(map[string]any{"operation_id": 3, "status": "completed"})
	case "POST/points/scroll", "POST/points/query":
		for id, p := range s.points {
			score := 0.0
			for i, x := range body.Query {
				score += float64(x) * float64(p.Vector[i])
			}
			if body.Filter.holds(p.Payload) && (body.Least == nil || score >= *body.Least) {
				all = append(all, found{id, score, p.Payload})
			}
		}
		slices.SortFunc(all, func(a, b found) int { return cmp.Compare(b.Score, a.Score) })
		answer(map[string]any{"points": all[:min(len(all), body.Limit)]})
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// colours encodes pictures by their first pixel.
type colours struct{ id string }

func (c colours) Space(context.Context) (engine.Space, error) {
	return engine.Space{Model: "colours-" + c.id, ID: c.id, Dimensions: 3, Scale: 20}, nil
}

func (c colours) EncodePictures(_ context.Context, pictures []*images.Picture) ([][]float32, error) {
	var all [][]float32
	for _, p := range pictures {
		rgb, sum := p.RGB()[:3], 0.0
		for _, x := range rgb {
			sum += float64(x) * float64(x)
		}
		v := make([]float32, 3)
		for i, x := range rgb {
			v[i] = float32(float64(x) / math.Sqrt(sum))
		}
		all = append(all, v)
	}
	return all, nil
}

func (c colours) EncodeTexts(context.Context, []string) ([][]float32, error) {
	return nil, errors.New("it reads no texts")
}

func (c colours) Close() error { return nil }

func paint(t *testing.T, path string, c color.RGBA) {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 4, 4))
	for i := range 16 {
		m.Set(i%4, i/4, c)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
}

func TestCollection(t *testing.T) {
	t.Parallel()
	s := &server{}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	c := Collection{URL: web.URL + "/", Name: "my photos", Key: "secret", Client: web.Client()}
	a, dir := colours{"a"}, t.TempDir()
	space, _ := a.Space(t.Context())
	query := index.Query{Vector: []float32{1, 0, 0}, K: 2, MinScore: -1}

	if _, err := c.Search(t.Context(), space, query); err == nil || !strings.Contains(err.Error(), "my photos of Qdrant at http://127.0.0.1") || !strings.Contains(err.Error(), "there is none") {
		t.Errorf("no collection: %v", err)
	}
	x, err := index.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	export := func(want int) {
		t.Helper()
		if _, err := x.Update(t.Context(), index.Update{Roots: []index.Root{{Path: dir}}, Encoder: a, Loader: &images.Loader{}}); err != nil {
			t.Fatal(err)
		}
		sent, damaged, err := c.Export(t.Context(), x, "here", func(int) {})
		if err != nil || sent != want || damaged != 0 || len(s.points) != want {
			t.Fatalf("%d were sent, %d are there, %d damaged, %v", sent, len(s.points), damaged, err)
		}
	}
	paint(t, filepath.Join(dir, "red.png"), color.RGBA{255, 0, 0, 255})
	paint(t, filepath.Join(dir, "same.png"), color.RGBA{255, 0, 0, 255})
	paint(t, filepath.Join(dir, "green.png"), color.RGBA{10, 255, 0, 255})
	export(2)
	export(2) // the same again
	found, err := c.Search(t.Context(), space, query)
	if err != nil || len(found.Hits) != 2 || filepath.Base(found.Hits[0].Path) != "red.png" || len(found.Hits[0].Copies) != 1 || found.Hits[0].Score < 0.999 {
		t.Errorf("found %+v, %v", found, err)
	}
	query.MinScore, query.Under = 0.5, []string{dir}
	if found, err = c.Search(t.Context(), space, query); err != nil || len(found.Hits) != 1 {
		t.Errorf("found %+v, %v", found, err)
	}
	query.Until = time.Now().AddDate(-1, 0, 0)
	if found, err = c.Search(t.Context(), space, query); err != nil || len(found.Hits) != 0 {
		t.Errorf("found %+v, %v", found, err)
	}
	os.Remove(filepath.Join(dir, "green.png"))
	export(1) // what is gone, is gone there

	// Another space is neither searched nor mixed.
	other, _ := colours{"b"}.Space(t.Context())
	if _, err := c.Search(t.Context(), other, query); err == nil || !strings.Contains(err.Error(), "colours-a") || !strings.Contains(err.Error(), "colours-b") {
		t.Errorf("another model: %v", err)
	}
	other.Dimensions = 5
	if _, err := c.Search(t.Context(), other, query); err == nil || !strings.Contains(err.Error(), "3 dimensions") {
		t.Errorf("another size: %v", err)
	}
	c.Key = "wrong"
	if _, err := c.Search(t.Context(), space, query); engine.KindOf(err) != engine.Unauthorized {
		t.Errorf("a wrong key: %v", err)
	}
	web.Close()
	if _, err := c.Search(t.Context(), space, query); engine.KindOf(err) != engine.Unreachable {
		t.Errorf("no server: %v", err)
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	if got, want := idOf("00112233445566778899aabbccddeeff"+strings.Repeat("0", 32)), "00112233-4455-8677-8899-aabbccddeeff"; got != want {
		t.Errorf("the ID is %s, not %s", got, want)
	}
	got := foldersOf([]string{filepath.FromSlash("/a/b/c.png"), filepath.FromSlash("/a/d/e.png")})
	for i := range got {
		got[i] = filepath.ToSlash(got[i])
	}
	if !slices.Equal(got, []string{"/a/b", "/a", "/", "/a/d"}) {
		t.Errorf("the folders are %q", got)
	}
}
