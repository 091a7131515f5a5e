package clipboard

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// wayland reads with wl-paste.
func wayland(path string) func(context.Context) (Content, error) {
	return func(ctx context.Context) (Content, error) {
		list, err := output(ctx, path, "--list-types")
		var failed *failure
		switch {
		case errors.As(err, &failed) && (strings.Contains(failed.said, "No selection") || strings.Contains(failed.said, "Nothing is copied")):
			return Content{}, ErrEmpty
		case errors.As(err, &failed):
			return Content{}, &NoAccess{failed.Error()}
		case err != nil:
			return Content{}, err
		}
		return ofTypes(ctx, strings.Split(string(list), "\n"), func(ctx context.Context, kind string) ([]byte, error) {
			return output(ctx, path, "--no-newline", "--type", kind)
		})
	}
}

// x11 reads with xclip. What is there has to be asked for first: asked for a
// picture, xclip may hand over text as if it were one.
func x11(path string) func(context.Context) (Content, error) {
	get := func(ctx context.Context, kind string) ([]byte, error) {
		return output(ctx, path, "-selection", "clipboard", "-out", "-target", kind)
	}
	return func(ctx context.Context) (Content, error) {
		list, err := get(ctx, "TARGETS")
		var failed *failure
		switch {
		case errors.As(err, &failed) && strings.Contains(failed.said, "not available"):
			return Content{}, ErrEmpty // nobody owns the selection
		case errors.As(err, &failed):
			return Content{}, &NoAccess{failed.Error()}
		case err != nil:
			return Content{}, err
		}
		return ofTypes(ctx, strings.Split(string(list), "\n"), get)
	}
}

// The types of pictures, files and texts, those first that lose least.
var (
	pictureTypes = []string{"image/png", "image/tiff", "image/bmp", "image/x-bmp", "image/x-ms-bmp", "image/webp", "image/avif", "image/heic", "image/jpeg", "image/gif"}
	fileTypes    = []string{"x-special/gnome-copied-files", "text/uri-list"}
	textTypes    = []string{"text/plain;charset=utf-8", "UTF8_STRING", "text/plain", "STRING", "TEXT"}
)

// ofTypes gets what is of most use among the types that a clipboard offers.
func ofTypes(ctx context.Context, offered []string, get func(ctx context.Context, kind string) ([]byte, error)) (Content, error) {
	offers := func(kind string) bool { return slices.Contains(offered, kind) }
	if i := slices.IndexFunc(pictureTypes, offers); i >= 0 {
		data, err := get(ctx, pictureTypes[i])
		return Content{Picture: data}, someOf(len(data), err)
	}
	if i := slices.IndexFunc(fileTypes, offers); i >= 0 {
		data, err := get(ctx, fileTypes[i])
		sources := uris(string(data))
		return Content{Sources: sources}, someOf(len(sources), err)
	}
	if i := slices.IndexFunc(textTypes, offers); i >= 0 {
		data, err := get(ctx, textTypes[i])
		return Content{Text: string(data)}, someOf(len(data), err)
	}
	// Another kind of picture is named by whoever decodes it.
	if i := slices.IndexFunc(offered, func(kind string) bool { return strings.HasPrefix(kind, "image/") }); i >= 0 {
		data, err := get(ctx, offered[i])
		return Content{Picture: data}, someOf(len(data), err)
	}
	return Content{}, ErrOther
}

// someOf is the error of having got n things.
func someOf(n int, err error) error {
	if err == nil && n == 0 {
		return ErrEmpty
	}
	return err
}

// uris reads a list of addresses (RFC 2483, 5), with the word in front of it that
// GNOME's file manager puts there.
func uris(list string) []string {
	var all []string
	for line := range strings.Lines(strings.TrimRight(list, "\x00")) {
		line = strings.TrimSpace(line)
		if strings.Contains(line, "://") && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}
