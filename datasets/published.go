package datasets

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"
)

// published is what is in the documents of COCO, VQAv2 and Karpathy, in whichever order.
type published struct {
	subtype string // "val2014": which part of COCO
	kind    string // "mscoco", or "abstract_v002" of drawings
	name    string // of Karpathy's

	images    []publishedImage
	karpathy  bool // images have sentences
	captions  map[ident][]string
	answers   map[ident]publishedAnswers
	answering int // annotations that are answers
	questions []publishedQuestion
	boxes     bool // annotations have neither captions nor answers
}

// ident is an ID: a number, or a text.
type ident string

// UnmarshalJSON reads either.
func (i *ident) UnmarshalJSON(b []byte) error {
	switch {
	case b[0] == '"':
		return json.Unmarshal(b, (*string)(i))
	case b[0] == '-' || b[0] >= '0' && b[0] <= '9':
		*i = ident(b)
	case b[0] != 'n':
		return &badForm{"its ID is neither a number nor a text"}
	}
	return nil
}

type publishedImage struct {
	ID        ident  `json:"id"`
	File      string `json:"file_name"`
	Name      string `json:"filename"` // Karpathy's, as are the next ones
	Folder    string `json:"filepath"`
	Split     string `json:"split"`
	ImageID   ident  `json:"imgid"`
	COCO      ident  `json:"cocoid"`
	Sentences []struct {
		Raw string `json:"raw"`
	} `json:"sentences"`
	number int
}

type publishedAnnotation struct {
	Image    ident   `json:"image_id"`
	Question ident   `json:"question_id"`
	Caption  *string `json:"caption"`
	Type     string  `json:"question_type"`
	Kind     string  `json:"answer_type"`
	Best     string  `json:"multiple_choice_answer"`
	Answers  []struct {
		Answer string `json:"answer"`
	} `json:"answers"`
}

type publishedAnswers struct {
	answers []string
	groups  []Group
}

type publishedQuestion struct {
	ID      ident    `json:"question_id"`
	Image   ident    `json:"image_id"`
	Text    string   `json:"question"`
	Choices []string `json:"multiple_choices"`
	number  int
}

// published reads a document. What of it is of no use to the task is passed over.
func (r *reader) published(t *text, p *published) error {
	d := r.document(t)
	return d.members(func(name string) error {
		switch name {
		case "data_subtype", "data_type", "dataset":
			var s string
			if err := d.dec.Decode(&s); err != nil && formOf(err) == nil {
				return d.broken(err)
			}
			switch name {
			case "data_subtype":
				p.subtype = s
			case "data_type":
				p.kind = s
			case "dataset":
				p.name = s
			}
		case "images":
			return elements(d, "image", func(e *publishedImage, number int) {
				e.number = number
				p.karpathy = p.karpathy || e.Name != "" || e.Sentences != nil
				p.images = append(p.images, *e)
			})
		case "questions":
			return elements(d, "question", func(e *publishedQuestion, number int) {
				e.number = number
				p.questions = append(p.questions, *e)
			})
		case "annotations":
			return elements(d, "annotation", func(e *publishedAnnotation, number int) { r.annotation(p, e, d.number("annotation", number)) })
		default:
			return d.skip()
		}
		return nil
	})
}

func (r *reader) annotation(p *published, e *publishedAnnotation, place string) {
	switch {
	case e.Caption != nil:
		p.captions[e.Image] = append(p.captions[e.Image], *e.Caption)
	case e.Question != "":
		p.answering++
		a := publishedAnswers{}
		for _, one := range e.Answers {
			a.answers = append(a.answers, r.one(one.Answer))
		}
		if len(a.answers) == 0 && e.Best != "" {
			a.answers = []string{r.one(e.Best)}
		}
		for _, group := range []Group{{"answer type", e.Kind}, {"question type", e.Type}} {
			if group.Name != "" {
				a.groups = append(a.groups, Group{group.By, r.one(group.Name)})
			}
		}
		if _, twice := p.answers[e.Question]; twice {
			r.problem(TwiceThere, place, string(e.Question), "there are answers to this question already")
			return
		}
		p.answers[e.Question] = a
	default:
		p.boxes = true
	}
}

// coco adds the pictures with their captions.
func (r *reader) coco(p *published) error {
	if len(p.captions) == 0 && p.boxes {
		return &Error{Place: r.path, Message: "its annotations are no captions; these are COCO's boxes or keypoints", Hint: "captions are in captions_val2014.json and the like"}
	}
	r.set.Layout = "coco"
	r.look(r.path, r.o.Images, cocoParts(r.path)...)
	have := map[ident]bool{}
	for _, image := range p.images {
		have[image.ID] = true
		r.add(Item{ID: string(image.ID), Image: image.File, References: p.captions[image.ID], Place: fmt.Sprintf("%s: image %d", r.path, image.number)}, "")
	}
	lost := 0
	for id := range p.captions {
		if !have[id] {
			lost++
		}
	}
	if lost > 0 {
		r.broken(r.path, fmt.Sprintf("there are captions of %d pictures that are not among its images", lost))
	}
	return nil
}

// cocoParts are the folders in which the pictures of a part of COCO are: captions_val2014.json
// is about val2014.
func cocoParts(file string) []string {
	name, _, _ := strings.Cut(path.Base(strings.ReplaceAll(file, `\`, "/")), ".")
	if i := strings.LastIndexByte(name, '_'); i >= 0 {
		return []string{name[i+1:]}
	}
	return nil
}

// karpathy adds the pictures of a split of Karpathy's.
func (r *reader) karpathy(p *published) {
	r.set.Layout = "karpathy"
	parts := []string{}
	if p.name != "" {
		parts = []string{p.name, p.name + "-images", p.name + "_images"}
	}
	r.look(r.path, r.o.Images, parts...)
	for _, image := range p.images {
		id := image.COCO
		if id == "" {
			id = image.ImageID
		}
		i := Item{ID: string(id), Image: path.Join(image.Folder, image.Name), Place: fmt.Sprintf("%s: image %d", r.path, image.number)}
		for _, s := range image.Sentences {
			i.References = append(i.References, s.Raw)
		}
		r.add(i, image.Split)
	}
}
