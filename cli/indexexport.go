package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/vlmchat/vlmchat/tasks/index"
	"github.com/vlmchat/vlmchat/termtext"
)

// exportFlags are the flags of 'vlmchat index export'.
type exportFlags struct {
	index  string
	qdrant qdrantFlags
}

func indexExportCommand(a *app) *cobra.Command {
	var flags exportFlags
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write an index as lines of JSON, or into a vector database",
		Long: `Export writes each picture of an index with its vector: as a line of JSON to standard
output, or into a collection of Qdrant, which
'vlmchat search --qdrant' searches. Exporting again brings the collection up to date.`,
		Example: `  vlmchat index export >index.jsonl
  vlmchat index export --qdrant http://localhost:6333 --collection photos`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.exportIndex(cmd.Context(), flags) },
	}
	indexFlag(cmd.Flags(), &flags.index)
	flags.qdrant.add(cmd.Flags())
	cmd.Flags().SortFlags = false
	return cmd
}

func (a *app) exportIndex(ctx context.Context, flags exportFlags) error {
	if flags.qdrant.url == "" && flags.qdrant.collection != "" {
		return usagef("--collection is of a server, which --qdrant names")
	}
	x, err := openIndex(flags.index)
	if err != nil {
		return err
	}
	defer x.Close()
	s, err := x.State(ctx)
	if err != nil {
		return indexError(err, flags.index)
	}
	if s.Empty() {
		return fmt.Errorf("the index in %s is empty", x.Dir())
	}
	damaged := 0
	if flags.qdrant.url != "" {
		damaged, err = a.exportToQdrant(ctx, x, flags.qdrant)
	} else {
		damaged, err = a.exportLines(ctx, x, s)
	}
	if damaged > 0 {
		fmt.Fprintf(a.stderr, "vlmchat: %s left out, as their vectors are damaged; 'vlmchat index' makes them anew\n", counted(damaged, "picture"))
	}
	return indexError(err, flags.index)
}

// exportedLine is a picture with its vector, for programs.
type exportedLine struct {
	documentHead
	Model string `json:"model"`
	Space string `json:"space"`
	index.Entry
}

func (a *app) exportLines(ctx context.Context, x *index.Index, s index.State) (int, error) {
	out := bufio.NewWriterSize(a.stdout, 1<<16)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	damaged, err := x.Entries(ctx, func(e index.Entry) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return unread(lines.Encode(exportedLine{documentHead{"vlmchat-vector", 1}, s.Space.Model, s.Space.ID, e}))
	})
	if err != nil {
		return damaged, err
	}
	return damaged, unread(out.Flush())
}

func (a *app) exportToQdrant(ctx context.Context, x *index.Index, flags qdrantFlags) (int, error) {
	collection, err := flags.open(a)
	if err != nil {
		return 0, err
	}
	host, _ := os.Hostname() // without one the folder has to tell
	status := newStatus(a.stderr)
	sent, damaged, err := collection.Export(ctx, x, host+":"+x.Dir(), func(sent int) { status.doing(thousands(sent) + " sent") })
	status.clear()
	if err == nil {
		status.note(fmt.Sprintf("%s in the collection %s.", counted(sent, "picture"), termtext.Line(flags.collection)))
	}
	return damaged, err
}
