package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/clip"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/termtext"
)

// listedEncoder is what 'models list' shows of an encoder.
type listedEncoder struct {
	info       engine.ModelInfo
	path       string
	family     string
	dimensions int
	pictures   string
	problem    string // why it can't be used; the rest is then empty
}

// encoders are those that --encoder can name and that are no chat models as well.
func encoders() []listedEncoder {
	var all []listedEncoder
	for _, l := range models.ListEncoders() {
		e := listedEncoder{info: engine.ModelInfo{Name: l.Name}, path: l.Encoder.Folder}
		err := l.Problem
		if err == nil {
			var c *clip.Checkpoint
			if c, err = clip.Open(l.Encoder.Folder); err == nil {
				e.info, err = encoderInfo(l.Name, c)
				e.family, e.dimensions, e.pictures = c.Config.Type, c.Config.Dimensions, imageSize(c)
			}
		}
		if err != nil {
			e.problem = err.Error()
		}
		all = append(all, e)
	}
	return all
}

// encoderInfo is what the files of an encoder tell, as of a model.
func encoderInfo(name string, c *clip.Checkpoint) (engine.ModelInfo, error) {
	f, err := c.Facts()
	sees := true
	return engine.ModelInfo{
		Name: name, Size: f.Size, ContextSize: c.Config.Text.Length, Vision: &sees,
		Parameters: parameters(f.Parameters), Quantization: f.Types, Modified: f.Modified,
	}, err
}

func imageSize(c *clip.Checkpoint) string {
	w, h := c.ImageSize()
	return fmt.Sprintf("%d×%d", w, h)
}

// printEncoders prints a table of encoders, if there are some, below that of the models.
func printEncoders(w io.Writer, all []listedEncoder) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	first := true
	for _, e := range all {
		if e.problem != "" {
			continue
		}
		if first {
			fmt.Fprintln(table, "\nENCODER\tSIZE\tTYPE\tDIMENSIONS\tPICTURES\tTOKENS\tPARAMETERS\tWEIGHTS\tMODIFIED")
			first = false
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%d\t%s\t%s\t%s\n", termtext.Line(e.info.Name), orDash(diskSize(e.info.Size)), e.family, e.dimensions,
			e.pictures, e.info.ContextSize, e.info.Parameters, termtext.Line(e.info.Quantization), orDash(day(e.info.Modified)))
	}
	return table.Flush()
}

// describeEncoder tells what the files of an encoder say; ok is false of a name that is none
// of a checkpoint.
func describeEncoder(name string) (d engine.ModelDescription, ok bool, err error) {
	e, err := models.FindEncoder(name)
	if e.Folder == "" {
		return d, false, nil // a GGUF file, or nothing: what Find says of it is to the point
	}
	if err != nil {
		return d, true, err
	}
	c, err := clip.Open(e.Folder)
	if err != nil {
		return d, true, err
	}
	if d.ModelInfo, err = encoderInfo(e.Name, c); err != nil {
		return d, true, err
	}
	f, err := c.Facts()
	if err != nil {
		return d, true, err
	}
	var files []string
	for _, file := range f.Files {
		files = append(files, filepath.Base(file))
	}
	space := c.Space()
	fit := fmt.Sprintf("softmax, scale %.4g", space.Scale)
	if space.Sigmoid {
		fit = fmt.Sprintf("sigmoid, scale %.4g, bias %.4g", space.Scale, space.Bias)
	}
	v, t := c.Config.Vision, c.Config.Text
	d.Facts = []engine.Fact{
		{Name: "kind", Value: "encoder, for classify, index and search"},
		{Name: "architecture", Value: c.Config.Type},
		{Name: "dimensions", Value: number(c.Config.Dimensions)},
		{Name: "picture tower", Value: fmt.Sprintf("%d layers of %d, %d heads, %s pixels in patches of %d", v.Layers, v.Width, v.Heads, imageSize(c), v.Patch)},
		{Name: "text tower", Value: fmt.Sprintf("%d layers of %d, %d heads, %d tokens of %d", t.Layers, t.Width, t.Heads, t.Length, t.Vocabulary)},
		{Name: "fit", Value: fit},
		{Name: "folder", Value: c.Dir},
		{Name: "files", Value: strings.Join(files, "\n")},
		{Name: "space", Value: space.ID},
	}
	return d, true, nil
}
