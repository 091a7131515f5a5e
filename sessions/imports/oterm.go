package imports

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/vlmchat/vlmchat/lazyregexp"
	"github.com/vlmchat/vlmchat/sessions"
)

// The history of oterm (src/oterm/store in its source), in store.db: chats and their messages,
// which have no times, with pictures in base64. Its chats have numbers alone, which another
// database has as well: so a chat is known by its first message, too.

func (h *history) oterm(ctx context.Context) error {
	// In their order, up to when the database was written last.
	var count int
	if err := h.db.QueryRowContext(ctx, "SELECT count(*) FROM chat").Scan(&count); err != nil {
		return failure(h.path, err)
	}
	at := h.at.Add(-time.Duration(count) * time.Second)
	return h.conversations(ctx, "SELECT CAST(id AS TEXT), name FROM chat ORDER BY id", func(ctx context.Context, chat named) (*sessions.Conversation, error) {
		at = at.Add(time.Second)
		return h.otermChat(ctx, chat, at)
	})
}

func (h *history) otermChat(ctx context.Context, chat named, at time.Time) (*sessions.Conversation, error) {
	var model, system, provider, first string
	if err := h.db.QueryRowContext(ctx, `SELECT coalesce(model, ''), coalesce(system, ''), coalesce(`+h.column("chat", "provider")+`, ''),
		coalesce((SELECT text FROM message WHERE chat_id=chat.id ORDER BY id LIMIT 1), '') FROM chat WHERE id=?`, chat.id).
		Scan(&model, &system, &provider, &first); err != nil {
		return nil, err
	}
	if provider == "" {
		provider = "ollama" // before there were others
	}
	t := h.begin("oterm", chat.name, sessions.ByModel, chat.id, first)
	t.instruct(system)
	err := h.query(ctx, func(rows *sql.Rows) error {
		var id int64
		var author, said, images string
		if err := rows.Scan(&id, &author, &said, &images); err != nil {
			return err
		}
		pictures, err := h.otermPictures(ctx, t, id, images)
		if err != nil {
			return err
		}
		switch author {
		case "user", "me":
			t.ask(at, "", interleaved(said, pictures))
		case "assistant", "ollama":
			t.answer(sessions.Message{Created: at, Engine: provider, Model: model}, said)
		default:
			return fmt.Errorf("message %d is by %.20q, who is neither the user nor the assistant", id, author)
		}
		return nil
	}, `SELECT id, author, text, coalesce(`+h.column("message", "images")+`, '') FROM message WHERE chat_id=? ORDER BY id`, chat.id)
	if err != nil {
		return nil, err
	}
	return t.conversation()
}

// otermPictures are the pictures of a message.
func (h *history) otermPictures(ctx context.Context, t *turns, message int64, images string) ([]sessions.Part, error) {
	if images == "" {
		return nil, nil
	}
	var coded []string
	if err := json.Unmarshal([]byte(images), &coded); err != nil {
		return nil, fmt.Errorf("the pictures of message %d: %w", message, err)
	}
	var all []sessions.Part
	for i, one := range coded {
		data, err := base64.StdEncoding.DecodeString(one)
		if err != nil || len(data) > mostPicture {
			all = append(all, note("picture", "it is damaged, or too large"))
			continue
		}
		all = append(all, t.picture(ctx, "picture", data, func() ([]byte, error) {
			var coded string
			if err := h.db.QueryRowContext(ctx, "SELECT json_extract(images, ?) FROM message WHERE id=?", fmt.Sprintf("$[%d]", i), message).Scan(&coded); err != nil {
				return nil, err
			}
			return base64.StdEncoding.DecodeString(coded)
		}))
	}
	return all, nil
}

// placed is where a text has a picture.
var placed = lazyregexp.New(`\[Image #(\d{1,3})\] ?`)

// interleaved puts pictures where a text says that they are, and the others before it.
func interleaved(said string, pictures []sessions.Part) []sessions.Part {
	var all []sessions.Part
	used := map[int]bool{}
	from := 0
	for _, at := range placed().FindAllStringSubmatchIndex(said, -1) {
		number, _ := strconv.Atoi(said[at[2]:at[3]])
		if number < 1 || number > len(pictures) || used[number] {
			continue
		}
		used[number] = true
		all = append(all, text(said[from:at[0]])...)
		all = append(all, pictures[number-1])
		from = at[1]
	}
	all = append(all, text(said[from:])...)
	var before []sessions.Part
	for i, p := range pictures {
		if !used[i+1] {
			before = append(before, p)
		}
	}
	return append(before, all...)
}
