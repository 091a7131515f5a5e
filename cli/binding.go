package cli

import (
	"slices"

	"github.com/vlmchat/vlmchat/config"
)

// What names a person or proves a right is for the server that whoever wrote it
// had in mind, and for no other. Which one that was, the settings say: the base
// URL at the place of the secret, or below it. A profile with a key and a base
// URL keeps its key to itself when --base-url names another server; a flag, which
// nothing is above, is for whatever server is asked.

// meant goes through the places that set one of the settings named, from the
// highest. It returns the settings as the first one saw them by which the server
// s was meant. elsewhere is the first by which another one was, if it is above.
// Either is nil if there is none.
func (a *app) meant(s server, names ...string) (own, elsewhere config.Config) {
	for place := config.InFlag; place > config.InDefault; place-- {
		c := a.config.From(place)
		switch {
		case !slices.ContainsFunc(names, func(name string) bool { return c[name].Place == place }):
		case means(c, s):
			return c, elsewhere
		case elsewhere == nil:
			elsewhere = c
		}
	}
	return nil, elsewhere
}

// means reports whether some settings are about the server s.
func means(c config.Config, s server) bool {
	return slices.ContainsFunc(serversOf(c, s.backend), func(other server) bool { return other.place == s.place })
}

// meantFor returns what a setting is set to for the server s, "" if it is for
// others only.
func (a *app) meantFor(s server, name string) string {
	own, _ := a.meant(s, name)
	return own.String(name)
}
