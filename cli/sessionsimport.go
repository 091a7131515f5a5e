package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/sessions/imports"
	"github.com/vlmchat/vlmchat/termtext"
	"github.com/vlmchat/vlmchat/ui"
)

func sessionsImportCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE|llm|oterm|ollama...",
		Short: "Take in conversations that were exported, or that other programs have kept",
		Long: "Import reads conversations from files, and knows by their contents what they are: JSON that\n" +
			"'sessions export' has written, messages as OpenAI's API takes them (one list, or one on\n" +
			"each line), and the databases of llm, oterm and Ollama's app. The names of these programs\n" +
			"stand for their databases where they are on this system. - is JSON from standard input.\n\n" +
			"What was imported before is not doubled: a conversation gets what it has not, and what was\n" +
			"said on both sides since becomes branches of it. Those of other programs have the tag\n" +
			"imported and the program's name. No address is fetched, and no database changed.",
		Example: "  vlmchat sessions import cat.json\n" +
			"  vlmchat sessions import llm ollama\n" +
			"  vlmchat sessions list --tag imported",
		Args: someArguments("files, or the names of programs: llm, oterm, ollama"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withSessions(func(s *sessions.Store) error { return a.importSessions(cmd.Context(), s, args) })
		},
	}
}

// importing counts what has become of the conversations of a file.
type importing struct {
	fresh, grown, had, broken int
}

// importSessions takes in the conversations of files. One file that can't be read doesn't
// keep the others out.
func (a *app) importSessions(ctx context.Context, s *sessions.Store, named []string) error {
	reader := a.conversationReader(ctx)
	failed := 0
	for _, name := range named {
		var n importing
		program, err := a.importFile(ctx, reader, name, func(c *sessions.Conversation, err error) error {
			return a.importSession(ctx, s, c, err, &n)
		})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && len(named) == 1 {
			return err
		}
		if err != nil {
			fmt.Fprintf(a.stderr, "vlmchat: %s\n", termtext.Line(err.Error()))
			failed++
			continue
		}
		fmt.Fprintln(a.stderr, n.summary(name, program))
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d could not be imported", failed, len(named))
	}
	return nil
}

// conversationReader reads what others wrote, with pictures looked at as all are.
func (a *app) conversationReader(ctx context.Context) *imports.Reader {
	return &imports.Reader{
		Look: func(ctx context.Context, source string, data []byte) (*sessions.Picture, error) {
			p, err := a.loader.Decode(ctx, source, data)
			if err != nil {
				return nil, err
			}
			return ui.PictureOf(p), nil
		},
		Pixels: func(name string, png []byte) error {
			p, err := a.loader.Decode(ctx, name, png)
			if err != nil {
				return err
			}
			kept := images.Kept{Source: name, SHA256: name, Width: p.Width, Height: p.Height, Pixels: true}
			return a.loader.Recall(kept, func() ([]byte, error) { return png, nil }).Load(ctx)
		},
	}
}

// importFile reads a file, standard input, or the history of a program.
func (a *app) importFile(ctx context.Context, reader *imports.Reader, name string, each imports.Each) (program string, err error) {
	if name == "-" {
		if isTerminal(a.stdin) {
			return "", usagef("there is no conversation on standard input (-): nothing is piped into it")
		}
		return reader.Document(ctx, "standard input", a.stdin, time.Now(), each)
	}
	if !slices.Contains(imports.Programs, name) { // ./llm is a file
		return reader.File(ctx, name, each)
	}
	at, err := imports.Place(name)
	if err != nil {
		return "", err
	}
	program, err = reader.File(ctx, at, each)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("there is no history of %s at %s; if it is elsewhere, name the file", name, at)
	}
	return program, err
}

// importSession takes in one conversation, and says what has become of it.
func (a *app) importSession(ctx context.Context, s *sessions.Store, c *sessions.Conversation, broken error, n *importing) error {
	if broken != nil {
		fmt.Fprintf(a.stderr, "vlmchat: %s\n", termtext.Line(broken.Error()))
		n.broken++
		return nil
	}
	done, err := s.Import(ctx, c)
	if err != nil {
		return err
	}
	what := counted(done.Added, "message")
	switch {
	case done.New:
		n.fresh++
	case done.Added > 0:
		n.grown++
		what += " more"
	default:
		n.had++
		return nil
	}
	_, err = fmt.Fprintf(a.stdout, "%s  %s (%s)\n", c.ID, termtext.Line(done.Title), what)
	return err
}

// summary says what has become of the conversations of a file.
func (n importing) summary(name, program string) string {
	if shown := filepath.Base(name); shown != program && name != "-" {
		name = fmt.Sprintf("%s (%s)", termtext.Line(shown), program)
	} else {
		name = program
	}
	text := fmt.Sprintf("From %s: %d new", name, n.fresh)
	for _, more := range []struct {
		count int
		words string
	}{{n.grown, "went on"}, {n.had, "there already"}, {n.broken, "left out"}} {
		if more.count > 0 {
			text += fmt.Sprintf(", %d %s", more.count, more.words)
		}
	}
	return text + "."
}
