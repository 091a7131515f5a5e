package config

// Choose sets a setting above all others, by what a person chose while vlmchat
// runs: origin is how.
func (c Config) Choose(name, text, origin string) {
	c[name] = c[name].under(text, origin, InFlag)
}

// Reset makes settings as if nothing had set them.
func (c Config) Reset(names ...string) {
	for _, s := range Settings {
		for _, name := range names {
			if s.Name == name {
				c[name] = Value{Text: s.Default, Origin: "default"}
			}
		}
	}
}
