package ui

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termtext"
)

// Hit is a picture that a search has found.
type Hit struct {
	Source string  // by what name it is read
	Name   string  // as it is shown
	Score  float64 // how near it is to the words, at most 1
	About  string  // when it was taken, its size
}

// Search is what was searched for, and found.
type Search struct {
	Words  string
	Hits   []Hit    // the best first
	Notes  []string // what there is to know of it
	Remark string   // what there is to know of what searched, in this chat; "" for nothing
}

// searchCommand searches pictures by what they show, to attach some. Numbers pick from what
// was found where that is a list.
func (m *model) searchCommand(argument string) tea.Cmd {
	if numbers := strings.Fields(argument); m.plain && m.shown["search"] != nil && len(numbers) > 0 && !slices.ContainsFunc(numbers, notNumber) {
		return m.pickNumbers("search", numbers)
	}
	switch {
	case m.options.Search == nil:
		m.say(&note{text: "Pictures can't be searched here."})
		return nil
	case argument == "":
		m.say(&note{text: "What are the pictures to show? /search a red circle finds them in the index.", hint: "'vlmchat index FOLDER' makes one."})
		return nil
	}
	search := m.options.Search
	return m.openHits(argument, func(ctx context.Context) (Search, error) { return search(ctx, argument) })
}

// openFound opens the picker of what was found before the chat began.
func (m *model) openFound() tea.Cmd {
	found := m.options.Found
	if found == nil {
		return nil
	}
	return m.openHits(found.Words, func(context.Context) (Search, error) { return *found, nil })
}

// openHits opens a picker of the pictures that some words find.
func (m *model) openHits(words string, search func(context.Context) (Search, error)) tea.Cmd {
	var notes []string
	var remark string
	plain := m.plain
	source := func(e entry) string { return e.value.(Hit).Source }
	p := &picker{
		command: "search", doing: "searching", empty: "No picture was found.",
		fetch: func(ctx context.Context, found func(...entry)) error {
			s, err := search(ctx)
			notes, remark = s.Notes, s.Remark
			found(hitEntries(s.Hits, plain)...)
			return err
		},
		fetched: func(m *model) {
			m.sayOnce(remark)
			for _, text := range notes {
				m.say(&note{text: termtext.Line(text)})
			}
		},
		pick: func(m *model, e entry) tea.Cmd { return m.attachAll([]string{source(e)}) },
	}
	c := &pictureChoice{}
	return m.openPicker(c.with(p, m.keys, source, "of “"+termtext.Line(words)+"”"))
}

// hitEntries are pictures that were found, as entries of the picker. Scores stand in front
// where that makes a column.
func hitEntries(hits []Hit, plain bool) []entry {
	var all []entry
	for _, h := range hits {
		e := entry{name: h.Name, path: true, about: h.About, value: h}
		if score := fmt.Sprintf("%.2f", orZero(h.Score, 2)); plain {
			e.about = strings.TrimSuffix(score+dot+h.About, dot)
		} else {
			e.lead = score + " "
		}
		all = append(all, e)
	}
	return all
}

func notNumber(word string) bool {
	_, err := strconv.Atoi(word)
	return err != nil
}

// pickNumbers picks several entries of what a command listed last.
func (m *model) pickNumbers(command string, numbers []string) tea.Cmd {
	var all []tea.Cmd
	for _, number := range numbers {
		cmd, _ := m.pickNumber(command, number)
		all = append(all, cmd)
	}
	return tea.Batch(all...)
}
