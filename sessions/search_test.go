package sessions

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func ids(hits []Hit) []string {
	var all []string
	for _, h := range hits {
		all = append(all, h.ID)
	}
	return all
}

// Words that many messages have are found in the same sessions and in the same order as
// if one read all of them.
func TestSearchMany(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	many(t, s, 1000, 6)
	add(t, s, "late", question(0, word(0)+" and others"))
	all, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	said := map[string][]string{}
	for _, one := range all {
		c, err := s.Load(t.Context(), one.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range c.All {
			said[one.ID] = append(said[one.ID], m.Text())
		}
	}
	has := func(text string, words []string) bool {
		return !slices.ContainsFunc(words, func(w string) bool {
			return !slices.ContainsFunc(strings.Fields(text), func(of string) bool { return strings.HasPrefix(of, w) })
		})
	}
	for _, words := range []string{word(0), word(1), word(200), word(0)[:1], word(1)[:2] + " " + word(2), word(0) + " others", word(0) + " xyzzy"} {
		var want []string
		fields := strings.Fields(words)
		for _, one := range all {
			titled := !slices.ContainsFunc(fields, func(w string) bool { return !strings.Contains(one.Title, w) })
			if titled || slices.ContainsFunc(said[one.ID], func(text string) bool { return has(text, fields) }) {
				want = append(want, one.ID)
			}
		}
		for _, most := range []int{10_000, 150} {
			hits, err := s.Search(t.Context(), words, most)
			if got := ids(hits); err != nil || !slices.Equal(got, want[:min(most, len(want))]) {
				t.Errorf("%q finds %d of %d, or in another order; %v", words, len(got), len(want), err)
			}
			for _, h := range hits {
				if h.Snippet == "" && slices.ContainsFunc(said[h.ID], func(text string) bool { return has(text, fields) }) {
					t.Fatalf("%q: nothing of %s is shown", words, h.ID)
				}
			}
		}
	}
}

// A # asks for a tag; beside words, both have to be there.
func TestSearchTags(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	for i, id := range []string{"one", "two", "three"} {
		m := question(0, "A fox in "+id)
		m.Created = time.UnixMilli(int64(i))
		add(t, s, id, m)
	}
	for id, tags := range map[string][]string{"one": {"wood", "work"}, "two": {"work"}, "three": {"workshop"}} {
		if _, err := s.Tag(t.Context(), id, tags, nil); err != nil {
			t.Fatal(err)
		}
	}
	for words, want := range map[string][]string{
		"#work": {"two", "one"}, "#Work #wood": {"one"}, "#work two": {"two"}, "fox #workshop": {"three"}, "#shop": nil, "#work bear": nil, "#": nil,
	} {
		if hits, err := s.Search(t.Context(), words, 10); err != nil || !reflect.DeepEqual(ids(hits), want) {
			t.Errorf("%q finds %q, %v; want %q", words, ids(hits), err, want)
		}
	}
}

// Scripts without blanks are searched for by their letters, wherever these stand; signs
// that are no letters are found as well.
func TestSearchLetters(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	for id, text := range map[string]string{
		"ja": "図書館の前に赤い自転車があります。", "zh": "照片里有一辆iPhone手机和一只猫", "th": "แมวสีส้มนั่งอยู่", "emoji": "A cat 😀 and a dog",
	} {
		q := add(t, s, id, question(0, "?"))
		a := add(t, s, id, reply(q, "…"))
		if err := s.Update(t.Context(), a, reply(q, text)); err != nil {
			t.Fatal(err)
		}
	}
	for words, want := range map[string][]string{
		"自転車": {"ja"}, "車": {"ja"}, "車自": nil, "書館の 前に": {"ja"}, "手机": {"zh"}, "iphone手": {"zh"}, "猫": {"zh"}, "ส้ม": {"th"}, "😀": {"emoji"}, "😀 😀": {"emoji"},
	} {
		if hits, err := s.Search(t.Context(), words, 10); err != nil || !reflect.DeepEqual(ids(hits), want) {
			t.Errorf("%q finds %q, %v; want %q", words, ids(hits), err, want)
		} else if len(want) > 0 && !strings.Contains(hits[0].Snippet, "«") {
			t.Errorf("%q shows %q", words, hits[0].Snippet)
		}
	}
}
