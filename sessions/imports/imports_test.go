package imports

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"image"
	_ "image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/sessions"
)

// look knows PNGs.
func look(_ context.Context, source string, data []byte) (*sessions.Picture, error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	return &sessions.Picture{SHA256: hex.EncodeToString(sum[:]), Source: source, Format: format, Width: config.Width, Height: config.Height,
		Bytes: func() ([]byte, error) { return data, nil }}, nil
}

// told shows what was read, a line for each conversation and message.
func told(t *testing.T, path string) (program string, lines []string) {
	t.Helper()
	r := &Reader{Look: look}
	program, err := r.File(t.Context(), path, func(c *sessions.Conversation, err error) error {
		if err != nil {
			lines = append(lines, "broken: "+err.Error())
			return nil
		}
		lines = append(lines, shown(c)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return program, lines
}

func shown(c *sessions.Conversation) []string {
	lines := []string{fmt.Sprintf("= %q %s %v system %q", c.Title, c.TitleBy, c.Tags, c.System)}
	for _, m := range c.All {
		line := fmt.Sprintf("%d<%d %s %s", m.ID, m.Parent, m.Role, m.State)
		if m.Model != "" {
			line += " by " + m.Model
		}
		if m.Thinking != "" {
			line += fmt.Sprintf(" thinking %q", m.Thinking)
		}
		for _, j := range []string{string(m.By), string(m.Usage)} {
			if j != "" {
				line += " " + j
			}
		}
		for _, p := range m.Parts {
			if p.Picture != nil {
				data, err := p.Picture.Bytes()
				sum := sha256.Sum256(data)
				line += fmt.Sprintf(" | %s %s %d×%d %v %v", p.Picture.Source, p.Picture.Format, p.Picture.Width, p.Picture.Height, hex.EncodeToString(sum[:]) == p.Picture.SHA256, err)
			} else {
				line += fmt.Sprintf(" | %q", p.Text)
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func compare(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("it is\n%s\nand should be\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The databases are real ones: testdata/make.py and make-ollama.sh make them.
func TestHistories(t *testing.T) {
	t.Parallel()
	llm := []string{
		`= "What is this?"  [imported llm] system "Be brief."`,
		`1<0 user whole | "What is this?" | picture png 8×8 true <nil> | "[gone.png: it is not there any more as it was]" | "[https://example.com/cat.png: this picture was not fetched]"`,
		`2<1 assistant whole by says {"generated_tokens":3,"prompt_tokens":12} | "You said 'What is this?'. NN bytes 0 bytes 0 bytes"`,
		`3<2 user whole | "And its colour?"`,
		`4<3 assistant whole by says {"generated_tokens":3,"prompt_tokens":12} | "You said 'And its colour?'."`,
		`= "A long text. Of two lines. Sum …"  [imported llm] system ""`,
		`1<0 user whole | "A long text.\nOf two lines.\nSum it up"`,
		`2<1 assistant whole by says {"generated_tokens":3,"prompt_tokens":12} | "You said 'Sum it up'."`,
	}
	for file, want := range map[string][]string{
		"llm-0.27.db": llm,
		"llm-0.36.db": llm,
		"ollama-0.13.5.db": {
			`= "A red square" model [imported ollama] system ""`,
			`1<0 user whole | red.png png 8×8 true <nil> | "notes.txt:\nIt is mine." | "What is this?"`,
			`2<1 assistant whole by qwen3-vl thinking "I have to look it up.\n\nIt is red." | "A red square."`,
			`= "Hello?"  [imported ollama] system ""`,
			`1<0 user whole | "Hello?"`,
		},
		"oterm-0.26.db": {
			`= "Two discs" model [imported oterm] system "Be brief."`,
			`1<0 user whole | "Is " | picture png 8×8 true <nil> | "bluer than " | picture png 8×8 true <nil> | "?"`,
			`2<1 assistant whole by llava | "Yes, the second."`,
			`3<2 user whole | "Sure?"`,
			`4<3 assistant whole by llava | "Quite."`,
			`= "Old"  [imported oterm] system ""`,
			`1<0 user whole | picture png 8×8 true <nil> | "Old"`,
		},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			program, got := told(t, filepath.Join("testdata", file))
			for i := range got {
				got[i] = regexp.MustCompile(`\b7\d bytes`).ReplaceAllString(got[i], "NN bytes") // by the version of zlib
			}
			compare(t, got, want...)
			if !strings.HasPrefix(file, program) {
				t.Errorf("it is by %s", program)
			}
		})
	}
}

// copied is a database in a folder of the test's own.
func copied(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "history.db")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// change writes to a database, as its program would.
func change(t *testing.T, path string, statements ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return db
}

// A history that grew is imported again: what is new is added to the conversations that are
// there. What a program has written is seen though it is in its log alone, and nothing of it
// is touched.
func TestGrown(t *testing.T) {
	t.Parallel()
	path := copied(t, "ollama-0.13.5.db")
	s, err := sessions.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	imported := func() (fresh, added, had int) {
		r := &Reader{Look: look}
		if _, err := r.File(t.Context(), path, func(c *sessions.Conversation, err error) error {
			if err != nil {
				t.Error(err)
				return nil
			}
			done, err := s.Import(t.Context(), c)
			if done.New {
				fresh++
			}
			added, had = added+done.Added, had+done.Had
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return fresh, added, had
	}
	if fresh, added, had := imported(); fresh != 2 || added != 3 || had != 0 {
		t.Errorf("at first %d, %d, %d", fresh, added, had)
	}
	db := change(t, path, "PRAGMA journal_mode=wal", "PRAGMA wal_autocheckpoint=0",
		"INSERT INTO messages (chat_id, role, content, model_name) VALUES ('0198c0de-0000-7000-8000-000000000002', 'assistant', 'Hello!', 'qwen3-vl')",
		"INSERT INTO chats (id, title) VALUES ('new', 'New')", "INSERT INTO messages (chat_id, role, content) VALUES ('new', 'user', 'Hm?')")
	before := files(t, filepath.Dir(path))
	if fresh, added, had := imported(); fresh != 1 || added != 2 || had != 3 {
		t.Errorf("then %d, %d, %d", fresh, added, had)
	}
	if fresh, added, had := imported(); fresh != 0 || added != 0 || had != 5 {
		t.Errorf("in the end %d, %d, %d", fresh, added, had)
	}
	if after := files(t, filepath.Dir(path)); after != before || !strings.Contains(before, "history.db-wal") {
		t.Errorf("the files are\n%s\nand were\n%s", after, before)
	}
	db.Close()
	all, err := s.List(t.Context())
	if err != nil || len(all) != 3 {
		t.Fatalf("%+v, %v", all, err)
	}
	for _, one := range all {
		if one.Title == "Hello?" && (one.Messages != 2 || one.Models[0] != "qwen3-vl") {
			t.Errorf("it is %+v", one)
		}
	}
}

// files are those of a folder with their contents' digests.
func files(t *testing.T, dir string) string {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range all {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %x\n", f.Name(), sha256.Sum256(data))
	}
	return b.String()
}

// A conversation that was gone on with when llm kept threads is one; those from before are
// there as well.
func TestBothLogs(t *testing.T) {
	t.Parallel()
	path := copied(t, "llm-0.36.db")
	_ = change(t, path, "INSERT INTO conversations (id, name) SELECT id, name FROM threads LIMIT 1", "INSERT INTO conversations (id, name) VALUES ('before', 'Before')",
		"INSERT INTO responses (id, model, prompt, response, conversation_id, datetime_utc) SELECT 'r1', 'says', 'What is this?', 'Old', id, '2025-01-01T00:00:00' FROM threads LIMIT 1",
		"INSERT INTO responses (id, model, prompt, response, reasoning, conversation_id, datetime_utc) VALUES ('r2', 'says', 'Why?', 'So.', 'Hm', 'before', '2025-01-01T00:00:00')",
		"INSERT INTO responses (id, model, prompt, response, system, conversation_id, datetime_utc) VALUES ('r3', 'other', 'Really?', 'Yes.', 'Be kind.', 'before', '2025-01-01T00:00:01')",
		"INSERT INTO responses (id, model, prompt, response, datetime_utc) VALUES ('r4', 'says', 'Alone?', 'Yes.', '2025-01-02T00:00:00')").Close()
	_, got := told(t, path)
	compare(t, got[8:], `= "Before"  [imported llm] system ""`, `1<0 user whole | "Why?"`, `2<1 assistant whole by says thinking "Hm" | "So."`,
		`3<2 user whole {"system":"Be kind."} | "Really?"`, `4<3 assistant whole by other | "Yes."`,
		`= "Alone?"  [imported llm] system ""`, `1<0 user whole | "Alone?"`, `2<1 assistant whole by says | "Yes."`)
}

// One conversation that is damaged costs no other one.
func TestBrokenRows(t *testing.T) {
	t.Parallel()
	path := copied(t, "oterm-0.26.db")
	_ = change(t, path, "UPDATE message SET images='{' WHERE chat_id=1").Close()
	_, got := told(t, path)
	if len(got) != 3 || !strings.HasPrefix(got[0], `broken: "Two discs" can't be read: the pictures of message 1`) || !strings.HasPrefix(got[1], `= "Old"`) {
		t.Errorf("it is %q", got)
	}

	// Pictures that are none, and messages in a ring.
	path = copied(t, "oterm-0.26.db")
	_ = change(t, path, `UPDATE message SET images='["AAAA", "?"]' WHERE chat_id=1 AND id=1`).Close()
	if _, got := told(t, path); !strings.Contains(got[1], "this is no picture") || !strings.Contains(got[1], "it is damaged") {
		t.Errorf("it is %q", got[1])
	}
	path = copied(t, "llm-0.36.db")
	_ = change(t, path, "PRAGMA foreign_keys=0", "UPDATE messages SET parent_hash=(SELECT tip_message_hash FROM threads ORDER BY rowid LIMIT 1) WHERE parent_hash IS NULL").Close()
	if _, got := told(t, path); !strings.Contains(got[0], "more than") {
		t.Errorf("it is %q", got)
	}
	path = copied(t, "llm-0.27.db")
	_ = change(t, path, "DELETE FROM attachments").Close()
	if _, got := told(t, path); len(got) != 4 || !strings.Contains(got[0], "its attachment") {
		t.Errorf("it is %q", got)
	}
}

// Earlier versions have fewer columns and tables.
func TestEarlierVersions(t *testing.T) {
	t.Parallel()
	path := copied(t, "llm-0.27.db")
	_ = change(t, path, "DROP TABLE prompt_fragments", "DROP TABLE system_fragments", "DROP TABLE prompt_attachments",
		"ALTER TABLE responses DROP COLUMN input_tokens", "ALTER TABLE responses DROP COLUMN resolved_model").Close()
	if _, got := told(t, path); len(got) != 8 || !strings.Contains(got[2], `by says | "You said`) && !strings.Contains(got[2], `by says {"generated_tokens":3`) {
		t.Errorf("llm's is %q", got)
	}
	path = copied(t, "ollama-0.13.5.db")
	_ = change(t, path, "DROP TABLE attachments").Close()
	if _, got := told(t, path); len(got) != 5 || got[1] != `1<0 user whole | "What is this?"` {
		t.Errorf("Ollama's is %q", got)
	}
	path = copied(t, "oterm-0.26.db")
	_ = change(t, path, "ALTER TABLE chat DROP COLUMN provider", "ALTER TABLE message DROP COLUMN images", "UPDATE message SET author='me' WHERE author='user'", "UPDATE message SET author='ollama' WHERE author='assistant'").Close()
	if _, got := told(t, path); len(got) != 7 || got[2] != `2<1 assistant whole by llava | "Yes, the second."` {
		t.Errorf("oterm's is %q", got)
	}
}

// What is no history of anybody's says so.
func TestNotHistories(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, data string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	_ = change(t, filepath.Join(dir, "other.db"), "CREATE TABLE other (x)").Close()
	own, err := sessions.Open(filepath.Join(dir, "own"))
	if err != nil {
		t.Fatal(err)
	}
	own.Close()
	for path, says := range map[string]string{
		filepath.Join(dir, "nothing"):      "there is no such file",
		dir:                                "it is a folder",
		write("empty", ""):                 "it is empty",
		write("words", "Once upon a time"): "it is no JSON",
		write("broken.db", databaseMark+"and so on"):                         "the database can't be read",
		filepath.Join(dir, "other.db"):                                       "no database of a program that is known",
		filepath.Join(dir, "own", "sessions.db"):                             "a database of vlmchat's own",
		write("newer.json", `{"format":"vlmchat-conversation","version":9}`): "update vlmchat",
	} {
		r := &Reader{Look: look}
		_, err := r.File(t.Context(), path, func(*sessions.Conversation, error) error { return nil })
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), filepath.Base(path)) {
			t.Errorf("%s: %v", path, err)
		}
	}
	r := &Reader{Look: look}
	if _, err := r.Document(t.Context(), "standard input", strings.NewReader(databaseMark), time.Now(), nil); err == nil || !strings.Contains(err.Error(), "named as a file") {
		t.Errorf("a database on standard input: %v", err)
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	home := filepath.Join("home", "me")
	for _, one := range []struct{ program, system, variable, value, want string }{
		{"llm", "linux", "", "", "home/me/.config/io.datasette.llm/logs.db"},
		{"llm", "linux", "XDG_CONFIG_HOME", "cfg", "cfg/io.datasette.llm/logs.db"},
		{"llm", "darwin", "", "", "home/me/Library/Application Support/io.datasette.llm/logs.db"},
		{"llm", "windows", "APPDATA", "roaming", "roaming/io.datasette.llm/logs.db"},
		{"llm", "linux", "LLM_USER_PATH", "own", "own/logs.db"},
		{"oterm", "linux", "XDG_DATA_HOME", "data", "data/oterm/store.db"},
		{"oterm", "darwin", "", "", "home/me/Library/Application Support/oterm/store.db"},
		{"oterm", "windows", "", "", "home/me/AppData/Roaming/oterm/store.db"},
		{"oterm", "linux", "OTERM_DATA_DIR", "own", "own/store.db"},
		{"ollama", "darwin", "", "", "home/me/Library/Application Support/Ollama/db.sqlite"},
		{"ollama", "windows", "LOCALAPPDATA", "local", "local/Ollama/db.sqlite"},
		{"ollama", "linux", "", "", "home/me/.ollama/db.sqlite"},
	} {
		got := place(one.program, one.system, home, func(name string) string {
			if name == one.variable {
				return one.value
			}
			return ""
		})
		if filepath.ToSlash(got) != one.want {
			t.Errorf("%s on %s is at %s, not %s", one.program, one.system, got, one.want)
		}
	}
	for _, program := range Programs {
		if at, err := Place(program); err != nil || !filepath.IsAbs(at) {
			t.Errorf("%s is at %q, %v", program, at, err)
		}
	}
}
