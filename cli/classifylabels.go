package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vlmchat/vlmchat/tasks"
)

const maxLabelBytes = 16 << 20

// labels reads what --labels says, each time that it does: a list, or the file that has one.
// taken tells that standard input is a picture.
func (a *app) labels(ctx context.Context, written []string, taken bool) ([]tasks.Label, error) {
	var all []tasks.Label
	for _, text := range written {
		name, in, err := a.labelFile(text, taken)
		if err != nil {
			return nil, err
		}
		if in == nil {
			if strings.HasPrefix(text, "@@") {
				text = text[1:] // a label that begins with an @
			}
			all = append(all, tasks.Labels(text)...)
			continue
		}
		taken = taken || text == "-"
		content, err := readUntil(ctx, in, maxLabelBytes+1)
		in.Close()
		switch {
		case err != nil && ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			return nil, usagef("the labels can't be read from %s: %w", name, err)
		case len(content) > maxLabelBytes:
			return nil, usagef("the labels in %s take more than %d MiB", name, maxLabelBytes>>20)
		}
		labels, err := tasks.ReadLabels(name, content)
		if err != nil {
			return nil, err
		}
		all = append(all, labels...)
	}
	return all, nil
}

// labelFile opens the file that a text means in place of labels; nil if it means labels.
func (a *app) labelFile(text string, taken bool) (name string, _ io.ReadCloser, _ error) {
	path, named := strings.CutPrefix(text, "@")
	switch {
	case text == "-" && taken:
		return "", nil, usagef("standard input (-) can't be both the labels and a picture")
	case text == "-":
		return "standard input", io.NopCloser(a.stdin), nil
	case strings.HasPrefix(path, "@"), !named && strings.Contains(text, ","):
		return "", nil, nil
	}
	info, err := os.Stat(path)
	there := err == nil && !info.IsDir()
	looksSo := strings.EqualFold(filepath.Ext(path), ".txt") || strings.ContainsRune(path, filepath.Separator)
	switch {
	case !there && !named && !looksSo:
		return "", nil, nil
	case errors.Is(err, fs.ErrNotExist):
		return "", nil, usagef("the labels are to be read from the file %q, which does not exist; labels themselves stand between commas", path)
	case err == nil && info.IsDir():
		return "", nil, usagef("the labels are to be read from %q, which is a folder", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", nil, usagef("the labels can't be read: %w", err)
	}
	return path, f, nil
}

// templates reads those of --template, of which @FILE has one on each line.
func (a *app) templates(ctx context.Context, written []string) ([]string, error) {
	var all []string
	for _, text := range written {
		lines := []string{text}
		if path, named := strings.CutPrefix(text, "@"); named {
			var err error
			if lines, err = templatesIn(ctx, path); err != nil {
				return nil, err
			}
		}
		for _, t := range lines {
			if err := tasks.CheckTemplate(t); err != nil {
				return nil, err
			}
			if !slices.Contains(all, t) {
				all = append(all, t)
			}
		}
	}
	return all, nil
}

// templatesIn reads a file of templates: empty lines and those that begin with # are none.
func templatesIn(ctx context.Context, path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usagef("the templates can't be read: %w", err)
	}
	defer f.Close()
	content, err := readUntil(ctx, f, maxLabelBytes)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, usagef("the templates can't be read: %w", err)
	case !utf8.Valid(content):
		return nil, usagef("the templates in %s are no text in UTF-8", path)
	}
	var all []string
	for line := range strings.Lines(strings.TrimPrefix(string(content), "\ufeff")) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	if len(all) == 0 {
		return nil, usagef("there is no template in %s", path)
	}
	return all, nil
}
