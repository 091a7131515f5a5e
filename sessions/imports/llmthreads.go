package imports

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/sessions"
)

// The history of llm as it is kept since version 0.36 or so (llm/logs.py in its source):
// messages that each know the one before them, shared by the threads that have them; a
// thread is where its last message is. Turns are the calls of models, by their last messages.

func (h *history) llmThreads(ctx context.Context) error {
	return h.conversations(ctx, "SELECT id, name FROM threads WHERE tip_message_hash IS NOT NULL ORDER BY datetime_utc, rowid", h.llmThread)
}

// mostDeep is how many messages a thread may have: one that is a ring has no end.
const mostDeep = 10_000

// llmMessage is a message, with what is known of the turn that it ended.
type llmMessage struct {
	hash, role, model, at string
	in, out               sql.NullInt64
}

func (h *history) llmThread(ctx context.Context, of named) (*sessions.Conversation, error) {
	t := h.begin("llm", of.name, sessions.ByWords, of.id)
	var all []llmMessage
	if err := h.query(ctx, func(rows *sql.Rows) error {
		var m llmMessage
		err := rows.Scan(&m.hash, &m.role, &m.model, &m.at, &m.in, &m.out)
		all = append(all, m)
		return err
	}, `WITH RECURSIVE chain (hash, depth) AS (
			SELECT tip_message_hash, 0 FROM threads WHERE id=?1
			UNION ALL SELECT m.parent_hash, depth+1 FROM chain JOIN messages m ON m.hash=chain.hash WHERE m.parent_hash IS NOT NULL AND depth < ?2)
		SELECT m.hash, m.role, coalesce(nullif(t.resolved_model, ''), t.model, ''), coalesce(t.datetime_utc, ''), t.input_tokens, t.output_tokens
		FROM chain JOIN messages m ON m.hash=chain.hash
		LEFT JOIN turns t ON t.rowid=(SELECT min(rowid) FROM turns WHERE tip_message_hash=m.hash)
		ORDER BY depth DESC`, of.id, mostDeep); err != nil {
		return nil, err
	}
	if len(all) > mostDeep {
		return nil, fmt.Errorf("it has more than %d messages", mostDeep)
	}
	for i, m := range all {
		at := h.llmTime(all[i:])
		parts, thinking, err := h.llmParts(ctx, t, m.hash)
		if err != nil {
			return nil, err
		}
		switch m.role {
		case "system":
			t.instruct(wordsOf(parts))
		case "user":
			t.ask(at, "", parts)
		case "assistant":
			t.answer(sessions.Message{Created: at, Model: m.model, Thinking: thinking, Usage: tokens(m.in, m.out)}, wordsOf(parts))
		}
	}
	return t.conversation()
}

// llmTime is when the first of some messages was said: at the turn that had it.
func (h *history) llmTime(from []llmMessage) time.Time {
	for _, m := range from {
		if m.at != "" {
			return timeOf(m.at, h.at)
		}
	}
	return h.at
}

// llmParts are the pieces of a message, and what was thought before it.
func (h *history) llmParts(ctx context.Context, t *turns, hash string) (parts []sessions.Part, thinking string, err error) {
	type piece struct{ kind, text, payload string }
	var all []piece
	if err := h.query(ctx, func(rows *sql.Rows) error {
		var p piece
		err := rows.Scan(&p.kind, &p.text, &p.payload)
		all = append(all, p)
		return err
	}, "SELECT type, coalesce(text, ''), coalesce(payload, '') FROM parts WHERE message_hash=? ORDER BY position", hash); err != nil {
		return nil, "", err
	}
	for _, p := range all {
		var has struct {
			TextRef []struct {
				Literal  string `json:"literal"`
				Fragment int64  `json:"fragment"`
			} `json:"text_ref"`
			Attachment struct {
				ID string `json:"id"`
			} `json:"attachment"`
		}
		if p.payload != "" {
			if err := json.Unmarshal([]byte(p.payload), &has); err != nil {
				return nil, "", fmt.Errorf("a part of it: %w", err)
			}
		}
		var b strings.Builder
		b.WriteString(p.text)
		for _, ref := range has.TextRef {
			b.WriteString(ref.Literal)
			if ref.Fragment != 0 {
				var content string
				if err := h.db.QueryRowContext(ctx, "SELECT content FROM fragments WHERE id=?", ref.Fragment).Scan(&content); err != nil {
					return nil, "", fmt.Errorf("its fragment %d: %w", ref.Fragment, err)
				}
				b.WriteString(content)
			}
		}
		switch p.kind {
		case "text":
			parts = append(parts, text(b.String())...)
		case "reasoning":
			thinking = joined(thinking, b.String())
		case "attachment":
			part, err := h.llmAttachment(ctx, t, has.Attachment.ID)
			if err != nil {
				return nil, "", err
			}
			parts = append(parts, part)
		}
	}
	return parts, thinking, nil
}
