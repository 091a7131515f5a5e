package ptb

import "strings"

// addresses tries the rules for web pages, mail, handles and hashtags.
func (s *scanner) addresses(i int, try func(match)) {
	try(plain(s.url(i)))
	try(plain(s.host(i)))
	try(plain(s.email(i)))
}

// url is the length of a whole one.
func (s *scanner) url(i int) int {
	n := 0
	switch {
	case s.has(i, "http://"):
		n = 7
	case s.has(i, "https://"):
		n = 8
	default:
		return 0
	}
	return s.tail(i, n, func(r rune) bool { return isAddressStop(r) || r == '{' || r == '}' })
}

// isAddressStop is what no address has in it.
func isAddressStop(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\f', '\r', '"', '<', '>', '|', '(', ')':
		return true
	}
	return false
}

// tail goes on to the end of an address, which has nothing in it that stops it and does not end
// with punctuation. From the start of n it has two characters at least.
func (s *scanner) tail(i, n int, stops func(rune) bool) int {
	end := n
	for end < farthest && i+end < s.end && !stops(s.text[i+end]) {
		end++
	}
	for end > n && strings.ContainsRune(".!?{},-", s.text[i+end-1]) {
		end--
	}
	if end < n+2 {
		return 0
	}
	return end
}

// host is the length of what is likely an address: after www., or before one of the oldest
// domains.
func (s *scanner) host(i int) int {
	n := 0
	if i >= s.noSite && s.has(i, "www.") {
		n = s.labels(i, 4, &s.noSite, isSiteStop, func(i int) int {
			// from two to four letters end it
			if letters := s.run(i, isASCIILetter); letters > 1 {
				return min(letters, 4)
			}
			return 0
		})
	}
	if i >= s.noHost && !isHostStop(s.text[i]) {
		n = max(n, s.labels(i, 0, &s.noHost, isHostStop, func(i int) int {
			for _, domain := range [...]string{"com", "net", "org", "edu"} {
				if s.has(i, domain) {
					return 3
				}
			}
			return 0
		}))
	}
	if n > 0 && s.at(i+n) == '/' {
		n = max(n, s.tail(i, n+1, isAddressStop))
	}
	return n
}

// labels goes through the labels of a host, and asks after each period how long the end of the
// host is that follows. It returns where the last end is. Where there is none, it notes up to
// which place a search from further on could find none either.
func (s *scanner) labels(i, n int, none *int, stops func(rune) bool, ending func(i int) int) int {
	best := 0
	for {
		start := n
		for i+n < s.end && !stops(s.text[i+n]) {
			n++
		}
		if n == start || i+n >= s.end || s.text[i+n] != '.' {
			break
		}
		n++
		if end := ending(i + n); end > 0 && i+n+end <= s.end {
			best = n + end
		}
	}
	if best == 0 {
		*none = i + n
	}
	return best
}

// isSiteStop says which characters no host has after www.
func isSiteStop(r rune) bool {
	switch r {
	case '.', '!', '?', '{', '}', ',':
		return true
	}
	return isAddressStop(r)
}

// isHostStop says which characters no host has that is known by its domain. The range from the
// comma to the underscore, with the capitals and digits, is the original's.
func isHostStop(r rune) bool {
	switch r {
	case '$', '`', '\'', '!', '{', '}':
		return true
	}
	return r >= ',' && r <= '_' || isAddressStop(r)
}

// mail is what is known of the addresses in a stretch of text without spaces.
type mail struct {
	stop int // end of the stretch
	at   int // the last @ with a host behind it, -1 if there is none
	end  int // of that host
}

// email is the length of an address, with the angle brackets that may be around it.
func (s *scanner) email(i int) int {
	open := 0
	switch {
	case s.at(i) == '<':
		open = 1
	case s.has(i, "&lt;"):
		open = 4
	}
	if !isASCIIAlnum(s.at(i + open)) {
		return 0
	}
	if i+open >= s.mail.stop {
		s.findMail(i + open)
	}
	if s.mail.at < i+open+1 {
		return 0
	}
	n := s.mail.end - i
	if s.at(i+n) == '>' {
		return n + 1
	}
	return n
}

// findMail looks for addresses from a place on.
func (s *scanner) findMail(i int) {
	stop := i
	for stop < s.end && !isMailStop(s.text[stop]) {
		stop++
	}
	s.mail = mail{stop: stop, at: -1}
	for at := stop - 1; at > i; at-- {
		if s.text[at] != '@' {
			continue
		}
		end := at + 1
		for end < stop && (s.text[end] != '.' || end > at+1 && s.text[end-1] != '.') {
			end++
		}
		for end > at+1 && s.text[end-1] == '.' {
			end--
		}
		if end > at+1 {
			s.mail.at, s.mail.end = at, end
			return
		}
	}
}

// isMailStop is what no address of mail has in it.
func isMailStop(r rune) bool {
	return isAddressStop(r) || r == '{' || r == '}' || r == '\u00a0'
}

// handle is the length of a name with an @ before it, or of a tag with a #.
func (s *scanner) handle(i int) int {
	switch s.at(i) {
	case '@':
		if r := s.at(i + 1); isASCIILetter(r) || r == '_' {
			return 1 + s.run(i+1, func(r rune) bool { return isASCIIAlnum(r) || r == '_' })
		}
	case '#':
		if n := s.run(i+1, isLetter); n > 0 {
			return 1 + n
		}
	}
	return 0
}

// fileEndings are those by which names of files are known.
var fileEndings = strings.Fields(`
	3gp avi bat bmp c class cgi cpp dll doc docx exe flv gif gz h htm html jar java jpeg jpg mov mp2 mp3 mp4 mpg
	pdf php pl png ppt ps py sql tar txt wav wma wmv x xml zip`)

// fileName is the name of a file, which ends a sentence or stands before a space.
func (s *scanner) fileName(i int) match {
	n := s.run(i, isAlnum)
	for n > 0 && s.at(i+n) == '.' {
		more := s.run(i+n+1, isAlnum)
		if more == 0 {
			break
		}
		n += 1 + more
		if next := s.at(i + n); !isSpace(next) && !strings.ContainsRune(".?!,", next) {
			continue
		}
		for _, ending := range fileEndings {
			if more == len(ending) && s.has(i+n-more, ending) {
				return match{looked: n + 1, length: n}
			}
		}
	}
	return match{}
}

func isSpace(r rune) bool {
	return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\u00a0' || r == '\u3000' || r >= '\u2000' && r <= '\u200a'
}
