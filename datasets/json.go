package datasets

import (
	"encoding/json"
	"errors"
	"fmt"
)

// jsonl reads a file with an object on each line.
func (r *reader) jsonl(t *text) error {
	return r.lines(t, func(line string, number int) error {
		r.element(json.RawMessage(line), r.at(number))
		return nil
	})
}

// array reads a JSON array, an element at a time.
func (r *reader) array(t *text, each func(b json.RawMessage, place string)) error {
	d := r.document(t)
	err := elements(d, "element", func(e *json.RawMessage, number int) { each(*e, d.number("element", number)) })
	if err != nil {
		return err
	}
	return d.over()
}

// element adds the item of an object.
func (r *reader) element(b json.RawMessage, place string) {
	o, err := objectOf(b)
	if err != nil {
		r.broken(place, err.Error())
		return
	}
	r.plain(o, place)
}

// objectOf reads an object that has no other objects in it but in lists of texts.
func objectOf(line []byte) (object, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil {
		if _, other := errors.AsType[*json.UnmarshalTypeError](err); other {
			return nil, errors.New("this is no JSON object")
		}
		return nil, noJSON(err)
	}
	if members == nil { // null
		return nil, errors.New("this is no JSON object")
	}
	o := object{}
	for name, member := range members {
		var v value
		if err := json.Unmarshal(member, &v); err != nil {
			if !isKnown(name) {
				o[name] = value{} // whatever it is
				continue
			}
			return nil, fmt.Errorf("its %s is %w", name, err)
		}
		o[name] = v
	}
	return o, nil
}

// noJSON says why a line is no JSON.
func noJSON(err error) error {
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		if wrong.Error() == "unexpected end of JSON input" {
			return errors.New("its JSON has no end")
		}
		return fmt.Errorf("this is no JSON: column %d: %w", wrong.Offset, err)
	}
	return fmt.Errorf("this is no JSON: %w", err)
}
