package images

import (
	"strconv"
	"strings"
	"unicode"
)

// Reason says why something is not a picture that can be used.
type Reason string

// The reasons, each with a message of its own.
const (
	Missing       Reason = "missing"         // no such file
	Directory     Reason = "directory"       // a folder
	Special       Reason = "special"         // a device, a socket: nothing to read a picture from
	Unreadable    Reason = "unreadable"      // permission denied, I/O errors, a silent pipe
	Empty         Reason = "empty"           // no bytes at all
	NotPicture    Reason = "not_picture"     // text, a program …
	Unsupported   Reason = "unsupported"     // a picture of a kind that is not read here
	Truncated     Reason = "truncated"       // a picture whose end is missing
	Damaged       Reason = "damaged"         // a picture whose content contradicts itself
	TooLarge      Reason = "too_large"       // too many bytes
	TooManyPixels Reason = "too_many_pixels" // too many pixels
	TooManyFrames Reason = "too_many_frames" // too many pictures in one file
	TooSmall      Reason = "too_small"       // so few that there is nothing to see
	Locked        Reason = "locked"          // a document that opens with a password only
	NoMatch       Reason = "no_match"        // a pattern that no file matches
	TooMany       Reason = "too_many"        // more pictures than a conversation takes at once
	BadSelection  Reason = "bad_selection"   // a page or a moment that is not there, or no sense behind the #
	TooHungry     Reason = "too_hungry"      // takes more memory than it may
	Unreachable   Reason = "unreachable"     // a web address whose server does not answer, or not with a file
	Private       Reason = "private"         // a web address within a private network
	TooSlow       Reason = "too_slow"        // takes more time than it may
	NoFFmpeg      Reason = "no_ffmpeg"       // a video, and no ffmpeg to take frames of it
)

// Error tells a person which picture could not be used and why.
type Error struct {
	Source string // as the person named it
	Reason Reason
	Detail string // the sentence's rest: what was found
	Err    error  // the cause, if there is one
}

// Error names the source and says what is wrong with it, on one line.
func (e *Error) Error() string { return printable(e.Source) + ": " + e.Detail }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// printable returns a name as it is if a terminal can show it on one line, and
// quoted otherwise: file names are foreign text.
func printable(name string) string {
	odd := func(r rune) bool { return !unicode.IsPrint(r) }
	if name == "" || strings.ContainsFunc(name, odd) || strings.TrimSpace(name) != name {
		return strconv.Quote(name)
	}
	return name
}
