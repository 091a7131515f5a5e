package batch

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks"
)

// someRecords are of all kinds.
func someRecords() []Record {
	item := func(id string, own string, images ...string) Item {
		item := Item{ID: id, Images: images}
		if own != "" {
			item.Own = json.RawMessage(own)
		}
		return item
	}
	seed, cost := uint32(7), 0.25
	answer := func(text string) tasks.Answer {
		return tasks.Answer{
			Answer: text, Finish: "stop", Engine: "native", Model: "tiny", Device: "CPU", Vlmchat: "v1",
			Images: []tasks.Image{{Source: "shot.png", SHA256: "1"}, {Source: "a.jpg", SHA256: "2", Format: "jpeg", Width: 4, Height: 3}},
			Usage:  tasks.Usage{PromptTokens: 9, ImageTokens: 4, GeneratedTokens: 2}, Cost: &cost, Timings: tasks.Timings{TTFT: 3, TokensPerSecond: 4.5},
			Provenance: &engine.Provenance{Seed: &seed}, Logprobs: []engine.TokenLogprob{{Text: "a", Logprob: -0.5}},
		}
	}
	structured := Question{Prompt: "Which?", JSON: true}
	all := []Record{
		NewRecord(item("a", `{"lang": "de"}`, "a.jpg"), structured, answer(`{"total": 3.5, "name": "=1+1", "tags": ["x", "y"], "paid": true}`)),
		NewRecord(item("b", ``, "a.jpg", "b.jpg"), Question{Prompt: "What?"}, answer("One, \"two\"\nthree \r\n")),
		NewRecord(Item{ID: "c"}, Question{}, answer("-5.5")),
		NewRecord(item("-d", ``, "http://x/d.png"), Question{}, tasks.Answer{Answer: "- a dog"}),
		FailedRecord(item("e", ``, "e.jpg"), Question{}, &images.Error{Source: "e.jpg", Reason: images.Missing, Detail: "@ is no file"}),
		FailedRecord(item("f", ``), Question{}, errors.New("no luck")),
	}
	for i := range all {
		all[i].stamp(time.Unix(0, 0), time.Duration(i)*time.Second)
	}
	return all
}

// Of pictures that took tokens which the server does not count nothing is said, and not that
// they took none.
func TestImageTokensThatNobodyCounted(t *testing.T) {
	t.Parallel()
	picture := []tasks.Image{{Source: "a.png"}}
	for _, c := range []struct {
		answer tasks.Answer
		want   string
	}{
		{tasks.Answer{Usage: tasks.Usage{PromptTokens: 90, ImageTokens: 64}, Images: picture}, "64"},
		{tasks.Answer{Usage: tasks.Usage{PromptTokens: 90}, Images: picture}, "null"},
		{tasks.Answer{Usage: tasks.Usage{PromptTokens: 9}}, "0"},
	} {
		got, err := json.Marshal(NewRecord(Item{ID: "a"}, Question{}, c.answer).ImageTokens)
		if err != nil || string(got) != c.want {
			t.Errorf("%+v: %s, not %s (%v)", c.answer.Usage, got, c.want, err)
		}
	}
}

// Each line has the same members in the same order, and each member the same type or null.
func TestRecordsAreRegular(t *testing.T) {
	t.Parallel()
	types := map[string]string{}
	var names []string
	for _, r := range someRecords() {
		line, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
		var here []string
		for d.More() {
			name, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			var value any
			if err := d.Decode(&value); err != nil {
				t.Fatal(err)
			}
			here = append(here, name.(string))
			kind := reflect.TypeOf(value)
			if value == nil {
				continue
			}
			is := kind.String()
			if n, ok := value.(json.Number); ok && strings.Contains(n.String(), ".") {
				is = "fraction" // a number with a point has one always
			}
			if before := types[name.(string)]; before != "" && before != is {
				t.Errorf("%s is %s and %s", name, before, is)
			}
			types[name.(string)] = is
		}
		if names == nil {
			names = here
		}
		if !slices.Equal(here, names) {
			t.Errorf("the members are %q and %q", here, names)
		}
	}
	for _, name := range names {
		if types[name] == "" && name != "hint" && name != "thinking" && name != "sidecar" && name != "cached_tokens" {
			t.Errorf("%s is null in all: the test tells nothing of it", name)
		}
	}
	all := someRecords()
	if r := all[0]; *r.ImageSHA256 != "2" || *r.ImageWidth != 4 || string(r.JSON) == "" {
		t.Errorf("the first picture is that of the question, not of an example: %+v", r)
	}
	if r := all[2]; *r.Image != "shot.png" || len(r.Images) != 2 {
		t.Errorf("a conversation has its own pictures: %+v", r)
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	schema := json.RawMessage(`{"type": "object", "properties": {"total": {"type": "number"}, "name": {}, "tags": {"items": {"properties": {"x": {}}}}, "paid": {}, "none": {}}}`)
	var b bytes.Buffer
	table, err := NewCSV(&b, schema)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range someRecords() {
		line, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := table.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	const want = `id,status,image,answer,finish,error_kind,error,model,prompt_tokens,image_tokens,generated_tokens,seconds,cost,input,json.total,json.name,json.tags,json.paid,json.none
a,answered,a.jpg,"{""total"": 3.5, ""name"": ""=1+1"", ""tags"": [""x"", ""y""], ""paid"": true}",stop,,,tiny,9,4,2,0,0.25,"{""lang"":""de""}",3.5,'=1+1,"[""x"",""y""]",true,
b,answered,a.jpg,"One, ""two""
three 
",stop,,,tiny,9,4,2,1,0.25,,,,,,
c,answered,shot.png,-5.5,stop,,,tiny,9,4,2,2,0.25,,,,,,
'-d,answered,http://x/d.png,'- a dog,,,,,,,,3,,,,,,,
e,failed,e.jpg,,,bad_picture,e.jpg: @ is no file,,,,,4,,,,,,,
f,failed,,,,failed,no luck,,,,,5,,,,,,,
`
	if got := strings.ReplaceAll(b.String(), "\r\n", "\n"); got != want || strings.Count(b.String(), "\r\n") != 2+len(someRecords()) {
		t.Errorf("the table is\n%s\nwant\n%s", got, want)
	}
	r := csv.NewReader(&b)
	for rows := 0; ; rows++ {
		row, err := r.Read()
		if err == io.EOF {
			if rows != 1+len(someRecords()) {
				t.Errorf("there are %d rows", rows)
			}
			return
		}
		if err != nil || len(row) != len(columns())+5 {
			t.Fatalf("row %d has %d cells: %v", rows, len(row), err)
		}
	}
}

// What a spreadsheet would compute is text; numbers and other text are as they are.
func TestHarmless(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "a=1": "a=1", "=1+1": "'=1+1", "+a": "'+a", "-a": "'-a", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1",
		"＝1": "'＝1", "-1.5": "-1.5", "+4": "+4", "-": "'-", "-1+cmd|' /C calc'!A0": "'-1+cmd|' /C calc'!A0", "'=1": "'=1", "\xff": "\xff",
	} {
		if got := harmless(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestProperties(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string][]string{
		`{"properties": {"b": {"properties": {"x": {}}}, "a": true, "c": {"enum": ["d"]}}}`: {"b", "a", "c"},
		`true`: nil, `{"type": "array"}`: nil, `{"properties": []}`: nil, ``: nil, `{"properties": {}}`: nil,
	} {
		if got := properties(json.RawMessage(schema)); !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", schema, got, want)
		}
	}
}
