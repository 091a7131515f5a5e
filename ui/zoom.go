package ui

import (
	"fmt"
	"image"
	"strconv"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/termimg"
)

// zoom is the view in which a person chooses a region of a picture by eye. It takes
// the whole screen; behind it answers go on, and the composer keeps what is in it.
type zoom struct {
	shots []*shot // that can be looked at, by number
	at    int
	// detail is the picture that is looked at, nil until it was made ready.
	detail *termimg.Detail
	view   viewfinder
	drag   *drag
	flash  string // said once, in place of the keys

	hung   []hanging // what is seen, where View has drawn it
	screen *shot     // what the canvas knows the view as: one picture that keeps changing
	drawn  glance
	image  *termimg.Image // of drawn
}

// drag is a frame being drawn with the mouse, from one cell to another.
type drag struct{ from, to image.Point }

// detailMsg is a picture made ready to be looked at closely.
type detailMsg struct {
	of     *shot
	detail *termimg.Detail
	err    error
}

// openZoom looks at a picture, which may be meant by its number.
func (m *model) openZoom(number string) tea.Cmd {
	s := m.choosePicture(number)
	switch {
	case m.plain:
		return m.noScreen("/crop X,Y,WIDTH,HEIGHT takes a region by its numbers.")
	case s == nil:
		return m.noSuchPicture("/zoom " + number)
	case m.look.Method == termimg.Off:
		m.say(&note{text: "Pictures are not shown here (--preview off), so there is nothing to see closer.",
			hint: "/crop X,Y,WIDTH,HEIGHT takes a region by its numbers."})
		return nil
	}
	m.zoom = &zoom{shots: m.shots(), screen: &shot{}}
	for i, o := range m.zoom.shots {
		if o.picture.SHA256 == s.picture.SHA256 {
			return m.lookAt(i)
		}
	}
	return nil
}

// lookAt turns to the picture of an index.
func (m *model) lookAt(i int) tea.Cmd {
	z := m.zoom
	p := z.shots[i].picture
	z.at, z.detail, z.drag = i, nil, nil
	z.view = newViewfinder(p.Width, p.Height)
	of := z.shots[i]
	ctx := m.ctx
	return func() tea.Msg {
		if err := p.Load(ctx); err != nil {
			return detailMsg{of: of, err: err}
		}
		return detailMsg{of: of, detail: termimg.NewDetail(p.RGB(), p.Width, p.Height)}
	}
}

// focused takes a picture that was made ready.
func (m *model) focused(msg detailMsg) {
	z := m.zoom
	if z == nil || z.shots[z.at] != msg.of {
		return
	}
	z.detail = msg.detail
	if msg.err != nil {
		m.zoom = nil
		m.complain(msg.err)
	}
}

// zoomKey takes a key while the view is open.
func (m *model) zoomKey(msg tea.KeyPressMsg) tea.Cmd {
	z := m.zoom
	z.flash, z.drag = "", nil
	const (
		step  = 1.0 / 8 // of what is seen
		scale = 1.25
		shape = 1.125
	)
	switch {
	case key.Matches(msg, m.keys.zoomView.leave):
		m.zoom = nil
	case key.Matches(msg, m.keys.suspend):
		return m.suspend()
	case key.Matches(msg, m.keys.zoomView.attach):
		return m.attachView()
	case key.Matches(msg, m.keys.zoomView.tiles):
		return m.attachTiles()
	case key.Matches(msg, m.keys.zoomView.next):
		return m.lookAt((z.at + 1) % len(z.shots))
	case key.Matches(msg, m.keys.zoomView.previous):
		return m.lookAt((z.at + len(z.shots) - 1) % len(z.shots))
	case key.Matches(msg, m.keys.zoomView.in):
		z.view.scale(1 / scale)
	case key.Matches(msg, m.keys.zoomView.out):
		z.view.scale(scale)
	case key.Matches(msg, m.keys.zoomView.all):
		z.view = newViewfinder(z.view.width, z.view.height)
	case key.Matches(msg, m.keys.zoomView.wider):
		z.view.reshape(shape, 1)
	case key.Matches(msg, m.keys.zoomView.narrower):
		z.view.reshape(1/shape, 1)
	case key.Matches(msg, m.keys.zoomView.taller):
		z.view.reshape(1, shape)
	case key.Matches(msg, m.keys.zoomView.flatter):
		z.view.reshape(1, 1/shape)
	case key.Matches(msg, m.keys.zoomView.left):
		z.view.move(-step, 0)
	case key.Matches(msg, m.keys.zoomView.right):
		z.view.move(step, 0)
	case key.Matches(msg, m.keys.zoomView.up):
		z.view.move(0, -step)
	case key.Matches(msg, m.keys.zoomView.down):
		z.view.move(0, step)
	default:
		if n, err := strconv.Atoi(msg.Text); err == nil && n >= 1 {
			if n > len(z.shots) {
				z.flash = fmt.Sprintf("there is no picture %d: there are %d", n, len(z.shots))
				return nil
			}
			return m.lookAt(n - 1)
		}
	}
	return nil
}

// zoomMouse takes what the mouse does while the view is open: the wheel scales, and a
// frame that is drawn is what is seen next.
func (m *model) zoomMouse(msg tea.MouseMsg) {
	z := m.zoom
	at := image.Pt(msg.Mouse().X, msg.Mouse().Y)
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			z.view.scale(1 / 1.25)
		case tea.MouseWheelDown:
			z.view.scale(1.25)
		}
	case tea.MouseClickMsg:
		if msg.Button == tea.MouseLeft {
			z.flash, z.drag = "", &drag{at, at}
		}
	case tea.MouseMotionMsg:
		if z.drag != nil {
			z.drag.to = at
		}
	case tea.MouseReleaseMsg:
		if d := z.drag; d != nil && d.from != d.to {
			l := z.view.lay(m.zoomRoom())
			if r := l.cells(*d); !r.Empty() {
				z.view.take(l.area(r, z.view.area))
			}
		}
		z.drag = nil
	}
}

// attachView attaches what is seen, as a picture of its own.
func (m *model) attachView() tea.Cmd {
	z := m.zoom
	if z.view.whole() {
		z.flash = hints("this is the whole picture", hint("comes nearer", m.keys.zoomView.in))
		return nil
	}
	m.zoom = nil
	return m.cut(z.shots[z.at], "", func(p *images.Picture) ([]*images.Picture, error) {
		part, err := p.Crop(z.view.rect())
		return []*images.Picture{part}, err
	})
}

// attachTiles attaches the tiles of what is seen, and that itself as their overview
// unless it is the whole picture.
func (m *model) attachTiles() tea.Cmd {
	z := m.zoom
	m.zoom = nil
	return m.cut(z.shots[z.at], "", func(p *images.Picture) ([]*images.Picture, error) {
		grid, err := images.ParseGrid(defaultTiles)
		if err != nil {
			return nil, err
		}
		if z.view.whole() {
			all, err := p.Tiles(grid)
			if err != nil {
				return nil, err
			}
			return all[1:], nil
		}
		part, err := p.Crop(z.view.rect())
		if err != nil {
			return nil, err
		}
		return part.Tiles(grid)
	})
}
