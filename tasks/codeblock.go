package tasks

import "strings"

// CodeBlock returns the text of the first fenced code block of an answer in Markdown
// (CommonMark 4.5), with its line's end, or the whole answer where there is none. A block
// that is never closed goes to the answer's end, as that of one that was cut.
func CodeBlock(answer string) string {
	var fence, indent string
	var block strings.Builder
	for line := range strings.Lines(answer) {
		text := strings.TrimRight(line, "\r\n")
		blanks, mark, info := fenceOf(text)
		switch {
		case fence == "" && mark != "":
			fence, indent = mark, blanks
		case fence == "":
		case mark != "" && mark[0] == fence[0] && len(mark) >= len(fence) && strings.TrimSpace(info) == "":
			return block.String()
		default:
			for range indent { // what stands as far in as the fence does
				line = strings.TrimPrefix(line, " ")
			}
			block.WriteString(line)
		}
	}
	if fence == "" {
		return answer
	}
	return block.String()
}

// fenceOf splits a line that may open or close a code block: up to three blanks, the fence,
// "" for none, and what stands behind it.
func fenceOf(line string) (blanks, fence, info string) {
	rest := strings.TrimLeft(line, " ")
	blanks = line[:len(line)-len(rest)]
	for _, c := range []string{"`", "~"} {
		info = strings.TrimLeft(rest, c)
		fence = rest[:len(rest)-len(info)]
		if len(blanks) <= 3 && len(fence) >= 3 && (c == "~" || !strings.Contains(info, "`")) {
			return blanks, fence, info
		}
	}
	return "", "", ""
}
