package batch

import (
	"errors"
	"strings"
	"testing"
)

// lines are those of a batch's output, with members that are sometimes null.
var lines = []string{
	`{"id": "a", "answer": "A dog.", "finish": "stop", "error": null, "tokens": 7, "seconds": 1.5, "json": {"total": 3.5, "tags": ["dog", "sun"]}, "ok": true, "input": {"lang": "de", "n": 4}, "odd": 1, "flag": true}`,
	`{"id": "b", "answer": null, "finish": null, "error": "too large", "tokens": null, "seconds": 2, "json": null, "ok": null, "input": null, "odd": "x", "none": null, "flag": "yes"}`,
}

func holds(t *testing.T, expression string) (string, error) {
	t.Helper()
	members := Members{}
	var all []Line
	for _, text := range lines {
		line, err := parseLine([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		members.Add(line)
		all = append(all, line)
	}
	w, err := NewWhere(expression, members)
	if err != nil {
		return "", err
	}
	var held string
	for _, line := range all {
		ok, err := w.Holds(line)
		if err != nil {
			return held, err
		}
		if ok {
			held += line["id"].(string)
		}
	}
	return held, nil
}

func TestWhere(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		`answer contains "dog"`:                 "a",
		`lower(answer ?? "") startsWith "a d"`:  "a",
		`answer matches "(?i)DOG"`:              "a",
		`not (answer contains "cat")`:           "ab",
		`error != nil`:                          "b",
		`error == null or true`:                 "ab",
		`tokens > 5`:                            "a",
		`tokens <= 7 or tokens >= 100`:          "a",
		`tokens == 7`:                           "a",
		`7.0 == tokens`:                         "a",
		`tokens != 7`:                           "b",
		`finish == "stop"`:                      "a",
		`finish != "stop"`:                      "b",
		`finish == error`:                       "",
		`seconds < 2`:                           "a",
		`seconds > tokens`:                      "",
		`json.total > 3 and "sun" in json.tags`: "a",
		`any(json?.tags ?? [], # == "dog")`:     "a",
		`input.lang == "de"`:                    "a",
		`input?.lang in ["de", "fr"]`:           "a",
		`ok`:                                    "a",
		`odd == 1`:                              "a",
		`flag == "yes" or flag == true`:         "ab",
		`none == nil`:                           "ab",
		`$env["answer"] == "A dog."`:            "a",
		`let t = tokens; t > 3 && t < 9`:        "a",
		"answer contains \"dog\"\n or\n\terror contains \"large\"": "ab",
	} {
		if got, err := holds(t, expression); err != nil || got != want {
			t.Errorf("%s holds of %q, %v, want %q", expression, got, err, want)
		}
	}
}

// What is wrong is told with its place, before the first line is looked at where it can be.
func TestWhereErrors(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		``: "an expression has 1 to",
		`true` + strings.Repeat(" ", maxExpression): "an expression has 1 to",
		`answr contains "dog"`:                      `there is no member answr; there are answer, error, finish, flag, id, input, json, none, odd, ok, seconds, tokens, at character 1 of answr contains "dog"`,
		`tokens contains "7"`:                       `at character 8 of tokens contains "7"`,
		`tokens == "7"`:                             `invalid operation: == (mismatched types int and string), at character 8`,
		`tokens % 2 == 1`:                           `null % int, at character 8`,
		`answer > 5`:                                `at character 8`,
		`answer`:                                    `answer is a text, and neither true nor false`,
		`tokens`:                                    `tokens is a number, and neither`,
		`json.total`:                                `json.total is a number, and neither`,
		`json`:                                      `json is an object, and neither`,
		`[1]`:                                       `[1] is a list, and neither`,
		`answer contains`:                           `unexpected token EOF, at character 15`,
		`tokens > 5 and`:                            `unexpected token`,
		"ok and\nansw == 1":                         `there is no member answ`,
		`answer matches "(a"`:                       `error parsing regexp`,
		`system("rm")`:                              `there is no member system`,
		`json.total.x > 1`:                          `cannot fetch x`,
		`odd > 5 or odd contains "x" or input?.lang > 3`: `at character 16`,
		`len(1..100000000) > 1`:                          `memory budget exceeded`,
		`repeat("a", 100000000) == ""`:                   `memory budget exceeded`,
	} {
		got, err := holds(t, expression)
		if _, ok := errors.AsType[*WhereError](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s holds of %q, %v, want %s", expression, got, err, want)
		}
	}
}

func TestWhereNames(t *testing.T) {
	t.Parallel()
	members := Members{"error": kindText, "answer": kindText}
	for expression, want := range map[string]bool{`error != nil`: true, `answer contains "error"`: false, `any([1], error == nil)`: true} {
		w, err := NewWhere(expression, members)
		if err != nil || w.Names("error", "status") != want {
			t.Errorf("%s: %v, want %v", expression, err, want)
		}
	}
}

// Whatever the expression is, it is refused, or fails, or holds or not.
func FuzzWhere(f *testing.F) {
	for _, e := range []string{`answer contains "dog" and tokens > 5`, `any(json.tags, # == "dog")`, `let x = 1; x < 2 ? ok : finish == nil`, `input?.lang in ["a"]`} {
		f.Add(e, lines[0])
	}
	f.Fuzz(func(t *testing.T, expression, text string) {
		line, err := parseLine([]byte(text))
		if err != nil {
			return
		}
		members := Members{}
		members.Add(line)
		w, err := NewWhere(expression, members)
		if err == nil {
			_, err = w.Holds(line)
		}
		if _, ok := errors.AsType[*WhereError](err); err != nil && !ok {
			t.Fatalf("the error is %#v", err)
		}
	})
}
