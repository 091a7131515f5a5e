// Package eval measures how well a model captions, answers, classifies, finds and predicts: it
// asks an engine about the items of a dataset, or takes answers that are there already, and
// makes a report of scores, their intervals, and the worst cases. It knows no terminal.
package eval

import (
	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks"
)

// Prediction is what came of an item of a dataset in one variant of it.
type Prediction struct {
	ID      string `json:"id"`
	Variant string `json:"variant,omitempty"` // "" is as it is; others are names of Variants
	Answer  string `json:"answer,omitempty"`  // caption, vqa
	Cut     bool   `json:"cut,omitempty"`     // it came to its limit of tokens, and may never have ended
	// Labels are those of classify and of multiple choice, the likeliest first.
	Labels []tasks.Labelled `json:"labels,omitempty"`
	// Logprob is the sum over the Tokens of the text of perplexity.
	Logprob float64 `json:"logprob,omitempty"`
	Tokens  int     `json:"tokens,omitempty"`
	// Blank is the Logprob of the same text with a blank picture in place of the item's: what
	// is missing to Logprob the picture tells.
	Blank float64 `json:"blank_logprob,omitempty"`
	// Rankings are those of retrieval.
	Rankings []Ranking `json:"rankings,omitempty"`
	Error    string    `json:"error,omitempty"` // why there is no answer
	// ErrorKind sorts the Error, as engine.ErrorKind.
	ErrorKind engine.ErrorKind `json:"error_kind,omitempty"`
	Took      Took             `json:"took,omitzero"`
}

// Took is what an answer took, or several do in the mean. Of tokens engines don't always tell.
type Took struct {
	ImageTokens     float64 `json:"image_tokens,omitempty"`
	PromptTokens    float64 `json:"prompt_tokens,omitempty"` // those of pictures among them
	GeneratedTokens float64 `json:"generated_tokens,omitempty"`
	Seconds         float64 `json:"seconds,omitempty"` // from its pictures' reading on, others being asked beside it
}

// Ranking is at which places a search found what belongs to its query.
type Ranking struct {
	Direction Direction `json:"direction"`
	Query     string    `json:"query"` // the text, or the picture's name
	Ranks     []int     `json:"ranks"` // from 1, ascending, of all that belong to it
	Of        int       `json:"of"`    // how many were searched
}

// Direction is what searches for what.
type Direction string

// Texts search for pictures, and pictures for texts.
const (
	TextToImage Direction = "text-to-image"
	ImageToText Direction = "image-to-text"
)

// ReportFormat and ReportVersion are what a Report calls itself in JSON.
// docs/schemas/eval.schema.json has the format.
const (
	ReportFormat  = "vlmchat-eval"
	ReportVersion = 1
)

// Report is what an evaluation has found.
type Report struct {
	Format   string    `json:"format"`
	Version  int       `json:"version"`
	Task     string    `json:"task"`
	Dataset  Dataset   `json:"dataset"`
	Asked    Asked     `json:"asked"`
	Counts   Counts    `json:"counts"`
	Scores   []Score   `json:"scores"`             // of the pictures as they are
	Took     Took      `json:"took,omitzero"`      // an answer about one of them, in the mean
	Groups   []Group   `json:"groups,omitempty"`   // of them, by the kind of question, or by class
	Variants []Variant `json:"variants,omitempty"` // with changed pictures, or tiles
	// Confusions are which labels were taken for which, of classification, the most frequent first.
	Confusions []Confusion `json:"confusions,omitempty"`
	Problems   []Problem   `json:"problems,omitempty"` // of the dataset
	Notes      []string    `json:"notes,omitempty"`    // what a reader has to know, such as a metric that could not be had
	Items      []Item      `json:"items"`              // in the dataset's order
	Vlmchat    string      `json:"vlmchat"`
}

// Dataset is on what a Report is.
type Dataset struct {
	Name   string `json:"name"`
	Layout string `json:"layout"`
	Split  string `json:"split,omitempty"`
	SHA256 string `json:"sha256"` // of the items and their references
}

// Asked is who was asked, and how. Of given predictions the file is known alone.
type Asked struct {
	Predictions string         `json:"predictions,omitempty"` // file of answers that were given
	Engine      string         `json:"engine,omitempty"`
	Model       string         `json:"model,omitempty"`
	Device      string         `json:"device,omitempty"`
	Prompt      string         `json:"prompt,omitempty"`
	System      string         `json:"system,omitempty"`
	Shots       int            `json:"shots,omitempty"`
	ShotSeed    uint64         `json:"shot_seed,omitempty"`
	Sampling    map[string]any `json:"sampling,omitempty"`
	Seconds     float64        `json:"seconds,omitempty"` // that the run took, all its parts together
	// Tokens that were read and written, where the engine counts them.
	PromptTokens    int `json:"prompt_tokens,omitempty"`
	GeneratedTokens int `json:"generated_tokens,omitempty"`
}

// Counts are of items.
type Counts struct {
	Items    int            `json:"items"` // that were to be asked
	Answered int            `json:"answered"`
	Failed   int            `json:"failed"`             // no answer came: they count as wrong, and are listed
	Cut      int            `json:"cut"`                // answers that came to their limit of tokens
	Empty    int            `json:"empty"`              // answers without a word
	LeftOut  map[string]int `json:"left_out,omitempty"` // of the dataset, by what is wrong with them
}

// name is what a metric of this direction is called.
func (d Direction) name(metric string) string { return string(d) + " " + metric }

// Score is a metric's number for all items, from Low to High in 95 of 100 cases.
type Score struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	N     int     `json:"n"`               // items, or queries
	Lower bool    `json:"lower,omitempty"` // less is better
}

// Group is the scores of the items of one kind.
type Group struct {
	datasets.Group
	Scores []Score `json:"scores"`
}

// Confusion is how often a label was taken for another.
type Confusion struct {
	Label string `json:"label"` // that is right
	Said  string `json:"said"`
	Times int    `json:"times"`
}

// Problem is what is wrong with an item of the dataset.
type Problem struct {
	Kind   string `json:"kind"`
	Place  string `json:"place"` // FILE:LINE
	Item   string `json:"item,omitempty"`
	Detail string `json:"detail"`
}

// Variant is the scores with pictures that were changed.
type Variant struct {
	Name   string  `json:"name"` // "crop", "flip", "jitter", "all three", "tiles 2x2"
	Scores []Score `json:"scores"`
	// Changes are the scores less those of the pictures as they are, with the intervals of
	// the differences, pair by pair.
	Changes []Score `json:"changes"`
	Took    Took    `json:"took,omitzero"` // an answer, in the mean
}

// Item is an item of the dataset, and what came of it in one variant. What is known of the item
// itself only the one of the pictures as they are says: the others are found by its ID.
type Item struct {
	ID         string             `json:"id"`
	Variant    string             `json:"variant,omitempty"`
	Image      string             `json:"image,omitempty"`
	Question   string             `json:"question,omitempty"`
	References []string           `json:"references,omitempty"`
	Choices    []string           `json:"choices,omitempty"`
	Label      string             `json:"label,omitempty"` // that is right, of classification
	Groups     []datasets.Group   `json:"groups,omitempty"`
	Answer     string             `json:"answer"`
	Labels     []tasks.Labelled   `json:"labels,omitempty"`
	Logprob    float64            `json:"logprob,omitempty"`
	Tokens     int                `json:"tokens,omitempty"`
	Blank      float64            `json:"blank_logprob,omitempty"`
	Rankings   []Ranking          `json:"rankings,omitempty"`
	Cut        bool               `json:"cut,omitempty"`
	Error      string             `json:"error,omitempty"`
	Scores     map[string]float64 `json:"scores"` // by the metrics' names; of several queries the mean
}
