package cli

import (
	"context"
	"os"
	"path/filepath"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/history"
	"github.com/vlmchat/vlmchat/images/clipboard"
	"github.com/vlmchat/vlmchat/ui"
)

// chat opens the conversation in the terminal.
func (a *app) chat(ctx context.Context, sources []string, flags askFlags) error {
	resume, sources, err := a.resume(ctx, flags.resume, sources)
	if err != nil {
		return err
	}
	if err := a.offerModel(ctx); err != nil {
		return err
	}
	plain, err := a.config.Bool(config.Plain)
	if err != nil {
		return err
	}
	preview, err := a.previewMethod()
	if err != nil {
		return err
	}
	keys, err := chatKeys()
	if err != nil {
		return err
	}
	if err := a.setUpLoader(); err != nil {
		return err
	}
	var notes []string
	listening, finish := reading(ctx, newStatus(a.stderr), func(text string) { notes = append(notes, text) })
	pictures, err := a.picturesToShow(listening, sources)
	finish()
	if err != nil {
		return err
	}
	if flags.clipboard {
		more, err := a.fromClipboard(ctx)
		if err != nil {
			return err
		}
		pictures = append(pictures, more...)
	}
	setup, err := a.begin(ctx)
	if err != nil {
		return err
	}
	run := ui.Run
	if plain || os.Getenv("TERM") == "dumb" {
		run = ui.RunPlain
	} else {
		defer a.aside.silence()()
	}
	past, err := a.history()
	if err != nil {
		return err
	}
	unfolded, err := a.config.Bool(config.Unfolded)
	if err != nil {
		return err
	}
	noFooter, err := a.config.Bool(config.NoFooter)
	if err != nil {
		return err
	}
	noTitles, err := a.config.Bool(config.NoTitles)
	if err != nil {
		return err
	}
	views := newViewing()
	defer views.close()
	return explainFault(run(ctx, ui.Options{
		Setup:     setup,
		Pictures:  pictures,
		Notes:     notes,
		Version:   version(),
		Attach:    a.loader.Load,
		Clipboard: a.copiedInChat,
		Copy:      clipboard.Write,
		View:      views.show,
		Prompts:   library,
		Encoder:   a.encoderSet(),
		Search:    a.searchInChat(flags.index),
		Found:     flags.found,
		History:   past,
		Keys:      keys,
		Welcome:   a.welcome(),
		Store:     resume.open,
		NoSave:    resume.private,
		Titles:    !noTitles,
		Resume:    resume.id,
		Choose:    resume.choose,
		Limits:    resume.limits,
		Recall:    a.loader.Recall,
		Unfolded:  unfolded,
		NoFooter:  noFooter,
		Preview:   preview,
		Backends:  backends,
		Profiles:  profiles,
	}))
}

// begin makes what answers at first; for a newcomer that is nobody, until something is
// chosen.
func (a *app) begin(ctx context.Context) (ui.Setup, error) {
	if !a.newcomer() {
		return a.setup(ctx, choice{})
	}
	s, _, err := a.settled(choice{})
	s.Engine = ui.Nobody{}
	return s, err
}

// history is what was sent in the chat before; nil where nothing is kept.
func (a *app) history() (*history.File, error) {
	for _, name := range []string{config.NoHistory, config.NoSave} {
		if off, err := a.config.Bool(name); off || err != nil {
			return nil, err
		}
	}
	dir, err := config.StateDir()
	if err != nil {
		return nil, err
	}
	return history.Open(filepath.Join(dir, "history")), nil
}
