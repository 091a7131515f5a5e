package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/tasks/index"
	"github.com/vlmchat/vlmchat/ui"
)

// ofChatAboutFound are the settings that say what answers in a chat about what was found. The
// others are as they are set elsewhere.
var ofChatAboutFound = []string{config.Profile, config.Backend, config.Model, config.MMProj, config.BaseURL, config.Plain, config.NoSave}

// foundInChat is how many pictures /search finds: as many as one looks through.
const foundInChat = 50

// searchInChat is what searches the index of a name for the chat.
func (a *app) searchInChat(name string) func(context.Context, string) (ui.Search, error) {
	if name == "" {
		name = os.Getenv(config.Variable("index"))
	}
	if name == "" {
		name = defaultIndex
	}
	return func(ctx context.Context, words string) (ui.Search, error) {
		s, err := a.find(ctx, searchFlags{index: name, k: foundInChat, minScore: -1}, words)
		if err != nil {
			return ui.Search{}, err
		}
		return s.inChat(), nil
	}
}

// inChat is what was found as the chat shows it.
func (s searched) inChat() ui.Search {
	out := ui.Search{Words: s.words, Notes: leftOutOf(s.found), Remark: s.state.Space.Note}
	for _, h := range s.found.Hits {
		out.Hits = append(out.Hits, ui.Hit{Source: h.Source(), Name: fromHere(h.Path) + h.Part, Score: h.Score, About: aboutHit(h)})
	}
	return out
}

// aboutHit says when a picture was taken, and how large it is.
func aboutHit(h index.Hit) string {
	about := fmt.Sprintf("%s · %d×%d", h.Taken.Local().Format(time.DateOnly), h.Width, h.Height)
	if n := len(h.Copies); n == 1 {
		about += " · 1 copy"
	} else if n > 1 {
		about += fmt.Sprintf(" · %d copies", n)
	}
	return about
}

// chatAbout opens a chat with what was found: all of it attached, or to be picked from.
func (a *app) chatAbout(ctx context.Context, flags searchFlags, s searched) error {
	found := s.inChat()
	if found.Words == "" {
		found.Words = strings.Join(flags.images, ", ")
	}
	opening := askFlags{index: flags.index, found: &found}
	if !flags.all {
		return a.chat(ctx, nil, opening)
	}
	var sources []string
	for _, h := range found.Hits {
		sources = append(sources, h.Source)
	}
	opening.found = nil
	return a.chat(ctx, sources, opening)
}

// checkChat refuses flags that make no sense with --chat, or without it.
func (s searchFlags) checkChat(a *app) error {
	plain, _ := a.config.Bool(config.Plain)
	switch {
	case s.all && !s.chat:
		return usagef("--all attaches what is found to a chat: add --chat")
	case !s.chat:
		return nil
	case s.asJSON || s.null || s.noPictures:
		return usagef("--chat opens a chat, and --json, --print0 and --no-pictures print: leave one of them out")
	case !plain && (!isTerminal(a.stdin) || !isTerminal(a.stdout)):
		return usagef("--chat opens a chat, which needs a terminal; with --plain it goes line by line")
	}
	return nil
}
