package config

// Place is where a setting is set. A higher place has the say.
type Place int

// The places, the lowest first.
const (
	InDefault  Place = iota // nowhere
	InFile                  // at the top level of the configuration file
	InProfile               // in the profile that was chosen
	InVariable              // in the environment
	InFlag                  // on the command line
)

// Value is what a setting is set to, and by what.
type Value struct {
	Text   string
	Origin string // "--model", "VLMCHAT_MODEL", the file's path, that with the profile's name, or "default"
	Place  Place

	below *Value // what it would be without this place, nil for a default
}

// under is the value that a higher place gives in place of v.
func (v Value) under(text, origin string, p Place) Value {
	return Value{Text: text, Origin: origin, Place: p, below: &v}
}

// From returns the settings as they would be if nothing above the place were
// set: what whoever wrote that place had in mind, such as which server a key is
// for.
func (c Config) From(p Place) Config {
	lower := Config{}
	for name, v := range c {
		for v.Place > p && v.below != nil {
			v = *v.below
		}
		lower[name] = v
	}
	return lower
}
