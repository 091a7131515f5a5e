package native

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// unit is the smallest piece of a prompt that the KV cache can share with
// another: a token, or a chunk of a picture.
type unit struct {
	token     llamacpp.Token
	picture   string // SHA-256 of a picture; "" for a token
	count     int    // tokens in the context
	positions int    // positions in the sequence
}

// prompt is a conversation, tokenized. Its picture chunks live until close.
type prompt struct {
	units    []unit
	pictures []pictureChunk // of the picture units, in their order
	chunks   []*llamacpp.Chunks
}

type pictureChunk struct {
	llamacpp.Chunk
	index int // of the picture among the conversation's
	tile  int // which of the picture's tiles, from 0
	tiles int // how many the picture has
}

func (p *prompt) close() {
	for _, c := range p.chunks {
		c.Close()
	}
}

// tokens counts the prompt's tokens, and those of pictures among them.
func (p *prompt) tokens() (all, image int) { return countTokens(p.units) }

func countTokens(units []unit) (all, image int) {
	for _, u := range units {
		all += u.count
		if u.picture != "" {
			image += u.count
		}
	}
	return all, image
}

// prompter turns conversations into prompts.
type prompter struct {
	model     *llamacpp.Model
	projector *llamacpp.Projector // nil for a model that can't see
	template  *chatTemplate
	marker    string // stands for a picture
	quoting
}

// newNonce makes a text that nobody can have written into a conversation.
func newNonce() string {
	b := make([]byte, 12)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func newPrompter(model *llamacpp.Model, projector *llamacpp.Projector, marker string) (*prompter, error) {
	template, err := newChatTemplate(model.ChatTemplate(), model.BOS(), model.EOS())
	if err != nil {
		return nil, err
	}
	return &prompter{
		model: model, projector: projector, template: template,
		marker: marker, quoting: newQuoting("q"+newNonce()+"x", model.ControlTexts()),
	}, nil
}

// build renders and tokenizes a conversation. bitmaps has a picture for each
// one that the messages name.
//
// What a person, or a model, wrote can't forge the template's frame: a control
// token's text in a message is tokenized as the plain text that it is. Such
// texts are rare, and everything else is tokenized in one go, framed text and
// all, exactly as llama-server does it: byte pairs merge across the frame.
func (p *prompter) build(messages []wireMessage, bitmaps map[string]llamacpp.Bitmap) (*prompt, error) {
	var turns []turn
	var pictures []string
	for _, m := range messages {
		texts := messageTexts(m.Parts, p.quote, func(sha string) string {
			pictures = append(pictures, sha)
			return p.marker
		})
		turns = append(turns, turn{m.Role, texts})
	}
	text, err := p.template.render(turns)
	if err != nil {
		return nil, err
	}
	if n := strings.Count(text, p.marker); n != len(pictures) {
		return nil, &engine.Error{
			Kind:    engine.Failed,
			Message: fmt.Sprintf("the model's chat template has room for %d of the %d pictures of this conversation", n, len(pictures)),
		}
	}
	addBOS := p.model.AddsBOS()
	if addBOS {
		// Many templates write the token that tokenizing adds as well.
		text = strings.TrimPrefix(text, p.template.bos)
	}

	out := &prompt{}
	index := 0
	for i, piece := range p.split(text) {
		special := addBOS && i == 0
		if piece.quoted {
			err = p.addTokens(out, piece.text, special, false)
		} else {
			n := strings.Count(piece.text, p.marker)
			err = p.addChunks(out, piece.text, special, pictures[index:index+n], index, bitmaps)
			index += n
		}
		if err != nil {
			out.close()
			return nil, err
		}
	}
	return out, nil
}

// messageTexts returns what a template is to see of a message, as llama-server
// shows it: the texts as they are, or, if there are pictures among them, one text
// in which nothing stands around a picture.
func messageTexts(parts []wirePart, text, picture func(string) string) []string {
	var texts []string
	var whole strings.Builder
	pictures, afterPicture := false, false
	for _, part := range parts {
		if part.Picture != "" {
			whole.WriteString(picture(part.Picture))
			pictures, afterPicture = true, true
			continue
		}
		t := text(part.Text)
		texts = append(texts, t)
		if whole.Len() > 0 && !afterPicture {
			whole.WriteString(textSeparator)
		}
		whole.WriteString(t)
		afterPicture = false
	}
	if pictures || len(texts) == 0 {
		return []string{whole.String()}
	}
	return texts
}

// textSeparator stands between the texts of a message that has to be one text.
const textSeparator = "\n"

func (p *prompter) addTokens(out *prompt, text string, addSpecial, parseSpecial bool) error {
	tokens, err := p.model.Tokenize(text, addSpecial, parseSpecial)
	if err != nil {
		return err
	}
	out.appendTokens(tokens)
	return nil
}

func (p *prompt) appendTokens(tokens []llamacpp.Token) {
	for _, t := range tokens {
		p.units = append(p.units, unit{token: t, count: 1, positions: 1})
	}
}

// addChunks tokenizes a stretch of the prompt that has the given pictures, the
// first of which is the conversation's picture number first.
func (p *prompter) addChunks(out *prompt, text string, addSpecial bool, pictures []string, first int, bitmaps map[string]llamacpp.Bitmap) error {
	if p.projector == nil || len(pictures) == 0 {
		return p.addTokens(out, text, addSpecial, true)
	}
	maps := make([]llamacpp.Bitmap, len(pictures))
	for i, sha := range pictures {
		maps[i] = bitmaps[sha]
		// The id comes back with the picture's chunks and tells which of the
		// conversation's pictures, not only which content, it is of.
		maps[i].ID = strconv.Itoa(first+i) + ":" + sha
	}
	chunks, err := p.projector.Tokenize(text, addSpecial, maps)
	if err != nil {
		return err
	}
	out.chunks = append(out.chunks, chunks)
	for _, c := range chunks.All {
		if c.Tokens != nil {
			out.appendTokens(c.Tokens)
			continue
		}
		number, sha, _ := strings.Cut(c.ID, ":")
		index, _ := strconv.Atoi(number)
		out.units = append(out.units, unit{picture: sha, count: c.Count, positions: c.Positions})
		out.pictures = append(out.pictures, pictureChunk{Chunk: c, index: index})
	}
	numberTiles(out.pictures)
	return nil
}

// numberTiles tells the chunks of each picture apart.
func numberTiles(chunks []pictureChunk) {
	count := map[int]int{}
	for i := range chunks {
		chunks[i].tile = count[chunks[i].index]
		count[chunks[i].index]++
	}
	for i := range chunks {
		chunks[i].tiles = count[chunks[i].index]
	}
}

// commonPrefix counts the units with which both begin.
func commonPrefix(a, b []unit) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// positions is the length of units in the sequence.
func positions(units []unit) int {
	n := 0
	for _, u := range units {
		n += u.positions
	}
	return n
}

// pictureNames lists the pictures that messages refer to, each once.
func pictureNames(messages []wireMessage) []string {
	var names []string
	for _, m := range messages {
		for _, part := range m.Parts {
			if part.Picture != "" && !slices.Contains(names, part.Picture) {
				names = append(names, part.Picture)
			}
		}
	}
	return names
}
