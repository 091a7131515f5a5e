// Package clip runs dual encoders, CLIP (https://arxiv.org/abs/2103.00020) and SigLIP
// (https://arxiv.org/abs/2303.15343), from checkpoints as transformers writes them: two
// towers that turn pictures and texts into vectors of one space, as ggml graphs.
//
// A Checkpoint is a folder that was looked at: it prepares pictures and texts, in any
// process. A Model is a checkpoint that a library has loaded, in the worker.
package clip

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"sync"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/clip/tokenizer"
	"github.com/vlmchat/vlmchat/models/safetensors"
)

// Checkpoint is a model's folder, whose files fit together.
type Checkpoint struct {
	Dir    string
	Name   string // for people; the folder's, unless somebody sets another
	Config Config

	file          *safetensors.Checkpoint
	space         engine.Space
	preprocessing preprocessing
	levels        [3][256]float32 // what a byte of each channel becomes
	tokenizer     func() (*tokenizer.Tokenizer, error)
}

// Open looks at a checkpoint: that its configuration is understood, and that it has
// every tensor that this needs, in the right shape, and that pictures come out as it takes
// them. Its errors are engine errors.
func Open(dir string) (*Checkpoint, error) {
	c := &Checkpoint{Dir: dir, Name: filepath.Base(dir)}
	data, err := readFile(filepath.Join(dir, "config.json"))
	if err != nil {
		return nil, c.invalid(err)
	}
	if c.Config, err = parseConfig(data); err != nil {
		return nil, c.invalid(fmt.Errorf("config.json: %w", err))
	}
	if c.file, err = safetensors.Open(dir); err != nil {
		return nil, c.invalid(err)
	}
	w := &weights{file: c.file}
	newVision(w, c.Config)
	newText(w, c.Config)
	if w.err != nil {
		return nil, c.invalid(w.err)
	}
	if c.preprocessing, err = readPreprocessing(dir, c.Config.Type, int(c.Config.Vision.Size)); err != nil {
		return nil, c.invalid(err)
	}
	c.levels = c.preprocessing.levels()
	if c.space, err = c.readSpace(); err != nil {
		return nil, c.invalid(err)
	}
	if c.space.ID, err = c.identify(); err != nil {
		return nil, c.invalid(err)
	}
	c.tokenizer = sync.OnceValues(c.openTokenizer)
	return c, nil
}

// Space describes the space of the model's vectors.
func (c *Checkpoint) Space() engine.Space {
	s := c.space
	s.Model = c.Name
	return s
}

// readSpace reads how well a cosine says that a text fits a picture.
func (c *Checkpoint) readSpace() (engine.Space, error) {
	s := engine.Space{Dimensions: c.Config.Dimensions, Sigmoid: c.Config.Type == "siglip"}
	scale, err := c.number("logit_scale")
	if err != nil {
		return s, err
	}
	s.Scale = math.Exp(scale)
	if s.Sigmoid {
		if s.Bias, err = c.number("logit_bias"); err != nil {
			return s, err
		}
	}
	for _, v := range []float64{s.Scale, s.Bias} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return s, errors.New("its logit_scale or logit_bias is not a number")
		}
	}
	return s, nil
}

// number reads a tensor that has one number.
func (c *Checkpoint) number(name string) (float64, error) {
	t, ok := c.file.Tensor(name)
	if !ok {
		return 0, fmt.Errorf("the tensor %s is missing", name)
	}
	for _, side := range t.Shape {
		if side != 1 || !known(t.Type) {
			return 0, fmt.Errorf("the tensor %s of %v %s is not one number", name, t.Shape, t.Type)
		}
	}
	data, err := c.file.Read(t)
	if err != nil {
		return 0, err
	}
	return float64(floats(t.Type, data)[0]), nil
}

// maxJSON bounds the small files of a checkpoint.
const maxJSON = 1 << 20

// readFile reads a small file.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxJSON+1))
	if err == nil && len(data) > maxJSON {
		err = fmt.Errorf("%s is larger than %d bytes", path, maxJSON)
	}
	return data, err
}

// invalid says what is wrong with the checkpoint, and what to do.
func (c *Checkpoint) invalid(err error) error {
	e := &engine.Error{
		Kind:    engine.ModelInvalid,
		Message: fmt.Sprintf("the encoder %s can't be used: %v", c.Dir, err),
		Err:     err,
	}
	var pickled *safetensors.PickledError
	switch {
	case errors.As(err, &pickled):
		e.Hint = "get the model's model.safetensors, or convert it: in Python, load it with transformers in a place that you can lose, and save_pretrained it"
	case errors.Is(err, os.ErrNotExist):
		e.Kind = engine.ModelNotFound
		e.Hint = "a checkpoint is a folder with config.json, model.safetensors, preprocessor_config.json and tokenizer.json"
	}
	return e
}
