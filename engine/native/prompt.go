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
// another: a token, or a tile of a picture. Two that are equal mean the same to a
// model, as they have the same projector and preprocessing.
type unit struct {
	token     llamacpp.Token
	picture   string // SHA-256 of a picture; "" for a token
	tile      int    // which of the picture's tiles, from 0
	shape     uint64 // how the tile's tokens lie
	count     int    // tokens in the context
	positions int    // positions in the sequence
}

// prompt is a conversation, tokenized.
type prompt struct {
	units  []unit
	tiles  []tile // of the picture units, in their order
	pieces []pictureText
	tail   string // the text at the end, whose tokens the last units are
	text   string // all of it, as the template rendered it
}

// tile is a unit of a picture, and where its pixels are to be found.
type tile struct {
	llamacpp.Tile
	picture string // SHA-256
	index   int    // of the picture among the conversation's
	number  int    // of the tile, from 0
	of      int    // how many the picture has
	piece   int    // of the prompt's pieces
}

// key names a tile's embeddings. The same picture can have others where it is
// padded to its place in the prompt.
func (t tile) key() string {
	return t.picture + "/" + strconv.Itoa(t.number) + "/" + strconv.Itoa(t.of) + "/" + strconv.Itoa(t.Count)
}

// pictureText is a stretch of a prompt with pictures, as it was tokenized.
type pictureText struct {
	text       string
	addSpecial bool
	bitmaps    []llamacpp.Bitmap // without pixels where the projector can count without
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
	note      string // what a person should know of the template, a sentence
	tags      []thinkingTag
	tagTokens map[llamacpp.Token]string
	quoting
}

// newNonce makes a text that nobody can have written into a conversation.
func newNonce() string {
	b := make([]byte, 12)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func newPrompter(model *llamacpp.Model, projector *llamacpp.Projector, marker string) (*prompter, error) {
	specials := map[string]llamacpp.Token{}
	var controls []string
	for _, s := range model.Specials() {
		specials[s.Text] = s.Token
		if s.Control {
			controls = append(controls, s.Text)
		}
	}
	isToken := func(text string) bool {
		_, ok := specials[text]
		return ok
	}
	own := templateTrial{Source: model.ChatTemplate(), BOS: model.BOS(), EOS: model.EOS()}
	template, note, err := chooseTemplate(own, func() family {
		return familyOf(isToken, own.Source, model.Meta("tokenizer.ggml.model"))
	})
	if err != nil {
		return nil, err
	}
	tags := knownTags(own.Source, isToken)
	return &prompter{
		model: model, projector: projector, template: template, note: note,
		tags: tags, tagTokens: tagTokens(tags, specials),
		marker: marker, quoting: newQuoting("q"+newNonce()+"x", controls),
	}, nil
}

// piece appends the text of a token that the model wrote to buf: its bytes, or,
// of a thinking tag that llama.cpp counts among the controls, the tag, so that a
// thinker sees it.
func (p *prompter) piece(buf []byte, t llamacpp.Token) []byte {
	if tag, ok := p.tagTokens[t]; ok {
		return append(buf, tag...)
	}
	return p.model.Piece(buf, t)
}

// build renders and tokenizes a conversation. bitmaps has a picture for each
// one that the messages name; without pixels it has to do where the projector
// counts without. thinking is the request's.
//
// What a person, or a model, wrote can't forge the template's frame: a control
// token's text in a message is tokenized as the plain text that it is. Such
// texts are rare, and everything else is tokenized in one go, framed text and
// all, exactly as llama-server does it: byte pairs merge across the frame.
func (p *prompter) build(messages []wireMessage, thinking *bool, bitmaps map[string]llamacpp.Bitmap) (*prompt, error) {
	var turns []turn
	var pictures []string
	for _, m := range messages {
		texts := messageTexts(m.Parts, p.quote, func(sha string) string {
			pictures = append(pictures, sha)
			return p.marker
		})
		turns = append(turns, turn{m.Role, texts})
	}
	text, err := p.template.render(turns, thinking)
	if err != nil {
		return nil, templateError(err)
	}
	return p.tokenize(text, p.model.AddsBOS(), pictures, bitmaps)
}

// tokenize makes a prompt of a text in which a marker stands for each picture.
// With special it gets the tokens with which a document begins and ends.
func (p *prompter) tokenize(text string, special bool, pictures []string, bitmaps map[string]llamacpp.Bitmap) (*prompt, error) {
	if n := strings.Count(text, p.marker); n != len(pictures) {
		return nil, &engine.Error{
			Kind:    engine.Failed,
			Message: fmt.Sprintf("the model's chat template has room for %d of the %d pictures of this conversation", n, len(pictures)),
		}
	}
	if special && p.model.AddsBOS() {
		// Many templates write the token that tokenizing adds as well.
		text = strings.TrimPrefix(text, p.template.bos)
	}

	out := &prompt{text: text}
	index := 0
	for i, piece := range p.split(text) {
		special := special && i == 0
		var err error
		if piece.quoted {
			err = p.addTokens(out, piece.text, special, false)
		} else {
			n := strings.Count(piece.text, p.marker)
			err = p.addChunks(out, piece.text, special, pictures[index:index+n], index, bitmaps)
			index += n
		}
		if err != nil {
			return nil, err
		}
		if out.tail = ""; !piece.quoted {
			_, out.tail = cutLast(piece.text, p.marker)
		}
	}
	return out, nil
}

// cutLast cuts text after the last marker.
func cutLast(text, marker string) (before, after string) {
	if i := strings.LastIndex(text, marker); i >= 0 {
		return text[:i+len(marker)], text[i+len(marker):]
	}
	return "", text
}

// goOn returns the tokens of a text that follows the prompt. Where its beginning
// would make one token with the prompt's end, it is tokenized by itself.
func (p *prompter) goOn(out *prompt, text string) ([]llamacpp.Token, error) {
	alone, err := p.model.Tokenize(text, false, false)
	if err != nil || p.quote(text) != text || out.tail == "" {
		return alone, err
	}
	head, err := p.model.Tokenize(out.tail, false, true)
	if err != nil {
		return nil, err
	}
	both, err := p.model.Tokenize(out.tail+text, false, true)
	if err != nil {
		return nil, err
	}
	if len(both) < len(head) || len(out.units) < len(head) || !slices.Equal(both[:len(head)], head) {
		return alone, nil
	}
	for i, t := range head {
		if out.units[len(out.units)-len(head)+i].token != t {
			return alone, nil
		}
	}
	return both[len(head):], nil
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
		p.units = append(p.units, tokenUnit(t))
	}
}

func tokenUnit(t llamacpp.Token) unit { return unit{token: t, count: 1, positions: 1} }

// addChunks tokenizes a stretch of the prompt that has the given pictures, the
// first of which is the conversation's picture number first.
func (p *prompter) addChunks(out *prompt, text string, addSpecial bool, pictures []string, first int, bitmaps map[string]llamacpp.Bitmap) error {
	if p.projector == nil || len(pictures) == 0 {
		return p.addTokens(out, text, addSpecial, true)
	}
	piece := pictureText{text: text, addSpecial: addSpecial, bitmaps: make([]llamacpp.Bitmap, len(pictures))}
	for i, sha := range pictures {
		piece.bitmaps[i] = bitmaps[sha]
		piece.bitmaps[i].ID = pictureID(first+i, sha)
	}
	counted := slices.Clone(piece.bitmaps)
	if p.projector.CountsWithoutPixels() {
		for i := range counted {
			counted[i].RGB = nil
		}
	}
	chunks, err := p.projector.Tokenize(text, addSpecial, counted)
	if err != nil {
		return err
	}
	defer chunks.Close()
	start := len(out.tiles)
	for _, c := range chunks.All {
		if c.Tokens != nil {
			out.appendTokens(c.Tokens)
			continue
		}
		index, sha := readPictureID(c.ID)
		out.tiles = append(out.tiles, tile{Tile: c.Tile, picture: sha, index: index, piece: len(out.pieces)})
		out.units = append(out.units, unit{picture: sha, shape: c.Shape(), count: c.Count, positions: c.Positions})
	}
	out.pieces = append(out.pieces, piece)
	numberTiles(out.tiles[start:])
	for i, at := len(out.units)-1, len(out.tiles)-1; at >= start; i-- {
		if out.units[i].picture != "" {
			out.units[i].tile = out.tiles[at].number
			at--
		}
	}
	return nil
}

// numberTiles tells the tiles of each picture apart.
func numberTiles(tiles []tile) {
	count := map[int]int{}
	for i := range tiles {
		tiles[i].number = count[tiles[i].index]
		count[tiles[i].index]++
	}
	for i := range tiles {
		tiles[i].of = count[tiles[i].index]
	}
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
