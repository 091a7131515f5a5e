package native

import (
	"math"
	"slices"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/models"
)

// see shows what the picture encoder gets of the one picture of a message. Of its
// tokens count those that the encoder makes; text that a model wants between tiles
// is not the picture's.
func (r *runner) see(projector string, messages []wireMessage, bitmaps map[string]llamacpp.Bitmap) (engine.Sight, error) {
	if r.projector == nil {
		return engine.Sight{}, &engine.Error{Kind: engine.NotVision, Message: r.info.Model + " can't see pictures: it has no projector",
			Hint: "name its mmproj file with --mmproj"}
	}
	colours, err := readNormalisation(projector)
	if err != nil {
		return engine.Sight{}, &engine.Error{Kind: engine.ModelInvalid, Message: err.Error()}
	}
	// Within the template, as some models pad pictures by where they stand.
	p, err := r.prompter.build(messages, nil, bitmaps)
	if err != nil {
		return engine.Sight{}, describe(err)
	}
	for sha, b := range bitmaps {
		if b.RGB == nil {
			return engine.Sight{}, missingPixels{[]string{sha}} // though its encoding may be known
		}
	}
	piece := p.pieces[slices.IndexFunc(p.pieces, func(t pictureText) bool { return len(t.bitmaps) > 0 })]
	chunks, err := r.projector.Tokenize(piece.text, piece.addSpecial, piece.bitmaps)
	if err != nil {
		return engine.Sight{}, describe(err)
	}
	defer chunks.Close()
	var sight engine.Sight
	for _, c := range chunks.All {
		if c.Tokens != nil {
			continue
		}
		inputs, err := r.projector.Inputs(c)
		if err != nil {
			return engine.Sight{}, describe(err)
		}
		for i, in := range inputs {
			// A chunk of several views has its tokens in one run.
			share := c.Count*(i+1)/len(inputs) - c.Count*i/len(inputs)
			sight.Views = append(sight.Views, engine.View{Width: in.Width, Height: in.Height, RGB: colours.undo(in), Tokens: share})
		}
		sight.Tokens += c.Count
	}
	return sight, nil
}

// normalisation is what a projector does to colours last: (value - mean) / deviation,
// for red, green and blue between 0 and 1.
type normalisation struct{ mean, deviation []float64 }

func readNormalisation(projector string) (normalisation, error) {
	g, err := models.ReadGGUF(projector)
	if err != nil {
		return normalisation{}, err
	}
	n := normalisation{[]float64{0, 0, 0}, []float64{1, 1, 1}}
	for key, to := range map[string][]float64{"clip.vision.image_mean": n.mean, "clip.vision.image_std": n.deviation} {
		if a, ok := g.Values[key].(models.Array); ok && len(a.Numbers) >= len(to) {
			copy(to, a.Numbers)
		}
	}
	return n, nil
}

// undo returns the bytes of the pixels that were normalised.
func (n normalisation) undo(in llamacpp.Input) []byte {
	rgb := make([]byte, 3*in.Width*in.Height)
	for c, plane := range in.Planes {
		for i, v := range plane {
			rgb[3*i+c] = byte(math.Round(255 * min(max(float64(v)*n.deviation[c]+n.mean[c], 0), 1)))
		}
	}
	return rgb
}
