package metrics

import (
	"slices"
	"strings"
	"sync"

	"github.com/vlmchat/vlmchat/metrics/ptb"
)

// VQAAccuracy is how right an answer is by the answers that people gave: as the official
// evaluation of VQA v2 computes it (github.com/GT-Vision-Lab/VQA). Of ten answers each is left
// out once, and the answer has min(1, n/3) where n of the nine others are the same; the mean
// of that is its accuracy. So ten people who all say the same make 1, and one of ten who agrees
// 0.3. With fewer answers the same is computed: 1 needs four that agree, and of three that
// agree an answer has 2/3.
//
// Of a single reference, of which the official evaluation would leave none, it is 1 for the same
// answer after normalisation, and 0 for another. Of several that are all the same letter for
// letter, the official evaluation normalises neither them nor the answer, and neither is done
// here: "Yes." is wrong where ten people say "yes".
func VQAAccuracy(answer string, references []string) float64 {
	return vqaAccuracy(answer, references, NormalizeAnswer)
}

func vqaAccuracy(answer string, references []string, normalize func(string) string) float64 {
	if len(references) == 0 {
		return 0
	}
	if len(references) == 1 {
		if normalize(answer) == normalize(references[0]) {
			return 1
		}
		return 0
	}
	answer = strip(answer)
	stripped := make([]string, len(references))
	for i, r := range references {
		stripped[i] = strip(r)
	}
	if slices.ContainsFunc(stripped, func(r string) bool { return r != stripped[0] }) {
		answer = normalize(answer)
		for i, r := range stripped {
			stripped[i] = normalize(r)
		}
	}
	same := 0
	for _, r := range stripped {
		if r == answer {
			same++
		}
	}
	n := len(stripped)
	left := func(others int) float64 { return min(1, float64(others)/3) }
	sum := float64(n-same) * left(same)
	if same > 0 {
		sum += float64(same) * left(same-1)
	}
	return sum / float64(n)
}

// VQA is the VQAAccuracy of answers. Most people say the same few things: each is normalised
// once.
func VQA(answers []string, references [][]string) Result {
	known := map[string]string{}
	normalize := func(answer string) string {
		normal, ok := known[answer]
		if !ok {
			normal = NormalizeAnswer(answer)
			known[answer] = normal
		}
		return normal
	}
	each := make([]float64, len(answers))
	for i, a := range answers {
		each[i] = vqaAccuracy(a, references[i], normalize)
	}
	return Result{Name: "VQA accuracy", Items: each}
}

// NormalizeAnswer is an answer as the official evaluation of VQA v2 compares it: without
// punctuation and articles, in small letters, with digits for the numbers up to ten and with
// the apostrophes of contractions.
func NormalizeAnswer(answer string) string {
	words := strings.FieldsFunc(ptb.Lower(withoutPunctuation(strip(answer))), pythonSpace)
	kept := words[:0]
	for _, w := range words {
		if number, ok := answerNumbers[w]; ok {
			w = number
		}
		if w == "a" || w == "an" || w == "the" {
			continue
		}
		if contraction, ok := contractions()[w]; ok {
			w = contraction
		}
		kept = append(kept, w)
	}
	return strings.Join(kept, " ")
}

var oneLine = strings.NewReplacer("\n", " ", "\t", " ")

// strip makes one line of an answer.
func strip(answer string) string {
	return strings.TrimFunc(oneLine.Replace(answer), pythonSpace)
}

// answerPunctuation is what the official evaluation takes for punctuation, beside periods.
const answerPunctuation = ";/[]\"{}()=+\\_-><@`,?!"

// mostPeriods is how many periods it removes: it hands a flag of regular expressions, which is
// 32, to a parameter that is a count.
const mostPeriods = 32

// withoutPunctuation removes a mark of which there is one beside a space anywhere in the text,
// or any mark if the text has a comma between digits, and makes a space of it otherwise. Of the
// periods those before a digit stay.
func withoutPunctuation(s string) string {
	if !strings.ContainsAny(s, answerPunctuation+".") {
		return s
	}
	var remove [128]bool
	commas := commaBetweenDigits(s)
	for _, p := range []byte(answerPunctuation) {
		remove[p] = commas || strings.Contains(s, string(p)+" ") || strings.Contains(s, " "+string(p))
	}
	b := make([]byte, 0, len(s))
	for _, c := range []byte(s) {
		if strings.IndexByte(answerPunctuation, c) < 0 {
			b = append(b, c)
		} else if !remove[c] {
			b = append(b, ' ')
		}
	}
	kept, removed := make([]byte, 0, len(b)), 0
	for i, c := range b {
		if c == '.' && removed < mostPeriods && (i+1 == len(b) || !digit(b[i+1])) {
			removed++
			continue
		}
		kept = append(kept, c)
	}
	return string(kept)
}

func commaBetweenDigits(s string) bool {
	for i := 1; i+1 < len(s); i++ {
		if s[i] == ',' && digit(s[i-1]) && digit(s[i+1]) {
			return true
		}
	}
	return false
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

var answerNumbers = map[string]string{
	"none": "0", "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
	"six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10",
}

// contractions are the official evaluation's, by how they are written with one of their
// apostrophes left out. "hell" and "were" are none, and one of them loses an apostrophe.
var contractions = sync.OnceValue(func() map[string]string {
	all := map[string]string{"somebody'd": "somebodyd"}
	for _, c := range strings.Fields(`
		'ow's'at 'twas ain't aren't can't could've couldn't couldn't've didn't doesn't don't
		hadn't hadn't've hasn't haven't he'd he'd've he's how'd how'll how's isn't it'd it'd've
		it'll ma'am might've mightn't mightn't've must've mustn't needn't not've o'clock oughtn't
		shan't she'd've should've shouldn't shouldn't've somebody'd've somebody'll somebody's
		someone'd someone'd've someone'll someone's something'd something'd've something'll that's
		there'd there'd've there're there's they'd they'd've they'll they're they've wasn't
		we'd've we've weren't what'll what're what's what've when's where'd where's where've who'd
		who'd've who'll who's who've why'll why're why's won't would've wouldn't wouldn't've y'all
		y'all'd've y'all'll you'd you'd've you'll you're you've`) {
		for i := range len(c) {
			if c[i] == '\'' {
				all[c[:i]+c[i+1:]] = c
			}
		}
	}
	return all
})
