package jsonschema

import (
	"maps"
	"slices"
	"strings"
)

// formats are regular expressions of the strings that are written for "format":
// as strict as their definitions, and no wider. Dates and times are RFC 3339's, durations
// ISO 8601's (RFC 3339, appendix A).
var formats = map[string]string{
	"date":      "^" + date + "$",
	"time":      "^" + clock + "$",
	"date-time": "^" + date + "T" + clock + "$",
	"duration":  "^P([0-9]+W|" + days + "(T" + hours + ")?|T" + hours + ")$",
	"uuid":      "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
	"ipv4":      `^` + octet + `(\.` + octet + `){3}$`,
	"hostname":  "^" + host + "$",
	"email":     `^[A-Za-z0-9_+-]{1,20}(\.[A-Za-z0-9_+-]{1,20}){0,2}@` + host + "$",
	"uri":       `^https?://` + host + `(:[1-9][0-9]{0,3})?(/(` + segment + `|/)*)?(\?(` + segment + `|[/?])*)?(#(` + segment + `|[/?])*)?$`,
}

// wider are those of formats that have more strings than are written.
var wider = map[string]string{
	"hostname": `^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$`,
	"email":    `^[^@\s]+@[^@\s]+$`,
	"uri":      `^[A-Za-z][A-Za-z0-9+.-]*:\S+$`,
}

const (
	thirty1 = "(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
	thirty  = "(0[469]|11)-(0[1-9]|[12][0-9]|30)"
	leap    = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29"
	date    = "([0-9]{4}-(" + thirty1 + "|" + thirty + "|02-(0[1-9]|1[0-9]|2[0-8]))|" + leap + ")"
	zone    = "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
	clock   = `([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?` + zone

	days  = "([0-9]+D|[0-9]+M([0-9]+D)?|[0-9]+Y([0-9]+M([0-9]+D)?)?)"
	hours = "([0-9]+H([0-9]+M([0-9]+S)?)?|[0-9]+M([0-9]+S)?|[0-9]+S)"

	octet = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
	// Labels are up to 61 characters long, and whole names 247.
	label   = "[A-Za-z0-9](-?[A-Za-z0-9]){0,30}"
	host    = "(" + label + `\.){0,3}` + label
	segment = "[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}"
)

func formatNames() string {
	return strings.Join(slices.Sorted(maps.Keys(formats)), ", ")
}
