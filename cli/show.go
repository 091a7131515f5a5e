package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/termimg"
	"github.com/vlmchat/vlmchat/termtext"
)

// showFlags are the flags of 'vlmchat show'.
type showFlags struct {
	width, height int
	asSeen        bool
}

// showCommand is 'vlmchat show': pictures on the terminal.
func showCommand(a *app) *cobra.Command {
	var flags showFlags
	cmd := &cobra.Command{
		Use:   "show PICTURE...",
		Short: "Draw pictures on the terminal",
		Long: "Show draws pictures as large as they are or as fits, each with a line about it: its name,\n" +
			"its size, its format, and what was done to it before a model sees it. How it is drawn is\n" +
			"what the terminal can do, by its own word; --preview has it drawn otherwise. Into a pipe\n" +
			"only the lines are written, and the pictures if --preview says how.",
		Example: `  vlmchat show photo.jpg
  vlmchat show --width 40 *.png
  vlmchat show --preview blocks photo.jpg | less -R
  vlmchat show --as-seen --model M photo.jpg     what the model gets`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("show takes pictures; see %s --help", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.show(cmd.Context(), args, flags)
		},
	}
	cmd.Flags().IntVar(&flags.width, "width", 0, "draw at most so many columns (default: the terminal's)")
	cmd.Flags().IntVar(&flags.height, "height", 0, "draw at most so many rows (default: as fits; half the screen for one of several)")
	cmd.Flags().BoolVar(&flags.asSeen, "as-seen", false, "draw what the model gets of each picture: upright, resized, cut into tiles; name one with --model")
	a.regions.add(cmd.Flags())
	pictures := []string{config.Profile, config.Backend, config.Frames, config.PrivateURLs, config.Preview, config.KeepAlive, config.DiskCache}
	addSettings(cmd.Flags(), slices.Concat(pictures, opensNative, opensServer)...)
	cmd.Flags().SortFlags = false
	return cmd
}

func (a *app) show(ctx context.Context, sources []string, flags showFlags) error {
	if flags.width < 0 || flags.height < 0 {
		return usagef("--width and --height are numbers of columns and rows")
	}
	if err := a.setUpLoader(); err != nil {
		return err
	}
	status := newStatus(a.stderr)
	listening, finish := reading(ctx, status, status.note)
	pictures, err := a.picturesToShow(listening, sources)
	finish()
	if err != nil {
		return err
	}
	if flags.asSeen {
		return a.showAsSeen(ctx, pictures, flags)
	}
	var all []exhibit
	for _, p := range pictures {
		all = append(all, exhibitOf(p))
	}
	return a.exhibit(ctx, all, flags)
}

// exhibit is something to show, with a line about it.
type exhibit struct {
	rgb           []byte
	width, height int
	caption       string
}

// exhibitOf shows a picture.
func exhibitOf(p *images.Picture) exhibit {
	caption := strings.Join(append([]string{p.Source}, p.Facts()...), " · ")
	return exhibit{p.RGB(), p.Width, p.Height, termtext.Line(caption)}
}

// exhibit draws what there is to show, one below the other.
func (a *app) exhibit(ctx context.Context, all []exhibit, flags showFlags) error {
	s, err := a.openSurface(ctx, a.stdout)
	if err != nil {
		return err
	}
	defer s.Close()
	cols, rows := flags.room(s, len(all))
	for _, e := range all {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := s.draw(termimg.New(e.rgb, e.width, e.height), cols, rows, e.caption); err != nil {
			return err
		}
	}
	return nil
}

// room is how many cells each of n pictures may take. Where there is no screen it is
// that of a usual one.
func (f showFlags) room(s *surface, n int) (cols, rows int) {
	cols, rows = s.window.X, s.window.Y
	if cols <= 0 || rows <= 0 {
		cols, rows = 80, 24
	}
	screen := rows - 1
	rows -= 3 // the command, the caption, and the shell's prompt
	if n > 1 {
		rows = rows/2 - 1
	}
	if f.width > 0 {
		cols = f.width
		if s.window.X > 0 {
			cols = min(cols, s.window.X)
		}
	}
	if f.height > 0 {
		rows = f.height
	}
	if s.Placed() {
		rows = min(rows, screen) // pixels need a place on the screen
	}
	return cols, max(1, rows)
}
