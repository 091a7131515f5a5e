package ui

import (
	"slices"
	"strings"
	"unicode"

	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termtext"
)

// How long a title is, in characters.
const leastOfTitle, mostOfTitle = 3, 60

// titleFrom makes a title of what a model said, empty if it is none: an answer, an excuse,
// the request again. Small models have never heard of titles.
func titleFrom(said string) string {
	title := ""
	for line := range strings.Lines(said) {
		if title = bare(line); title != "" {
			break
		}
	}
	low := strings.ToLower(title)
	words := strings.Fields(title)
	switch n := len([]rune(title)); {
	case n < leastOfTitle || n > mostOfTitle || !strings.ContainsFunc(title, unicode.IsLetter):
		return ""
	case strings.HasSuffix(title, "!"):
		return "" // "Thank you!"
	case len(words) < 2 && !strings.ContainsFunc(title, sessions.Unspaced):
		return "" // "none", "yes", "red"
	case slices.ContainsFunc(words[:max(0, len(words)-1)], endsSentence):
		return ""
	case strings.Contains(strings.ToLower(titleRequest), low):
		return ""
	case slices.ContainsFunc(notTitles, func(beginning string) bool { return strings.HasPrefix(low, beginning) }):
		return ""
	}
	return title
}

// endsSentence tells a word behind which another sentence begins, and no "Mt. Fuji".
func endsSentence(word string) bool {
	const abbreviation = 3 // letters at most
	return strings.HasSuffix(word, ".") && len([]rune(word)) > abbreviation+1
}

// notTitles are beginnings of what is said in place of a title.
var notTitles = []string{
	"i ", "i'", "i’", "sorry", "apolog", "unfortunately", "as an ai", "please ", "here is", "here's", "sure", "yes,", "no,", "thank", "hello", "no image", "no picture",
	"there is ", "there are ", "this image", "this picture", "the image ", "the picture ", "question:", "answer:",
	"ich ", "es tut mir", "leider", "je ", "désolé", "lo siento", "mi dispiace", "desculpe", "抱歉", "对不起", "申し訳", "죄송",
}

// bare is a line without what models put around a title: marks of headings and of
// emphasis, quotes, "Title:" before it, and a full stop.
func bare(line string) string {
	const around = " \t\"'`*_#“”„‟‘’‚«»‹›「」『』《》"
	title := strings.Trim(strings.Join(strings.Fields(termtext.Line(line)), " "), around)
	for _, before := range []string{"title", "titel", "titre", "título", "titolo", "标题", "標題", "タイトル", "제목"} {
		rest, is := cutPrefixFold(title, before)
		if is && (strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "：")) {
			title = strings.Trim(strings.TrimPrefix(strings.TrimPrefix(rest, ":"), "："), around)
		}
	}
	if !strings.HasSuffix(title, "...") {
		title = strings.TrimRight(title, ".。 ")
	}
	return strings.Trim(title, around)
}

// cutPrefixFold is strings.CutPrefix for letters of either case.
func cutPrefixFold(text, prefix string) (rest string, is bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return text, false
	}
	return text[len(prefix):], true
}
