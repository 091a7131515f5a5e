package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A vocabulary has some ten thousand tokens, and as many merges. Package json takes several
// times as long for them as all the rest of a search for a text, so they are read by hand;
// json has made sure by then that they are JSON.

// scanner reads JSON that is known to be valid.
type scanner struct {
	data []byte
	at   int
}

// next is the byte with which the next value or mark begins.
func (s *scanner) next() byte {
	for s.data[s.at] == ' ' || s.data[s.at] == '\n' || s.data[s.at] == '\r' || s.data[s.at] == '\t' {
		s.at++
	}
	return s.data[s.at]
}

// skip goes on behind a mark, if it is the next.
func (s *scanner) skip(mark byte) bool {
	if s.next() != mark {
		return false
	}
	s.at++
	return true
}

// text reads a string.
func (s *scanner) text() (string, error) {
	if s.next() != '"' {
		return "", errors.New("there is something else in the place of a text")
	}
	start := s.at
	s.at++
	for escaped := false; ; s.at++ {
		switch s.data[s.at] {
		case '\\':
			escaped = true
			s.at++
		case '"':
			s.at++
			if escaped {
				var text string
				err := json.Unmarshal(s.data[start:s.at], &text)
				return text, err
			}
			return strings.ToValidUTF8(string(s.data[start+1:s.at-1]), "\uFFFD"), nil
		}
	}
}

// integer reads a number without a fraction.
func (s *scanner) integer() (int32, error) {
	s.next()
	start := s.at
	for !bytes.ContainsRune([]byte(",}] \n\r\t"), rune(s.data[s.at])) {
		s.at++
	}
	n, err := strconv.ParseInt(string(s.data[start:s.at]), 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%.20q is no id of a token", s.data[start:s.at])
	}
	return int32(n), nil
}

// vocabulary is the ids of tokens: {"a": 0, "b": 1}.
type vocabulary map[string]int32

func (v *vocabulary) UnmarshalJSON(data []byte) error {
	s := scanner{data: data}
	if !s.skip('{') {
		return errors.New("its vocabulary is not an object of tokens and their ids")
	}
	*v = make(vocabulary, len(data)/24)
	for !s.skip('}') {
		s.skip(',')
		token, err := s.text()
		if err != nil {
			return err
		}
		s.skip(':')
		if (*v)[token], err = s.integer(); err != nil {
			return fmt.Errorf("the token %q: %w", token, err)
		}
	}
	return nil
}

// mergeList is which tokens are merged, the first first: ["a b", …] or [["a", "b"], …].
type mergeList [][2]string

func (m *mergeList) UnmarshalJSON(data []byte) error {
	s := scanner{data: data}
	if !s.skip('[') {
		return errors.New("its merges are no list")
	}
	*m = make(mergeList, 0, len(data)/16)
	for !s.skip(']') {
		s.skip(',')
		var pair [2]string
		var ok bool
		if s.skip('[') {
			var err1, err2 error
			pair[0], err1 = s.text()
			ok = err1 == nil && s.skip(',')
			if ok {
				pair[1], err2 = s.text()
				ok = err2 == nil && s.skip(']')
			}
		} else {
			line, err := s.text()
			pair[0], pair[1], ok = strings.Cut(line, " ")
			ok = ok && err == nil && !strings.Contains(pair[1], " ")
		}
		if !ok {
			return fmt.Errorf("its merge %d is not two tokens", len(*m)+1)
		}
		*m = append(*m, pair)
	}
	return nil
}
