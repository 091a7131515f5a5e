package images

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

const svgHead = `<svg xmlns="http://www.w3.org/2000/svg" `

func TestDecodeSVG(t *testing.T) {
	t.Parallel()
	for drawing, size := range map[string][2]int{
		svgHead + `width="16" height="8"><rect width="8" height="8" fill="red"/></svg>`:                                                                             {1024, 512},
		svgHead + `width="9000" height="3000"><rect width="4500" height="3000" fill="red"/></svg>`:                                                                  {2048, 683},
		"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- made by x -->\n<!DOCTYPE svg>" + svgHead + `viewBox="0 0 1200 1200"><path fill="red" d="M0 0H600V1200H0z"/></svg>`: {1200, 1200},
		svgHead + `width="1000000" height="1"><rect width="500000" height="1" fill="red"/></svg>`:                                                                   {2048, 2},
	} {
		p, err := Decode("d.svg", []byte(drawing), Limits{})
		if err != nil {
			t.Errorf("%.80s: %v", drawing, err)
			continue
		}
		if p.Width != size[0] || p.Height != size[1] || p.Format != "svg" || !p.transparent {
			t.Errorf("%.80s is %s of %d×%d", drawing, p.Format, p.Width, p.Height)
		}
		// Red on the left, paper on the right.
		if left, right := p.RGB()[:3], p.RGB()[3*(p.Width-1):3*p.Width]; string(left) != "\xff\x00\x00" || string(right) != "\xff\xff\xff" {
			t.Errorf("%.80s: %v, %v", drawing, left, right)
		}
		if _, mime, err := p.Wire(WireLimits{}); err != nil || mime != "image/png" {
			t.Errorf("it travels as %s, %v", mime, err)
		}
	}
}

// What can't be drawn is told, and what leads elsewhere or has no end is refused.
func TestDecodeSVGRefuses(t *testing.T) {
	t.Parallel()
	for drawing, want := range map[string]struct {
		reason Reason
		says   string
	}{
		svgHead + `><image href="http://127.0.0.1/x.png"/></svg>`:                       {Damaged, "refers to another file (http://127.0.0.1/x.png)"},
		`<!DOCTYPE svg [<!ENTITY a SYSTEM "/etc/passwd">]>` + svgHead + `>&a;</svg>`:    {Damaged, "refers to another file"},
		`<!DOCTYPE svg [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>` + svgHead + `>&c;</svg>`: {Damaged, "decompression bombs"},
		svgHead + `><g id="a"><use href="#a"/></g></svg>`:                               {Damaged, "draws too much"},
		svgHead + `><g><rect`:                {Truncated, "its end is missing"},
		svgHead + `width="1e9" height="5"/>`: {Damaged, "1e+09×5 pixels"},
	} {
		_, err := Decode("d.svg", []byte(drawing), Limits{})
		var e *Error
		if !errors.As(err, &e) || e.Reason != want.reason || !strings.Contains(err.Error(), want.says) || !strings.HasPrefix(err.Error(), "d.svg: ") {
			t.Errorf("%.90s: %v", drawing, err)
		}
	}
	var notes []string
	ctx := Listen(context.Background(), Listener{Note: func(text string) { notes = append(notes, text) }})
	l := &Loader{}
	if _, err := l.Decode(ctx, "d.svg", []byte(svgHead+`width="9" height="9"><rect width="5" height="5" filter="url(#f)"/></svg>`)); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(notes); got != "[d.svg: drawn without filters (shadows, blurs)]" {
		t.Errorf("told %s", got)
	}
}
