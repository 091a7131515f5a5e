package openai

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
	"github.com/vlmchat/vlmchat/images"
)

// The limits of a public service hold for its host, however the API is called.
func TestLimitsOfServers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		opt      Options
		pictures int
	}{
		{Options{}, 500},
		{Options{BaseURL: "https://api.groq.com/openai/v1"}, 5},
		{Options{BaseURL: "https://api.mistral.ai"}, 8},
		{Options{BaseURL: "https://x.openai.azure.com"}, 50},
		{Options{BaseURL: "https://gateway.example.org/openai", APIVersion: "2024-10-21"}, 50},
		{Options{BaseURL: "http://localhost:8080"}, 0},
	} {
		if s := open(t, c.opt).pictures(); s.Pictures != c.pictures {
			t.Errorf("%s: %d pictures", c.opt.BaseURL, s.Pictures)
		}
	}
	for _, s := range servers {
		if s.hosts != nil && s.name != "OpenRouter's" && s.name != "Together's" && remote.Limits(s.name).Formats == nil && remote.Limits(s.name).Bytes == 0 && remote.Limits(s.name).Pictures == 0 {
			t.Errorf("nothing is known of %s pictures", s.name)
		}
	}
}

// Nothing of a request with too many pictures leaves this machine.
func TestTooManyPicturesAreNotSent(t *testing.T) {
	t.Parallel()
	e := open(t, Options{BaseURL: "https://api.groq.com/openai/v1", Options: remote.Options{Model: "m"}})
	e.calls.Transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		t.Error("something was sent")
		return nil, io.EOF
	}
	six := slices.Repeat([]*images.Picture{dot(t)}, 6)
	if got := ask(t, t.Context(), e, question("x", six...)); got.kind() != engine.BadPicture || !strings.Contains(got.err.Error(), "6 pictures") {
		t.Error(got.err)
	}
	if err := e.TakePicture(t.Context(), six[0], six[1:]); engine.KindOf(err) != engine.BadPicture {
		t.Error(err)
	}
}

func TestTakePicture(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, list string
		status     int
		kind       engine.ErrorKind
	}{
		{name: "sees", list: `{"data":[{"id":"m","architecture":{"input_modalities":["text","image"]}}]}`},
		{name: "does not tell", list: `{"data":[{"id":"m"}]}`},
		{name: "blind", list: `{"data":[{"id":"m","architecture":{"input_modalities":["text"]}}]}`, kind: engine.NotVision},
		{name: "no list", status: 404, list: `{}`},
		{name: "wrong key", status: 401, list: `{}`},
		{name: "broken", status: 500, list: `{}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := serve(t, Options{Options: remote.Options{Model: "m"}}, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet {
					t.Error("a picture was sent")
				}
				w.WriteHeader(max(c.status, 200))
				_, _ = io.WriteString(w, c.list)
			})
			if err := e.TakePicture(t.Context(), dot(t), nil); err == nil && c.kind != "" || err != nil && engine.KindOf(err) != c.kind {
				t.Error(err)
			}
			stopped, stop := context.WithCancel(t.Context())
			stop()
			if err := e.TakePicture(stopped, dot(t), nil); engine.KindOf(err) != engine.Cancelled {
				t.Error(err)
			}
		})
	}
}

// A URL goes to the server as it is, and the picture beside it as data.
func TestURLsArePassedOn(t *testing.T) {
	t.Parallel()
	e := open(t, Options{Options: remote.Options{Model: "m"}})
	const url = "https://example.org/a.png?x=1"
	r, _, err := e.request(someServer, "m", engine.Request{Messages: []engine.Message{
		{Role: engine.User, Parts: []engine.Part{{URL: url}, {Picture: dot(t)}, {Text: "What changed?"}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	parts := r.Messages[0].MultiContent
	if len(parts) != 3 || parts[0].ImageURL.URL != url || !strings.HasPrefix(parts[1].ImageURL.URL, pictureMark()) || parts[2].Text != "What changed?" {
		t.Errorf("%+v", parts)
	}
	got := ask(t, t.Context(), e, engine.Request{Messages: []engine.Message{{Role: engine.System, Parts: []engine.Part{{URL: url}}}}})
	if got.kind() != engine.BadPicture {
		t.Error(got.err)
	}
}

// Each picture is where its mark was, as often as it is there, and nothing else
// of the request is changed.
func TestPicturesTakeTheirPlaces(t *testing.T) {
	t.Parallel()
	e := open(t, Options{})
	one, other := dot(t), sample(t, "scene-12.png")
	all, err := e.inlines([]*images.Picture{one, other, one}, 3)
	if err != nil {
		t.Fatal(err)
	}
	url := func(p *images.Picture) string {
		return "data:image/png;base64," + base64.StdEncoding.EncodeToString(p.Data)
	}
	body := fmt.Sprintf(`["%s","picture-","%s","%s"]`, pictureMark()+one.SHA256, pictureMark()+other.SHA256, pictureMark()+one.SHA256)
	want := fmt.Sprintf(`["%s","picture-","%s","%s"]`, url(one), url(other), url(one))
	if got := string(withPictures([]byte(body), all)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
