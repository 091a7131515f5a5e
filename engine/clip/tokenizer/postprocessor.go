package tokenizer

import (
	"encoding/json"
	"fmt"
	"slices"
)

// parsePostProcessor reads which tokens stand before and after those of a text.
func (t *Tokenizer) parsePostProcessor(raw json.RawMessage) error {
	return t.postProcessor(raw, 0)
}

// marked is a token with its id, as the older post-processors name it: ["</s>", 2].
type marked struct{ id int32 }

func (m *marked) UnmarshalJSON(raw []byte) error {
	var name string
	return json.Unmarshal(raw, &[]any{&name, &m.id})
}

func (t *Tokenizer) postProcessor(raw json.RawMessage, depth int) error {
	if isNull(raw) {
		return nil
	}
	var p struct {
		Type       string            `json:"type"`
		Processors []json.RawMessage `json:"processors"`
		CLS        marked            `json:"cls"`
		SEP        marked            `json:"sep"`
		Single     []struct {
			Special *struct {
				ID string `json:"id"`
			} `json:"SpecialToken"`
			Sequence *struct {
				ID string `json:"id"`
			} `json:"Sequence"`
		} `json:"single"`
		Specials map[string]struct {
			IDs []int32 `json:"ids"`
		} `json:"special_tokens"`
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return err
	}
	switch p.Type {
	case "Sequence":
		if depth == maxNesting {
			return fmt.Errorf("sequences lie in each other more than %d deep", maxNesting)
		}
		for _, raw := range p.Processors {
			if err := t.postProcessor(raw, depth+1); err != nil {
				return err
			}
		}
		return nil
	case "ByteLevel": // offsets only
		return nil
	case "RobertaProcessing", "BertProcessing":
		t.surround([]int32{p.CLS.id}, []int32{p.SEP.id})
		return nil
	case "TemplateProcessing":
		var before, after []int32
		text := false
		for _, item := range p.Single {
			switch {
			case item.Special != nil && !text:
				before = append(before, p.Specials[item.Special.ID].IDs...)
			case item.Special != nil:
				after = append(after, p.Specials[item.Special.ID].IDs...)
			case item.Sequence != nil && text:
				return fmt.Errorf("its template has the text twice")
			case item.Sequence != nil:
				text = true
			}
		}
		if !text {
			return fmt.Errorf("its template has no place for the text")
		}
		t.surround(before, after)
		return nil
	}
	return notSupported(p.Type)
}

// surround puts tokens around those that are there.
func (t *Tokenizer) surround(before, after []int32) {
	t.before = slices.Concat(before, t.before)
	t.after = slices.Concat(t.after, after)
}
