package tasks

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/lazyregexp"
)

// Captioner asks for captions: texts about a picture in one line.
type Captioner struct {
	Asker *Asker
	// Bare takes off an opening that says no more than that it is a picture ("An image of",
	// "The photo shows"), as alt text has none: a screen reader has said so already.
	Bare bool
	// Most is how many characters a caption may have, 0 for any number. A longer one is asked
	// for again, and then cut at the end of a sentence if one fits.
	Most int
}

// Caption is what came of asking for one.
type Caption struct {
	Text   string
	Answer *Collector // from which it comes
	Cut    bool       // it came to its limit of tokens, so its end may be missing
	Long   bool       // it has more characters than it may
}

// Caption asks for the caption of a picture. hear, which may be nil, hears what happens.
func (c Captioner) Caption(ctx context.Context, req engine.Request, hear func(engine.Event)) (Caption, error) {
	answer, err := c.Asker.Ask(ctx, req, hear)
	if err != nil {
		return Caption{}, err
	}
	found := c.of(answer)
	if !found.Long {
		return found, nil
	}
	req.Messages = shorter(req.Messages, fmt.Sprintf("Your text is shorter than this one, which has %d characters, and has %d at most: %s",
		utf8.RuneCountInString(found.Text), c.Most, found.Text))
	if answer, err = c.Asker.Ask(ctx, req, hear); err != nil {
		return Caption{}, err
	}
	again := c.of(answer)
	if again.Text != "" && !again.Long {
		return again, nil
	}
	for _, one := range []Caption{again, found} {
		if sentences := wholeSentences(one.Text, c.Most); sentences != "" {
			return Caption{Text: sentences, Answer: one.Answer}, nil
		}
	}
	return found, nil
}

// shorter adds a demand to a conversation, as part of its system message: the question stays
// as it is, which a model answers better than one about its own answer.
func shorter(messages []engine.Message, demand string) []engine.Message {
	if len(messages) > 0 && messages[0].Role == engine.System {
		system := messages[0]
		system.Parts = append(system.Parts[:len(system.Parts):len(system.Parts)], engine.Part{Text: "\n" + demand})
		return append([]engine.Message{system}, messages[1:]...)
	}
	return append([]engine.Message{engine.Text(engine.System, demand)}, messages...)
}

// of makes a caption of an answer.
func (c Captioner) of(answer *Collector) Caption {
	found := Caption{Text: OneLine(answer.Text()), Answer: answer, Cut: answer.Finish() == engine.Length}
	if c.Bare {
		found.Text = bare(found.Text)
	}
	found.Long = c.Most > 0 && utf8.RuneCountInString(found.Text) > c.Most
	return found
}

// OneLine is an answer in one line, without the quotation marks in which some models put all
// of one.
func OneLine(answer string) string {
	text := tidy(answer)
	for _, q := range []string{`""`, "“”", "''"} {
		marks := []rune(q)
		inner, opened := strings.CutPrefix(text, string(marks[0]))
		inner, closed := strings.CutSuffix(inner, string(marks[1]))
		if opened && closed && inner != "" && !strings.ContainsAny(inner, q) {
			return inner
		}
	}
	return text
}

// opening is how a text begins that says that it is one about a picture.
var opening = lazyregexp.New(`^(?i:(?:this|the|an?)\s+)?(?i:image|picture|photo|photograph)\s+(?i:shows|depicts|features|displays|of|showing)\s+`)

// bare takes off an opening.
func bare(text string) string {
	rest := text[len(opening().FindString(text)):]
	if rest == "" {
		return text
	}
	return upperFirst(rest)
}

// wholeSentences are as many of the first sentences of a text as have at most so many
// characters, "" if the first has more.
func wholeSentences(text string, most int) string {
	end := 0
	for i, r := range text {
		after := i + utf8.RuneLen(r)
		if utf8.RuneCountInString(text[:after]) > most {
			break
		}
		if strings.ContainsRune(".!?。！？", r) && (after == len(text) || r > 0x7f || text[after] == ' ') {
			end = after
		}
	}
	return strings.TrimSpace(text[:end])
}
