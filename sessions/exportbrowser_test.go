package sessions

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// browser runs Chromium without a window on a file, and returns what it prints.
func browser(t *testing.T, file string, flags ...string) string {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Skip("needs Chromium")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(file)}
	flags = append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
		"--user-data-dir=" + t.TempDir(), "--window-size=800,7000", "--virtual-time-budget=3000"}, flags...)
	var out, log bytes.Buffer
	cmd := exec.CommandContext(ctx, program, append(flags, address.String())...)
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	return out.String()
}

// colours counts the pixels of each colour on a page as it is drawn.
func colours(t *testing.T, file string, flags ...string) map[color.RGBA]int {
	t.Helper()
	shot := filepath.Join(t.TempDir(), "shot.png")
	browser(t, file, append(flags, "--screenshot="+shot)...)
	data, err := os.ReadFile(shot)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	all := map[color.RGBA]int{}
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y++ {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x++ {
			all[color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA)]++
		}
	}
	return all
}

// hostile is a conversation that tries in every place to run something, or to ask for
// something at an address.
func hostile(t *testing.T, address string) *Conversation {
	t.Helper()
	const run = `document.documentElement.setAttribute("data-ran","yes")`
	attacks := []string{
		`<script>` + run + `</script>`, `<img src=x onerror='` + run + `'>`, `</style><script>` + run + `</script>`, `</title><script>` + run + `</script>`,
		`<svg onload='` + run + `'></svg>`, `<iframe srcdoc="<script>parent.` + run + `</script>"></iframe>`, `"><script>` + run + `</script>`,
		`[x](javascript:` + run + `)`, `<a href="javascript:` + run + `" autofocus onfocus='` + run + `'>x</a>`, "```html\n</code></pre><script>" + run + "</script>\n```",
		`![x](` + address + `/markdown.png)`, `<img src="` + address + `/html.png">`, `<link rel=stylesheet href="` + address + `/sheet.css">`,
		`<meta http-equiv=refresh content="0;url=` + address + `/refresh">`, `<style>body{background:url(` + address + `/css.png)}</style>`,
		`<video src="` + address + `/v.mp4" autoplay></video>`, `<object data="` + address + `/object"></object>`, `<base href="` + address + `/">`,
		`[x]: ` + address + "/reference\n![x]", `<!--><script>` + run + `</script>-->`, `{{.Title}}<template><script>` + run + `</script></template>`,
	}
	var magenta bytes.Buffer
	square := image.NewRGBA(image.Rect(0, 0, 60, 60))
	for i := range 60 * 60 {
		square.SetRGBA(i%60, i/60, color.RGBA{255, 0, 255, 255})
	}
	if err := png.Encode(&magenta, square); err != nil {
		t.Fatal(err)
	}
	drawing := `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="60" height="60" onload='` + run + `'>
		<script>` + run + `; new Image().src="` + address + `/script"</script><image xlink:href="` + address + `/image.png" width="9" height="9"/>
		<rect width="60" height="60" fill="#00ff00"/></svg>`
	all := strings.Join(attacks, "\n\n")
	name := `"><script>` + run + `</script><img src=x onerror='` + run + `'>.png`
	svg := picture("drawing.svg", drawing)
	svg.Format = "svg"
	one := question(0, all, picture(name, magenta.String()), svg)
	two := reply(1, all)
	two.Thinking, two.Model, two.State, two.Error = "</details>"+all, "</span>"+all, Failed, all
	c := &Conversation{Session: Session{ID: "hostile", Title: "</title></h1>" + all, System: all, Created: time.UnixMilli(1_700_000_000_000)}, All: []Message{one, two}, Leaf: 2}
	for i := range c.All {
		c.All[i].ID, c.All[i].Created = int64(i+1), c.Created
	}
	return c
}

// In a browser a page shows its pictures, in light and dark, runs nothing of what was said,
// and asks nobody for anything.
func TestExportInBrowser(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if !strings.HasPrefix(r.URL.Path, "/control") {
			t.Errorf("the page asks for %s", r.URL)
		}
	}))
	defer server.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "page.html")
	if _, err := (Export{}).ToFile(hostile(t, server.URL), file); err != nil {
		t.Fatal(err)
	}
	dom := browser(t, file, "--dump-dom")
	if n := strings.Count(dom, "<article"); n != 2 || strings.Contains(dom, `data-ran="yes"`) {
		t.Errorf("it has %d messages, or has run something:\n%s", n, dom)
	}
	for _, element := range []string{"<script", "<iframe", "<svg", "<video", "<object", "<base", "<link", "<template", "<a href=\"javascript"} {
		if strings.Contains(dom, element) {
			t.Errorf("there is a %s>", element)
		}
	}
	light := colours(t, file)
	dark := colours(t, file, "--force-dark-mode", "--blink-settings=preferredColorScheme=0")
	for name, page := range map[string]map[color.RGBA]int{"light": light, "dark": dark} {
		const enough = 3000 // of the 3600 of each picture
		if page[color.RGBA{255, 0, 255, 255}] < enough || page[color.RGBA{0, 255, 0, 255}] < enough {
			t.Errorf("on the %s page the pictures are not drawn", name)
		}
	}
	if white := (color.RGBA{255, 255, 255, 255}); dark[white] > light[white]/2 {
		t.Errorf("the dark page has %d white pixels, the light one %d", dark[white], light[white])
	}

	// The browser would have done all that.
	control := filepath.Join(dir, "control.html")
	if err := os.WriteFile(control, fmt.Appendf(nil, `<html><body><img src="%s/control.png"><script>document.documentElement.setAttribute("data-ran","yes")</script>`, server.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	if dom := browser(t, control, "--dump-dom"); !strings.Contains(dom, `data-ran="yes"`) || asked.Load() == 0 {
		t.Errorf("a script doesn't run here, or nothing can be asked (%d times):\n%s", asked.Load(), dom)
	}
}
