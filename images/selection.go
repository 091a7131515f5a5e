package images

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// selection is what may stand behind the # of a source: which of a file's pictures
// are meant, by their numbers (doc.pdf#2-4) or by the time at which they are shown
// (clip.mp4#t=12s). Its zero value says nothing.
type selection struct {
	spans []span
	times []time.Duration
}

// span is some pages or frames that follow each other, counted from 1 as people do.
type span struct {
	first, last int // last is 0 for the end
}

// given tells whether anything was selected.
func (s selection) given() bool { return len(s.spans)+len(s.times) > 0 }

// howToSelect is the rest of an error about a selection.
const howToSelect = "pages and frames are chosen as #2, #2-4 or #1,3,7-, moments as #t=12s or #t=1m30s"

// longestSelection is as much as anybody would write.
const longestSelection = 1000

// parseSelection reads what stands behind a #. Besides our own forms it knows
// #page=3 as PDF viewers have it (RFC 8118). Its errors name the part that makes no
// sense.
func parseSelection(text string) (selection, error) {
	var s selection
	if len(text) > longestSelection {
		return s, errors.New("this is too long for a choice of pages")
	}
	text, timed := cutPrefixFold(text, "t=")
	if !timed {
		text, _ = cutPrefixFold(text, "page=")
	}
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if timed {
			at, err := parseTime(part)
			if err != nil {
				return selection{}, err
			}
			s.times = append(s.times, at)
			continue
		}
		pages, err := parseSpan(part)
		if err != nil {
			return selection{}, err
		}
		s.spans = append(s.spans, pages)
	}
	return s, nil
}

// cutPrefixFold is strings.CutPrefix whatever the case.
func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// parseSpan reads 2, 2-4, 2- or -4.
func parseSpan(text string) (span, error) {
	from, to, isRange := strings.Cut(text, "-")
	number := func(digits string, otherwise int) (int, error) {
		if digits == "" && isRange && text != "-" {
			return otherwise, nil
		}
		n, err := strconv.Atoi(digits)
		switch {
		case digits != "" && strings.Trim(digits, "0123456789") == "" && errors.Is(err, strconv.ErrRange):
			return 0, fmt.Errorf("%s is beyond every end", digits)
		case err != nil || digits[0] == '+' || digits[0] == '-':
			return 0, fmt.Errorf("%q is no page", text)
		case n == 0:
			return 0, errors.New("pages and frames are counted from 1")
		}
		return n, nil
	}
	first, err := number(from, 1)
	if err != nil {
		return span{}, err
	}
	if !isRange {
		return span{first, first}, nil
	}
	last, err := number(to, 0)
	if err == nil && last != 0 && last < first {
		err = fmt.Errorf("%s ends before it begins", text)
	}
	return span{first, last}, err
}

// longestTime keeps what is written within what can be counted.
const longestTime = 1000 * time.Hour

// parseTime reads a time from the beginning: 12s, 1m30s, 90, 1.5, 01:30 or 00:01:30.
func parseTime(text string) (time.Duration, error) {
	wrong := fmt.Errorf("%q is no time", text)
	if strings.Trim(text, "0123456789.:hmsHMS") != "" {
		return 0, wrong // a sign, or what only a programmer would write
	}
	if d, err := time.ParseDuration(strings.ToLower(text)); err == nil && text != "0" {
		return d, beyond(d, text)
	}
	fields := strings.Split(text, ":")
	if len(fields) > 3 {
		return 0, wrong
	}
	var seconds float64
	for i, field := range fields {
		f, err := strconv.ParseFloat(field, 64)
		whole := strings.Trim(field, "0123456789") == ""
		if err != nil || i < len(fields)-1 && !whole || i > 0 && f >= 60 {
			return 0, wrong
		}
		seconds = 60*seconds + f
	}
	if seconds > longestTime.Seconds() {
		return 0, beyond(longestTime+1, text)
	}
	return time.Duration(seconds * float64(time.Second)), nil
}

// beyond refuses a time that no video has.
func beyond(d time.Duration, text string) error {
	if d > longestTime {
		return fmt.Errorf("%s is beyond every end", text)
	}
	return nil
}

// numbers returns the places, from 0, of what is selected of count pictures. kind
// is what one is called.
func (s selection) numbers(count int, kind string) ([]int, error) {
	var all []int
	for _, pages := range s.spans {
		last := pages.last
		if last == 0 {
			last = max(count, pages.first)
		}
		if last > count {
			return nil, fmt.Errorf("there is no %s %d: %s", kind, max(pages.first, count+1), howMany(count, kind))
		}
		if len(all)+last-pages.first >= MaxPictures {
			return nil, tooManyChosen(kind)
		}
		for n := pages.first; n <= last; n++ {
			all = append(all, n-1)
		}
	}
	return all, nil
}

// tooManyChosen refuses a selection of more pictures than a conversation takes.
func tooManyChosen(kind string) error {
	return fmt.Errorf("these are more than %d %ss, and a conversation takes no more at once", MaxPictures, kind)
}

// howMany tells how many pictures a file has.
func howMany(count int, kind string) string {
	if count == 1 {
		return "there is only one"
	}
	return fmt.Sprintf("there are %d %ss", count, kind)
}

// moments returns the places of the frames that are shown at the selected times, of
// frames in the order of their times.
func (s selection) moments(frames []frame) ([]int, error) {
	if len(s.times) > MaxPictures {
		return nil, tooManyChosen("moment")
	}
	last := frames[len(frames)-1]
	end := last.at + last.shown
	var all []int
	for _, at := range s.times {
		if last.shown > 0 && at >= end {
			return nil, fmt.Errorf("there is nothing at %s: it lasts %s", shortTime(at), shortTime(end))
		}
		later, _ := slices.BinarySearchFunc(frames, at, func(f frame, at time.Duration) int {
			if f.at <= at {
				return -1
			}
			return 1
		})
		all = append(all, max(0, later-1))
	}
	return all, nil
}

// spread returns the places of n of count frames, each in the middle of its share.
func spread(n, count int) []int {
	n = min(n, count)
	var all []int
	for i := range n {
		all = append(all, (2*i+1)*count/(2*n))
	}
	return all
}
