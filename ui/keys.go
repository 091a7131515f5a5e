package ui

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"

	"github.com/vlmchat/vlmchat/spelling"
)

// Keys is which key does what: what the table in keytable.go says, and what a person
// has changed of it.
type Keys struct {
	actions []action

	// In the chat.
	send, newline                        key.Binding
	historyPrev, historyNext             key.Binding
	stop, interrupt, suspend, redraw     key.Binding
	complete, editor, search             key.Binding
	branchPrev, branchNext               key.Binding
	pageUp, pageDown, top, bottom        key.Binding
	home, end                            key.Binding
	selectPrev, selectNext               key.Binding
	find, copyAnswer, thoughts           key.Binding
	chip, chipLeft, chipRight            key.Binding
	paste, dropChip, zoom, palette, help key.Binding

	// In dialogs.
	leave, pick                                                       key.Binding
	pickPrev, pickNext, pickPageUp, pickPageDown, pickFirst, pickLast key.Binding
	pickRename, pickTag, pickRemove                                   key.Binding
	pictureMark, folderInto, folderUp                                 key.Binding
	onMessage                                                         messageKeys
	onChip                                                            chipKeys
	fieldPrev, fieldNext, choicePrev, choiceNext                      key.Binding
	zoomView                                                          zoomKeys
	writing                                                           writingKeys
}

// zoomKeys are those of the view in which a picture is looked at closely.
type zoomKeys struct {
	left, right, up, down            key.Binding
	in, out, all                     key.Binding
	wider, narrower, taller, flatter key.Binding
	next, previous                   key.Binding
	attach, tiles, leave             key.Binding
}

// messageKeys are those that act while a message is selected.
type messageKeys struct {
	previous, next, first, last        key.Binding
	most, copy, code, fold, zoom, open key.Binding
	edit, again, branch, ground        key.Binding
	branchPrev, branchNext             key.Binding
	leave                              key.Binding
}

// chipKeys are those that act while an attached picture is selected.
type chipKeys struct {
	previous, next, first, last  key.Binding
	earlier, later, remove, zoom key.Binding
	leave                        key.Binding
}

// action is something that keys do.
type action struct {
	binding *key.Binding
	scope   scope
	// name is what the configuration calls it. One that does what a command does has
	// that command's name, so that help and the palette show the key with it.
	name string
	keys []string // that do it unless a person says otherwise
	does string   // in a few words
}

// scope is where keys act. In one scope a key does one thing.
type scope string

const (
	inChat   scope = "In the chat"
	inTalk   scope = "On a selected message"
	inChips  scope = "On a picture that is attached"
	inEditor scope = "While writing"
	inDialog scope = "In lists and dialogs"
	inFolder scope = "Choosing pictures (/attach)"
	inZoom   scope = "Looking closely (/zoom)"
)

// scopes are all of them, in the order in which people meet them.
var scopes = []scope{inChat, inTalk, inChips, inEditor, inDialog, inFolder, inZoom}

// ParseKeys returns the keys as a person has bound them: for each action by its name
// the keys that do it, none to unbind it. What is not mentioned stays as it is. The
// error says what is wrong in a person's words, without the file's name.
func ParseKeys(bound map[string][]string) (*Keys, error) {
	k := &Keys{}
	k.actions = k.table()
	for _, name := range slices.Sorted(maps.Keys(bound)) {
		i := slices.IndexFunc(k.actions, func(a action) bool { return a.name == name })
		if i < 0 {
			return nil, k.unknownAction(name)
		}
		k.actions[i].keys = nil
		for _, text := range bound[name] {
			parsed, err := parseKey(text)
			if err != nil {
				return nil, fmt.Errorf("%s = %q: %w", name, text, err)
			}
			k.actions[i].keys = append(k.actions[i].keys, parsed)
		}
	}
	if err := k.check(bound); err != nil {
		return nil, err
	}
	for _, a := range k.actions {
		*a.binding = key.NewBinding(key.WithKeys(a.keys...), key.WithHelp(shownKeys(a.keys), a.does))
		a.binding.SetEnabled(len(a.keys) > 0)
	}
	return k, nil
}

// defaultKeys are the keys of a person who has bound none.
func defaultKeys() *Keys {
	k, err := ParseKeys(nil)
	if err != nil {
		panic(err) // the table is at odds with itself, which its test tells
	}
	return k
}

// check refuses a key that would do two things in one scope.
func (k *Keys) check(bound map[string][]string) error {
	for i, a := range k.actions {
		for _, b := range k.actions[:i] {
			if a.scope != b.scope {
				continue
			}
			for _, name := range a.keys {
				if !slices.Contains(b.keys, name) {
					continue
				}
				other := a // the one that the person did not think of
				if _, ok := bound[a.name]; ok {
					other = b
				}
				rest := slices.DeleteFunc(slices.Clone(other.keys), func(s string) bool { return s == name })
				return fmt.Errorf("%s is both %s (%s) and %s (%s); to have it for one alone, write %s = %s",
					name, b.name, b.does, a.name, a.does, other.name, tomlTexts(rest))
			}
		}
	}
	return nil
}

func (k *Keys) unknownAction(name string) error {
	var names []string
	for _, a := range k.actions {
		names = append(names, a.name)
	}
	slices.Sort(names)
	if near := spelling.Nearest(name, names, 2+len(name)/4); near != "" {
		return fmt.Errorf("there is no %q; is it %s?", name, near)
	}
	return fmt.Errorf("there is no %q; there are %s", name, strings.Join(names, ", "))
}

// in returns the actions of a scope that have keys.
func (k *Keys) in(s scope) []action {
	return slices.DeleteFunc(slices.Clone(k.actions), func(a action) bool { return a.scope != s || len(a.keys) == 0 })
}

// of is the keys of the action of a name in the chat, as they are shown; empty if
// there are none.
func (k *Keys) of(name string) string {
	for _, a := range k.in(inChat) {
		if a.name == name {
			return shownKeys(a.keys)
		}
	}
	return ""
}

// hint says what bindings do, by the first key of each: "+ - scale". It is empty if
// none has any.
func hint(does string, bindings ...key.Binding) string {
	var all []string
	for _, b := range bindings {
		if names := b.Keys(); len(names) > 0 {
			all = append(all, shownKey(names[0]))
		}
	}
	if all == nil {
		return ""
	}
	return strings.Join(append(all, does), " ")
}

// hints joins those that are not empty.
func hints(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), dot)
}

// forEditor are the keys with which one writes, that of the chat for a new line among
// them.
func (k *Keys) forEditor() writingKeys {
	w := k.writing
	w.newline = k.newline
	return w
}
