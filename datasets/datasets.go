// Package datasets reads what models are evaluated on, in the layouts in which the field
// publishes it: COCO captions, VQAv2, Karpathy's splits of Flickr30k and COCO, plain JSONL,
// and folders. It knows files, and nothing of engines.
package datasets

// Task is what a dataset asks of a model.
type Task string

// The tasks that 'vlmchat eval' has.
const (
	Caption    Task = "caption"
	VQA        Task = "vqa"
	Classify   Task = "classify"
	Retrieval  Task = "retrieval"
	Perplexity Task = "perplexity"
)

// Item is one question of a dataset, and what would be right.
type Item struct {
	ID       string // the dataset's own, or made of the picture's name; no two have the same
	Image    string // path of the picture
	Question string // VQA, and where a dataset has one for other tasks
	// References are what people said: captions, answers (VQAv2 has ten), the text whose
	// perplexity is asked for. A dataset for scoring needs one at least.
	References []string
	Choices    []string // to choose from, of multiple choice; of classification where each picture has its own
	Label      string   // classification
	Groups     []Group  // by which scores are told apart: a question's type, that of its answer
	Place      string   // FILE:LINE, or FILE and the number in it, for errors
}

// Group is one of the kinds into which items fall: By "answer type" the one named "yes/no".
type Group struct {
	By   string `json:"by"`
	Name string `json:"name"`
}

// Set is a dataset that was read.
type Set struct {
	Name     string // of its file or folder
	Layout   string // "coco", "vqav2", "karpathy", "flickr", "csv", "json", "jsonl", "folder"
	Split    string // of those that have several
	Items    []Item
	Labels   []string // of classification: all there are, in the dataset's order or sorted
	Problems []Problem
	SHA256   string // of the items and their references: two runs with the same can be compared
}

// Problem is an item that can't be asked, or a remark about one that can.
type Problem struct {
	Kind   ProblemKind
	Place  string // FILE:LINE
	Item   string // its ID, where it has one
	Detail string // for people
}

// ProblemKind sorts problems.
type ProblemKind string

// What can be wrong with items.
const (
	MissingPicture ProblemKind = "missing picture"
	BrokenLine     ProblemKind = "broken line"
	NoQuestion     ProblemKind = "no question"
	NoReference    ProblemKind = "no reference"
	TwiceThere     ProblemKind = "twice there"
	EmptyReference ProblemKind = "empty reference" // others of the item are there
	UnknownField   ProblemKind = "unknown field"   // once for each
)

// LeavesOut tells whether an item with such a problem is left out; what else there is is a
// remark.
func (k ProblemKind) LeavesOut() bool { return k != UnknownField && k != EmptyReference }

// Options say what of a dataset is read.
type Options struct {
	Images    string // folder of the pictures; "" is beside the file
	Questions string // VQAv2's file of questions; "" looks for it beside that of the answers
	Split     string // "" is "test" where there are several
	Limit     int    // items that are wanted at most, the first that can be asked; 0 is all
	// Answered says that the answers are there already: the pictures need not be.
	Answered bool
}
