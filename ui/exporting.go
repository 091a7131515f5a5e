package ui

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termtext"
)

// exportedMsg says how an export went.
type exportedMsg struct {
	out  sessions.Exported
	file string // as it was asked for
	err  error
}

// export writes the conversation to a file: Markdown with pictures beside it, a page, or
// JSON with all branches, by its ending, or in the format that is named. It needs no store.
func (m *model) export(argument string) tea.Cmd {
	e, file, err := readExport(argument)
	if err != nil {
		m.say(&note{text: err.Error(), bad: true})
		return nil
	}
	e.Wire = Wired(m.options.Recall)
	if len(m.talk.firsts) == 0 {
		m.say(&note{text: "Nothing was said yet that could be exported."})
		return nil
	}
	c := m.asConversation()
	asked := argument
	if file == "" {
		file = c.FileName(e.Format)
		asked = strings.TrimSpace(argument + " " + file)
	}
	return m.errand(func() tea.Msg {
		if home, err := os.UserHomeDir(); err == nil && strings.HasPrefix(file, "~/") {
			file = filepath.Join(home, file[2:])
		}
		out, err := e.ToFile(c, file)
		return exportedMsg{out, asked, err}
	})
}

// readExport reads what stands behind /export: -f, --format NAME, and a file.
func readExport(argument string) (e sessions.Export, file string, err error) {
	rest := strings.TrimSpace(argument)
	for {
		option, after, _ := strings.Cut(rest, " ")
		after = strings.TrimSpace(after)
		switch option {
		case "-f", "--force":
			e.Replace = true
		case "--format":
			option, after, _ = strings.Cut(after, " ")
			after = strings.TrimSpace(after)
			if e.Format, err = sessions.ParseFormat(option); err != nil {
				return e, "", err
			}
		default:
			if inner, more, ok := quoted(rest); ok && more == "" {
				rest = inner
			}
			return e, rest, nil
		}
		rest = after
	}
}

// Wired returns what makes of a picture that was kept the one that servers take: upright,
// without what is hung on to its pixels, in a format that all of them read.
func Wired(recall func(images.Kept, func() ([]byte, error)) *images.Picture) func(*sessions.Picture, []byte) ([]byte, string, error) {
	return func(p *sessions.Picture, data []byte) ([]byte, string, error) {
		picture := recall(keptOf(p), func() ([]byte, error) { return data, nil })
		if err := picture.Load(context.Background()); err != nil {
			return nil, "", err
		}
		return picture.Wire(images.WireLimits{})
	}
}

func (m *model) exported(msg exportedMsg) {
	switch {
	case errors.Is(msg.err, fs.ErrExist):
		m.say(&note{text: msg.err.Error(), bad: true, hint: "/export -f " + msg.file + " replaces it."})
		return
	case msg.err != nil:
		m.say(&note{text: msg.err.Error(), bad: true})
		return
	}
	text := "Exported " + plural(msg.out.Messages, "message") + " to " + msg.out.File
	if msg.out.Folder != "" {
		text += ", with pictures in " + msg.out.Folder
	}
	n := &note{text: termtext.Line(text) + "."}
	if len(msg.out.Lost) > 0 {
		n.hint = "Pictures that are lost were left out: " + strings.Join(msg.out.Lost, ", ")
	}
	m.say(n)
}

// asConversation is the conversation as it is kept, whether it is or not.
func (m *model) asConversation() *sessions.Conversation {
	c := &sessions.Conversation{Session: sessions.Session{System: m.talk.system, Updated: time.Now()}}
	ids := map[any]int64{}
	add := func(of any, parent any, msg sessions.Message) {
		msg.ID, msg.Parent = int64(len(c.All)+1), ids[parent]
		ids[of] = msg.ID
		c.All = append(c.All, msg)
	}
	for ex := range m.talk.all {
		if ids[ex.question] == 0 {
			var parent any
			if ex.parent != nil {
				parent = ex.parent.answer
			}
			msg := messageOf(ex.question)
			msg.Created = ex.asked
			add(ex.question, parent, msg)
		}
		msg := messageFrom(ex)
		msg.Created = ex.asked
		add(ex.answer, ex.question, msg)
	}
	if m.talk.leaf != nil {
		c.Leaf = ids[m.talk.leaf.answer]
	}
	c.Created, c.Title = c.All[0].Created, sessions.TitleOf(&c.All[0])
	if m.session != nil {
		c.ID, c.Tags = m.session.id, m.session.tags
		if m.session.title != "" {
			c.Title, c.TitleBy = m.session.title, m.session.titleBy
		}
	}
	return c
}
