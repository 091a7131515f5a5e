package ollama

import (
	"context"
	"fmt"
	"strings"

	"github.com/ollama/ollama/api"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// DescribeModel returns what the server knows of a model that it has.
func (e *Engine) DescribeModel(ctx context.Context, name string) (d engine.ModelDescription, err error) {
	err = e.calls.Again(ctx, func(ctx context.Context) (err error) {
		d, err = e.describe(ctx, name)
		return err
	})
	return d, err
}

func (e *Engine) describe(ctx context.Context, name string) (engine.ModelDescription, error) {
	r, err := e.client(&exchange{engine: e, model: name}).Show(ctx, &api.ShowRequest{Model: name})
	if err != nil {
		return engine.ModelDescription{}, e.known(ctx, err)
	}
	d := engine.ModelDescription{ModelInfo: engine.ModelInfo{Name: name, Modified: r.ModifiedAt}}
	// Only the list tells how large it is.
	list, err := e.pulled(ctx)
	if err != nil {
		return engine.ModelDescription{}, err
	}
	for _, m := range list {
		if m.Name == name || m.Name == name+":latest" {
			d.ModelInfo = listed(m)
		}
	}
	fill(&d.ModelInfo, r)
	d.Facts = factsOf(r)
	return d, nil
}

// factsOf has the rest, without what the server does not tell.
func factsOf(r *api.ShowResponse) []engine.Fact {
	var can []string
	for _, c := range r.Capabilities {
		can = append(can, string(c))
	}
	all := []engine.Fact{
		{Name: "architecture", Value: architecture(r.ModelInfo)},
		{Name: "format", Value: r.Details.Format},
		{Name: "capabilities", Value: strings.Join(can, ", ")},
		{Name: "embedding length", Value: count(number(r.ModelInfo, "embedding_length"))},
		{Name: "projector", Value: projector(r.ProjectorInfo)},
		{Name: "made from", Value: r.Details.ParentModel},
		{Name: "runs at", Value: strings.TrimSpace(r.RemoteModel + " " + r.RemoteHost)},
		{Name: "modelfile parameters", Value: r.Parameters},
		{Name: "system message", Value: r.System},
		{Name: "chat template", Value: r.Template},
		{Name: "licence", Value: r.License},
	}
	known := all[:0]
	for _, f := range all {
		if f.Value = strings.TrimSpace(f.Value); f.Value != "" {
			known = append(known, f)
		}
	}
	return known
}

// projector describes the picture encoder of a model that has one of its own.
func projector(info map[string]any) string {
	if len(info) == 0 {
		return ""
	}
	var words []string
	kind, _ := info["clip.projector_type"].(string)
	for _, w := range []string{architecture(info), kind} {
		if w != "" {
			words = append(words, remote.OneLine(w))
		}
	}
	if n, _ := info["clip.vision.image_size"].(float64); n > 0 {
		words = append(words, fmt.Sprintf("%.0f px", n))
	}
	if n, _ := info["general.parameter_count"].(float64); n > 0 {
		words = append(words, fmt.Sprintf("%.2fM parameters", n/1e6))
	}
	return strings.Join(words, ", ")
}

// count writes a number that was told.
func count(n float64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f", n)
}
