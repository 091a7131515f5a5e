package schemas

import (
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// CheckFormats tells whether a string is of a format, by other means than those
// that are tested: libraries that validate schemas pass formats over. Values that
// are no strings, and no format, pass.
func CheckFormats(format string, v any) error {
	s, ok := v.(string)
	if !ok {
		return nil
	}
	var err error
	switch format {
	case "":
	case "date":
		_, err = time.Parse(time.DateOnly, s)
	case "time":
		_, err = time.Parse("15:04:05.999999999Z07:00", s)
	case "date-time":
		_, err = time.Parse(time.RFC3339Nano, s)
	case "duration", "uuid":
		if !shapes[format].MatchString(s) || strings.HasSuffix(s, "P") || strings.HasSuffix(s, "T") {
			err = errors.New("it has another shape")
		}
	case "ipv4":
		var a netip.Addr
		if a, err = netip.ParseAddr(s); err == nil && !a.Is4() {
			err = errors.New("it is another address")
		}
	case "hostname":
		err = checkHost(s)
	case "email":
		_, err = mail.ParseAddress(s)
	case "uri":
		var u *url.URL
		if u, err = url.Parse(s); err == nil {
			err = checkHost(u.Hostname())
		}
	default:
		err = errors.New("the format is not known here")
	}
	if err != nil {
		return fmt.Errorf("%q is no %s: %w", s, format, err)
	}
	return nil
}

var shapes = map[string]*regexp.Regexp{
	"duration": regexp.MustCompile(`^P(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?)$`),
	"uuid":     regexp.MustCompile(`^[[:xdigit:]]{8}-[[:xdigit:]]{4}-[[:xdigit:]]{4}-[[:xdigit:]]{4}-[[:xdigit:]]{12}$`),
}

// checkHost applies the rules of RFC 1123.
func checkHost(s string) error {
	if !regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`).MatchString(s) || len(s) > 253 {
		return errors.New("it is no host's name")
	}
	return nil
}
