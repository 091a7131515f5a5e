package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks/batch"
)

// outputFlags say which items a batch is about, and in which form its answers are kept.
type outputFlags struct {
	where             string
	hasWhere          bool
	format            string
	sidecar           string
	overwriteSidecars bool

	records string // the file that has the records, once settled; "" where they go to a stream
}

func (o *outputFlags) add(f *pflag.FlagSet) {
	f.StringVar(&o.where, "where", "", `ask only about items of which this is true, such as 'answer contains "dog"'`)
	f.StringVar(&o.format, "format", "", "what the output is: jsonl or csv (default: as its name ends)")
	f.StringVar(&o.sidecar, "sidecar", "", "put each answer beside its picture as well: txt (photo.jpg.txt) or xmp (photo.jpg.xmp, or the photo.xmp that is there)")
	f.BoolVar(&o.overwriteSidecars, "overwrite-sidecars", false, "also where a file beside a picture has another text")
}

const formatCSV = "csv"

// check completes the flags, and refuses what makes no sense.
func (o *outputFlags) check(output string) error {
	if o.format == "" {
		if o.format = "jsonl"; strings.EqualFold(filepath.Ext(output), ".csv") {
			o.format = formatCSV
		}
	}
	switch {
	case o.format != "jsonl" && o.format != formatCSV:
		return usagef("--format %q is neither jsonl nor csv", o.format)
	case o.sidecar != "" && o.sidecar != string(batch.TextSidecar) && o.sidecar != string(batch.XMPSidecar):
		return usagef("--sidecar %q is neither txt nor xmp", o.sidecar)
	case o.overwriteSidecars && o.sidecar == "":
		return usagef("--overwrite-sidecars is about files beside pictures: --sidecar says of which kind they are")
	}
	return nil
}

// batchOutput opens what the records are written to.
func (a *app) batchOutput(flags *batchFlags, schema json.RawMessage) (*batch.Output, error) {
	if flags.output == "" || flags.output == "-" {
		return flags.stream(unreadWriter{a.stdout}, schema)
	}
	if info, err := os.Stat(flags.output); err == nil && info.IsDir() {
		return nil, usagef("-o %s is a folder: name the file for the records", flags.output)
	} else if err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(flags.output, os.O_WRONLY, 0)
		if err != nil {
			return nil, fmt.Errorf("the output can't be opened: %w", err)
		}
		return flags.stream(f, schema) // a device or a pipe: nothing is found in it again
	}
	if err := flags.settle(flags.output, flags.overwrite); err != nil {
		return nil, err
	}
	return batch.OpenOutput(flags.records, flags.overwrite, flags.retryErrors)
}

// unreadWriter tells by errUnread that nobody reads on.
type unreadWriter struct{ io.Writer }

func (w unreadWriter) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(b)
	return n, unread(err)
}

// settle finds the file of the records. A table is made of those beside it: they are what
// the next run finds again.
func (o *outputFlags) settle(output string, overwrite bool) error {
	o.records = output
	if o.format != formatCSV {
		return nil
	}
	o.records = output + ".jsonl"
	_, err := os.Stat(output)
	if _, none := os.Stat(o.records); err == nil && none != nil && !overwrite {
		return usagef("%s is there, and %s, of which a batch makes its table, is not: choose another output with -o, or begin it anew with --overwrite", output, o.records)
	}
	return nil
}

// stream is an output of which nothing is found again.
func (o *outputFlags) stream(w io.Writer, schema json.RawMessage) (*batch.Output, error) {
	if o.format != formatCSV {
		return batch.Stream(w), nil
	}
	table, err := batch.NewCSV(w, schema)
	return batch.Stream(table), err
}

// table makes the table of what an output has, if one is wanted.
func (o *outputFlags) table(out *batch.Output, schema json.RawMessage) error {
	if o.format != formatCSV || o.records == "" {
		return nil
	}
	return out.Table(strings.TrimSuffix(o.records, ".jsonl"), schema)
}

// choose has the inputs leave out what --where does not choose.
func (o *outputFlags) choose(ctx context.Context, in *batch.Inputs) error {
	if !o.hasWhere {
		return nil
	}
	err := in.Choose(ctx, o.where)
	if wrong, ok := errors.AsType[*batch.WhereError](err); ok {
		return usagef("--where: %w", wrong)
	}
	return err
}

// notes says which items were left out.
func (o *outputFlags) notes(in *batch.Inputs) []string {
	var notes []string
	if in.Unwanted > 0 {
		notes = append(notes, counted(in.Unwanted, "item")+" left out by --where")
	}
	if in.Failed > 0 {
		notes = append(notes, counted(in.Failed, "item")+" left out that an earlier run has failed at: --where 'error != nil' asks about them")
	}
	return notes
}

// besides puts answers beside their pictures; nil does nothing.
type besides struct{ *batch.Sidecars }

// sidecars opens what is put beside pictures. What an interrupted run has begun to write is
// known beside the records.
func (o *outputFlags) sidecars() (*besides, error) {
	if o.sidecar == "" {
		return nil, nil
	}
	s := &batch.Sidecars{Format: batch.SidecarFormat(o.sidecar), Overwrite: o.overwriteSidecars, Tool: "vlmchat " + version()}
	var err error
	if o.records != "" {
		s.Earlier, err = batch.OpenIntents(o.records)
	}
	return &besides{s}, err
}

// checking has an item whose picture has a file beside it that can't be used fail before it
// is asked.
func (b *besides) checking(ask func(batch.Item) (batch.Question, error)) func(batch.Item) (batch.Question, error) {
	if b == nil {
		return ask
	}
	return func(item batch.Item) (batch.Question, error) {
		q, err := ask(item)
		read := q.Read
		q.Read = func(ctx context.Context) (engine.Request, error) {
			if err := b.Check(item); err != nil {
				return engine.Request{}, err
			}
			return read(ctx)
		}
		return q, err
	}
}

// put puts an answer beside its picture. Where that can't be, the record says why; a full
// disk ends the batch.
func (b *besides) put(item batch.Item, r *batch.Record) error {
	if b == nil {
		return nil
	}
	err := b.Write(item, r)
	if err != nil && !errors.Is(err, syscall.ENOSPC) {
		r.Fail(err)
		return nil
	}
	return err
}

// close ends the use of files beside pictures; whole tells that each that was begun has its
// record.
func (b *besides) close(whole bool) error {
	if b == nil || b.Earlier == nil {
		return nil
	}
	return b.Earlier.Close(whole)
}

// notes says what there is to know of files beside pictures.
func (b *besides) notes() []string {
	var notes []string
	if b != nil && b.Kept > 0 {
		notes = append(notes, fmt.Sprintf("%s with another text left alone beside a picture: --overwrite-sidecars replaces it", counted(b.Kept, "file")))
	}
	if b != nil && b.Without > 0 {
		notes = append(notes, fmt.Sprintf("%s without a file beside a picture: about a page, an address, several pictures, or empty", counted(b.Without, "answer")))
	}
	return notes
}

// schema is what all answers of a batch are held to, if it is one JSON Schema.
func (s *batchAsker) schema() json.RawMessage {
	if s.base.held.given() || s.flags.template == "" {
		return s.base.held.schema
	}
	t, err := s.find(s.flags.template)
	if err != nil {
		return nil
	}
	return t.Schema
}
