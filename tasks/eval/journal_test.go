package eval

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/tasks/batch"
)

func TestPredictionOfRecord(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	tokens := 70
	for name, c := range map[string]struct {
		record batch.Record
		want   Prediction
	}{
		"an answer": {
			batch.Record{Status: batch.Answered, Answer: text("red"), Finish: text("stop"), PromptTokens: &tokens, Seconds: 0.5, Input: json.RawMessage(`{"item":"q1"}`)},
			Prediction{ID: "q1", Answer: "red", Took: Took{PromptTokens: 70, Seconds: 0.5}},
		},
		"one that never ended": {
			batch.Record{Status: batch.Answered, Answer: text("red red"), Finish: text("length"), Input: json.RawMessage(`{"item":"q1","variant":"flip"}`)},
			Prediction{ID: "q1", Variant: "flip", Answer: "red red", Cut: true},
		},
		"a failure": {
			batch.Record{Status: batch.Failed, Error: text("no such file"), Input: json.RawMessage(`{"item":"q1"}`)},
			Prediction{ID: "q1", Error: "no such file"},
		},
		"labels": {
			batch.Record{Status: batch.Answered, Answer: text("cat"), JSON: json.RawMessage(`{"labels":[{"label":"cat","probability":1,"logit":2}]}`), Input: json.RawMessage(`{"item":"q1"}`)},
			Prediction{ID: "q1", Answer: "cat", Labels: []tasks.Labelled{{Label: "cat", Probability: 1, Logit: 2}}},
		},
		"a text's likelihood": {
			batch.Record{Status: batch.Answered, Answer: text(""), JSON: json.RawMessage(`{"logprob":-3,"tokens":4,"blank_logprob":-9}`), Input: json.RawMessage(`{"item":"q1"}`)},
			Prediction{ID: "q1", Logprob: -3, Tokens: 4, Blank: -9},
		},
	} {
		got, err := predictionOf(c.record)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := predictionOf(batch.Record{ID: "a.jpg", Status: batch.Answered}); err == nil {
		t.Error("a record of something else is a prediction")
	}
}
