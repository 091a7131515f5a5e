package clip

import (
	"github.com/vlmchat/vlmchat/engine/llamacpp"
	"github.com/vlmchat/vlmchat/engine/transformer"
)

// visionTower turns pictures into vectors.
type visionTower struct {
	config    VisionConfig
	class     bool            // a position before the patches stands for the picture
	patches   llamacpp.Tensor // [numbers of a patch, width]
	positions llamacpp.Tensor // [width, length], with all that is the same for every picture
	pre       *transformer.Norm
	blocks    []transformer.Block
	post      transformer.Norm
	pool      *poolingHead        // SigLIP's
	project   *transformer.Linear // CLIP's
}

// newVision makes the tower of a checkpoint.
func newVision(w *weights, c Config) *visionTower {
	const name = "vision_model."
	v, width, n := c.Vision, c.Vision.Width, c.Vision.Patches()
	t := &visionTower{config: v, class: c.Type == "clip"}
	patch := []int{width, v.Channels, int(v.Patch), int(v.Patch)}
	t.patches = w.matrix(name+"embeddings.patch_embedding.weight", patch)
	if t.class {
		t.positions = w.positionsWithClass(name+"embeddings.", n+1, width)
		pre := transformer.NewNorm(w, name+"pre_layrnorm", width, float32(v.Epsilon)) // as it is spelled in all checkpoints
		t.pre = &pre
		t.project = &transformer.Linear{Weight: w.Tensor("visual_projection.weight", c.Dimensions, width)}
	} else {
		t.positions = w.positionsWithBias(name+"embeddings.", n, width)
		t.pool = newPoolingHead(w, name+"head.", v)
	}
	t.blocks = newBlocks(w, "vision_model", v.TowerConfig)
	t.post = transformer.NewNorm(w, name+"post_layernorm", width, float32(v.Epsilon))
	return t
}

// matrix is the kernel of a convolution whose stride is its size: a matrix that turns a
// patch into a vector.
func (w *weights) matrix(name string, shape []int) llamacpp.Tensor {
	t, ok := w.find(name, shape)
	if !ok || w.loaded == nil {
		return llamacpp.Tensor{}
	}
	return w.add(name, numberTypes[t.Type], []int{shape[0], shape[1] * shape[2] * shape[3]}, w.file.Bytes(t))
}

// positionsWithClass are the vectors of CLIP's positions, of which the first is the
// class embedding's.
func (w *weights) positionsWithClass(name string, length, width int) llamacpp.Tensor {
	positions := w.values(name+"position_embedding.weight", length, width)
	for i, v := range w.values(name+"class_embedding", width) {
		positions[i] += v
	}
	return w.made(name+"position_embedding.weight", []int{length, width}, positions)
}

// positionsWithBias are the vectors of SigLIP's positions, with the bias of the patches.
func (w *weights) positionsWithBias(name string, length, width int) llamacpp.Tensor {
	positions := w.values(name+"position_embedding.weight", length, width)
	bias := w.values(name+"patch_embedding.bias", width)
	for i := range positions {
		if w.err == nil {
			positions[i] += bias[i%width]
		}
	}
	return w.made(name+"position_embedding.weight", []int{length, width}, positions)
}

// length is how many positions a picture has.
func (t *visionTower) length() int {
	if t.class {
		return t.config.Patches() + 1
	}
	return t.config.Patches()
}

// numbers is how many numbers gather makes of a picture.
func (t *visionTower) numbers() int { return t.length() * t.patches.Shape[0] }

// gather cuts a picture of the tower's size into patches: for each position, the
// normalised values of its patch, by channel, row and column, as the kernel has them. The
// class position has zeros. levels says what each value of a byte becomes.
func (t *visionTower) gather(pixels []byte, levels *[3][256]float32, into []float32) {
	size, patch := int(t.config.Size), int(t.config.Patch)
	side := size / patch
	if t.class {
		into = into[3*patch*patch:]
	}
	for row := range side {
		for column := range side {
			for channel := range 3 {
				level := &levels[channel]
				for y := range patch {
					from := pixels[3*((row*patch+y)*size+column*patch)+channel:]
					for x := range patch {
						into[x] = level[from[3*x]]
					}
					into = into[patch:]
				}
			}
		}
	}
}

// build adds the tower to a graph, for the gathered patches of a batch of pictures: the
// vectors, one for each.
func (t *visionTower) build(g *llamacpp.Graph, patches []float32, batch int) llamacpp.Tensor {
	x := g.Floats(patches, t.patches.Shape[0], t.length()*batch)
	x = g.Reshape(g.MulMat(t.patches, x), t.config.Width, t.length(), batch)
	x = g.Add(x, t.positions)
	if t.pre != nil {
		x = t.pre.Apply(g, x)
	}
	none := llamacpp.Tensor{} // of a mask
	if t.pool != nil {
		return t.pool.apply(g, t.post.Apply(g, run(g, t.blocks, x, none)))
	}
	x = runTo(g, t.blocks, x, make([]int, batch), none, none) // the class position is the first
	return t.project.Apply(g, t.post.Apply(g, x))
}

// poolingHead makes one vector of all positions: a learned query looks at them, and a
// perceptron goes over what it saw.
type poolingHead struct {
	probe     llamacpp.Tensor // [width, 1]
	attention transformer.Attention
	norm      transformer.Norm
	mlp       transformer.MLP
}

func newPoolingHead(w *weights, name string, v VisionConfig) *poolingHead {
	third := func(i int) transformer.Linear {
		return w.third(i, name+"attention.in_proj_weight", name+"attention.in_proj_bias", v.Width)
	}
	return &poolingHead{
		probe: w.Floats(name+"probe", 1, 1, v.Width),
		attention: transformer.Attention{
			Query: third(0), Key: third(1), Value: third(2),
			Out:   transformer.NewLinear(w, name+"attention.out_proj", v.Width, v.Width),
			Heads: v.Heads,
		},
		norm: transformer.NewNorm(w, name+"layernorm", v.Width, float32(v.Epsilon)),
		mlp:  newMLP(w, name+"mlp", v.TowerConfig),
	}
}

// apply pools [width, length, batch] to [width, 1, batch].
func (p *poolingHead) apply(g *llamacpp.Graph, x llamacpp.Tensor) llamacpp.Tensor {
	queries := g.Rows(g.Reshape(p.probe, p.probe.Shape[0], 1), g.Ints(make([]int32, x.Shape[2])))
	seen := p.attention.Apply(g, g.Reshape(queries, x.Shape[0], 1, x.Shape[2]), x, llamacpp.Tensor{})
	return g.Add(seen, p.mlp.Apply(g, p.norm.Apply(g, seen)))
}
