// Package ui is the chat: a full-screen conversation about pictures in the
// terminal.
//
// One Bubble Tea model holds all state and changes it in Update alone. The parts
// (transcript, composer, attachments, status) are plain structs that draw
// themselves to a width. Whatever takes time (loading, answering, reading a
// picture) runs in a command, changes nothing and reports by a message.
package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/history"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/images/clipboard"
	"github.com/vlmchat/vlmchat/prompts"
	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termimg"
)

// Options is what a chat is opened with.
type Options struct {
	Setup                      // answers at first
	Pictures []*images.Picture // they go with the first message, and are shown at once
	Notes    []string          // what there is to know of them
	Version  string            // of vlmchat, to be kept with answers
	// Attach reads the pictures that the person means by what was written to name
	// them, without quotes around it but with ~, file:// and a shell's backslashes
	// as they were. They are never none without an error. It is called outside the
	// chat's own goroutine, several times at once if need be.
	Attach func(ctx context.Context, source string) ([]*images.Picture, error)
	// Search finds pictures of an index by what they show. It is called outside the chat's
	// own goroutine; nil if there is nothing to search in.
	Search func(ctx context.Context, words string) (Search, error)
	Found  *Search // what was found already, to be picked from at first; nil for nothing
	// Clipboard reads what the person has copied. It may ask the terminal, whose
	// programs have this environment. It is called outside the chat's own goroutine.
	Clipboard func(ctx context.Context, terminal clipboard.Terminal, env func(string) string) (Copied, error)
	// Prompts reads the prompt library; nil if there is none. It is called outside the
	// chat's own goroutine.
	Prompts func() *prompts.Library
	// Copy puts a text into the clipboard of this machine, and says by what. It and
	// View are called outside the chat's own goroutine.
	Copy func(ctx context.Context, text string) (by string, err error)
	// View shows a picture in the system's viewer.
	View func(ctx context.Context, picture *images.Picture) error
	// Encoder opens the encoder by which /classify tells labels; nil if it is to be the
	// model that answers. It is called outside the chat's own goroutine.
	Encoder  func() (engine.Encoder, error)
	Backends []Named                 // what /backend can switch to
	Profiles func() ([]Named, error) // and /profile; nil if there are none
	Unfolded bool                    // what a model thinks is shown whole, and not folded once it answers
	NoFooter bool                    // answers have no line that says how they went

	// Store opens where conversations are kept. It is called outside the chat's own
	// goroutine, again where it failed, and the chat closes what it returns. If nil,
	// nothing is kept.
	Store func() (*sessions.Store, error)
	// Titles has the model make titles of conversations that are kept. Without it they are
	// the first words.
	Titles bool
	// NoSave keeps nothing of this chat; what is kept of others can be seen.
	NoSave bool
	Resume string          // the ID of the session to go on with; a new one if it is empty
	Choose bool            // begins with the choice of one
	Limits sessions.Limits // beyond which conversations are removed when a chat begins
	// Recall returns a picture that was kept, to be loaded when it is needed.
	Recall func(k images.Kept, read func() ([]byte, error)) *images.Picture

	// History is what was sent in chats before, and gets what is sent in this one; nil
	// keeps nothing.
	History *history.File
	// Welcome shows what there is to begin with: at once where the engine is Nobody, as
	// nobody has said yet what is to answer.
	Welcome *Welcome
	Keys    *Keys // which key does what; nil for the usual ones
	// Preview is how pictures are drawn; what suits the terminal if it is empty.
	Preview termimg.Method
	plain   bool // the chat goes line by line (RunPlain)
	Input   io.Reader
	Output  io.Writer // with Input, the terminal if nil
}

// Copied is what a person has copied: pictures, or else a text.
type Copied struct {
	Pictures []*images.Picture
	Text     string
}

// Run holds a conversation until the person leaves it, and gives the terminal back as it
// was. It closes the engine, that of the start or the one that was switched to. A chat that
// ends because ctx does, or by a signal, returns an error of kind engine.Cancelled.
func Run(ctx context.Context, o Options) error {
	if !signal.Ignored(syscall.SIGHUP) {
		var release context.CancelFunc
		ctx, release = signal.NotifyContext(ctx, syscall.SIGHUP) // the terminal was closed
		defer release()
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel() // what still runs in commands ends with the chat
	if o.Output == nil {
		o.Output = os.Stdout
	}
	options := []tea.ProgramOption{tea.WithContext(inner)}
	if o.Input != nil {
		options = append(options, tea.WithInput(o.Input))
	}
	if os.Getenv("NO_COLOR") != "" {
		// Any value counts (no-color.org); the library takes only true ones.
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	m := newModel(inner, o)
	options = append(options, tea.WithOutput(m.canvas.writer()),
		tea.WithFilter(func(_ tea.Model, msg tea.Msg) tea.Msg { return m.terminal.hold(msg) }))
	program := tea.NewProgram(m, options...)
	m.send = program.Send
	_, err := program.Run()
	defer m.setup.Engine.Close()
	unsaved := safely(m.leave)
	switch {
	case m.fault != nil:
		return m.fault
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, tea.ErrInterrupted):
		return context.Canceled
	case err != nil:
		return fmt.Errorf("the terminal: %w", err)
	}
	return unsaved
}
