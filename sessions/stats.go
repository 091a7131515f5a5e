package sessions

import (
	"context"
	"database/sql"
	"time"
)

// Stats are what all conversations together are.
type Stats struct {
	Dir       string     `json:"dir"`
	Sessions  int        `json:"sessions"`
	Questions int        `json:"questions"`
	Answers   int        `json:"answers"`
	Pictures  int        `json:"pictures"` // each once
	Oldest    *time.Time `json:"oldest"`   // when the first one was begun; null without any
	Newest    *time.Time `json:"newest"`   // when one was used last
	Read      int64      `json:"prompt_tokens"`
	Generated int64      `json:"generated_tokens"`
	Cost      float64    `json:"cost"` // in US dollars

	DatabaseBytes int64 `json:"database_bytes"`
	PictureBytes  int64 `json:"picture_bytes"`
	CopyBytes     int64 `json:"copy_bytes"` // of older and damaged databases

	Models []ModelStats   `json:"models"` // that with the most answers first
	Tags   map[string]int `json:"tags"`   // how many sessions have each
}

// ModelStats are what one model has answered.
type ModelStats struct {
	Model     string  `json:"model"`
	Answers   int     `json:"answers"`
	Generated int64   `json:"generated_tokens"`
	Cost      float64 `json:"cost"`
}

// What answers took, in the words that docs/sessions.md has for it. An import keeps what a
// file says of it, and nobody has looked whether these are whole numbers: sum would fail at
// large ones, and answer with a fraction, which is read as no number.
const (
	tokensRead      = "coalesce(CAST(total(CASE WHEN json_valid(usage) THEN usage ->> 'prompt_tokens' END) AS INTEGER), 0)"
	tokensGenerated = "coalesce(CAST(total(CASE WHEN json_valid(usage) THEN usage ->> 'generated_tokens' END) AS INTEGER), 0)"
)

// Stats counts what is kept.
func (s *Store) Stats(ctx context.Context) (Stats, error) {
	st := Stats{Dir: s.dir, Models: []ModelStats{}, Tags: map[string]int{}, DatabaseBytes: s.databaseBytes()}
	for _, c := range s.Copies() {
		st.CopyBytes += c.Bytes
	}
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err == nil {
		defer func() { _ = tx.Rollback() }() // nothing was written
		err = st.count(ctx, tx)
	}
	return st, s.failed("counting the conversations", err)
}

func (st *Stats) count(ctx context.Context, tx *sql.Tx) error {
	var oldest, newest sql.NullInt64
	err := tx.QueryRowContext(ctx, "SELECT count(*), min(created), max(updated) FROM sessions").Scan(&st.Sessions, &oldest, &newest)
	if err != nil {
		return err
	}
	st.Oldest, st.Newest = moment(oldest), moment(newest)
	err = tx.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE role='user'), count(*) FILTER (WHERE role='assistant'),
		`+tokensRead+`, `+tokensGenerated+`, coalesce(sum(cost), 0) FROM messages`).
		Scan(&st.Questions, &st.Answers, &st.Read, &st.Generated, &st.Cost)
	if err != nil {
		return err
	}
	if err := tx.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(bytes), 0) FROM pictures").Scan(&st.Pictures, &st.PictureBytes); err != nil {
		return err
	}
	if err := st.countModels(ctx, tx); err != nil {
		return err
	}
	return st.countTags(ctx, tx)
}

func (st *Stats) countModels(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT model, count(*), `+tokensGenerated+`, sum(cost) FROM messages
		WHERE role='assistant' AND model<>'' GROUP BY model ORDER BY count(*) DESC, model`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var m ModelStats
		if err := rows.Scan(&m.Model, &m.Answers, &m.Generated, &m.Cost); err != nil {
			return err
		}
		st.Models = append(st.Models, m)
	}
	return rows.Err()
}

func (st *Stats) countTags(ctx context.Context, tx *sql.Tx) error {
	all, err := textsOf(ctx, tx, "SELECT tags FROM sessions")
	for _, tags := range all {
		for _, tag := range lines(tags) {
			st.Tags[tag]++
		}
	}
	return err
}

// moment is a time of a table.
func moment(ms sql.NullInt64) *time.Time {
	if !ms.Valid {
		return nil
	}
	t := time.UnixMilli(ms.Int64)
	return &t
}
