package ui

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/images/clipboard"
)

var keyCtrlV = tea.KeyPressMsg{Code: 'v', Mod: tea.ModCtrl}

// holds is a clipboard.
func holds(copied Copied, err error) func(context.Context, clipboard.Terminal, func(string) string) (Copied, error) {
	return func(context.Context, clipboard.Terminal, func(string) string) (Copied, error) { return copied, err }
}

// A picture that was copied is attached, by whatever the person asks for it.
func TestPastePicture(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]func(p *person){
		"the key":               func(p *person) { p.press(keyCtrlV) },
		"the command":           func(p *person) { p.enter("/paste") },
		"a paste of nothing":    func(p *person) { p.send(tea.PasteMsg{}) },
		"the key, pressed more": func(p *person) { p.press(keyCtrlV, keyCtrlV, keyCtrlV) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &fake{reply: say("Fine.")}
			p := open(t, Options{Setup: Setup{Engine: e}, Clipboard: holds(Copied{Pictures: []*images.Picture{testPicture("clipboard", 96, 64)}}, nil)})
			how(p)
			p.sees("[clipboard · 96×64]")
			p.enter("What is it?")
			p.sees("Fine.")
			if got := turns(e.asked()[0]); got[0] != "user: [clipboard] What is it?" {
				t.Error(got)
			}
		})
	}
}

// A text goes where the person writes, unless it is where a picture is.
func TestPasteText(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{}}, Clipboard: holds(Copied{Text: "two\x1b[2J words"}, nil)})
	p.write("one ")
	p.press(keyCtrlV)
	p.until("the text", func() bool { return p.m.composer.value() == "one two words" })
	p.idle()
	p = open(t, Options{Setup: Setup{Engine: &fake{}}, Clipboard: holds(Copied{Text: "/home/me/a cat.png\n"}, nil)})
	p.press(keyCtrlV)
	p.sees("[a cat.png · 96×64]")
}

// A clipboard that can't be read says why, and leaves what was written.
func TestPasteFails(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{}}, Clipboard: holds(Copied{}, &images.Error{Source: "clipboard", Reason: images.Empty, Detail: "nothing was copied"})})
	p.write("a word")
	p.press(keyCtrlV)
	p.sees("clipboard: nothing was copied")
	p.idle()
	if got := p.m.composer.value(); got != "a word" || len(p.m.attachments) > 0 {
		t.Errorf("%q %v", got, p.m.attachments)
	}
}

// Reading is given up when the person takes the picture back, and begins anew.
func TestPasteIsTakenBack(t *testing.T) {
	t.Parallel()
	began, ended := make(chan bool), make(chan bool)
	times := 0
	p := open(t, Options{Setup: Setup{Engine: &fake{}}, Clipboard: func(ctx context.Context, _ clipboard.Terminal, _ func(string) string) (Copied, error) {
		if times++; times > 1 {
			return Copied{Pictures: []*images.Picture{testPicture("clipboard", 96, 64)}}, nil
		}
		began <- true
		<-ctx.Done()
		close(ended)
		return Copied{}, ctx.Err()
	}})
	p.press(keyCtrlV)
	p.sees("reading clipboard…")
	<-began
	p.press(keyBackspace)
	p.press(keyCtrlV)
	p.sees("[clipboard · 96×64]")
	<-ended
}

// The terminal is asked through the chat, and what it says comes back in order.
func TestPasteFromTerminal(t *testing.T) {
	t.Parallel()
	const parts = 2 * manyAnswers
	var data []byte
	p := open(t, Options{Setup: Setup{Engine: &fake{}}, Clipboard: func(ctx context.Context, terminal clipboard.Terminal, _ func(string) string) (Copied, error) {
		c, err := terminal.Read(ctx, func(string) string { return "" })
		data = c.Picture
		return Copied{Pictures: []*images.Picture{testPicture("clipboard", 96, 64)}}, err
	}})
	osc := func(status, payload string) {
		p.send(uv.UnknownOscEvent(fmt.Sprintf("\x1b]5522;type=read:status=%s;%s\x1b\\", status, base64.StdEncoding.EncodeToString([]byte(payload)))))
	}
	osc("DATA", "nobody asked") // and nobody hears it
	p.press(keyCtrlV)
	questions := 0
	p.until("a picture", func() bool {
		if p.m.pasting != nil && p.m.pasting.asked && questions == 0 {
			questions++
			osc("OK", "")
			osc("DATA", "text/plain image/png")
			osc("DONE", "")
			p.send(uv.PrimaryDeviceAttributesEvent{62})
			osc("OK", "")
			for i := range parts {
				osc("DATA", fmt.Sprintf("%d,", i))
			}
			osc("DONE", "")
		}
		return strings.Contains(p.screen(), "[clipboard · 96×64]")
	})
	if !strings.HasPrefix(string(data), "0,1,2,") || !strings.HasSuffix(string(data), fmt.Sprintf(",%d,", parts-1)) {
		t.Errorf("%d bytes", len(data))
	}
}
