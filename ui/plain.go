package ui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"

	"github.com/vlmchat/vlmchat/termimg"
	"github.com/vlmchat/vlmchat/termtext"
)

// RunPlain holds a conversation line by line, for screen readers, for terminals that
// can't do more, and for programs: what is said is printed once, in its order, and
// never changed. It is the same chat with the same commands; a list is numbered in
// place of being picked from. It ends with its input, and like Run.
func RunPlain(ctx context.Context, o Options) error {
	if o.Input == nil {
		o.Input = os.Stdin
	}
	if o.Output == nil {
		o.Output = os.Stdout
	}
	// Ctrl+C stops an answer here, and is not the end.
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	own, release := signal.NotifyContext(own, syscall.SIGTERM, syscall.SIGHUP)
	defer release()
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)

	o.Preview = termimg.Off
	p := newPlainChat(own, o)
	defer func() { _ = p.m.setup.Engine.Close() }()
	err := p.run(interrupts)
	if unsaved := safely(p.m.leave); err == nil {
		err = unsaved
	}
	return err
}

// plainChat drives the model of the chat as Bubble Tea does, and prints what its blocks
// say instead of drawing the screen.
type plainChat struct {
	m    *model
	ctx  context.Context
	out  *bufio.Writer
	asks bool // by a prompt, where a person reads it
	msgs chan tea.Msg

	printed  map[block]bool
	speaking *answer // that is being printed
	said     int     // bytes of it that were
	thought  int     // bytes of its thought that were
	midLine  bool    // the last line of the output is not ended

	typed   bool           // the next question was typed here, and needs no telling
	offered bool           // the prompt is there
	shown   map[*shot]bool // pictures that were told of
	flash   string
	broken  error     // that of reading the input; known once there are no more lines
	doing   string    // what goes on
	since   time.Time // when that was seen first, or told last
	told    bool      // that it goes on
}

func newPlainChat(ctx context.Context, o Options) *plainChat {
	o.plain = true
	o.Titles = o.Titles && isTerminal(o.Output) // a program asks on before there is one
	return &plainChat{
		m: newModel(ctx, o), ctx: ctx, out: bufio.NewWriter(o.Output),
		asks: isTerminal(o.Output), msgs: make(chan tea.Msg), printed: map[block]bool{}, shown: map[*shot]bool{},
	}
}

// run is the conversation: one line after the other, each when what the one before asked
// for is done.
func (p *plainChat) run(interrupts <-chan os.Signal) error {
	lines := make(chan string)
	go p.read(p.m.options.Input, lines)
	p.start(p.m.Init())
	p.update(tea.ColorProfileMsg{Profile: colorprofile.ASCII})
	p.update(tea.WindowSizeMsg{Width: p.width(), Height: plainHeight})
	for {
		p.tell()
		var next <-chan string
		if !p.m.underway() {
			if lines == nil {
				return p.end()
			}
			p.offer()
			next = lines
		}
		if err := p.out.Flush(); err != nil {
			return err
		}
		select {
		case line, open := <-next:
			p.offered = false
			if !open {
				lines = nil
				continue
			}
			p.midLine = false // the terminal has ended it
			p.enter(line)
		case <-interrupts:
			if p.offered {
				p.endLine()
				p.offered = false
			}
			p.update(interruptMsg{})
		case msg := <-p.msgs:
			switch msg.(type) {
			case tea.QuitMsg:
				return p.leave()
			case tea.InterruptMsg:
				return context.Canceled
			}
			p.update(msg)
		case <-p.ctx.Done():
			p.endLine()
			return errors.Join(p.ctx.Err(), p.out.Flush())
		}
	}
}

// plainHeight stands for a screen's, of which there is none.
const plainHeight = 24

// width is that of the terminal's lines.
func (p *plainChat) width() int {
	if f, ok := p.m.options.Output.(term.File); ok {
		if width, _, err := term.GetSize(f.Fd()); err == nil && width > 0 {
			return width
		}
	}
	return 80
}

// maxPlainLine is how long a line of the input may be.
const maxPlainLine = 16 << 20

// read hands on the lines of the input. One that ends in a backslash goes on in the
// next, as in a shell, and what stands between two lines of three quotes is one text.
func (p *plainChat) read(from io.Reader, to chan<- string) {
	defer close(to)
	scanner := bufio.NewScanner(from)
	scanner.Buffer(nil, maxPlainLine)
	var text []string
	quoted := false
	for scanner.Scan() {
		line := strings.TrimSuffix(scanner.Text(), "\r")
		switch {
		case strings.TrimSpace(line) == `"""`:
			quoted = !quoted
			if quoted {
				continue
			}
		case quoted:
			text = append(text, line)
			continue
		case strings.HasSuffix(line, `\`) && !strings.HasSuffix(line, `\\`):
			text = append(text, strings.TrimSuffix(line, `\`))
			continue
		default:
			text = append(text, line)
		}
		select {
		case to <- strings.Join(text, "\n"):
			text = nil
		case <-p.ctx.Done():
			return
		}
	}
	if text != nil {
		select {
		case to <- strings.Join(text, "\n"):
		case <-p.ctx.Done():
		}
	}
	p.broken = scanner.Err()
}

// enter takes a line that was typed.
func (p *plainChat) enter(line string) {
	if strings.TrimSpace(line) == "?" {
		line = "/help"
	}
	p.m.composer.set(line)
	p.typed = !understand(line).isCommand
	p.update(lineMsg{})
}

// What the plain chat has in place of keys.
type (
	lineMsg      struct{} // the composer has a line
	interruptMsg struct{} // Ctrl+C
)

func (p *plainChat) update(msg tea.Msg) {
	_, cmd := p.m.Update(msg)
	p.start(cmd)
}

// start runs a command, and those that it is made of, somewhere else.
func (p *plainChat) start(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		msg := cmd()
		if all, ok := msg.(tea.BatchMsg); ok {
			for _, c := range all {
				p.start(c)
			}
			return
		}
		if msg == nil {
			return
		}
		select {
		case p.msgs <- msg:
		case <-p.ctx.Done():
		}
	}()
}

// tell prints what is new. What comes after an answer waits until that is whole.
func (p *plainChat) tell() {
	for _, it := range p.m.transcript.items {
		if p.printed[it.block] {
			continue
		}
		p.withdraw()
		switch b := it.block.(type) {
		case *question:
			p.question(b)
		case *answer:
			if !p.answer(b) {
				return
			}
		case growing:
			if b.grows() {
				p.progress()
				return
			}
			p.lines(it.block.draw(p.m.frame()))
		default:
			p.lines(it.block.draw(p.m.frame()))
		}
		p.printed[it.block] = true
	}
	p.attached()
	if flash := p.m.status.flash; flash != p.flash {
		p.flash = flash
		if flash != "" {
			p.withdraw()
			p.line("(" + termtext.Line(withKey(flash, p.m.status.stop)) + ")")
		}
	}
	p.progress()
}

// growing is a block that is not all there yet.
type growing interface{ grows() bool }

// question tells of its pictures, and of its text if it was not typed here.
func (p *plainChat) question(q *question) {
	for _, s := range q.shots {
		p.show("Picture", s)
	}
	if q.text != "" && !p.typed {
		p.line("You: " + q.source())
	}
	p.typed = false
}

// answer prints as much of an answer as there is, and reports whether that is all.
func (p *plainChat) answer(a *answer) bool {
	if p.speaking != a {
		p.speaking, p.said, p.thought = a, 0, 0
	}
	said, thought := a.said(), a.thought.said()
	if len(said) < p.said || len(thought) < p.thought {
		p.endLine()
		p.line("(The answer begins anew.)")
		p.said, p.thought = 0, 0
	}
	if more := thought[p.thought:]; more != "" {
		if p.thought == 0 {
			p.line("(thinking)")
		}
		p.print(more)
		p.thought = len(thought)
	}
	if more := said[p.said:]; more != "" {
		if p.said == 0 && p.thought > 0 {
			p.endLine()
			p.line("(the answer)")
		}
		p.print(more)
		p.said = len(said)
	}
	if !a.over() {
		p.progress()
		return false
	}
	p.endLine()
	for _, n := range a.remarks() {
		p.lines(n.lines(p.m.width, p.m.styles))
	}
	p.speaking = nil
	p.print("\n")
	return true
}

// attached tells of pictures that wait for the next message.
func (p *plainChat) attached() {
	for _, a := range p.m.attachments {
		if a.shot != nil && a.taken && p.m.outbox == nil {
			p.show("Attached to the next message", a.shot)
		}
	}
}

// show tells of a picture, once.
func (p *plainChat) show(as string, s *shot) {
	if !p.shown[s] {
		p.shown[s] = true
		p.withdraw()
		p.line(as + ": " + s.caption())
	}
}

const (
	// unnoticed is for how long nothing is told of what goes on.
	unnoticed = time.Second
	// reminder is how often what goes on still is told again.
	reminder = 15 * time.Second
)

// progress tells what goes on where that takes a while.
func (p *plainChat) progress() {
	a := &p.m.status.doing
	if a.text == "" {
		a = &p.m.status.reading
	}
	now := time.Now()
	if a.text != p.doing {
		p.doing, p.since, p.told = a.text, now, false
	}
	if a.text == "" || a.text == answering || p.midLine {
		return
	}
	text := strings.TrimSuffix(a.text, stops)
	switch waited := now.Sub(p.since); {
	case !p.told && waited >= unnoticed:
		p.line("(" + text + ")")
	case p.told && waited >= reminder:
		if a.fraction > 0 {
			text += fmt.Sprintf(", %.0f%%", 100*min(1, a.fraction))
		}
		p.line("(still " + text + ")")
	default:
		return
	}
	p.since, p.told = now, true
}

const plainPrompt = "> "

func isTerminal(w io.Writer) bool {
	f, ok := w.(term.File)
	return ok && term.IsTerminal(f.Fd())
}

// offer prints the prompt.
func (p *plainChat) offer() {
	if p.asks && !p.offered {
		p.endLine()
		p.print(plainPrompt)
		p.offered = true
	}
}

// withdraw leaves the line of the prompt, when something is to be told while it stands
// there.
func (p *plainChat) withdraw() {
	if p.offered {
		p.endLine()
		p.offered = false
	}
}

// leave ends the conversation.
func (p *plainChat) leave() error {
	p.endLine()
	err := p.out.Flush()
	if p.m.fault != nil {
		return p.m.fault
	}
	return err
}

// end ends it with its input.
func (p *plainChat) end() error {
	err := p.leave()
	switch {
	case err != nil:
		return err
	case errors.Is(p.broken, bufio.ErrTooLong):
		return fmt.Errorf("a line of the input is too long: it can have %s", bytesOf(maxPlainLine))
	case p.broken != nil:
		return fmt.Errorf("the input can't be read: %w", p.broken)
	}
	return nil
}

// print writes a text that is safe already.
func (p *plainChat) print(text string) {
	if text == "" {
		return
	}
	_, _ = p.out.WriteString(text) // an error stays, for Flush
	p.midLine = text[len(text)-1] != '\n'
}

func (p *plainChat) endLine() {
	if p.midLine {
		p.print("\n")
	}
}

func (p *plainChat) line(text string) {
	p.endLine()
	p.print(ansi.Strip(text) + "\n")
}

// lines prints what a block draws, without what only pleases the eye.
func (p *plainChat) lines(drawn []string) {
	for _, line := range drawn {
		line = strings.TrimRight(ansi.Strip(line), " ")
		p.line(strings.TrimPrefix(line, indent))
	}
}

// noScreen says what can't be done without a screen.
func (m *model) noScreen(instead string) tea.Cmd {
	m.say(&note{text: "There is no screen for this in the plain chat.", hint: instead})
	return nil
}
