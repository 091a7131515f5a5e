package engine

import (
	"context"
	"log/slog"
)

// LogValue tells a log of what a request consists, and nothing that is said in it: texts by
// their sizes, pictures by their digests.
func (r Request) LogValue() slog.Value {
	var bytes int
	var pictures []string
	for _, m := range r.Messages {
		for _, p := range m.Parts {
			bytes += len(p.Text)
			switch {
			case p.Picture != nil:
				pictures = append(pictures, p.Picture.SHA256)
			case p.URL != "":
				pictures = append(pictures, "by its address")
			}
		}
	}
	attrs := []slog.Attr{
		slog.Int("messages", len(r.Messages)), slog.Int("text_bytes", bytes), slog.Any("pictures", pictures),
		slog.Int("schema_bytes", len(r.Schema)), slog.Int("grammar_bytes", len(r.Grammar)), slog.Int("max_tokens", r.Sampling.MaxTokens),
		slog.Bool("background", r.Background), slog.Bool("private", r.Private),
	}
	if r.Session != "" {
		attrs = append(attrs, slog.String("session", r.Session))
	}
	return slog.GroupValue(attrs...)
}

// LogValue tells a log how an answer went.
func (u Usage) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Int("prompt_tokens", u.PromptTokens), slog.Int("image_tokens", u.ImageTokens), slog.Int("cached_tokens", u.CachedTokens),
		slog.Int("generated_tokens", u.GeneratedTokens), slog.Duration("load", u.LoadTime), slog.Duration("encode", u.EncodeTime),
		slog.Duration("prompt", u.PromptTime), slog.Duration("generate", u.GenerateTime), slog.Duration("ttft", u.TTFT),
	)
}

// Logged has a log, if there is one, tell of a request and of what comes of it. It returns
// what an engine yields to.
func Logged(ctx context.Context, name string, req Request, yield func(Event, error) bool) func(Event, error) bool {
	if !slog.Default().Enabled(ctx, slog.LevelDebug) {
		return yield
	}
	slog.Debug("request", "engine", name, "request", req)
	return func(ev Event, err error) bool {
		switch {
		case err != nil:
			slog.Debug("no answer", "engine", name, "error", err)
		case ev.Kind == Done && ev.Usage != nil:
			slog.Debug("answer", "engine", name, "finish", ev.Finish, "usage", *ev.Usage)
		case ev.Kind == Wait, ev.Kind == Restart, ev.Kind == Note:
			slog.Debug("on the way", "engine", name, "event", ev.Kind, "why", ev.Text)
		}
		return yield(ev, err)
	}
}
