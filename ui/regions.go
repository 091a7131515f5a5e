package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/images"
)

// defaultTiles is how many parts a picture has if nobody says.
const defaultTiles = "2x2"

// crop attaches a region of a picture, which is chosen by eye if nothing is said of it.
func (m *model) crop(argument string) tea.Cmd {
	written := strings.TrimSpace("/crop " + argument)
	number, rest := cutNumber(argument)
	if rest == "" {
		return m.openZoom(number)
	}
	s := m.choosePicture(number)
	if s == nil {
		return m.noSuchPicture(written)
	}
	region, err := images.ParseRegion(rest)
	if err != nil {
		return m.misread(err, written)
	}
	return m.cut(s, written, func(p *images.Picture) ([]*images.Picture, error) {
		rect, err := region.Of(p)
		if err != nil {
			return nil, err
		}
		part, err := p.Crop(rect)
		return []*images.Picture{part}, err
	})
}

// tiles attaches the tiles of a picture. Their overview is the picture itself, which
// the model has or is about to get.
func (m *model) tiles(argument string) tea.Cmd {
	written := strings.TrimSpace("/tiles " + argument)
	number, rest := cutNumber(argument)
	s := m.choosePicture(number)
	if s == nil {
		return m.noSuchPicture(written)
	}
	if rest == "" {
		rest = defaultTiles
	}
	grid, err := images.ParseGrid(rest)
	if err != nil {
		return m.misread(err, written)
	}
	return m.cut(s, written, func(p *images.Picture) ([]*images.Picture, error) {
		all, err := p.Tiles(grid)
		if err != nil {
			return nil, err
		}
		return all[1:], nil
	})
}

// cut begins to make regions of a picture, which go with the next message. If they
// can't be had, what was written goes back to the composer.
func (m *model) cut(s *shot, written string, parts func(*images.Picture) ([]*images.Picture, error)) tea.Cmd {
	a := &attachment{source: s.name, from: &request{original: written}, of: s}
	m.attachments = slices.Insert(m.attachments, m.attachments.place(s), a)
	return func() tea.Msg {
		msg := attachedMsg{attachment: a, source: s.picture.Source}
		var all []*images.Picture
		if msg.err = s.picture.Load(m.ctx); msg.err == nil {
			all, msg.err = parts(s.picture)
		}
		if msg.err != nil {
			return msg
		}
		for _, p := range all {
			msg.shots = append(msg.shots, newShot(p))
		}
		return msg
	}
}

// shots returns the pictures that a person may mean by a number: first what waits for the
// next message, as the chips stand, then what is on the screen above, from the newest.
func (m *model) shots() []*shot {
	all := m.attachments.shots()
	for _, s := range slices.Backward(m.transcript.shots()) {
		same := func(o *shot) bool { return o.picture.SHA256 == s.picture.SHA256 }
		if !slices.ContainsFunc(all, same) {
			all = append(all, s)
		}
	}
	return all
}

// cutNumber splits off the number that an argument may begin with.
func cutNumber(argument string) (number, rest string) {
	first := firstWord(argument)
	if _, err := strconv.Atoi(first); err != nil {
		return "", argument
	}
	return first, strings.TrimSpace(argument[len(first):])
}

// choosePicture returns the picture that is meant, by its number. Without one it is the
// one attached last, or else the last one above; a region only if there is nothing
// else, so that several can be taken of a picture in a row. It is nil if there is no
// such picture.
func (m *model) choosePicture(number string) *shot {
	all, chips := m.shots(), len(m.attachments.shots())
	if number != "" {
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > len(all) {
			return nil
		}
		return all[n-1]
	}
	slices.Reverse(all[:chips])
	if i := slices.IndexFunc(all, (*shot).whole); i >= 0 {
		return all[i]
	}
	if len(all) > 0 {
		return all[0]
	}
	return nil
}

// lastShot is the picture that was shown last, a region too; nil if there is none.
func (m *model) lastShot() *shot {
	all := m.shots()
	if len(all) == 0 {
		return nil
	}
	return all[max(0, len(m.attachments.shots())-1)]
}

// noSuchPicture says which pictures there are.
func (m *model) noSuchPicture(written string) tea.Cmd {
	all := m.shots()
	if len(all) == 0 {
		m.say(&note{text: "There is no picture yet.", hint: "/attach PATH adds one."})
		return nil
	}
	var lines []string
	for i, s := range all {
		lines = append(lines, fmt.Sprintf("%d %s", i+1, s.caption()))
	}
	m.say(&note{text: "There is no picture of this number. There are:\n" + strings.Join(lines, "\n")})
	m.composer.giveBack(written)
	return nil
}

// misread says what is wrong with what was written, and gives it back.
func (m *model) misread(err error, written string) tea.Cmd {
	m.say(&note{text: err.Error(), bad: true})
	m.composer.giveBack(written)
	return nil
}
