package imports

import (
	"context"
	"database/sql"
	"unicode/utf8"

	"github.com/vlmchat/vlmchat/sessions"
)

// The history of Ollama's app (app/store in its source), in db.sqlite: chats, their messages,
// and the files that were attached to these. What tools were asked and said is not read.

func (h *history) ollama(ctx context.Context) error {
	return h.conversations(ctx, "SELECT id, title FROM chats ORDER BY rowid", h.ollamaChat)
}

func (h *history) ollamaChat(ctx context.Context, chat named) (*sessions.Conversation, error) {
	t := h.begin("ollama", chat.name, sessions.ByModel, chat.id)
	type message struct {
		id                          int64
		role, content, thinking, at string
		model                       string
	}
	var all []message
	if err := h.query(ctx, func(rows *sql.Rows) error {
		var m message
		err := rows.Scan(&m.id, &m.role, &m.content, &m.thinking, &m.model, &m.at)
		all = append(all, m)
		return err
	}, `SELECT id, role, content, `+h.column("messages", "thinking")+`, coalesce(model_name, ''), CAST(created_at AS TEXT)
		FROM messages WHERE chat_id=? ORDER BY id`, chat.id); err != nil {
		return nil, err
	}
	for _, m := range all {
		at := timeOf(m.at, h.at)
		switch m.role {
		case "system":
			t.instruct(m.content)
		case "user":
			parts, err := h.ollamaFiles(ctx, t, m.id)
			if err != nil {
				return nil, err
			}
			t.ask(at, "", append(parts, text(m.content)...))
		case "assistant":
			t.answer(sessions.Message{Created: at, Engine: "ollama", Model: m.model, Thinking: m.thinking}, m.content)
		}
	}
	return t.conversation()
}

// ollamaFiles are the files that were attached to a message: pictures, and texts, which the
// model was told.
func (h *history) ollamaFiles(ctx context.Context, t *turns, message int64) ([]sessions.Part, error) {
	if h.has["attachments"] == nil {
		return nil, nil
	}
	var all []sessions.Part
	err := h.query(ctx, func(rows *sql.Rows) error {
		var id int64
		var name string
		var data []byte
		if err := rows.Scan(&id, &name, &data); err != nil {
			return err
		}
		if data == nil {
			all = append(all, note(name, "this is too large"))
			return nil
		}
		part := t.picture(ctx, name, data, h.blob(ctx, "SELECT data FROM attachments WHERE id=?", id))
		if part.Picture == nil && utf8.Valid(data) {
			part = sessions.Part{Text: name + ":\n" + string(data)}
		}
		all = append(all, part)
		return nil
	}, "SELECT id, filename, CASE WHEN length(data) <= ? THEN data END FROM attachments WHERE message_id=? ORDER BY id", mostPicture, message)
	return all, err
}
