package ui

import (
	"context"
	"image"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/termimg"
	"github.com/vlmchat/vlmchat/termtext"
)

// model is the whole chat.
type model struct {
	ctx     context.Context
	options Options
	plain   bool // there is no screen, nor keys: see RunPlain
	canvas  *canvas
	keys    *Keys
	setup   Setup // what answers now
	turn    int   // counts the switches; what comes for an earlier one is late

	width, height int
	terminal      terminal
	look          termimg.Terminal // how pictures are drawn
	profile       colorprofile.Profile
	dark          bool
	by            measure
	styles        *styles

	transcript  *transcript
	composer    *composer
	past        past
	completing  completing
	inEditor    bool // the person writes in one of their own
	attachments attachments
	chips       chips // that show them
	status      status

	talk conversation
	keeping
	weight     weight
	comparison *comparison // the last one
	edit       *edit       // a message is being changed
	draft      *question   // the pictures of the start, shown before they are sent

	unfolded bool // thoughts are seen whole

	loading     *feed        // the model is being loaded
	unready     bool         // loading it failed
	run         *run         // the engine answers
	titling     *titling     // beside that, a model makes a title
	change      *change      // another engine is to answer
	queue       *exchange    // waits for all three
	assignments []assignment // settings that are being changed, one after the other
	outbox      *outbox      // waits for pictures to be read and taken
	taking      *attachment  // the engine looks whether it can take it
	pasting     *pasting     // the clipboard is being read

	clicked click // on a block, perhaps the first of two
	codes   int   // blocks of code of the selected message that were copied already

	zoom   *zoom  // a picture is looked at closely
	dialog dialog // something is chosen, or filled in

	task *task // that goes on beside the conversation

	welcome  *welcome           // there is something to begin with, and nothing is chosen
	fetching *fetching          // something large is on its way
	search   *search            // what is looked for, to be picked from
	shown    map[string]*picker // what there was to pick from last, by command
	told     map[string]bool    // what is said once was
	used     []string           // commands, the last one last

	ticking bool          // a tick is on its way
	unknown bool          // the engine did not say what it is, and was asked
	fault   *Fault        // a mistake of our own, over which the chat ends
	send    func(tea.Msg) // to this model, from outside a command
	armed   int           // which Ctrl+C awaits a second one; 0 for none
	presses int           // of Ctrl+C, to tell them apart
	pressed bool          // what is handled is a key
}

// run is an answer being made. It outlives being stopped until the engine has
// let go, since an engine serves one at a time.
type run struct {
	feed     *feed
	exchange *exchange
	prices   engine.Prices
	stopped  bool
}

// outbox is a message that waits until its pictures are read.
type outbox struct {
	text     string
	original string   // for the composer, if they can't be
	from     *request // for those that it names
	terms    *terms   // that hold for it
}

type (
	infoMsg struct {
		turn int
		info engine.Info
		err  error
	}
	tickMsg   time.Time
	disarmMsg int
)

func newModel(ctx context.Context, o Options) *model {
	m := &model{
		ctx:        ctx,
		options:    o,
		plain:      o.plain,
		canvas:     newCanvas(o.Output, calm(os.Getenv)),
		setup:      o.Setup,
		shown:      map[string]*picker{},
		told:       map[string]bool{},
		profile:    colorprofile.TrueColor,
		dark:       true,
		transcript: newTranscript(),
		keys:       o.Keys,
		talk:       conversation{system: o.System},
		unfolded:   o.Unfolded,
	}
	if m.keys == nil {
		m.keys = defaultKeys()
	}
	switch stop := hint("stops", m.keys.stop); {
	case m.plain: // where keys are the terminal's
		m.status.stop = dot + "Ctrl+C stops"
	case stop != "":
		m.status.stop = dot + stop
	}
	m.composer = newComposer(m.keys)
	if o.Store != nil {
		m.keeper, m.private, m.session = &keeper{open: o.Store}, o.NoSave, newSession()
	}
	m.status.noFooter = o.NoFooter
	m.status.unsaved = m.keeper != nil && m.private
	m.terminal = terminal{facts: termimg.Facts{Env: os.Getenv}, forced: o.Preview}
	m.status.prices = o.Prices
	if o.Notice != "" {
		m.say(&note{text: o.Notice})
	}
	for _, p := range o.Pictures {
		m.attachments = append(m.attachments, &attachment{source: p.Source, shot: newShot(p), from: &request{}, drafted: true})
	}
	if len(o.Pictures) > 0 {
		m.draft = &question{shots: m.attachments.shots()}
		m.transcript.add(m.draft)
	}
	for _, text := range o.Notes {
		m.say(&note{text: text})
	}
	m.restyle()
	return m
}

// Init starts to load the model and asks the terminal what it is.
func (m *model) Init() tea.Cmd { return guarded(m.begin()) }

func (m *model) begin() tea.Cmd {
	commands := []tea.Cmd{m.tick(), m.take(), m.past.load(m.options.History), m.openStore()}
	if !m.plain {
		commands = append(commands, m.terminal.ask(m.ctx))
	}
	if loader, ok := m.setup.Engine.(engine.Loader); ok {
		feed, load := newFeed(m.ctx, loader.Load)
		m.loading = feed
		m.status.doing.set("loading the model", 0)
		commands = append(commands, load, feed.next)
	} else if m.unanswered() {
		commands = append(commands, m.openWelcome())
	} else {
		commands = append(commands, m.askInfo())
	}
	return tea.Batch(append(commands, m.openFound())...)
}

// askInfo is a command that learns what answers.
func (m *model) askInfo() tea.Cmd {
	e, ctx, turn := m.setup.Engine, m.ctx, m.turn
	return func() tea.Msg {
		info, err := e.Info(ctx)
		return infoMsg{turn, info, err}
	}
}

// Update takes a message. It changes the model in place: there is only one.
func (m *model) Update(msg tea.Msg) (_ tea.Model, cmd tea.Cmd) {
	_, m.pressed = msg.(tea.KeyPressMsg)
	defer func() {
		if value := recover(); value != nil {
			cmd = m.end(caught(value))
		}
	}()
	cmd = m.handle(msg)
	m.status.reading.set(m.attachments.activity(), 0)
	m.status.fetching = nil
	if m.fetching != nil {
		m.status.fetching = &m.fetching.doing
	}
	saved := m.keep()
	weigh := m.weigh()
	m.status.context = m.fullness()
	m.layout()
	return m, guarded(tea.Batch(cmd, saved, weigh, m.loadSeen(), m.tick(), m.keepHistory()))
}

func (m *model) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		m.composer.resize(m.width, m.height, m.by)
		m.terminal.measured(m.canvas.size())
		return m.terminal.askCell()
	case tea.ColorProfileMsg:
		m.profile = msg.Profile
		m.restyle()
	case tea.BackgroundColorMsg:
		if dark := msg.IsDark(); dark != m.dark {
			m.dark = dark
			m.restyle()
		}
	case tea.ModeReportMsg:
		// The renderer counts the same way from here on.
		if msg.Mode == ansi.ModeUnicodeCore && !msg.Value.IsNotRecognized() && !msg.Value.IsPermanentlyReset() {
			m.by = ansi.GraphemeWidth
			m.restyle()
		}
	case tea.KeyPressMsg:
		return m.press(msg)
	case tea.PasteMsg:
		if m.dialog != nil {
			return m.dialog.paste(m, msg.Content)
		}
		m.zoom = nil // what is pasted is for the chat
		if msg.Content == "" {
			return m.pasteClipboard("") // some terminals paste nothing in place of a picture
		}
		return m.paste(msg.Content)
	case askTerminalMsg:
		return msg.from.ask(msg.sequence)
	case uv.UnknownOscEvent, tea.ClipboardMsg:
		m.terminalSays(msg)
	case uv.PrimaryDeviceAttributesEvent:
		m.terminalSays(msg)
		return m.terminal.hear(msg, image.Pt(m.width, m.height))
	case lineMsg:
		m.disarm()
		return m.submit()
	case interruptMsg:
		return m.interrupt()
	case faultMsg:
		return m.end(msg.fault)
	case pastedMsg:
		return m.pasted(msg)
	case tea.MouseMsg:
		return m.mouse(msg)
	case copiedMsg:
		m.copied(msg)
	case viewedMsg:
		m.viewed(msg)
	case secondClickMsg:
		m.endClick(msg)
	case detailMsg:
		m.focused(msg)
	case batch:
		return m.advance(msg)
	case infoMsg:
		m.learn(msg)
	case provedMsg:
		return m.proved(msg)
	case readingMsg:
		msg.attachment.doing = msg.doing
		return msg.next
	case attachedMsg:
		return m.attached(msg)
	case takenMsg:
		return m.taken(msg)
	case weighedMsg:
		m.weighed(msg)
	case occupiedMsg:
		m.occupied(msg)
	case openedMsg:
		return m.opened(msg)
	case assignedMsg:
		return m.assigned(msg)
	case changedMsg:
		return m.changed(msg)
	case welcomeMsg:
		return m.welcomed(msg)
	case choiceKeptMsg:
		m.choiceKept(msg)
	case fetchedMsg:
		return m.hasFetched(msg)
	case foundMsg:
		return m.found(msg)
	case previewMsg:
		msg.from.previewed(msg)
	case folderMsg:
		return m.knowFolder(msg)
	case namesMsg:
		return m.knowNames(msg)
	case editorMsg:
		return m.startEditor(msg)
	case editedMsg:
		return m.edited(msg)
	case pastMsg:
		m.recall(msg)
	case keptMsg:
		m.kept(msg)
	case stepMsg:
		return m.stepped(msg)
	case taskMsg:
		return m.finished(msg)
	case titledMsg:
		return m.titled(msg)
	case savedMsg:
		m.written(msg)
	case answerPaceMsg:
		return m.paced()
	case draftPaceMsg:
		return m.draftPaced()
	case errandMsg:
		m.errands--
		return m.handle(msg.outcome)
	case resumedMsg:
		return m.resumed(msg)
	case soughtMsg:
		return m.sought(msg)
	case glancedMsg:
		msg.into.glanced(msg)
	case relabelledMsg:
		return m.relabelled(msg)
	case meantMsg:
		return m.meant(msg)
	case removedMsg:
		return m.removed(msg)
	case retiredMsg:
		m.retired(msg)
	case exportedMsg:
		m.exported(msg)
	case loadedMsg:
		m.loaded(msg)
	case tickMsg:
		m.ticking = false
		m.status.doing.tick(time.Time(msg))
		m.status.reading.tick(time.Time(msg))
		m.status.pause.tick(time.Time(msg))
		if m.comparison.grows() {
			m.comparison.tick(time.Time(msg))
		}
		if m.fetching != nil {
			m.fetching.doing.tick(time.Time(msg))
		}
		if m.welcome != nil {
			m.welcome.doing.tick(time.Time(msg))
		}
		if m.search != nil {
			m.search.doing.tick(time.Time(msg))
		}
		if m.run != nil {
			m.run.exchange.answer.tick(time.Time(msg))
		}
	case disarmMsg:
		if int(msg) == m.armed {
			m.disarm()
		}
	default:
		return m.terminal.hear(msg, image.Pt(m.width, m.height))
	}
	return nil
}

// tick keeps the spinner turning while something goes on.
func (m *model) tick() tea.Cmd {
	if m.ticking || m.status.doing.text == "" && m.status.reading.text == "" && m.status.pause.left() == 0 && m.search == nil && m.fetching == nil && (m.welcome == nil || !m.welcome.looking) {
		return nil
	}
	m.ticking = true
	return tea.Tick(time.Second/10, func(t time.Time) tea.Msg { return tickMsg(t) })
}

func (m *model) restyle() {
	m.styles = newStyles(m.dark, m.profile, m.by)
	m.composer.resize(m.width, m.height, m.by)
}

// sayOnce says what holds for as long as the chat goes on, when it comes up first.
func (m *model) sayOnce(text string) {
	if text == "" || m.told[text] {
		return
	}
	m.told[text] = true
	m.say(&note{text: termtext.Line(text)})
}

// say adds a note to the transcript, and shows it to a person who has just asked for
// something. What comes by itself pulls nobody away from what they read.
func (m *model) say(n *note) {
	m.transcript.add(n)
	if m.pressed {
		m.transcript.toEnd()
	}
}

// complain adds an error to the transcript.
func (m *model) complain(err error) {
	text, hint := explain(err)
	m.say(&note{text: text, hint: hint, bad: true})
}

// underway reports whether something that was asked for is not done yet.
func (m *model) underway() bool {
	return m.busy() || m.run != nil || m.change != nil || len(m.assignments) > 0 || m.search != nil || m.fetching != nil || m.welcome != nil && m.welcome.looking || m.task != nil || m.attachments.reading() || m.errands > 0
}

// busy reports whether a question is on its way to an answer.
func (m *model) busy() bool {
	return m.queue != nil || m.outbox != nil || m.comparison.grows() || m.run != nil && !m.run.stopped
}
