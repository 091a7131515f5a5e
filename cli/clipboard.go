package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/images/clipboard"
	"github.com/vlmchat/vlmchat/termtext"
	"github.com/vlmchat/vlmchat/ui"
)

// onClipboard is the clipboard's name in messages, and that of its picture.
const onClipboard = "clipboard"

// fromClipboard returns the pictures that were copied: as such, as files, or by a
// text that names one. The error is an *images.Error, or wraps ctx's.
func (a *app) fromClipboard(ctx context.Context) ([]*images.Picture, error) {
	content, err := clipboard.ReadAnywhere(ctx, os.Getenv, clipboard.FromConsole)
	copied, err := a.copied(ctx, content, err)
	switch text := strings.TrimSpace(copied.Text); {
	case err != nil || copied.Text == "":
		return copied.Pictures, err
	case namesPicture(text):
		return a.loader.Load(ctx, text)
	}
	return nil, &images.Error{Source: onClipboard, Reason: images.NotPicture, Detail: "it holds text, not a picture"}
}

// copiedInChat is what was copied, for the chat, which has the terminal to itself.
func (a *app) copiedInChat(ctx context.Context, terminal clipboard.Terminal, env func(string) string) (ui.Copied, error) {
	content, err := clipboard.ReadAnywhere(ctx, env, terminal.Read)
	return a.copied(ctx, content, err)
}

// copied reads the pictures of what the clipboard holds.
func (a *app) copied(ctx context.Context, content clipboard.Content, err error) (ui.Copied, error) {
	switch {
	case ctx.Err() != nil:
		return ui.Copied{}, ctx.Err()
	case errors.Is(err, clipboard.ErrEmpty):
		return ui.Copied{}, &images.Error{Source: onClipboard, Reason: images.Empty, Detail: err.Error(), Err: err}
	case err != nil:
		return ui.Copied{}, &images.Error{Source: onClipboard, Reason: images.Unreadable, Detail: termtext.Line(err.Error()), Err: err}
	case content.Picture != nil:
		p, err := a.loader.Decode(ctx, onClipboard, content.Picture)
		if err != nil {
			return ui.Copied{}, err
		}
		return ui.Copied{Pictures: []*images.Picture{p}}, nil
	}
	got := ui.Copied{Text: content.Text}
	for _, source := range content.Sources {
		pictures, err := a.loader.Load(ctx, source)
		if err != nil {
			return ui.Copied{}, err
		}
		got.Pictures = append(got.Pictures, pictures...)
	}
	return got, nil
}

// namesPicture tells a text that says where a picture is from one that says
// something else.
func namesPicture(text string) bool {
	if strings.ContainsAny(text, "\r\n") || len(text) > longestURL {
		return false
	}
	bare := strings.Trim(text, `"'`)
	return images.IsURL(text) || filepath.IsAbs(bare) || strings.HasPrefix(bare, "~/") || strings.HasPrefix(strings.ToLower(bare), "file://")
}
