// Command v1 makes a database as the first version of the tables was, by the code of that
// time: see the README beside it.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"time"

	"github.com/vlmchat/vlmchat/sessions"
)

const (
	cat = "77af778b51abd4a3c51c5ddd97204a9c3ae614ebccb75a606c3b6865aed6744e" // of "cat"
	dog = "cd6357efdd966de8c0cb2f876cc89ec74ce35f0968e11743987084bd42fb8944" // of "dog"
)

func main() {
	dir := os.Args[1]
	s, err := sessions.Open(dir)
	check(err)
	ctx := context.Background()
	at := time.UnixMilli(1700000000000)
	next := func() time.Time { at = at.Add(time.Minute); return at }
	add := func(to sessions.Session, m sessions.Message) int64 {
		m.Created = next()
		id, err := s.Append(ctx, to, m)
		check(err)
		return id
	}
	picture := func(sha256, source, bytes, facts string) *sessions.Picture {
		return &sessions.Picture{SHA256: sha256, Source: source, Format: "png", Width: 3, Height: 2, Facts: json.RawMessage(facts),
			Bytes: func() ([]byte, error) { return []byte(bytes), nil }}
	}
	text := func(t string) sessions.Part { return sessions.Part{Text: t} }
	pets := sessions.Session{ID: "petspets", System: "Be brief."}
	q := add(pets, sessions.Message{Role: sessions.User, State: sessions.Whole, By: json.RawMessage(`{"system":"Alone."}`),
		Parts: []sessions.Part{{Picture: picture(cat, "/home/me/cat.png", "cat", `{"place":"left"}`)}, text("Which animal is this?"), {Picture: picture(dog, "dog.png", "dog", "")}}})
	first := add(pets, sessions.Message{Parent: q, Role: sessions.Assistant, State: sessions.Whole, Engine: "native", Model: "tiny", Thinking: "Whiskers …",
		By: json.RawMessage(`{"limit":7}`), Sampling: json.RawMessage(`{"seed":7}`), Usage: json.RawMessage(`{"prompt":12}`), Cost: 0.25, Finish: "stop",
		Parts: []sessions.Part{text("A cat, and a dog.")}})
	add(pets, sessions.Message{Parent: q, Role: sessions.Assistant, State: sessions.Failed, Engine: "ollama", Model: "llava", Error: "no", Hint: "try", Parts: []sessions.Part{text("A d")}})
	next1 := add(pets, sessions.Message{Parent: first, Role: sessions.User, State: sessions.Whole, Parts: []sessions.Part{text("図書館の自転車は何色?")}})
	add(pets, sessions.Message{Parent: next1, Role: sessions.Assistant, State: sessions.Partial, Engine: "native", Model: "tiny", Parts: []sessions.Part{text("")}})
	check(s.SetLeaf(ctx, "petspets", first))
	named := sessions.Session{ID: "namedone"}
	add(named, sessions.Message{Role: sessions.User, State: sessions.Whole, Parts: []sessions.Part{text("What is on the sign?")}})
	check(s.Rename(ctx, "namedone", "The red sign"))
	check(s.SaveDraft(ctx, sessions.Draft{Session: "petspets", Text: "And which\nis older?", Pictures: []string{"/home/me/fish.png"}}))
	check(s.SaveDraft(ctx, sessions.Draft{Session: "neverrun", Text: "of one that was never begun"}))
	check(s.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
