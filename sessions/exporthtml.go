package sessions

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"html/template"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	goldmarkhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

//go:embed export.html
var page string

// pageTemplate is read when it is used: most starts of vlmchat export nothing.
var pageTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("export").Parse(page)) })

// pageMessage is a message as the page shows it.
type pageMessage struct {
	Speaker  string
	Person   bool
	Time     string
	Pictures []pagePicture
	Thinking string
	Body     template.HTML // made here, of escaped text
	Remark   string
}

type pagePicture struct {
	Name string
	Data template.URL // empty of one that is lost
	Seen bool         // browsers draw it; others can be saved
}

// html writes messages as one page that needs nothing else.
func (c *Conversation) html(path []Message) (data []byte, lost []string, err error) {
	var all []pageMessage
	for _, m := range path {
		one := pageMessage{Speaker: m.Speaker(), Person: m.Role == User, Time: m.Created.Format("2 Jan 2006 15:04"),
			Thinking: strings.TrimSpace(cleaned(m.Thinking)), Remark: m.Remark()}
		for _, p := range m.Pictures() {
			picture := pagePicture{Name: plain(shortName(p.Source))}
			bytes, err := p.data()
			if err != nil {
				lost = append(lost, p.Source)
			} else {
				mime := webFormats[p.Format]
				picture.Seen = mime != ""
				if mime == "" {
					mime = "application/octet-stream"
				}
				picture.Data = template.URL("data:" + mime + ";base64," + base64.StdEncoding.EncodeToString(bytes))
			}
			one.Pictures = append(one.Pictures, picture)
		}
		if one.Person {
			one.Body = template.HTML(strings.ReplaceAll(html.EscapeString(strings.TrimSpace(cleaned(m.Text()))), "\n", "<br>\n"))
		} else if one.Body, err = fromMarkdown(cleaned(m.Text())); err != nil {
			return nil, nil, err
		}
		all = append(all, one)
	}
	var b bytes.Buffer
	err = pageTemplate().Execute(&b, map[string]any{
		"Title": plain(c.Title), "System": strings.TrimSpace(cleaned(c.System)), "Date": c.Created.Format("2 January 2006"), "Messages": all,
	})
	return b.Bytes(), lost, err
}

// webFormats are those that browsers draw, with their media types.
var webFormats = map[string]string{
	"png": "image/png", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp", "bmp": "image/bmp", "avif": "image/avif", "svg": "image/svg+xml",
}

// fromMarkdown makes HTML of what a model wrote. HTML in it is text like any other.
func fromMarkdown(text string) (template.HTML, error) {
	md := goldmark.New(
		goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList),
		goldmark.WithRendererOptions(goldmarkhtml.WithHardWraps(), renderer.WithNodeRenderers(util.Prioritized(asText{}, 1))),
	)
	var b bytes.Buffer
	if err := md.Convert([]byte(text), &b); err != nil {
		return "", fmt.Errorf("making a page of an answer: %w", err)
	}
	return template.HTML(b.String()), nil
}

// asText renders what would be HTML, or would fetch something, as the text that it is.
type asText struct{}

// RegisterFuncs is goldmark's way to be told.
func (asText) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindRawHTML, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			raw := n.(*ast.RawHTML)
			for i := range raw.Segments.Len() {
				s := raw.Segments.At(i)
				_, _ = w.WriteString(html.EscapeString(string(s.Value(source)))) // into memory
			}
		}
		return ast.WalkSkipChildren, nil
	})
	r.Register(ast.KindHTMLBlock, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		block := n.(*ast.HTMLBlock)
		_, _ = w.WriteString("<p>")
		for i := range block.Lines().Len() {
			s := block.Lines().At(i)
			_, _ = w.WriteString(strings.ReplaceAll(html.EscapeString(string(s.Value(source))), "\n", "<br>\n"))
		}
		if block.HasClosure() {
			_, _ = w.WriteString(html.EscapeString(string(block.ClosureLine.Value(source))))
		}
		_, _ = w.WriteString("</p>\n")
		return ast.WalkContinue, nil
	})
	r.Register(ast.KindImage, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		image := n.(*ast.Image)
		if entering {
			_, _ = w.WriteString("[")
		} else {
			_, _ = w.WriteString("](" + html.EscapeString(string(image.Destination)) + ")")
		}
		return ast.WalkContinue, nil
	})
}
