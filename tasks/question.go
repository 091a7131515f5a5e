package tasks

// Form is how a question is put to a model that is to answer it shortly.
type Form string

// FormInstruct has an instruction behind the question, as LLaVA-1.5 was trained for VQA
// (arXiv:2310.03744, table 7). FormBLIP2 is what BLIP-2 and other models want that were not
// trained to follow instructions (arXiv:2301.12597, section 4.2). FormPlain is the question.
const (
	FormInstruct Form = "instruct"
	FormBLIP2    Form = "blip2"
	FormPlain    Form = "plain"
)

// sayShort is the instruction of FormInstruct.
const sayShort = "\nAnswer the question using a single word or phrase."

// Put puts a question in this form.
func (f Form) Put(question string) string {
	switch f {
	case FormInstruct:
		return question + sayShort
	case FormBLIP2:
		return "Question: " + question + " Answer:"
	}
	return question
}
