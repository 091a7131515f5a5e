package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Set writes a setting into the configuration file: at its top level, or into a profile. The
// file's comments and all else in it stay as they are. Several texts are for a setting that
// is a list. The file is made if there is none.
func Set(profile, name string, texts ...string) (path string, err error) {
	s, err := Named(name)
	if err != nil {
		return "", err
	}
	if len(texts) != 1 && !s.List() {
		return "", fmt.Errorf("%s takes one value", s.Name)
	}
	return change(func(text []byte) ([]byte, error) { return setIn(text, profile, s, texts) })
}

// Unset takes a setting out of the configuration file. was tells whether it was there.
func Unset(profile, name string) (path string, was bool, err error) {
	s, err := Named(name)
	if err != nil {
		return "", false, err
	}
	path, err = change(func(text []byte) ([]byte, error) {
		after, err := unsetIn(text, profile, s)
		was = !bytes.Equal(after, text)
		return after, err
	})
	return path, was, err
}

// change writes what becomes of the configuration file's text, all at once or not at all.
func change(how func(text []byte) ([]byte, error)) (path string, err error) {
	if path, err = File(); err != nil {
		return "", err
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return path, fmt.Errorf("reading the configuration: %w", err)
	}
	after, err := how(withoutMark(text))
	if err != nil {
		return path, fmt.Errorf("the configuration %s: %w", path, err)
	}
	if bytes.HasPrefix(text, mark) {
		after = append(bytes.Clone(mark), after...)
	}
	if bytes.Equal(after, text) {
		return path, nil
	}
	if err := Replace(path, after); err != nil {
		return path, fmt.Errorf("the configuration %s can't be written: %w", path, err)
	}
	return path, nil
}

// setIn is the text of a file with a setting in it.
func setIn(text []byte, profile string, s Setting, texts []string) ([]byte, error) {
	before, err := tableOf(text)
	if err != nil {
		return nil, err
	}
	value, err := s.fileValue(texts)
	if err != nil {
		return nil, err
	}
	after := bytes.Clone(text)
	target := targetOf(profile, s)
	list := statements(text)
	if i := indexOf(list, target); i >= 0 {
		v := list[i].value
		after = splice(after, v.from, v.to, value)
	} else {
		after = insert(after, list, target, value)
	}
	var want map[string]any
	if err := toml.Unmarshal([]byte("value = "+value), &want); err != nil {
		return nil, err
	}
	if err := put(before, target, want["value"]); err != nil {
		return nil, err
	}
	return after, means(after, before)
}

// unsetIn is the text of a file without a setting.
func unsetIn(text []byte, profile string, s Setting) ([]byte, error) {
	before, err := tableOf(text)
	if err != nil {
		return nil, err
	}
	target := targetOf(profile, s)
	if !remove(before, target) {
		return text, nil
	}
	list := statements(text)
	i := indexOf(list, target)
	if i < 0 {
		return nil, errByHand
	}
	from := bytes.LastIndexByte(text[:list[i].key.from], '\n') + 1
	after := splice(bytes.Clone(text), from, list[i].afterEnd, "")
	return after, means(after, before)
}

var errByHand = errors.New("this is written in a way that is not changed here: change it by hand, with 'vlmchat config edit'")

// targetOf is where in a file a setting stands.
func targetOf(profile string, s Setting) []string {
	if profile != "" {
		return []string{profilesKey, profile, s.fileKey()}
	}
	return []string{s.fileKey()}
}

func indexOf(list []statement, path []string) int {
	return slices.IndexFunc(list, func(s statement) bool { return !s.head && slices.Equal(s.path, path) })
}

// insert puts a new key with its value where those of the same table are.
func insert(text []byte, list []statement, target []string, value string) []byte {
	table, key := target[:len(target)-1], quotedKey(target[len(target)-1])
	newline := "\n"
	if bytes.Contains(text, []byte("\r\n")) {
		newline = "\r\n"
	}
	at := -1
	for _, s := range list {
		if slices.Equal(s.table, table) {
			at = s.afterEnd // behind the last of the table
		}
	}
	if at < 0 {
		// Tables may be written with dots, which a head must not follow.
		for _, s := range list {
			if n := len(s.path) - 1; !s.head && slices.Equal(s.path[:max(n, 0)], table) {
				at = s.afterEnd
				var names []string
				for _, name := range target[len(s.table):] {
					names = append(names, quotedKey(name))
				}
				key = strings.Join(names, ".")
			}
		}
	}
	line := key + " = " + value + newline
	switch {
	case at < 0 && len(table) == 0:
		// Before the tables, and behind the words at the head of the file.
		if at = len(text); len(list) > 0 {
			at = aboveComment(text, list[0].key.from)
			line += newline
		}
	case at < 0:
		at = len(text)
		var names []string
		for _, name := range table {
			names = append(names, quotedKey(name))
		}
		line = "[" + strings.Join(names, ".") + "]" + newline + line
		if len(bytes.TrimSpace(text)) > 0 && !bytes.HasSuffix(text, []byte("\n"+newline)) {
			line = newline + line
		}
	}
	if at > 0 && text[at-1] != '\n' {
		line = newline + line
	}
	return splice(text, at, at, line)
}

// aboveComment is where the comment begins that belongs to what stands at i, or i's line.
func aboveComment(text []byte, i int) int {
	at := bytes.LastIndexByte(text[:i], '\n') + 1
	for at > 0 {
		above := bytes.LastIndexByte(text[:at-1], '\n') + 1
		if !bytes.HasPrefix(bytes.TrimSpace(text[above:at]), []byte("#")) {
			break
		}
		at = above
	}
	return at
}

// bareKey is what a key consists of that needs no quotes.
const bareKey = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

// quotedKey is a name as a key: in quotes, if it has to be.
func quotedKey(name string) string {
	if name != "" && strings.Trim(name, bareKey) == "" {
		return name
	}
	return marshalled(name)
}

// marshalled is a text, or a list of texts, as TOML writes them.
func marshalled(v any) string {
	line, err := toml.Marshal(map[string]any{"v": v})
	if err != nil {
		return strconv.Quote(fmt.Sprint(v))
	}
	return strings.TrimSuffix(strings.TrimPrefix(string(line), "v = "), "\n")
}

// fileValue is a value as it is written into the file: a switch and a number as such.
func (s Setting) fileValue(texts []string) (string, error) {
	if s.List() {
		if len(texts) == 1 {
			list, err := Config{s.Name: {Text: texts[0]}}.List(s.Name)
			if err != nil {
				return "", err
			}
			if len(list) == 1 && list[0] == texts[0] {
				return marshalled(texts[0]), nil
			}
			texts = list
		}
		if texts == nil {
			texts = []string{}
		}
		return marshalled(texts), nil
	}
	text := texts[0]
	if s.Switch() {
		on, err := strconv.ParseBool(text)
		if err != nil {
			return "", fmt.Errorf("%s is true or false, not %q", s.Name, text)
		}
		return strconv.FormatBool(on), nil
	}
	var read map[string]any
	if toml.Unmarshal([]byte("v = "+text), &read) == nil {
		switch v := read["v"].(type) {
		case int64, float64:
			if fmt.Sprint(v) == text {
				return text, nil
			}
		}
	}
	return marshalled(text), nil
}

func splice(text []byte, from, to int, with string) []byte {
	return slices.Replace(text, from, to, []byte(with)...)
}

// tableOf reads a file's text as it is.
func tableOf(text []byte) (map[string]any, error) {
	table := map[string]any{}
	err := toml.Unmarshal(text, &table)
	var where *toml.DecodeError
	if errors.As(err, &where) {
		line, _ := where.Position()
		return nil, fmt.Errorf("line %d: %w", line, err)
	}
	return table, err
}

// means makes sure that a text means what it should, whatever has been done to it.
func means(text []byte, want map[string]any) error {
	got, err := tableOf(text)
	if err != nil || !reflect.DeepEqual(got, want) && fmt.Sprint(got) != fmt.Sprint(want) {
		return errByHand
	}
	return nil
}

// put puts a value into a table of tables.
func put(table map[string]any, path []string, value any) error {
	for _, name := range path[:len(path)-1] {
		if table[name] == nil {
			table[name] = map[string]any{}
		}
		inner, ok := table[name].(map[string]any)
		if !ok {
			return fmt.Errorf("%s is not a table", name)
		}
		table = inner
	}
	table[path[len(path)-1]] = value
	return nil
}

// remove takes a value out of a table of tables.
func remove(table map[string]any, path []string) bool {
	for _, name := range path[:len(path)-1] {
		table, _ = table[name].(map[string]any)
	}
	_, there := table[path[len(path)-1]]
	delete(table, path[len(path)-1])
	return there
}

// Lines tells in which line of a configuration file's text each setting stands, by its name
// behind that of its profile and a slash: "model", "work/model".
func Lines(text []byte) map[string]int {
	lines := map[string]int{}
	for _, s := range statements(withoutMark(text)) {
		path := slices.Clone(s.path)
		if s.head || len(path) == 0 {
			continue
		}
		if path[0] == profilesKey {
			path = path[1:]
		}
		path[len(path)-1] = strings.ReplaceAll(path[len(path)-1], "_", "-")
		lines[strings.Join(path, "/")] = s.line
	}
	return lines
}

// Check reads a text as a configuration file of this name, and says what is wrong with it.
func Check(path string, text []byte) error {
	_, err := parseFile(path, text)
	return err
}
