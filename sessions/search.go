package sessions

import (
	"context"
	"slices"
	"strings"
	"unicode"
)

// Hit is a session that has what was searched for.
type Hit struct {
	Session
	// Snippet is what is said there, with the words that were found between « and »;
	// empty if they are in the title alone.
	Snippet string `json:"snippet,omitempty"`
}

// mostWords is how many words of a text are looked for. A whole page may be pasted where
// one searches, and SQLite takes no condition of a thousand parts.
const mostWords = 50

// Search returns the sessions in whose title, or in one of whose messages, every word of
// a text is, also as the beginning of a longer one: that which was used last first, and
// no more than so many.
func (s *Store) Search(ctx context.Context, words string, most int) ([]Hit, error) {
	const doing = "searching the conversations"
	fields := strings.Fields(words)
	if len(fields) == 0 {
		return nil, nil
	}
	fields = fields[:min(len(fields), mostWords)]
	var titled []string
	args := []any{}
	for _, w := range fields {
		titled = append(titled, `title LIKE ? ESCAPE '\'`)
		args = append(args, "%"+likely(w)+"%")
	}
	// Of each session the message that was found last speaks for it.
	said, condition := "", ""
	if match := matching(fields); match != "" && !unspaced(words) {
		said = `SELECT m.session AS session, max(m.id) AS message, p.id AS part FROM texts
			JOIN parts p ON p.id=texts.rowid JOIN messages m ON m.id=p.message WHERE texts MATCH ? GROUP BY m.session`
		args = append([]any{match}, args...)
	} else {
		// Without blanks between words there is no index of them.
		var all []string
		var texts []any
		for _, w := range fields {
			all = append(all, `p.text LIKE ? ESCAPE '\'`)
			texts = append(texts, "%"+likely(w)+"%")
		}
		condition = strings.Join(all, " AND ")
		said = `SELECT m.session AS session, max(m.id) AS message, p.id AS part FROM parts p
			JOIN messages m ON m.id=p.message WHERE ` + condition + ` GROUP BY m.session`
		args = append(texts, args...)
	}
	columns := "s." + strings.ReplaceAll(sessionColumns, ", ", ", s.")
	rows, err := s.read.QueryContext(ctx, `WITH said AS (`+said+`)
		SELECT `+columns+`, coalesce((SELECT text FROM parts WHERE id=said.part), '') FROM sessions s
		LEFT JOIN said ON said.session=s.id
		WHERE said.session IS NOT NULL OR (`+strings.Join(titled, " AND ")+`)
		ORDER BY s.updated DESC LIMIT ?`, append(args, most)...)
	if err != nil {
		return nil, s.failed(doing, err)
	}
	defer rows.Close()
	var hits []Hit
	for rows.Next() {
		var h Hit
		var text string
		if err := scanSession(rows, &h.Session, &text); err != nil {
			return nil, s.failed(doing, err)
		}
		h.Snippet = snippet(text, fields)
		hits = append(hits, h)
	}
	return hits, s.failed(doing, rows.Err())
}

// Listed returns what Search finds, or, without words, all sessions.
func (s *Store) Listed(ctx context.Context, words string, most int) ([]Hit, error) {
	if words != "" {
		return s.Search(ctx, words, most)
	}
	all, err := s.List(ctx)
	hits := make([]Hit, len(all))
	for i, one := range all {
		hits[i].Session = one
	}
	return hits, err
}

// matching writes words for the index: all of them, each perhaps the beginning of a
// longer one. It is empty if there is no word among them.
func matching(fields []string) string {
	var all []string
	for _, w := range fields {
		if strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
			all = append(all, `"`+strings.ReplaceAll(strings.ReplaceAll(w, "\x00", ""), `"`, `""`)+`"*`)
		}
	}
	return strings.Join(all, " ")
}

// unspaced tells scripts that have no blanks between words.
func unspaced(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
	})
}

// snippet cuts what is around the first word that is found out of a text.
func snippet(text string, fields []string) string {
	if text == "" {
		return ""
	}
	const before, length = 30, 100
	letters := []rune(strings.Join(strings.Fields(text), " "))
	low := []rune(strings.ToLower(string(letters)))
	if len(low) != len(letters) {
		low = letters // lower letters are more than one for some
	}
	words := make([][]rune, len(fields))
	for i, f := range fields {
		words[i] = []rune(strings.ToLower(f))
	}
	// begins returns how many letters the longest of the words has that stand at i.
	begins := func(i int) int {
		found := 0
		for _, w := range words {
			if i+len(w) <= len(low) && slices.Equal(low[i:i+len(w)], w) {
				found = max(found, len(w))
			}
		}
		return found
	}
	first := 0
	for first < len(low) && begins(first) == 0 {
		first++
	}
	if first == len(low) {
		first = 0 // the index takes letters for the same that are not
	}
	from := max(0, first-before)
	to := min(len(letters), from+length)
	var b strings.Builder
	if from > 0 {
		b.WriteString("…")
	}
	for i := from; i < to; {
		if found := begins(i); found > 0 && i+found <= to {
			b.WriteString("«" + string(letters[i:i+found]) + "»")
			i += found
			continue
		}
		b.WriteRune(letters[i])
		i++
	}
	if to < len(letters) {
		b.WriteString("…")
	}
	return b.String()
}
