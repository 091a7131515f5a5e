package cli

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks/index"
)

// searchFlags are the flags of 'vlmchat search'.
type searchFlags struct {
	index    string
	k        int
	images   []string
	not      []string
	in       []string
	globs    []string
	since    string
	until    string
	minScore float64
	qdrant   qdrantFlags

	asJSON     bool
	null       bool
	noPictures bool
	chat       bool
	all        bool
}

func (s *searchFlags) add(f *pflag.FlagSet) {
	indexFlag(f, &s.index)
	f.IntVarP(&s.k, "top", "k", 5, "as many pictures as are wanted")
	f.StringArrayVar(&s.images, "image", nil, "search for what looks like this picture; with words for what is like both; may be repeated")
	f.StringArrayVar(&s.not, "not", nil, "away from what these words say; may be repeated")
	f.StringArrayVar(&s.in, "in", nil, "only pictures in this folder or below; may be repeated")
	f.StringArrayVar(&s.globs, "glob", nil, "only pictures with such a name or path, as '*.jpg' or 'holidays/*'; may be repeated")
	f.StringVar(&s.since, "since", "", "only pictures taken then or later: 2024, 2024-05, 2024-05-03, or 30d, 8w, 2y ago")
	f.StringVar(&s.until, "until", "", "only pictures taken then or earlier")
	f.Float64Var(&s.minScore, "min-score", -1, "only pictures with at least this score, the cosine of their vectors")
	f.BoolVar(&s.asJSON, "json", false, "print a JSON object")
	f.BoolVarP(&s.null, "print0", "0", false, "print the paths with a NUL behind each, for xargs -0")
	s.qdrant.add(f)
	f.BoolVar(&s.noPictures, "no-pictures", false, "print a line for each picture, and don't draw it")
	f.BoolVar(&s.chat, "chat", false, "open a chat, in which one picks of what was found what it is about")
	f.BoolVar(&s.all, "all", false, "with --chat: attach all that was found")
}

// searchCommand is 'vlmchat search': the pictures that show what words say.
func searchCommand(a *app) *cobra.Command {
	var flags searchFlags
	cmd := &cobra.Command{
		Use:   "search [WORDS...]",
		Short: "Find pictures in an index by what they show",
		Long: `Search finds the pictures of an index that show what the words say, or that look like
another picture; the best come first. Which folders are in the index 'vlmchat index' says.

On a terminal the pictures are drawn. Into a pipe go their paths, a line each.`,
		Example: `  vlmchat search a red circle                    the five that fit best
  vlmchat search "a red circle" -k 20 --since 30d
  vlmchat search --image photo.jpg               what looks like a picture
  vlmchat search circle --in photos --not blue   some of the pictures, and away from something
  vlmchat search "a red circle" --chat           talk about some of what is found
  vlmchat search circle -0 | xargs -0 ls -l      hand the files to another program`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.search(cmd.Context(), flags, strings.Join(args, " "))
		},
	}
	f := cmd.Flags()
	flags.add(f)
	addSettings(f, slices.Concat(ofEncoders, ofChatAboutFound, []string{config.Preview, config.PrivateURLs})...)
	f.SortFlags = false
	return cmd
}

// query reads the flags that say among what is searched.
func (s searchFlags) query() (q index.Query, err error) {
	if s.k < 1 {
		return q, usagef("-k %d: there is nothing to find then", s.k)
	}
	q.K, q.MinScore = s.k, s.minScore
	for _, glob := range s.globs {
		if err := index.CheckGlob(glob); err != nil {
			return q, usagef("--glob %q is no pattern: %w", glob, err)
		}
	}
	q.Globs = s.globs
	for _, folder := range s.in {
		path, err := filepath.Abs(folder)
		if err != nil {
			return q, err
		}
		if images.IsPattern(folder) && !exists(path) {
			return q, usagef("--in %s: it names a folder; --glob takes patterns", folder)
		}
		q.Under = append(q.Under, path)
	}
	if q.Since, _, err = span("since", s.since); err != nil {
		return q, err
	}
	if _, q.Until, err = span("until", s.until); err != nil {
		return q, err
	}
	if !q.Since.IsZero() && !q.Until.IsZero() && !q.Since.Before(q.Until) {
		return q, usagef("--since %s is later than --until %s", s.since, s.until)
	}
	return q, nil
}

func (a *app) search(ctx context.Context, flags searchFlags, words string) error {
	words = strings.TrimSpace(words)
	if words == "" && len(flags.images) == 0 {
		return usagef("there is nothing to search for: name it, or a picture that is like it with --image")
	}
	if err := flags.checkChat(a); err != nil {
		return err
	}
	if err := a.setUpLoader(); err != nil {
		return err
	}
	if flags.qdrant.url == "" && flags.qdrant.collection != "" {
		return usagef("--collection is of a server, which --qdrant names")
	}
	status := newStatus(a.stderr)
	listening, finish := reading(ctx, status, status.note)
	if flags.qdrant.url != "" {
		defer finish()
		q, err := flags.query()
		if err != nil {
			return err
		}
		return a.searchQdrant(listening, flags, words, q)
	}
	found, err := a.find(listening, flags, words)
	finish()
	switch {
	case err != nil:
		return err
	case flags.chat:
		return a.chatAbout(ctx, flags, found)
	}
	return a.printFound(ctx, flags, found)
}

// find searches an index. Its encoder is that of the search alone.
func (a *app) find(ctx context.Context, flags searchFlags, words string) (searched, error) {
	q, err := flags.query()
	if err != nil {
		return searched{}, err
	}
	b := *a
	b.config = maps.Clone(a.config)
	s, err := b.openSearch(ctx, flags.index)
	if err != nil {
		return searched{}, err
	}
	defer s.Close()
	like, err := a.picturesToShow(ctx, flags.images)
	if err != nil {
		return searched{}, err
	}
	if q.Vector, err = s.vector(ctx, words, like, flags.not); err != nil {
		return searched{}, err
	}
	found, err := s.index.Search(ctx, q)
	if err != nil {
		return searched{}, indexError(err, flags.index)
	}
	return searched{words: words, state: s.state, dir: s.index.Dir(), found: found}, nil
}

// searcher is an index with the encoder that it was made with.
type searcher struct {
	index   *index.Index
	encoder engine.Encoder
	state   index.State
}

// openSearch opens an index to be searched. Its encoder is opened as it was when the index was
// made, unless another one is asked for, which has to be of the same space.
func (a *app) openSearch(ctx context.Context, name string) (*searcher, error) {
	x, err := openIndex(name)
	if err != nil {
		return nil, err
	}
	s := &searcher{index: x}
	if s.state, err = x.State(ctx); err == nil && s.state.Empty() {
		err = &engine.Error{Kind: engine.Failed, Message: "the index in " + x.Dir() + " is empty", Hint: "vlmchat index FOLDER puts the pictures of a folder into it"}
	}
	if err == nil {
		a.encoderOf(s.state)
		s.encoder, err = a.openEncoder()
	}
	if err == nil {
		var space engine.Space
		if space, err = s.encoder.Space(ctx); err == nil && space.ID != s.state.Space.ID {
			err = &index.OtherSpace{Dir: x.Dir(), Has: s.state.Space, Wants: space}
		}
		s.state.Space.Note = space.Note
	}
	if err != nil {
		s.Close()
		return nil, indexError(err, name)
	}
	return s, nil
}

// Close lets go of both.
func (s *searcher) Close() {
	if s.encoder != nil {
		s.encoder.Close()
	}
	s.index.Close()
}

// vector is where to search: towards words and pictures, and away from what is not meant.
func (s *searcher) vector(ctx context.Context, words string, like []*images.Picture, not []string) ([]float32, error) {
	var towards, away [][]float32
	if words != "" {
		v, err := s.encoder.EncodeTexts(ctx, []string{words})
		if err != nil {
			return nil, err
		}
		towards = append(towards, v...)
	}
	if len(like) > 0 {
		v, err := s.encoder.EncodePictures(ctx, like)
		if err != nil {
			return nil, err
		}
		towards = append(towards, index.Mean(v...))
	}
	if len(not) > 0 {
		v, err := s.encoder.EncodeTexts(ctx, not)
		if err != nil {
			return nil, err
		}
		away = v
	}
	v := index.Combine(towards, away)
	if v == nil {
		return nil, usagef("--not takes away all that is searched for")
	}
	return v, nil
}
