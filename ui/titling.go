package ui

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termtext"
)

// Once there is a whole answer, the model is asked for a title of the conversation: by
// the words of the first question and answer alone, behind everything that somebody waits
// for. The next question ends it. What comes of it takes the place of the first words if
// it looks like a title, and is never told of otherwise.

// titling is a model being asked for a title.
type titling struct {
	session *session
	cancel  context.CancelFunc
}

// titledMsg says what came of that.
type titledMsg struct {
	of    *titling
	title string // empty if there is none
	cost  float64
}

const (
	// mostTitlings is how often a model is asked for the title of a conversation while it
	// is open, as the next question may come in between.
	mostTitlings = 3
	// titlePatience is after how long a title is not waited for any more.
	titlePatience = 2 * time.Minute
	// titleTokens is how many it may take: titles are short, and some languages
	// take several for a word.
	titleTokens = 32
	// How many characters of the question and of the answer a model is told.
	titleQuestion, titleAnswer = 500, 1000
)

// titleRequest asks for a title. What a conversation is about stands behind it.
const titleRequest = "Give the conversation below a title of three to six words, in the language of the question. " +
	"Answer with the title alone: no quotes, no full stop."

// entitle asks the model for a title, if the conversation is to have one and there is room
// in the context beside it.
func (m *model) entitle() tea.Cmd {
	s := m.session
	if !m.options.Titles || m.keeper == nil || m.private || s.titleBy != sessions.ByWords || s.titlings >= mostTitlings ||
		m.titling != nil || m.busy() || m.change != nil {
		return nil
	}
	about := m.talk.subject()
	if about == "" || !m.fullness().hasRoom(len(about)+len(titleRequest)) {
		return nil
	}
	r := engine.Request{
		Messages:   []engine.Message{engine.Text(engine.User, titleRequest+"\n\n"+about+"\n\nTitle:")},
		Sampling:   engine.Sampling{TopP: 1, MaxTokens: titleTokens},
		Background: true, Private: true,
	}
	if m.status.info != nil && m.status.info.Capabilities.Thinking {
		r.Thinking = new(bool)
	}
	t := &titling{session: s}
	var ctx context.Context
	ctx, t.cancel = context.WithTimeout(m.ctx, titlePatience)
	m.titling = t
	s.titlings++
	e, prices := m.setup.Engine, m.setup.Prices
	return func() tea.Msg {
		defer t.cancel()
		msg := titledMsg{of: t}
		var said strings.Builder
		for event, err := range e.Chat(ctx, r) {
			if err != nil || event.Kind == engine.Wait {
				return msg // nobody needs it so much that it is tried again
			}
			switch event.Kind {
			case engine.Delta:
				said.WriteString(event.Text)
			case engine.Done:
				if event.Usage != nil {
					msg.cost = prices.Cost(*event.Usage)
				}
				msg.title = titleFrom(said.String())
			}
		}
		return msg
	}
}

// stopTitling gives up the title that a model is asked for.
func (m *model) stopTitling() {
	if m.titling != nil {
		m.titling.cancel()
		m.titling = nil
	}
}

// titled takes a title that a model has made, unless a person has given one.
func (m *model) titled(msg titledMsg) tea.Cmd {
	if m.titling == msg.of {
		m.titling = nil
	}
	s := msg.of.session
	if s == m.session {
		m.status.cost += msg.cost
	}
	if msg.title == "" || s.titleBy != sessions.ByWords || m.private {
		return nil
	}
	return m.name(s, msg.title, sessions.ByModel)
}

// name gives a conversation a title.
func (m *model) name(s *session, title string, by sessions.TitleBy) tea.Cmd {
	s.title, s.titleBy = title, by
	if !s.begun {
		return nil // it is written with the first message
	}
	k, id := s.kept, s.id
	m.keeper.add(job{do: func(ctx context.Context, store *sessions.Store) error {
		if k.removed {
			return nil
		}
		return k.gone(store.Rename(ctx, id, title, by))
	}})
	return m.write()
}

// subject is what the conversation is about: the first question on the path that was
// answered whole, and its answer. It is empty if there is none.
func (c *conversation) subject() string {
	for _, ex := range c.path() {
		said := strings.TrimSpace(ex.answer.raw.String())
		if ex.answer.state != answered || said == "" {
			continue
		}
		var all []string
		if asked := strings.TrimSpace(ex.question.text); asked != "" {
			all = append(all, "Question: "+firstRunes(asked, titleQuestion))
		}
		return strings.Join(append(all, "Answer: "+firstRunes(said, titleAnswer)), "\n\n")
	}
	return ""
}

// firstRunes cuts a text to so many characters.
func firstRunes(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most]) + "…"
}

// How long a title is, in characters.
const leastOfTitle, mostOfTitle = 3, 60

// titleFrom makes a title of what a model said, empty if it is none: an answer, an excuse,
// the request again. Small models have never heard of titles.
func titleFrom(said string) string {
	title := ""
	for line := range strings.Lines(said) {
		if title = bare(line); title != "" {
			break
		}
	}
	low := strings.ToLower(title)
	words := strings.Fields(title)
	switch n := len([]rune(title)); {
	case n < leastOfTitle || n > mostOfTitle || !strings.ContainsFunc(title, unicode.IsLetter):
		return ""
	case strings.HasSuffix(title, "!"):
		return "" // "Thank you!"
	case len(words) < 2 && !unspaced(title):
		return "" // "none", "yes", "red"
	case slices.ContainsFunc(words[:max(0, len(words)-1)], endsSentence):
		return ""
	case strings.Contains(strings.ToLower(titleRequest), low):
		return ""
	case slices.ContainsFunc(notTitles, func(beginning string) bool { return strings.HasPrefix(low, beginning) }):
		return ""
	}
	return title
}

// endsSentence tells a word behind which another sentence begins, and no "Mt. Fuji".
func endsSentence(word string) bool {
	const abbreviation = 3 // letters at most
	return strings.HasSuffix(word, ".") && len([]rune(word)) > abbreviation+1
}

// notTitles are beginnings of what is said in place of a title.
var notTitles = []string{
	"i ", "i'", "i’", "sorry", "apolog", "unfortunately", "as an ai", "please ", "here is", "here's", "sure", "yes,", "no,", "thank", "hello", "no image", "no picture",
	"there is ", "there are ", "this image", "this picture", "the image ", "the picture ", "question:", "answer:",
	"ich ", "es tut mir", "leider", "je ", "désolé", "lo siento", "mi dispiace", "desculpe", "抱歉", "对不起", "申し訳", "죄송",
}

// bare is a line without what models put around a title: marks of headings and of
// emphasis, quotes, "Title:" before it, and a full stop.
func bare(line string) string {
	const around = " \t\"'`*_#“”„‟‘’‚«»‹›「」『』《》"
	title := strings.Trim(strings.Join(strings.Fields(termtext.Line(line)), " "), around)
	for _, before := range []string{"title", "titel", "titre", "título", "titolo", "标题", "標題", "タイトル", "제목"} {
		rest, is := cutPrefixFold(title, before)
		if is && (strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "：")) {
			title = strings.Trim(strings.TrimPrefix(strings.TrimPrefix(rest, ":"), "："), around)
		}
	}
	if !strings.HasSuffix(title, "...") {
		title = strings.TrimRight(title, ".。 ")
	}
	return strings.Trim(title, around)
}

// cutPrefixFold is strings.CutPrefix for letters of either case.
func cutPrefixFold(text, prefix string) (rest string, is bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return text, false
	}
	return text[len(prefix):], true
}

// unspaced tells scripts that have no blanks between words.
func unspaced(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
	})
}
