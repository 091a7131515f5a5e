package datasets

import (
	"slices"
	"strings"
	"testing"
)

func TestJSONL(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		task  Task
		lines string
		want  []string
		told  []string
	}{
		{"captions", Caption, `{"image": "a.png", "references": ["One.", "An a."]}
{"id": 7, "file_name": "b.png", "caption": "Two."}
{"image": "b.png", "text": "Second."}`, []string{
			"a.png | a.png |  | One. / An a. |  | ",
			"7 | b.png |  | Two. |  | ",
			"b.png | b.png |  | Second. |  | ",
		}, nil},
		{"captions one by one", Retrieval, `{"image": "a.png", "caption": "One."}
{"image": "b.png", "caption": "Two."}
{"image": "a.png", "caption": "An a."}`, []string{
			"a.png | a.png |  | One. / An a. |  | ",
			"b.png | b.png |  | Two. |  | ",
		}, nil},
		{"answers as VQAv2 has them", VQA, `{"question_id": 1, "image": "a.png", "question": "Which letter?", "answers": [{"answer": "a", "answer_id": 1}, {"answer": "A"}], "question_type": "which", "answer_type": "other"}
{"image": "a.png", "question": " How many? ", "answer": 2}
{"image": "a.png", "question": "Is it red?", "answer": true, "type": "colour"}`, []string{
			"1 | a.png | Which letter? | a / A |  | answer type=other,question type=which",
			"a.png#ba352e24 | a.png | How many? | 2 |  | ",
			"a.png#e949cf3c | a.png | Is it red? | true |  | type=colour",
		}, nil},
		{"choices", VQA, `{"id": "a", "image": "a.png", "question": "Which?", "choices": ["red", "blue"], "answer": "blue"}
{"id": "b", "image": "a.png", "question": "Which?", "choices": ["red", "blue"], "answer": 0}
{"id": "c", "image": "a.png", "question": "Which?", "choices": ["red", "blue"], "answer": "B"}
{"id": "d", "image": "a.png", "question": "How many?", "choices": ["1", "2"], "answer": 1}
{"id": "e", "image": "a.png", "question": "Which?", "choices": ["red", "blue"], "answer": "green"}`, []string{
			"a | a.png | Which? | blue | red,blue | ",
			"b | a.png | Which? | red | red,blue | ",
			"c | a.png | Which? | blue | red,blue | ",
			"d | a.png | How many? | 1 | 1,2 | ",
		}, []string{`no reference data.jsonl:5 [e] its answer "green" is none of its choices`}},
		{"labels of each", Classify, `{"image": "a.png", "labels": ["red", "blue"], "label": "red", "group": "colour"}
{"image": "b.png", "labels": ["a", "b"], "label": "b"}
{"image": "b.png", "labels": ["b", "c"], "label": "b"}`, []string{
			"a.png | a.png | red |  | red,blue | group=colour",
			"b.png | b.png | b |  | a,b | ",
			"b.png#ef94009e | b.png | b |  | b,c | ",
		}, nil},
		{"labels of all", Classify, `{"image": "a.png", "label": "red", "labels": ["red", "blue"]}
{"image": "b.png", "label": 1, "labels": ["red", "blue"]}`, []string{
			"a.png | a.png | red |  |  | ",
			"b.png | b.png | blue |  |  | ",
		}, nil},
		{"texts", Perplexity, `{"image": "a.png", "text": "A text."}
{"image": "a.png", "question": "Which letter?", "answer": "a"}`, []string{
			"a.png | a.png |  | A text. |  | ",
			"a.png#c394c2e6 | a.png | Which letter? | a |  | ",
		}, nil},
		{"problems", Caption, `{"image": "a.png", "captions": ["One.", " ", ""], "colour": "red"}
{"image": "a.png", "captions": ["One."]

{"image": "gone.png", "caption": "Gone.", "colour": 1, "imgae": {"x": [[1]]}}
["image", "a.png"]
null
{"image": ["a.png", "b.png"], "caption": "Two."}
{"image": "b.png", "captions": [{"x": 1}]}
{"id": "x", "image": "b.png", "caption": "Two."}
{"id": "x", "image": "a.png", "caption": "One."}
{"id": "y", "image": "b.png", "captions": ["", null]}
{"id": "z", "caption": "Of what?"}
{"id": "w", "image": "dir", "caption": "A folder."}
{"id": "v", "image": "a.png", "caption": "x\u0000y"}
{"id": "u", "image": "a.png", "capton": "x"}` + "\n{\"id\": \"\xff\"}\n{\"id\": \"\x00\"}\n", []string{
			"a.png | a.png |  | One. |  | ",
			"x | b.png |  | Two. |  | ",
		}, []string{
			"broken line data.jsonl:2 [] its JSON has no end",
			"broken line data.jsonl:5 [] this is no JSON object",
			"broken line data.jsonl:6 [] this is no JSON object",
			"broken line data.jsonl:7 [] its image is a list, and has to be one text",
			"broken line data.jsonl:8 [] its captions is neither a text nor a list of texts",
			"broken line data.jsonl:14 [] there is a NUL in one of its texts",
			"broken line data.jsonl:16 [] this line is not UTF-8",
			"broken line data.jsonl:17 [] there is a NUL in this line, as in no text",
			`unknown field data.jsonl:15 [] the field "capton" is not known, and left aside; did you mean "caption"?`,
			`unknown field data.jsonl:1 [] the field "colour" is not known, and left aside (2 times)`,
			`unknown field data.jsonl:4 [] the field "imgae" is not known, and left aside; did you mean "image"?`,
			"empty reference data.jsonl:1 [a.png] 2 of 3 references are empty; the others count",
			"missing picture data.jsonl:4 [gone.png] there is no gone.png, and none in the folders beside it in which pictures usually are",
			"twice there data.jsonl:10 [x] it is there already, at data.jsonl:9",
			"no reference data.jsonl:11 [y] it has no caption: 'eval caption' needs image, and captions or caption",
			"missing picture data.jsonl:12 [z] it names no picture: 'eval caption' needs image, and captions or caption",
			"missing picture data.jsonl:13 [w] dir is a folder",
			"no reference data.jsonl:15 [u] it has no caption: 'eval caption' needs image, and captions or caption",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := put(t, "", "a.png", "b.png", "dir/c.png")
			s := read(t, test.task, write(t, dir, "data.jsonl", test.lines), Options{})
			want(t, s, dir, test.want...)
			if got := told(s, dir); !slices.Equal(got, test.told) {
				t.Errorf("told is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.told, "\n"))
			}
		})
	}
}
