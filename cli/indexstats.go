package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks/index"
	"github.com/vlmchat/vlmchat/termtext"
)

// statsFlags are the flags of 'vlmchat index stats'.
type statsFlags struct {
	index      string
	texts      string
	duplicates float64
	asJSON     bool
}

// statsJSON is what an index is like, for programs.
type statsJSON struct {
	documentHead
	Index        string              `json:"index"`
	Roots        []string            `json:"roots"`
	Updated      *time.Time          `json:"updated,omitempty"`
	Space        engine.Space        `json:"space"`
	Holds        index.Counts        `json:"holds"`
	Texts        statsTexts          `json:"texts"`
	Gap          index.Gap           `json:"gap"`
	Temperatures []index.Temperature `json:"temperatures"`
	Sampled      int                 `json:"sampled"`
	Duplicates   statsTwins          `json:"duplicates"`
	Damaged      int                 `json:"damaged_vectors"`
}

type statsTexts struct {
	Source string `json:"source"` // a file, or "built in"
	Count  int    `json:"count"`
}

type statsTwins struct {
	Threshold float64       `json:"threshold"`
	Groups    []index.Twins `json:"groups"`
}

func indexStatsCommand(a *app) *cobra.Command {
	var flags statsFlags
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Tell what is in an index, how far its pictures lie from texts, and which are nearly the same",
		Long: `Stats counts what is in an index and looks at its vectors: the modality gap between
pictures and texts, how sure the model is at other temperatures, and pictures that are
nearly the same. docs/search.md says what the numbers mean.`,
		Example: `  vlmchat index stats
  vlmchat index stats --duplicates 0.95          also what is less alike
  vlmchat index stats --texts captions.txt --json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.indexStats(cmd.Context(), flags) },
	}
	f := cmd.Flags()
	indexFlag(f, &flags.index)
	f.StringVar(&flags.texts, "texts", "", "file of texts to compare the pictures with, one a line (default: some that are built in)")
	f.Float64Var(&flags.duplicates, "duplicates", 0.98, "cosine from which on two pictures are nearly the same")
	f.BoolVar(&flags.asJSON, "json", false, "print a JSON object")
	addSettings(f, ofEncoders...)
	f.SortFlags = false
	return cmd
}

func (a *app) indexStats(ctx context.Context, flags statsFlags) error {
	if flags.duplicates < -1 || flags.duplicates > 1 {
		return usagef("--duplicates %g is no cosine: it lies between -1 and 1", flags.duplicates)
	}
	s, err := a.openSearch(ctx, flags.index)
	if err != nil {
		return err
	}
	defer s.Close()
	texts, source, err := statsTextsOf(flags.texts, s.state.Space)
	if err != nil {
		return err
	}
	status := newStatus(a.stderr)
	if note := s.state.Space.Note; note != "" {
		status.note(termtext.Line(note))
	}
	status.doing("comparing pictures with texts")
	st, err := s.stats(ctx, texts, flags.duplicates)
	status.clear()
	if err != nil {
		return indexError(err, flags.index)
	}
	st.Texts = statsTexts{source, len(texts)}
	if flags.asJSON {
		return printJSON(a.stdout, st)
	}
	return a.printIndexStats(st)
}

func (s *searcher) stats(ctx context.Context, texts []string, threshold float64) (st statsJSON, err error) {
	st = statsJSON{documentHead: documentHead{"vlmchat-index-stats", 1}, Index: s.index.Dir(), Roots: []string{}, Space: s.state.Space}
	if !s.state.Updated.IsZero() {
		at := s.state.Updated.UTC()
		st.Updated = &at
	}
	roots, err := s.index.Roots(ctx)
	if err != nil {
		return st, err
	}
	for _, r := range roots {
		st.Roots = append(st.Roots, r.Path)
	}
	if st.Holds, err = s.index.Count(ctx); err != nil {
		return st, err
	}
	vectors, err := s.encoder.EncodeTexts(ctx, texts)
	if err != nil {
		return st, err
	}
	g, err := s.index.Geometry(ctx, s.state.Space, vectors)
	if err != nil {
		return st, err
	}
	st.Gap, st.Temperatures, st.Sampled, st.Damaged = g.Gap, g.Temperatures, g.Sampled, g.Damaged
	st.Duplicates.Threshold = threshold
	st.Duplicates.Groups, err = s.index.Duplicates(ctx, threshold)
	return st, err
}

// Texts that pictures are compared with where none are named: what people photograph, in the
// form that models are trained with; for the built-in model, what it knows.
var (
	everyday = []string{
		"person", "child", "group of people", "face", "dog", "cat", "bird", "horse", "flower", "tree", "forest", "mountain", "beach", "lake", "river", "sunset",
		"night sky", "city street", "building", "house", "room", "kitchen", "table with food", "plate of food", "cup of coffee", "car", "bicycle", "train", "boat",
		"airplane", "concert", "wedding", "birthday cake", "book", "page of text", "screenshot", "map", "diagram", "drawing", "toy", "garden", "snow",
	}
	shapeColours = []string{"red", "green", "blue", "yellow"}
	shapes       = []string{"circle", "square", "triangle", "star"}
)

// statsTextsOf are the texts of a file, or those that are built in.
func statsTextsOf(file string, space engine.Space) (texts []string, source string, err error) {
	if file != "" {
		texts, err = linesOf(file)
		return texts, file, err
	}
	if space.Demo {
		for _, colour := range shapeColours {
			for _, shape := range shapes {
				texts = append(texts, "a "+colour+" "+shape)
			}
		}
		return texts, "built in", nil
	}
	for _, what := range everyday {
		texts = append(texts, "a photo of a "+what)
	}
	return texts, "built in", nil
}

// linesOf are the lines of a file that have something in them.
func linesOf(file string) ([]string, error) {
	const most = 64 << 20
	info, err := os.Stat(file)
	if err == nil && (info.IsDir() || info.Size() > most) {
		err = errors.New("it is no file of lines, or a very large one")
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(file)
	}
	if err != nil {
		return nil, usagef("--texts %s: %w", file, err)
	}
	if !utf8.Valid(data) {
		return nil, usagef("--texts %s: it is no text in UTF-8", file)
	}
	var lines []string
	for _, line := range strings.Split(strings.TrimPrefix(string(data), "\ufeff"), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil, usagef("--texts %s: there is no text in it", file)
	}
	return lines, nil
}

// shownTwins is how many groups of near duplicates are listed, and files of each.
const shownTwins = 10

func (a *app) printIndexStats(st statsJSON) error {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) { fmt.Fprintf(table, name+"\t"+format+"\n", args...) }
	line("index", "%s", termtext.Line(st.Index))
	line("folders", "%s", termtext.Line(strings.Join(st.Roots, ", ")))
	line("model", "%s, %d dimensions", termtext.Line(st.Space.Model), st.Space.Dimensions)
	line("pictures", "%s in %s, %s different", thousands(st.Holds.Pictures), counted(st.Holds.Files, "file"), thousands(st.Holds.Contents))
	line("unusable", "%s", counted(st.Holds.Problems, "file"))
	line("size", "%s", size(uint64(st.Holds.Bytes)))
	if st.Damaged > 0 {
		line("damaged", "%s, left out; 'vlmchat index' makes them anew", counted(st.Damaged, "vector"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(&b, "\nModality gap: %.3f\n", st.Gap.Distance)
	fmt.Fprintf(&b, "  The distance between the centres of the pictures and of %s (%s). From 0, where both\n  lie together, to 2. Compare scores of pictures with each other, not with what two pictures have.\n", counted(st.Texts.Count, "text"), termtext.Line(st.Texts.Source))
	fmt.Fprintf(&b, "  Mean cosine of two pictures %.3f, of two texts %.3f, of a picture and a text %.3f.\n", st.Gap.Pictures, st.Gap.Texts, st.Gap.Across)
	fmt.Fprint(&b, "\nTemperature: how sure the model is which text fits\n")
	for _, t := range st.Temperatures {
		mark := ""
		if t.Factor == 1 {
			mark = "  (the model's own)"
		}
		fmt.Fprintf(&b, "  scale %6.1f   %4.2f bits of doubt   likeliest text %3.0f%%%s\n", t.Scale, t.Entropy, 100*t.Top, mark)
	}
	fmt.Fprintf(&b, "  Of %s. If the model's own line is near certainty for any texts, trust the order, not the percents.\n", counted(st.Sampled, "picture"))
	fmt.Fprintf(&b, "\nNearly the same, from a cosine of %g on: %s\n", st.Duplicates.Threshold, counted(len(st.Duplicates.Groups), "group"))
	for i, group := range st.Duplicates.Groups {
		if i == shownTwins {
			fmt.Fprintf(&b, "  %s; --json lists all\n", andMore(len(st.Duplicates.Groups), i))
			break
		}
		printTwins(&b, group)
	}
	_, err := fmt.Fprint(a.stdout, b.String())
	return unread(err)
}

// printTwins lists a group, and which of its files are the same to the byte.
func printTwins(b *strings.Builder, group index.Twins) {
	fmt.Fprintf(b, "  %.3f\n", group.Score)
	for i, twin := range group.Pictures {
		if i == shownTwins {
			fmt.Fprintf(b, "    %s\n", andMore(len(group.Pictures), i))
			return
		}
		fmt.Fprintf(b, "    %s\n", termtext.Line(fromHere(twin.Path)))
		for j, copied := range twin.Copies {
			if j == shownTwins {
				fmt.Fprintf(b, "      = %s\n", andMore(len(twin.Copies), j))
				break
			}
			fmt.Fprintf(b, "      = %s\n", termtext.Line(fromHere(copied)))
		}
	}
}
