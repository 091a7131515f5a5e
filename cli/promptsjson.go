package cli

import (
	"encoding/json"

	"github.com/vlmchat/vlmchat/prompts"
)

// promptsJSON is the library as 'prompts list --json' prints it:
// docs/schemas/prompts.schema.json.
type promptsJSON struct {
	documentHead
	Folder   string          `json:"folder"` // of the person's own
	Prompts  []promptJSON    `json:"prompts"`
	Problems []promptTrouble `json:"problems"`
}

// promptTrouble is why a file of the folder is no prompt.
type promptTrouble struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Detail string `json:"detail"`
}

// promptJSON is a prompt, as 'prompts show --json' prints it:
// docs/schemas/prompt.schema.json.
type promptJSON struct {
	Name        string           `json:"name"`
	Description string           `json:"description"`
	File        string           `json:"file,omitempty"` // empty of one that is built in
	System      string           `json:"system,omitempty"`
	Text        string           `json:"text"`
	Pictures    int              `json:"pictures"`
	Fields      []promptField    `json:"fields"`
	Examples    []promptExample  `json:"examples"`
	Schema      json.RawMessage  `json:"schema,omitempty"`
	Sampling    prompts.Sampling `json:"sampling"`
}

type promptField struct {
	Name     string   `json:"name"`
	About    string   `json:"about"`
	Default  string   `json:"default"`
	Choices  []string `json:"choices"`
	Required bool     `json:"required"`
}

type promptExample struct {
	Pictures []string `json:"pictures"` // as files that can be opened from here
	Question string   `json:"question"`
	Answer   string   `json:"answer"`
}

func promptsAsJSON(l *prompts.Library) promptsJSON {
	all := promptsJSON{documentHead: documentHead{"vlmchat-prompts", 1}, Prompts: []promptJSON{}, Problems: []promptTrouble{}}
	all.Folder, _ = promptsDir() // without one it is a problem of the library
	for _, t := range l.Templates {
		all.Prompts = append(all.Prompts, promptAsJSON(t))
	}
	for _, problem := range l.Problems {
		one := promptTrouble{Detail: problem.Error()}
		if e, ok := problem.(*prompts.Error); ok {
			one = promptTrouble{e.File, e.Line, e.Detail}
		}
		all.Problems = append(all.Problems, one)
	}
	return all
}

func promptAsJSON(t *prompts.Template) promptJSON {
	p := promptJSON{
		Name: t.Name, Description: t.Description, File: t.File, System: t.System, Text: t.Text, Pictures: t.Pictures,
		Fields: []promptField{}, Examples: []promptExample{}, Schema: t.Schema, Sampling: t.Sampling,
	}
	for _, f := range t.Fields {
		p.Fields = append(p.Fields, promptField{f.Name, f.About, f.Default, append([]string{}, f.Choices...), f.Required})
	}
	for _, e := range t.Examples {
		pictures := []string{}
		for _, file := range e.Pictures {
			pictures = append(pictures, t.Beside(file))
		}
		p.Examples = append(p.Examples, promptExample{pictures, e.Question, e.Answer})
	}
	return p
}
