package native

import (
	"slices"

	"github.com/vlmchat/vlmchat/models"
)

// eye is what a projector takes, which is a picture encoder and what leads from
// there to the language model.
type eye struct {
	weights  int64 // in bytes
	side     int   // of the picture that it is made for, in patches
	patch    int   // in pixels
	perPatch int   // numbers of a patch that there are at once
	perPair  int   // and bytes of two patches
	anySize  bool  // it takes pictures as they are, up to that
}

// anySize are the kinds of projectors that take pictures of any size.
var anySize = []string{
	"pixtral", "qwen2vl_merger", "qwen2.5vl_merger", "qwen3vl_merger", "kimivl", "lfm2", "gemma4v", "glm4v", "paddleocr", "hunyuanvl", "phi4",
}

func eyeOf(s spec) (eye, error) {
	g, err := models.ReadGGUF(s.Projector)
	if err != nil {
		return eye{}, err
	}
	const prefix = "clip.vision."
	number := func(key string) int { return g.Int(prefix + key) }
	e := eye{
		weights: int64(g.TensorBytes()), patch: number("patch_size"),
		anySize: slices.Contains(anySize, g.String("clip.projector_type")),
	}
	if e.patch > 0 {
		e.side = number("image_size") / e.patch
	}
	width, inner := number("embedding_length"), number("feed_forward_length")
	within := inner + 3*width
	if g.Bool("clip.use_silu") { // with a gate
		within = 2*inner + 2*width
	}
	// In a layer, behind the last one, and before the first, where the pixels are.
	e.perPatch = max(within, 2*number("projection_dim")+3*width, 3*e.patch*e.patch*3/2+width)
	if g.String("clip.projector_type") == "qwen2.5vl_merger" {
		e.perPair = 6 // says which patches see each other
	}
	if s.FlashAttn == "off" {
		e.perPair += 4 * number("attention.head_count")
	}
	return e, nil
}

// largest is for how many patches room is kept on a device, as far as that is known.
func (e eye) largest() int {
	if e.anySize {
		return max(anyPatches, e.side*e.side)
	}
	return max(fewestPatches, e.side*e.side)
}

// patches is how many a picture of so many pixels has.
func (e eye) patches(width, height int) int {
	if of := e.side * e.side; !e.anySize || e.patch == 0 || of == 0 {
		return of
	}
	return min(width*height/(e.patch*e.patch), e.largest())
}

// touched is what the CPU comes to use for so many patches, in bytes. Where there is
// room for many more, what they have lies apart, and less of it is used again.
func (e eye) touched(patches int) int64 {
	if !e.anySize {
		return e.work(patches)
	}
	return min(e.work(patches)+8*int64(patches)*int64(e.perPatch), e.work(e.largest()))
}

// work is what it takes to encode so many patches at once, in bytes.
func (e eye) work(patches int) int64 {
	n := int64(patches)
	return 4*n*int64(e.perPatch) + n*n*int64(e.perPair)
}
