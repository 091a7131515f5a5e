package engine

import (
	"strings"
	"testing"
)

func TestRefuseURLs(t *testing.T) {
	t.Parallel()
	if err := RefuseURLs("It", Text(User, "https://h/a.png")); err != nil {
		t.Error(err)
	}
	m := Message{Role: User, Parts: []Part{{Text: "x"}, {URL: "https://me:secret@h/a.png?signature=secret"}}}
	err := RefuseURLs("It", Text(System, "x"), m)
	if KindOf(err) != BadPicture || !strings.Contains(err.Error(), "https://h/a.png") || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
	if got := URLs([]Message{m, m}); len(got) != 2 || got[0] != m.Parts[1].URL {
		t.Error(got)
	}
	if err := RefuseURLs("It", Message{Parts: []Part{{URL: "http://%zz/secret"}}}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}
