package batch

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks"
)

// RecordFormat and RecordVersion are what a Record calls itself in JSON. The version
// counts changes that readers of an earlier one would not understand.
const (
	RecordFormat  = "vlmchat-batch-record"
	RecordVersion = 1
)

// Status says what became of an item.
type Status string

// What can become of an item.
const (
	Answered Status = "answered"
	Failed   Status = "failed"
)

// Record is what came of an item, a line of a batch's output. It is flat and regular, so
// that programs which make tables of it need no help: each has the same members in the
// same order, of the same types, and null where there is nothing.
// docs/schemas/batch-record.schema.json has the format.
type Record struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	ID      string `json:"id"`
	Status  Status `json:"status"`

	Answer   *string         `json:"answer"`
	JSON     json.RawMessage `json:"json"` // the answer as the value that it is, where it is held to a schema
	Thinking *string         `json:"thinking"`
	Finish   *string         `json:"finish"` // stop or length, as engine.Finish

	ErrorKind *string `json:"error_kind"` // as engine.ErrorKind
	Error     *string `json:"error"`
	Hint      *string `json:"hint"`      // what to do
	Retryable bool    `json:"retryable"` // the next run asks again
	Attempts  int     `json:"attempts"`  // that were made, 0 where the item was not even asked

	Prompt *string  `json:"prompt"` // what was asked; null for a conversation
	Image  *string  `json:"image"`  // the first picture, as it was named
	Images []string `json:"images"` // all of them

	ImageSHA256 *string `json:"image_sha256"` // of the first picture, as are these
	ImageFormat *string `json:"image_format"`
	ImageWidth  *int    `json:"image_width"`
	ImageHeight *int    `json:"image_height"`
	Sidecar     *string `json:"sidecar"` // the file beside the picture that has the answer

	Engine *string `json:"engine"`
	Model  *string `json:"model"`
	Device *string `json:"device"`
	Seed   *int64  `json:"seed"`

	PromptTokens    *int   `json:"prompt_tokens"`
	ImageTokens     *int   `json:"image_tokens"`
	CachedTokens    *int   `json:"cached_tokens"`
	GeneratedTokens *int   `json:"generated_tokens"`
	Cost            *Float `json:"cost"` // in US dollars
	Seconds         Float  `json:"seconds"`
	TTFT            *Float `json:"ttft_ms"`
	TokensPerSecond *Float `json:"tokens_per_second"`

	Logprob  *Float                `json:"logprob"`  // of the whole answer
	Logprobs []engine.TokenLogprob `json:"logprobs"` // of its tokens; both null unless they were asked for

	Asked   string          `json:"asked"`   // digests of how it was asked: Asked.String
	DoneAt  string          `json:"done_at"` // when it was done, in UTC (RFC 3339)
	Vlmchat string          `json:"vlmchat"` // the version that asked
	Input   json.RawMessage `json:"input"`   // the job's members that vlmchat does not know
}

// Float is a number that is written with a point, also where it is whole: what guesses a
// column's type by its first lines takes it for what it is.
type Float float64

// MarshalJSON writes the number.
func (f Float) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) {
		return []byte("null"), nil
	}
	b := strconv.AppendFloat(nil, float64(f), 'f', -1, 64)
	if f == Float(math.Trunc(float64(f))) {
		b = append(b, ".0"...)
	}
	return b, nil
}

// newRecord is the record of an item of which nothing came yet.
func newRecord(item Item, q Question) Record {
	r := Record{Format: RecordFormat, Version: RecordVersion, ID: item.ID, Asked: q.Asked.String(), Input: item.Own}
	if q.Prompt != "" {
		r.Prompt = &q.Prompt
	}
	r.Images = []string{}
	for _, source := range item.Images {
		r.Images = append(r.Images, shown(item, source))
	}
	if len(r.Images) > 0 {
		r.Image = &r.Images[0]
	}
	return r
}

// shown is a picture's name as a record has it: a path from where one is, an address
// without a password, and not a whole picture.
func shown(item Item, source string) string {
	switch {
	case images.IsURL(source):
		return images.ShownURL(source)
	case strings.HasPrefix(strings.ToLower(source), "data:"):
		kind, _, _ := strings.Cut(source, ",")
		return kind[:min(len(kind), 64)]
	case item.Job == nil || filepath.IsAbs(source) || strings.HasPrefix(source, "~") || strings.Contains(source, "://"):
		return source
	}
	return filepath.Join(item.Job.Folder, source)
}

// NewRecord is the record of an item that was answered.
func NewRecord(item Item, q Question, a tasks.Answer) Record {
	r := newRecord(item, q)
	r.Status, r.Answer, r.Thinking, r.Finish = Answered, &a.Answer, text(a.Thinking), text(a.Finish)
	if q.JSON && json.Valid([]byte(a.Answer)) {
		r.JSON = json.RawMessage(a.Answer)
	}
	r.Engine, r.Model, r.Device = text(a.Engine), text(a.Model), text(a.Device)
	if first := r.firstOf(a.Images); first != nil {
		r.ImageSHA256, r.ImageFormat = text(first.SHA256), text(first.Format)
		if first.Width > 0 {
			r.ImageWidth, r.ImageHeight = &first.Width, &first.Height
		}
	}
	if p := a.Provenance; p != nil && p.Seed != nil {
		seed := int64(*p.Seed)
		r.Seed = &seed
	}
	u := a.Usage
	if u.PromptTokens > 0 || u.GeneratedTokens > 0 {
		r.PromptTokens, r.ImageTokens, r.CachedTokens, r.GeneratedTokens = &u.PromptTokens, &u.ImageTokens, &u.CachedTokens, &u.GeneratedTokens
		if len(a.Images) > 0 && u.ImageTokens == 0 {
			r.ImageTokens = nil // most servers don't tell; no picture takes none
		}
	}
	r.TTFT, r.TokensPerSecond = known(a.Timings.TTFT), known(math.Round(10*a.Timings.TokensPerSecond)/10)
	if a.Cost != nil {
		cost := Float(*a.Cost)
		r.Cost = &cost
	}
	if a.Logprobs != nil {
		sum := Float(engine.Score{Tokens: a.Logprobs}.Logprob())
		r.Logprob, r.Logprobs = &sum, a.Logprobs
	}
	r.Vlmchat = a.Vlmchat
	return r
}

// firstOf finds the first picture among those of the whole conversation, in which those of
// examples come first. One whose item names none, a conversation of its own, has them all.
func (r *Record) firstOf(all []tasks.Image) *tasks.Image {
	if r.Image == nil {
		for _, image := range all {
			r.Images = append(r.Images, image.Source)
		}
		if len(all) == 0 {
			return nil
		}
		r.Image = &r.Images[0]
		return &all[0]
	}
	for i := len(all) - 1; i >= 0; i-- {
		// A page or a moment has the name of its document before its own.
		if first := &all[i]; strings.HasPrefix(first.Source, *r.Image) && (i == 0 || !strings.HasPrefix(all[i-1].Source, *r.Image)) {
			return first
		}
	}
	if len(all) == 0 {
		return nil
	}
	return &all[max(0, len(all)-len(r.Images))]
}

// FailedRecord is the record of an item to which there is no answer.
func FailedRecord(item Item, q Question, err error) Record {
	r := newRecord(item, q)
	r.Fail(err)
	if e, ok := errors.AsType[*engine.Error](err); ok {
		r.Hint = text(e.Hint)
	}
	return r
}

// Fail has an answer be kept with what could not be done with it.
func (r *Record) Fail(err error) {
	kind, message := string(errorKind(err)), err.Error()
	r.Status, r.ErrorKind, r.Error, r.Retryable = Failed, &kind, &message, retryable(err)
}

// errorKind is the engine's kind of an error; what is wrong with a picture is one, too.
func errorKind(err error) engine.ErrorKind {
	if _, ok := errors.AsType[*images.Error](err); ok {
		return engine.BadPicture
	}
	return engine.KindOf(err)
}

// retryable tells whether an item may be answered another time: the fault was the
// server's, the network's or the machine's of that moment, and not the item's.
func retryable(err error) bool {
	if e, ok := errors.AsType[*images.Error](err); ok {
		return e.Reason == images.Unreachable || e.Reason == images.TooSlow
	}
	if _, ok := errors.AsType[*refused](err); ok {
		return false
	}
	e, ok := errors.AsType[*engine.Error](err)
	if !ok {
		return true // nobody said that it is for good
	}
	switch e.Kind {
	case engine.RateLimited, engine.TimedOut, engine.Unreachable, engine.WorkerDied, engine.AnswerCut, engine.Cancelled, engine.OutOfMemory:
		return true
	}
	return e.Temporary
}

// stamp says when a record was made, and how long its item took.
func (r *Record) stamp(now time.Time, took time.Duration) {
	r.DoneAt, r.Seconds = now.UTC().Format(time.RFC3339), Float(math.Round(took.Seconds()*1000)/1000)
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func known(f float64) *Float {
	if f == 0 {
		return nil
	}
	n := Float(f)
	return &n
}

// line is the record as a line of JSON.
func (r Record) line() ([]byte, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("the record of %s can't be written: %w", r.ID, err)
	}
	return append(b, '\n'), nil
}
