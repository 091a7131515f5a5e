package cli

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine/openai"
)

// keySource is where a server's key comes from. The zero value is nowhere.
type keySource struct {
	setting  string       // key-env, key-command or key-keyring, "" for a variable that is read by itself
	value    config.Value // of the setting
	variable string       // that holds the key, if one does
	withheld bool         // there is a key, and it is for other servers
	hosts    []string     // these, if it is withheld
}

// keySettings are the ways to name a key.
var keySettings = []string{config.KeyEnv, config.KeyCommand, config.KeyKeyring}

// keySource finds where the key for a server comes from, and does not get it.
func (a *app) keySource(s server) (keySource, error) {
	own, elsewhere := a.meant(s, keySettings...)
	if own != nil {
		return namedKey(own)
	}
	if variable := keyVariable(a.config, s); variable != "" {
		return keySource{variable: variable}, nil
	}
	var k keySource
	c := elsewhere
	switch {
	case elsewhere != nil:
		var err error
		if k, err = namedKey(elsewhere); err != nil || k.setting == "" {
			return k, err
		}
	case s.backend == "openai" && os.Getenv(openai.KeyVariable) != "":
		k.variable, c = openai.KeyVariable, a.config.From(config.InDefault)
	default:
		return keySource{}, nil
	}
	k.withheld = true
	for _, other := range serversOf(c, s.backend) {
		if other.host == s.host { // the other one is reached by another port
			other.host = other.place
		}
		k.hosts = append(k.hosts, other.host)
	}
	return k, nil
}

// namedKey is the key that settings name at their highest place. An empty name is
// the wish for none.
func namedKey(c config.Config) (keySource, error) {
	var place config.Place
	for _, name := range keySettings {
		place = max(place, c[name].Place)
	}
	var k keySource
	for _, name := range keySettings {
		v := c[name]
		switch {
		case v.Place != place || v.Text == "":
		case k.setting != "":
			return k, usagef("%s (from %s) and %s (from %s) both name the key: keep one of them", k.setting, k.value.Origin, name, v.Origin)
		default:
			k.setting, k.value = name, v
		}
	}
	if k.setting == config.KeyEnv {
		k.variable = k.value.Text
		if !variableName(k.variable) {
			return k, c.Reject(config.KeyEnv, "the name of an environment variable: the key itself belongs into the variable")
		}
	}
	return k, nil
}

// keyVariable is the variable that holds the key for a server by custom, if it is
// set.
func keyVariable(c config.Config, s server) string {
	if s.backend == "openai" && os.Getenv(openai.KeyVariable) != "" && means(c.From(config.InDefault), s) {
		return openai.KeyVariable
	}
	// The others are keys of public services, which speak https.
	host, port, err := net.SplitHostPort(s.place)
	if err != nil || port != "443" {
		return ""
	}
	for _, variable := range customVariables(host) {
		if os.Getenv(variable) != "" {
			return variable
		}
	}
	return ""
}

// customVariables are those that the own tools of a public service read.
func customVariables(host string) []string {
	if host == "ollama.com" {
		return []string{"OLLAMA_API_KEY"}
	}
	variables := openai.KeyVariables(host)
	// OpenAI's is for the server that OPENAI_BASE_URL names.
	return slices.DeleteFunc(slices.Clone(variables), func(v string) bool { return v == openai.KeyVariable })
}

// variableName reports whether a text can be a variable's name.
func variableName(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) && (text[0] < '0' || text[0] > '9')
}

// name is what messages call the key: its variable, or the setting. What may be
// the key itself, written in a wrong place, is not repeated.
func (k keySource) name() string {
	if k.variable != "" && (k.setting == "" || k.variable == strings.ToUpper(k.variable)) {
		return k.variable
	}
	return k.setting
}

// String tells where the key comes from, and never more.
func (k keySource) String() string {
	text := k.name()
	switch {
	case text == "":
		return "none"
	case k.setting != "" && text != k.setting:
		text += fmt.Sprintf(" (%s, from %s)", k.setting, k.value.Origin)
	case k.setting != "":
		text += fmt.Sprintf(" (from %s)", k.value.Origin)
	}
	if k.withheld {
		text += " is withheld, as it is for " + strings.Join(slices.Compact(k.hosts), ", ")
	}
	return text
}
