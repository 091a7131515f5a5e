package imports

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/vlmchat/vlmchat/sessions"
)

// The history of llm, in logs.db. Up to version 0.35 or so it has a row for each answer in
// responses, with its question; columns and tables came with time (llm/migrations.py in its
// source). Later ones write what llmthreads.go reads, and leave those that there are.

func (h *history) llm(ctx context.Context) error {
	if h.has["threads"] != nil && h.has["turns"] != nil {
		if err := h.llmThreads(ctx); err != nil {
			return err
		}
	}
	// What was gone on with later is whole there.
	later := ""
	if h.has["threads"] != nil {
		later = "AND coalesce(r.conversation_id, r.id) NOT IN (SELECT id FROM threads)"
	}
	return h.conversations(ctx, `SELECT coalesce(r.conversation_id, r.id), (SELECT name FROM conversations c WHERE c.id=r.conversation_id)
		FROM responses r WHERE true `+later+` GROUP BY 1 ORDER BY min(r.datetime_utc), min(r.rowid)`, h.llmConversation)
}

// llmResponse is an answer with its question.
type llmResponse struct {
	id, model, resolved, prompt, system, response, reasoning, at string
	in, out                                                      sql.NullInt64
}

func (h *history) llmConversation(ctx context.Context, of named) (*sessions.Conversation, error) {
	t := h.begin("llm", of.name, sessions.ByWords, of.id)
	var all []llmResponse
	column := func(name string) string { return "coalesce(" + h.column("responses", name) + ", '')" }
	number := func(name string) string { return "nullif(" + h.column("responses", name) + ", '')" }
	if err := h.query(ctx, func(rows *sql.Rows) error {
		var r llmResponse
		err := rows.Scan(&r.id, &r.model, &r.resolved, &r.prompt, &r.system, &r.response, &r.reasoning, &r.at, &r.in, &r.out)
		all = append(all, r)
		return err
	}, `SELECT id, `+column("model")+`, `+column("resolved_model")+`, `+column("prompt")+`, `+column("system")+`, `+column("response")+`, `+
		column("reasoning")+`, `+column("datetime_utc")+`, `+number("input_tokens")+`, `+number("output_tokens")+`
		FROM responses WHERE coalesce(conversation_id, id)=? ORDER BY datetime_utc, rowid`, of.id); err != nil {
		return nil, err
	}
	for i, r := range all {
		at := timeOf(r.at, h.at)
		told, err := h.llmFragments(ctx, "system_fragments", r.id)
		if err != nil {
			return nil, err
		}
		system := wordsOf(append(told, text(r.system)...))
		if i == 0 {
			t.instruct(system)
		}
		fragments, err := h.llmFragments(ctx, "prompt_fragments", r.id)
		if err != nil {
			return nil, err
		}
		attached, err := h.llmAttached(ctx, t, r.id)
		if err != nil {
			return nil, err
		}
		t.ask(at, system, append(text(wordsOf(append(fragments, text(r.prompt)...))), attached...))
		t.answer(sessions.Message{Created: at, Model: firstOf(r.resolved, r.model), Thinking: r.reasoning, Usage: tokens(r.in, r.out)}, r.response)
	}
	return t.conversation()
}

// llmFragments are the longer texts that a question, or its system message, was made of.
func (h *history) llmFragments(ctx context.Context, table, response string) (all []sessions.Part, err error) {
	if h.has[table] == nil || h.has["fragments"] == nil {
		return nil, nil
	}
	err = h.query(ctx, func(rows *sql.Rows) error {
		var content string
		err := rows.Scan(&content)
		all = append(all, text(content)...)
		return err
	}, `SELECT f.content FROM `+table+` p JOIN fragments f ON f.id=p.fragment_id WHERE p.response_id=? ORDER BY p."order"`, response)
	return all, err
}

// llmAttached are the files that were attached to a question.
func (h *history) llmAttached(ctx context.Context, t *turns, response string) (all []sessions.Part, err error) {
	if h.has["prompt_attachments"] == nil || h.has["attachments"] == nil {
		return nil, nil
	}
	var ids []string
	err = h.query(ctx, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT attachment_id FROM prompt_attachments WHERE response_id=? ORDER BY "order"`, response)
	for _, id := range ids {
		part, err := h.llmAttachment(ctx, t, id)
		if err != nil {
			return nil, err
		}
		all = append(all, part)
	}
	return all, err
}

// llmAttachment is an attachment: its bytes are in the database, in a file, or on the web.
func (h *history) llmAttachment(ctx context.Context, t *turns, id string) (sessions.Part, error) {
	var kind, path, address sql.NullString
	var length sql.NullInt64
	var data []byte
	err := h.db.QueryRowContext(ctx, "SELECT type, path, url, length(content), CASE WHEN length(content) <= ? THEN content END FROM attachments WHERE id=?", mostPicture, id).
		Scan(&kind, &path, &address, &length, &data)
	switch {
	case err != nil:
		return sessions.Part{}, fmt.Errorf("its attachment %.12s: %w", id, err)
	case length.Int64 > mostPicture:
		return note(firstOf(path.String, kind.String), "this is too large"), nil
	case len(data) > 0:
		return t.picture(ctx, firstOf(path.String, "picture"), data, h.blob(ctx, "SELECT content FROM attachments WHERE id=?", id)), nil
	case path.String != "":
		data, err := fileOf(path.String, id)
		if err != nil {
			return note(path.String, "it is not there any more as it was"), nil
		}
		return t.picture(ctx, path.String, data, nil), nil
	}
	return note(firstOf(address.String, "picture"), "this picture was not fetched"), nil
}

// fileOf reads a file if it has the content that it had.
func fileOf(path, id string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > mostPicture {
		return nil, os.ErrNotExist
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostPicture))
	if sum := sha256.Sum256(data); err == nil && hex.EncodeToString(sum[:]) != id {
		err = os.ErrNotExist
	}
	return data, err
}

// tokens are what is kept of an answer's usage.
func tokens(in, out sql.NullInt64) json.RawMessage {
	if !in.Valid && !out.Valid {
		return nil
	}
	usage, _ := json.Marshal(map[string]int64{"prompt_tokens": in.Int64, "generated_tokens": out.Int64}) // numbers
	return usage
}

// firstOf is the first text that is not blank.
func firstOf(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}
