package sessions

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Salvaged is the tag of conversations of which it is not certain that they are as they
// were: what was known of them is lost, or messages are.
const Salvaged = "salvaged"

// lostWords stand where a message is lost.
const lostWords = "(This message is lost.)"

// Each table's columns, by which a row of it is known: T is a text, I an integer, R any
// number, N nothing; t and i may be nothing. Columns behind the blank are not in tables
// that an earlier version has made.
const (
	sessionShape = "TTITIIIIIT T"
	messageShape = "NTiTTTITTtttRTTT t"
	partShape    = "NIIttttiit t"
	draftShape   = "TTTI"
	neededShape  = "Tit"
)

// wreck is what was found in a damaged database.
type wreck struct {
	sessions map[string]*Conversation
	messages map[int64]*foundMessage
	parts    map[int64]map[int64]Part // by the numbers of messages and their positions
	needs    map[int64][]*Picture
	drafts   []Draft
	lost     int // messages that are known to be lost, in whole or in part
}

type foundMessage struct {
	Message
	session string
}

// salvage reads what can be read of a damaged database.
func salvage(path string) (*wreck, error) {
	w := newWreck()
	if err := carve(path, w.row); err != nil {
		return nil, err
	}
	w.mend()
	return w, nil
}

func newWreck() *wreck {
	return &wreck{sessions: map[string]*Conversation{}, messages: map[int64]*foundMessage{},
		parts: map[int64]map[int64]Part{}, needs: map[int64][]*Picture{}}
}

// has reports whether columns are those of a table.
func has(columns []value, shape string) bool {
	least, more, _ := strings.Cut(shape, " ")
	all := least + more
	if len(columns) < len(least) || len(columns) > len(all) {
		return false
	}
	for i, c := range columns {
		kind := c.kind
		switch wanted := all[i]; {
		case wanted == 'R' && (kind == 'I' || kind == 'R'), wanted >= 'a' && kind == 'N':
		case kind != byte(unicode.ToUpper(rune(wanted))):
			return false
		}
	}
	return true
}

// row takes a row, whatever table it is of.
func (w *wreck) row(id int64, columns []value) {
	switch c := columns; {
	case has(c, partShape):
		w.part(c)
	case id > 0 && has(c, messageShape):
		w.message(id, c)
	case has(c, sessionShape):
		w.session(c)
	case has(c, draftShape) && isID(strings.ReplaceAll(c[0].text, beside, "")):
		d := Draft{Session: c[0].text, Text: c[1].text}
		var pictures []draftPicture
		_ = json.Unmarshal([]byte(c[2].text), &pictures) // a text alone is worth having
		for _, p := range pictures {
			if p.SHA256 == "" || isDigest(p.SHA256) {
				d.Pictures = append(d.Pictures, p.kept())
			}
		}
		w.drafts = append(w.drafts, d)
	case has(c, neededShape) && isDigest(c[0].text) && c[1].num > 0:
		w.needs[c[1].num] = append(w.needs[c[1].num], &Picture{SHA256: c[0].text})
	}
}

func (w *wreck) session(c []value) {
	if !isID(c[0].text) {
		return
	}
	s := Session{ID: c[0].text, Title: c[1].text, System: c[3].text, Created: plausible(c[4]), Updated: plausible(c[5])}
	if maker := c[2].num; maker >= 0 && maker < int64(len(titleMakers)) {
		s.TitleBy = titleMakers[maker]
	}
	if len(c) > 10 {
		s.Tags = lines(c[10].text)
	}
	w.sessions[s.ID] = &Conversation{Session: s, Leaf: c[6].num}
}

func (w *wreck) message(id int64, c []value) {
	m := foundMessage{session: c[1].text, Message: Message{ID: id, Parent: c[2].num, Role: Role(c[3].text), State: State(c[4].text),
		Thinking: c[5].text, Created: plausible(c[6]), Engine: c[7].text, Model: c[8].text, By: valid(c[9]), Sampling: valid(c[10]), Usage: valid(c[11]),
		Finish: c[13].text, Error: c[14].text, Hint: c[15].text}}
	if m.Role != User && m.Role != Assistant || !slices.Contains([]State{Asked, Partial, Whole, Stopped, Failed}, m.State) || !isID(m.session) {
		return
	}
	if cost := c[12].real + float64(c[12].num); cost > 0 && !math.IsInf(cost, 0) {
		m.Cost = cost
	}
	if len(c) > 16 {
		m.Provenance = valid(c[16])
	}
	w.messages[id] = &m
}

func (w *wreck) part(c []value) {
	message, position, p := c[1].num, c[2].num, Part{Text: c[3].text}
	if message <= 0 || position < 0 {
		return
	}
	if c[4].kind == 'T' {
		if !isDigest(c[4].text) {
			return
		}
		p = Part{Picture: &Picture{SHA256: c[4].text, Source: c[5].text, Format: c[6].text, Width: int(c[7].num), Height: int(c[8].num), Facts: valid(c[9])}}
	}
	if c[3].cut {
		w.lost++
	}
	if w.parts[message] == nil {
		w.parts[message] = map[int64]Part{}
	}
	w.parts[message][position] = p
}

// plausible is a time that a person can have seen.
func plausible(v value) time.Time {
	t := time.UnixMilli(v.num)
	if year := t.Year(); year < 2000 || year > 2200 {
		return time.Now()
	}
	return t
}

// valid is JSON, if it is.
func valid(v value) json.RawMessage {
	if v.kind != 'T' || !json.Valid([]byte(v.text)) {
		return nil
	}
	return json.RawMessage(v.text)
}

// mend makes conversations of what was found. Numbers of messages tell the order in which
// they were written, so that one that is lost is known by those before and behind it.
func (w *wreck) mend() {
	w.restore()
	for _, id := range slices.Sorted(maps.Keys(w.messages)) {
		m := w.messages[id]
		if parent := w.messages[m.Parent]; parent == nil || parent.session != m.session || parent.ID >= id {
			m.Parent = 0
		}
		positions := w.parts[id]
		for _, at := range slices.Sorted(maps.Keys(positions)) {
			m.Parts = append(m.Parts, positions[at])
		}
		m.Needs = w.needs[id]
		c := w.sessions[m.session]
		if c == nil {
			c = &Conversation{Session: Session{ID: m.session, Created: m.Created, Updated: m.Created, Tags: []string{Salvaged}}}
			if m.session == piecesID {
				c.Title = "Salvaged pieces"
			}
			w.sessions[m.session] = c
		}
		if len(m.Parts) == 0 && (m.Role == User || m.State == Whole) {
			m.Parts = []Part{{Text: lostWords}}
			w.lost++
			c.Tags = slices.Compact(slices.Sorted(slices.Values(append(c.Tags, Salvaged))))
		}
		if c.Title == "" {
			c.Title = TitleOf(&m.Message)
		}
		if m.Created.After(c.Updated) {
			c.Updated = m.Created
		}
		c.All = append(c.All, m.Message)
	}
	for id, c := range w.sessions {
		if len(c.All) == 0 {
			delete(w.sessions, id)
			continue
		}
		if !slices.ContainsFunc(c.All, func(m Message) bool { return m.ID == c.Leaf }) {
			c.Leaf = c.All[len(c.All)-1].ID
		}
	}
}

// restore makes messages again whose rows are lost: of their parts, or where others follow
// them, of words that say so.
func (w *wreck) restore() {
	follower := map[int64]*foundMessage{}
	numbers := slices.Collect(maps.Keys(w.messages))
	numbers = slices.AppendSeq(numbers, maps.Keys(w.parts))
	for id, m := range w.messages {
		if m.Parent > 0 && m.Parent < id {
			follower[m.Parent] = m
			numbers = append(numbers, m.Parent)
		}
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	after := make([]*foundMessage, len(numbers)) // the next one that is there
	for i := len(numbers) - 2; i >= 0; i-- {
		if after[i] = w.messages[numbers[i+1]]; after[i] == nil {
			after[i] = after[i+1]
		}
	}
	last := map[string]map[Role]int64{}
	var before *foundMessage
	for i, id := range numbers {
		m := w.messages[id]
		if m == nil {
			m = w.guess(id, before, follower[id], after[i])
			m.Parent = last[m.session][other(m.Role)]
			w.messages[id] = m
		}
		if before = m; last[m.session] == nil {
			last[m.session] = map[Role]int64{}
		}
		last[m.session][m.Role] = id
	}
}

// guess is a lost message: of the session of one that follows it, or of those that were
// written before and after it.
func (w *wreck) guess(id int64, before, follower, after *foundMessage) *foundMessage {
	m := &foundMessage{Message: Message{ID: id, Role: User, State: Whole}}
	switch {
	case follower != nil:
		m.session, m.Role, m.Created = follower.session, other(follower.Role), follower.Created
	case before != nil && (after == nil || after.session == before.session):
		m.session, m.Role, m.Created = before.session, other(before.Role), before.Created
	default:
		m.session, m.Created = piecesID, time.Now()
	}
	if len(w.parts[id]) == 0 {
		w.parts[id] = map[int64]Part{0: {Text: lostWords}}
		w.lost++
	}
	return m
}

// piecesID is the session of messages of which it is not known where they were said.
const piecesID = "pieces"

func other(r Role) Role {
	if r == User {
		return Assistant
	}
	return User
}

// refill adds what was found to a new store, all or nothing.
func (w *wreck) refill(ctx context.Context, s *Store) error {
	return s.change(ctx, "salvaging conversations", func(tx *sql.Tx) error {
		for _, c := range slices.SortedFunc(maps.Values(w.sessions), func(a, b *Conversation) int {
			return cmp.Or(a.Updated.Compare(b.Updated), cmp.Compare(a.ID, b.ID))
		}) {
			if err := s.addWhole(ctx, tx, c); err != nil {
				return err
			}
		}
		for _, d := range w.drafts {
			if d.Empty() {
				continue
			}
			if err := s.putDraft(ctx, tx, d); err != nil {
				return err
			}
		}
		return nil
	})
}

// tells says how much was found.
func (w *wreck) tells() string {
	if len(w.sessions) == 0 {
		return "No conversation could be salvaged."
	}
	messages := 0
	for _, c := range w.sessions {
		messages += len(c.All)
	}
	says := fmt.Sprintf("What could be read was salvaged: conversations: %d, messages: %d.", len(w.sessions), messages)
	if w.lost > 0 {
		says += fmt.Sprintf(" Messages that are known to be lost, in whole or in part: %d.", w.lost)
	}
	return says
}
