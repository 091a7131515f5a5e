package cli

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/ui"
)

const maxQuestionBytes = 16 << 20

// asking reads how the question is asked.
func (a *app) asking(ctx context.Context, flags askFlags, sources []string, setup ui.Setup) (recipe, error) {
	text, err := a.question(ctx, flags, sources)
	if err != nil {
		return recipe{}, err
	}
	flags.kept = flags.resume.last || flags.resume.named || flags.save
	return a.recipe(ctx, flags.recipeFlags, text, setup)
}

// question is what is asked: with -p, or on standard input. Of a prompt of the library it is
// the value of the first field. Behind --messages, and with examples, there need not be one.
func (a *app) question(ctx context.Context, flags askFlags, sources []string) (string, error) {
	picture := slices.Contains(sources, "-") || slices.ContainsFunc(flags.shots, func(s string) bool { return strings.HasPrefix(s, "-=") })
	if picture && flags.messages == "-" {
		return "", usagef("standard input (-) can't be both the conversation and a picture")
	}
	taken := picture || flags.messages == "-"
	var text string
	var err error
	switch {
	case flags.hasPrompt && flags.prompt == "-" && taken:
		return "", usagef("standard input (-) can't be both the question and a picture or a conversation")
	case flags.hasPrompt:
		text, err = a.promptText(ctx, flags.prompt)
	case flags.messages != "", flags.template != "" && (taken || isTerminal(a.stdin) || !flags.asksForText()):
		return "", nil
	case taken || isTerminal(a.stdin):
		return "", noQuestion("there is no question", sources)
	default:
		text, err = a.promptText(ctx, "-")
	}
	if err != nil {
		return "", err
	}
	byExample := flags.hasPrompt && len(flags.shots) > 0 && (len(sources) > 0 || flags.clipboard)
	if strings.TrimSpace(text) == "" && flags.template == "" && flags.messages == "" && !byExample {
		return "", noQuestion("the question is empty", sources)
	}
	return text, nil
}

// noQuestion says how one is asked, to who has put it among the pictures in just this way.
func noQuestion(what string, sources []string) error {
	for _, source := range sources {
		if strings.Contains(strings.TrimSpace(source), " ") && !images.IsURL(source) && !isFile(source) {
			return usagef("%s, and there is no picture %q: if that is the question, put -p in front of it", what, source)
		}
	}
	return usagef("%s: name one with -p, or put it on standard input", what)
}

// promptText is the question that -p means: the text, that of standard input for -, or that
// of FILE for @FILE, where @@ begins a text with an @.
func (a *app) promptText(ctx context.Context, written string) (string, error) {
	from, in := "standard input", a.stdin
	switch rest, at := strings.CutPrefix(written, "@"); {
	case at && strings.HasPrefix(rest, "@"):
		return rest, nil
	case at:
		from = rest
		f, err := os.Open(rest)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return "", usagef("the question is to be read from the file %q, which does not exist; one that begins with an @ is written @@", rest)
		case err != nil:
			return "", usagef("the question can't be read: %w", err)
		}
		defer f.Close()
		in = f
	case written != "-":
		return written, nil
	}
	text, err := readUntil(ctx, in, maxQuestionBytes+1)
	switch {
	case err != nil && ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "", usagef("the question can't be read from %s: %w", from, err)
	case len(text) > maxQuestionBytes:
		return "", usagef("the question in %s is longer than %d MiB", from, maxQuestionBytes>>20)
	case !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0:
		return "", usagef("%s is no question, as it is no text in UTF-8; a picture is named without -p, and one on standard input is -", from)
	}
	return strings.TrimRight(strings.TrimPrefix(string(text), "\ufeff"), "\r\n"), nil
}

// asksForText tells whether the template has a first field that has to be filled in and
// nobody has. A template that does not exist is told of later.
func (r *recipeFlags) asksForText() bool {
	t, err := library().Find(r.template)
	if err != nil || len(t.Fields) == 0 {
		return false
	}
	first := t.Fields[0]
	filled := slices.ContainsFunc(r.fields, func(f string) bool { return strings.HasPrefix(f, first.Name+"=") })
	return first.Required && first.Default == "" && !filled
}

// conversation makes the messages to answer: those of --messages, then the
// question with the pictures.
func (a *app) conversation(ctx context.Context, how recipe, flags askFlags, sources []string) ([]engine.Message, error) {
	earlier, err := a.earlier(ctx, flags)
	if err != nil {
		return nil, err
	}
	pictures, err := a.pictures(ctx, sources)
	if err != nil {
		return nil, err
	}
	if flags.clipboard {
		copied, err := a.fromClipboard(ctx)
		if err != nil {
			return nil, err
		}
		pictures = append(pictures, engine.PictureParts(copied...)...)
	}
	messages := how.messages(earlier, pictures)
	return messages, how.enough(messages)
}

// earlier reads the conversation of --messages, if there is one.
func (a *app) earlier(ctx context.Context, flags askFlags) ([]engine.Message, error) {
	if flags.messages == "" {
		return nil, nil
	}
	return a.readMessages(ctx, flags.messages)
}
