package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/tasks/index"
	"github.com/vlmchat/vlmchat/termtext"
)

// indexesJSON are the indexes that have a name, for programs.
type indexesJSON struct {
	documentHead
	Folder  string      `json:"folder"`
	Indexes []indexJSON `json:"indexes"`
}

// indexJSON is one of them.
type indexJSON struct {
	Name    string     `json:"name"`
	Model   string     `json:"model,omitempty"`
	Roots   []string   `json:"roots"`
	Updated *time.Time `json:"updated,omitempty"`
	Problem string     `json:"problem,omitempty"` // it can't be used
	index.Counts
}

func indexListCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the indexes that have a name: what is in them, and which model made them",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := a.indexes(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(a.stdout, all)
			}
			return a.printIndexes(all)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON object")
	return cmd
}

func (a *app) indexes(ctx context.Context) (indexesJSON, error) {
	all := indexesJSON{documentHead: documentHead{"vlmchat-indexes", 1}, Indexes: []indexJSON{}}
	var err error
	if all.Folder, err = indexesDir(); err != nil {
		return all, err
	}
	entries, err := os.ReadDir(all.Folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return all, err
	}
	for _, e := range entries {
		one := indexJSON{Name: e.Name(), Roots: []string{}}
		err := one.read(ctx, filepath.Join(all.Folder, e.Name()))
		if errors.Is(err, index.ErrNone) {
			continue
		}
		if err != nil {
			one.Problem = err.Error()
		}
		all.Indexes = append(all.Indexes, one)
	}
	return all, nil
}

func (one *indexJSON) read(ctx context.Context, dir string) error {
	x, err := index.Open(dir)
	if err != nil {
		return err
	}
	defer x.Close()
	s, err := x.State(ctx)
	if err != nil {
		return err
	}
	one.Model = s.Space.Model
	if !s.Updated.IsZero() {
		at := s.Updated.UTC()
		one.Updated = &at
	}
	roots, err := x.Roots(ctx)
	if err != nil {
		return err
	}
	for _, r := range roots {
		one.Roots = append(one.Roots, r.Path)
	}
	one.Counts, err = x.Count(ctx)
	return err
}

func (a *app) printIndexes(all indexesJSON) error {
	if len(all.Indexes) == 0 {
		_, err := fmt.Fprintln(a.stderr, "There is no index yet. 'vlmchat index FOLDER' makes one.")
		return err
	}
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tPICTURES\tMODEL\tUPDATED\tFOLDERS")
	for _, one := range all.Indexes {
		if one.Problem != "" {
			fmt.Fprintf(table, "%s\t%s\n", termtext.Line(one.Name), termtext.Line(one.Problem))
			continue
		}
		updated := "never"
		if one.Updated != nil {
			updated = one.Updated.Local().Format(time.DateOnly)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", termtext.Line(one.Name), thousands(one.Pictures), termtext.Line(one.Model), updated, termtext.Line(strings.Join(one.Roots, ", ")))
	}
	return table.Flush()
}
