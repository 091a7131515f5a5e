package eval

import (
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/vlmchat/vlmchat/termtext"
)

//go:embed report.html
var page string

// pageTemplate is read when it is used: most starts of vlmchat evaluate nothing.
var pageTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("report").Parse(page)) })

// What a page has at most, so that it opens at once, however large the dataset is.
const (
	pageCases    = 48
	pageListed   = 50      // failures, problems
	pageText     = 1500    // characters of a text
	pagePictures = 6 << 20 // bytes of all thumbnails
)

// WritePage writes the report as one HTML page that needs nothing else and runs nothing. thumbnail
// makes a small JPEG of the picture at a path; nil shows none.
func (r *Report) WritePage(w io.Writer, thumbnail func(image string) ([]byte, error)) error {
	main, _ := r.MainOf(r.Scores)
	p := pageData{
		Title: clean(fmt.Sprintf("%s: %s", r.Task, r.Dataset.Name)), Main: main.Name, Scores: pageScores(r.Scores),
		Digest: clean(r.Dataset.SHA256[:min(12, len(r.Dataset.SHA256))]), Vlmchat: clean(r.Vlmchat),
	}
	for _, line := range append([]string{r.Dataset.About()}, append(r.Asked.About(), r.Counts.About())...) {
		p.About = append(p.About, clean(line))
	}
	for _, note := range r.Notes {
		p.Notes = append(p.Notes, clean(note))
	}
	p.addVariants(r, main)
	p.addGroups(r)
	for _, c := range r.Confusions {
		p.Confusions = append(p.Confusions, Confusion{clean(c.Label), clean(c.Said), c.Times})
	}
	p.addCases(r, thumbnail)
	for _, item := range r.Failed(pageListed) {
		p.Failed = append(p.Failed, pagePart{clean(item.ID), clean(item.Error)})
	}
	p.FailedCount, p.FailedRest = r.Counts.Failed, r.Counts.Failed-len(p.Failed)
	for _, one := range r.Problems[:min(len(r.Problems), pageListed)] {
		p.Problems = append(p.Problems, pagePart{clean(one.Kind), clean(strings.TrimPrefix(one.Place+": "+one.Detail, ": "))})
	}
	p.ProblemsRest = len(r.Problems) - len(p.Problems)
	return pageTemplate().Execute(w, p)
}

// pageData is what the page shows, in words.
type pageData struct {
	Title, Main, Digest, Vlmchat string
	About, Notes                 []string
	Scores                       []pageScore
	Plain                        pageVariant
	Variants                     []pageVariant
	Groups                       []pageGroup
	Confusions                   []Confusion
	FilterBy                     string
	Filters                      []pageFilter
	Cases                        []pageCase
	Failed, Problems             []pagePart
	FailedCount                  int
	FailedRest, ProblemsRest     int
}

type pagePart struct{ Name, Text string }

type pageScore struct {
	Name, Value, Range string
	N                  int
	Bar                *pageBar
}

// pageBar is where a score lies, in percent of the bar's length.
type pageBar struct{ Value, Low, Width string }

type pageVariant struct {
	Name, Value, Change, Range, Verdict, Tokens, Seconds string
	Scores                                               []pageScore
}

type pageGroup struct {
	By, Main string
	Columns  []string // besides
	Rows     []pageRow

	others []string // the metrics' whole names
}

type pageRow struct {
	Name, Value, Range string
	N                  int
	Bar                *pageBar
	Cells              []string
}

// pageFilter leaves the cases of one group.
type pageFilter struct {
	Number int
	Name   string
}

type pageCase struct {
	Name, Alt, Scores, Classes string
	Picture                    template.URL
	NoPicture                  string
	Parts                      []pagePart
}

// clean is foreign text in one line, of a length that a page bears.
func clean(text string) string { return shorten(termtext.Line(text)) }

func shorten(text string) string {
	n := 0
	for i := range text {
		if n++; n > pageText {
			return text[:i] + " …"
		}
	}
	return text
}

func pageScores(all []Score) []pageScore {
	var shown []pageScore
	for _, s := range all {
		name := s.Name
		if s.Lower {
			name += " (less is better)"
		}
		shown = append(shown, pageScore{name, Form(s.Name, s.Value), FormRange(Form, s), s.N, barOf(s)})
	}
	return shown
}

// barOf is the bar of a score that has an end: ranks and perplexities have none.
func barOf(s Score) *pageBar {
	if s.Lower {
		return nil
	}
	whole := 1.0
	if strings.HasPrefix(s.Name, "CIDEr") {
		whole = max(1.5, s.High) // 10 at most, which no caption has
	}
	at := func(x float64) string { return strconv.FormatFloat(100*min(max(x/whole, 0), 1), 'f', 2, 64) }
	return &pageBar{at(s.Value), at(s.Low), at(s.High - s.Low)}
}

func (p *pageData) addVariants(r *Report, main Score) {
	took := func(t Took) (tokens, seconds string) {
		if t.ImageTokens > 0 {
			tokens = strconv.FormatFloat(t.ImageTokens, 'f', 0, 64)
		}
		if t.Seconds > 0 {
			seconds = strconv.FormatFloat(t.Seconds, 'f', 2, 64)
		}
		return tokens, seconds
	}
	p.Plain.Value = Form(main.Name, main.Value)
	p.Plain.Tokens, p.Plain.Seconds = took(r.Took)
	for _, v := range r.Variants {
		one := pageVariant{Name: clean(v.Name), Scores: pageScores(v.Scores)}
		if s, found := Find(v.Scores, main.Name); found {
			one.Value = Form(s.Name, s.Value)
		}
		if c, found := Find(v.Changes, main.Name); found {
			one.Change, one.Range, one.Verdict = FormChange(c.Name, c.Value), FormRange(FormChange, c), c.Verdict()
		}
		one.Tokens, one.Seconds = took(v.Took)
		p.Variants = append(p.Variants, one)
	}
}

// addGroups makes a table of each sort of groups: the main score with its interval, and the others
// behind it.
func (p *pageData) addGroups(r *Report) {
	main, _ := r.MainOf(r.Scores)
	for _, g := range r.Groups {
		if n := len(p.Groups); n == 0 || p.Groups[n-1].By != clean(g.By) {
			p.Groups = append(p.Groups, pageGroup{By: clean(g.By), Main: main.Name})
			last := &p.Groups[n]
			for _, s := range r.Scores {
				if s.Name != main.Name {
					last.others = append(last.others, s.Name)
					last.Columns = append(last.Columns, short(s.Name))
				}
			}
		}
		last := &p.Groups[len(p.Groups)-1]
		row := pageRow{Name: clean(g.Name)}
		if s, found := Find(g.Scores, main.Name); found {
			row.N, row.Value, row.Range, row.Bar = s.N, Form(s.Name, s.Value), FormRange(Form, s), barOf(s)
		}
		for _, name := range last.others {
			cell := ""
			if s, found := Find(g.Scores, name); found {
				cell = Form(name, s.Value)
			}
			row.Cells = append(row.Cells, cell)
		}
		last.Rows = append(last.Rows, row)
	}
}

// short is a metric's name without what it was computed with.
func short(metric string) string {
	name, _, _ := strings.Cut(metric, " (")
	return name
}

// addCases shows the worst answers with their pictures, and a filter for the first sort of groups
// that parts them.
func (p *pageData) addCases(r *Report, thumbnail func(string) ([]byte, error)) {
	numbers := map[string]int{}
	room := pagePictures
	made := map[string]pageCase{} // of a picture that several questions are about
	for _, item := range r.Worst(pageCases) {
		c := pageCase{Name: clean(item.ID), Alt: clean("Picture " + filepath.Base(item.Image)), Parts: pageParts(item)}
		var scores []string
		for _, s := range r.Scores {
			if value, there := item.Scores[s.Name]; there {
				scores = append(scores, short(s.Name)+" "+Form(s.Name, value))
			}
		}
		c.Scores = strings.Join(scores, " · ")
		for _, g := range item.Groups {
			if p.FilterBy == "" {
				p.FilterBy = g.By
			}
			if g.By != p.FilterBy {
				continue
			}
			number, known := numbers[g.Name]
			if !known {
				number = len(numbers)
				numbers[g.Name] = number
				p.Filters = append(p.Filters, pageFilter{number, clean(g.Name)})
			}
			c.Classes = fmt.Sprintf("g%d", number)
		}
		if thumbnail != nil && item.Image != "" {
			shown, known := made[item.Image]
			if !known {
				shown = pageCase{}
				data, err := thumbnail(item.Image)
				if err != nil {
					shown.NoPicture = clean(err.Error())
				} else {
					shown.Picture = template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(data))
				}
				made[item.Image] = shown
			}
			if room -= len(shown.Picture); room >= 0 {
				c.Picture, c.NoPicture = shown.Picture, shown.NoPicture
			}
		}
		p.Cases = append(p.Cases, c)
	}
	if len(p.Filters) < 2 {
		p.Filters = nil
	}
	p.FilterBy = clean(p.FilterBy)
}

// pageParts are what there is to read of an item.
func pageParts(item Item) (parts []pagePart) {
	add := func(name, text string) {
		if text = strings.TrimSpace(termtext.Sanitize(text)); text != "" {
			parts = append(parts, pagePart{name, shorten(text)})
		}
	}
	if name := filepath.Base(item.Image); item.Image != "" && !strings.Contains(item.ID, name) {
		add("Picture", name)
	}
	add("Question", item.Question)
	add("Choices", strings.Join(item.Choices, ", "))
	add("Answer", item.Said())
	add("Right", item.Label)
	if len(item.References) == 1 {
		add("Reference", item.References[0])
	} else {
		add("References", strings.Join(item.References[:min(len(item.References), 10)], "\n"))
	}
	return parts
}
