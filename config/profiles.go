package config

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
)

// profilesKey is the table of the configuration file that has the profiles'.
const profilesKey = "profiles"

// ProfileInfo is what a profile is about, as far as it says so itself.
type ProfileInfo struct {
	Name    string
	Backend string
	Model   string
	Host    string // of the base URL; several with commas
	KeyEnv  string // the variable that holds its key
	Headers []string
}

// Profiles lists the profiles of the configuration file by their names.
func Profiles() ([]ProfileInfo, error) {
	f, err := userFile()
	if err != nil {
		return nil, err
	}
	var list []ProfileInfo
	for _, name := range f.names() {
		p := f.profiles[name]
		headers, _ := Config{Header: {Text: p[Header]}}.List(Header) // what can't be read is none
		list = append(list, ProfileInfo{
			Name: name, Backend: p[Backend], Model: p[Model], Host: hosts(p[BaseURL]), KeyEnv: p[KeyEnv], Headers: headers,
		})
	}
	return list, nil
}

// String describes the profile in some words: "openai, gpt-4o at
// api.openai.com". It is "" for one that says nothing of these.
func (p ProfileInfo) String() string {
	what := p.Model
	if p.Host != "" {
		what = strings.TrimSpace(what + " at " + p.Host)
	}
	return strings.Join(slices.DeleteFunc([]string{p.Backend, what}, func(s string) bool { return s == "" }), ", ")
}

// hosts are those of a base URL, or of several, without the credentials that a
// URL may hold.
func hosts(baseURL string) string {
	var all []string
	for _, address := range strings.Split(baseURL, ",") {
		address = strings.TrimSpace(address)
		if !strings.Contains(address, "://") {
			address = "http://" + address
		}
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			all = append(all, u.Host)
		}
	}
	return strings.Join(all, ", ")
}

// profile is the choice of a profile: a flag's, the variable's or the file's.
func (f file) profile(flag func(name string) (string, bool)) Value {
	return resolve(file{path: f.path, values: f.values}, "", flag)[Profile]
}

// origin is where a profile's settings come from.
func (f file) origin(profile string) string { return fmt.Sprintf("%s, [profiles.%s]", f.path, profile) }

func (f file) names() []string { return slices.Sorted(maps.Keys(f.profiles)) }

// UnknownProfile is the choice of a profile that the configuration file does not
// have.
type UnknownProfile struct {
	Value          // the choice
	File  string   // the file's path
	Names []string // the profiles that it has
}

func (f file) unknownProfile(choice Value) error {
	return &UnknownProfile{Value: choice, File: f.path, Names: f.names()}
}

func (e *UnknownProfile) Error() string {
	there := "it has " + strings.Join(e.Names, ", ")
	if _, err := os.Stat(e.File); err != nil {
		there = "there is no such file"
	} else if len(e.Names) == 0 {
		there = "it has none; one is a table [profiles.NAME]"
	}
	return fmt.Sprintf("there is no profile %q (from %s) in the configuration %s: %s", e.Text, e.Origin, e.File, there)
}

// profileIn returns the settings of a profile.
func profileIn(v any) (map[string]string, error) {
	table, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("a profile is a table of settings")
	}
	if _, ok := table[Profile]; ok {
		return nil, errors.New("a profile can't choose a profile")
	}
	return settingsIn(table)
}
