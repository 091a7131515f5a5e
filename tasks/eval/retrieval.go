package eval

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"path/filepath"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/tasks/batch"
	"github.com/vlmchat/vlmchat/vectors"
)

// VectorsName is the file in the folder of a retrieval that has the vectors of pictures and
// texts, as the records of a batch: by these it goes on. The rankings that are made of them,
// of all there are, are the answers.
const VectorsName = "vectors.jsonl"

// Retrieval is a search among the pictures of a dataset by its texts, and the other way round.
// Of a picture that several items are about there is one.
type Retrieval struct {
	Set     *datasets.Set
	Changes []Change
	Encoder engine.Encoder // may be set once it is needed
	Model   string         // a digest of it
	Load    tasks.Load

	pictures []int // of each, the first item that is about it
	texts    []retrievalText
	of       map[string]int // the number of a picture, by its path
}

// retrievalText is a text of an item.
type retrievalText struct{ item, reference int }

// NewRetrieval finds what there is to search.
func NewRetrieval(set *datasets.Set, changes []Change, load tasks.Load) *Retrieval {
	r := &Retrieval{Set: set, Changes: changes, Load: load, of: map[string]int{}}
	for i, item := range set.Items {
		if _, there := r.of[item.Image]; !there {
			r.of[item.Image] = len(r.pictures)
			r.pictures = append(r.pictures, i)
		}
		for j := range item.References {
			r.texts = append(r.texts, retrievalText{i, j})
		}
	}
	return r
}

// Items are those of which there is a vector, each: texts, pictures, and changed pictures.
func (r *Retrieval) Items() iter.Seq2[batch.Item, error] {
	return func(yield func(batch.Item, error) bool) {
		for n := range len(r.texts) + (1+len(r.Changes))*len(r.pictures) {
			if !yield(r.item(n), nil) {
				return
			}
		}
	}
}

// at is what an item's vector is of: a text, or else a picture as it is shown.
func (r *Retrieval) at(n int) (of datasets.Item, text *string, change *Change) {
	if n < len(r.texts) {
		t := r.texts[n]
		of = r.Set.Items[t.item]
		return of, &of.References[t.reference], nil
	}
	n -= len(r.texts)
	of = r.Set.Items[r.pictures[n%len(r.pictures)]]
	if variant := n / len(r.pictures); variant > 0 {
		change = &r.Changes[variant-1]
	}
	return of, nil, change
}

func (r *Retrieval) item(n int) batch.Item {
	of, text, change := r.at(n)
	own := Own{Task: datasets.Retrieval, Data: r.Set.Name, Split: r.Set.Split, Item: of.ID}
	item := batch.Item{N: n, Place: of.Place}
	switch {
	case text != nil:
		item.ID = fmt.Sprintf("%s, text %d", of.ID, r.texts[n].reference+1)
	default:
		if change != nil {
			own.Variant = change.Name
		}
		item.ID = recordID(of.ID+", picture", own.Variant)
		item.Images = []string{of.Image}
	}
	item.Own, _ = json.Marshal(own) // texts have a JSON
	return item
}

// Ask says how a vector is had.
func (r *Retrieval) Ask(item batch.Item) (batch.Question, error) {
	of, text, change := r.at(item.N)
	asked := batch.Asked{Model: r.Model}
	if text != nil {
		return batch.Question{
			Prompt: *text, Asked: with(asked, *text, nil),
			Read: func(context.Context) (engine.Request, error) { return engine.Request{}, nil },
			Judge: func(ctx context.Context, _ engine.Request) (batch.Judged, error) {
				return encoded(r.Encoder.EncodeTexts(ctx, []string{*text}))
			},
		}, nil
	}
	return batch.Question{
		Asked: with(asked, "", change),
		Read: func(ctx context.Context) (engine.Request, error) {
			picture, err := readOne(ctx, r.Load, of.Image)
			if err != nil {
				return engine.Request{}, err
			}
			shown := []*images.Picture{picture}
			if change != nil {
				if shown, err = change.Show(picture); err != nil {
					return engine.Request{}, err
				}
			}
			return engine.Request{Messages: []engine.Message{engine.Ask("", shown...)}}, nil
		},
		Judge: func(ctx context.Context, req engine.Request) (batch.Judged, error) {
			return encoded(r.Encoder.EncodePictures(ctx, engine.Pictures(req.Messages)))
		},
	}, nil
}

// with is how a text or a picture is asked.
func with(a batch.Asked, text string, change *Change) batch.Asked {
	a.Prompt, a.Pictures = batch.Digest(text), batch.Digest(change.digested())
	return a
}

// vectorValue is the value of a vector's record: its numbers as 32-bit floats, little endian,
// in Base64.
type vectorValue struct {
	Vector string `json:"vector"`
}

func encoded(made [][]float32, err error) (batch.Judged, error) {
	if err != nil {
		return batch.Judged{}, err
	}
	var b []byte
	for _, x := range made[0] {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return batch.Judged{}, &engine.Error{Kind: engine.Failed, Message: "the encoder computed something that is no number"}
		}
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	value, err := json.Marshal(vectorValue{base64.StdEncoding.EncodeToString(b)})
	return batch.Judged{Value: value}, err
}

func decoded(value json.RawMessage) ([]float32, error) {
	var v vectorValue
	if err := json.Unmarshal(value, &v); err != nil {
		return nil, err
	}
	b, err := base64.StdEncoding.DecodeString(v.Vector)
	if err != nil || len(b) == 0 || len(b)%4 != 0 {
		return nil, fmt.Errorf("%d bytes are no vector", len(b))
	}
	vector := make([]float32, len(b)/4)
	for i := range vector {
		vector[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return vector, nil
}

// Belongs refuses records that are those of another evaluation.
func (r *Retrieval) Belongs(records iter.Seq2[batch.Record, error]) error {
	return belongs(datasets.Retrieval, r.Set, records)
}

// found is what the records of vectors have, by the numbers of their items.
type found struct {
	vectors map[int][]float32
	failed  map[int]batch.Record
}

// Rank searches among what the records of vectors have, and returns what came of each item.
func (r *Retrieval) Rank(ctx context.Context, records iter.Seq2[batch.Record, error], progress tasks.Progress) ([]Prediction, error) {
	f, err := r.read(records)
	if err != nil {
		return nil, err
	}
	var all []Prediction
	for variant := range 1 + len(r.Changes) {
		some, err := r.rank(ctx, f, variant, progress)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// read reads the records of vectors.
func (r *Retrieval) read(records iter.Seq2[batch.Record, error]) (found, error) {
	numbers := map[string]int{}
	for n := range len(r.texts) + (1+len(r.Changes))*len(r.pictures) {
		numbers[r.item(n).ID] = n
	}
	f := found{map[int][]float32{}, map[int]batch.Record{}}
	for record, err := range records {
		if err != nil {
			return f, err
		}
		n, asked := numbers[record.ID]
		switch {
		case !asked:
			continue
		case record.Status != batch.Answered:
			f.failed[n] = record
			continue
		}
		if f.vectors[n], err = decoded(record.JSON); err != nil {
			return f, fmt.Errorf("the record %q has no vector: %w", record.ID, err)
		}
	}
	return f, nil
}

// rank searches among the pictures of one variant.
func (r *Retrieval) rank(ctx context.Context, f found, variant int, progress tasks.Progress) ([]Prediction, error) {
	base := len(r.texts) + variant*len(r.pictures)
	pictures, rows, err := matrixOf(f, base, len(r.pictures))
	if err != nil {
		return nil, err
	}
	texts, textRows, err := matrixOf(f, 0, len(r.texts))
	if err != nil {
		return nil, err
	}
	var of []int
	for n, t := range r.texts {
		if textRows[n] >= 0 {
			of = append(of, rows[r.of[r.Set.Items[t.item].Image]])
		}
	}
	ranks := newRanking(pictures, texts, of)
	if err := ranks.find(ctx, progress); err != nil {
		return nil, err
	}
	name := ""
	if variant > 0 {
		name = r.Changes[variant-1].Name
	}
	all := make([]Prediction, len(r.Set.Items))
	for i, item := range r.Set.Items {
		p := Prediction{ID: item.ID, Variant: name}
		number := r.of[item.Image]
		if failure, failed := f.failed[base+number]; failed {
			p = failedAs(p, failure)
		} else if r.pictures[number] == i && rows[number] >= 0 {
			p.Rankings = append(p.Rankings, Ranking{ImageToText, filepath.Base(item.Image), ranks.ofPicture(rows[number]), texts.Rows()})
		}
		all[i] = p
	}
	for n, t := range r.texts {
		p, item := &all[t.item], r.Set.Items[t.item]
		switch failure, failed := f.failed[n]; {
		case failed:
			*p = failedAs(*p, failure)
		case p.Error == "" && textRows[n] >= 0:
			p.Rankings = append(p.Rankings, Ranking{TextToImage, item.References[t.reference], []int{ranks.ofText(textRows[n])}, pictures.Rows()})
		}
	}
	return all, nil
}

// failedAs is a prediction that failed as a record did.
func failedAs(p Prediction, r batch.Record) Prediction {
	p.Rankings = nil
	p.fail(r)
	return p
}

// matrixOf puts vectors into rows, and tells which each has; -1 is none.
func matrixOf(f found, from, count int) (*vectors.Matrix, []int, error) {
	var m *vectors.Matrix
	rows := make([]int, count)
	for n := range rows {
		v := f.vectors[from+n]
		if rows[n] = -1; v == nil {
			continue
		}
		if m == nil {
			m = vectors.NewMatrix(len(v))
		}
		rows[n] = m.Rows()
		if err := m.Append(v); err != nil {
			return nil, nil, err
		}
	}
	if m == nil {
		m = vectors.NewMatrix(0)
	}
	return m, rows, nil
}

// Answers have a journal filled with what came of the items.
func (r *Retrieval) Answers(predictions []Prediction) (items iter.Seq2[batch.Item, error], ask func(batch.Item) (batch.Question, error)) {
	of := map[string]datasets.Item{}
	for _, item := range r.Set.Items {
		of[item.ID] = item
	}
	items = func(yield func(batch.Item, error) bool) {
		for n, p := range predictions {
			input, _ := json.Marshal(Own{Task: datasets.Retrieval, Data: r.Set.Name, Split: r.Set.Split, Item: p.ID, Variant: p.Variant}) // texts have a JSON
			if !yield(batch.Item{N: n, ID: recordID(p.ID, p.Variant), Place: of[p.ID].Place, Images: []string{of[p.ID].Image}, Own: input}, nil) {
				return
			}
		}
	}
	ask = func(item batch.Item) (batch.Question, error) {
		p := predictions[item.N]
		return batch.Question{
			Asked: batch.Asked{Model: r.Model},
			Read:  func(context.Context) (engine.Request, error) { return engine.Request{}, nil },
			Judge: func(context.Context, engine.Request) (batch.Judged, error) {
				if p.Error != "" {
					return batch.Judged{}, &engine.Error{Kind: p.ErrorKind, Message: p.Error}
				}
				return judged("", Value{Rankings: p.Rankings})
			},
		}, nil
	}
	return items, ask
}
