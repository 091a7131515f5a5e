package termimg

import (
	"context"
	"fmt"
	"image"
	"os/exec"
	"strings"
	"time"
)

// Tmux is what tmux tells of itself and of the terminal that it draws on. That
// terminal can't be asked through it: tmux takes some of the answers for itself.
type Tmux struct {
	Version     string
	Outer       string // the terminal's name and version, as Answers.Name, or at least its TERM
	Passthrough bool   // tmux hands sequences on (allow-passthrough)
	Sixel       bool   // the terminal has sixel graphics
	Cell        image.Point
}

// tmuxFacts is asked of tmux, a fact a line.
const tmuxFacts = "#{version}\n#{client_termtype}\n#{client_termname}\n#{allow-passthrough}\n#{client_termfeatures}\n#{client_cell_width} #{client_cell_height}"

// AskTmux asks the tmux in which this process runs. It takes some milliseconds.
func AskTmux(ctx context.Context) (Tmux, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "tmux", "display-message", "-p", tmuxFacts).Output()
	if err != nil {
		return Tmux{}, fmt.Errorf("tmux can't be asked: %w", err)
	}
	return parseTmux(string(out)), nil
}

func parseTmux(out string) Tmux {
	lines := append(strings.Split(out, "\n"), make([]string, 6)...)
	t := Tmux{
		Version:     lines[0],
		Outer:       lines[1],
		Passthrough: lines[3] != "" && lines[3] != "0" && lines[3] != "off",
		Sixel:       strings.Contains(","+lines[4]+",", ",sixel,"),
	}
	if t.Outer == "" {
		t.Outer = lines[2]
	}
	if _, err := fmt.Sscanf(lines[5], "%d %d", &t.Cell.X, &t.Cell.Y); err != nil {
		t.Cell = image.Point{}
	}
	return t
}
