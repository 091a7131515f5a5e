package eval

import (
	"errors"
	"strings"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/tasks"
)

// captionPrompt is how captions are asked for unless a person says otherwise: as LLaVA 1.5 was
// trained to be (arXiv:2310.03744, table 7).
const captionPrompt = "Provide a one-sentence caption for the provided image."

// vqaPrompt is how questions are put, the same as of 'vlmchat ask'.
var vqaPrompt = tasks.FormInstruct.Put("{question}")

// Most tokens of an answer, unless a person says otherwise. Those of a caption are the guide's
// for BLIP; a short answer that is longer is none.
const (
	CaptionTokens = 50
	AnswerTokens  = 30
)

// slots are where the question of an item stands in a prompt.
var slots = []string{"{{question}}", "{{ question }}", "{question}"}

// DefaultPrompt is how a task is asked.
func DefaultPrompt(task datasets.Task) string {
	if task == datasets.VQA {
		return vqaPrompt
	}
	return captionPrompt
}

// CheckPrompt refuses a prompt that would ask the same of each question.
func CheckPrompt(task datasets.Task, prompt string) error {
	if strings.TrimSpace(prompt) == "" {
		return errors.New("the prompt is empty")
	}
	if task != datasets.VQA {
		return nil
	}
	for _, slot := range slots {
		if strings.Contains(prompt, slot) {
			return nil
		}
	}
	return errors.New(`the prompt has no {question} in it, where that of each item is to stand, such as "{question} Answer with one word."`)
}

// fill puts an item's question into a prompt.
func fill(prompt string, item datasets.Item) string {
	for _, slot := range slots {
		prompt = strings.ReplaceAll(prompt, slot, item.Question)
	}
	return prompt
}
