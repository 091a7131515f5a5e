package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine/native"
)

// checkConfiguration tells where settings come from, and checks their values.
func (d *doctor) checkConfiguration(context.Context) []check {
	path, noPlace := config.File()
	_, missing := os.Stat(path)
	wrong := d.wrongSetting()
	var c check
	var unknown *config.UnknownProfile
	switch {
	case noPlace != nil:
		c = failure("configuration", "set VLMCHAT_CONFIG to the path of a file; it need not exist", noPlace)
	case errors.As(d.broken, &unknown):
		c = failure("configuration", "choose a profile that is there, or write this one into the file", d.broken)
		c.Details = []string{"the checks below are made without the file"}
	case d.broken != nil:
		c = failure("configuration", "correct the file, or rename it: until then it keeps every other command from running", d.broken)
		c.Details = []string{"the checks below are made without it"}
	case wrong != nil:
		c = failure("configuration", "correct the setting where it comes from", wrong)
	case errors.Is(missing, fs.ErrNotExist):
		c = fine("configuration", "no file (%s)", path)
	default:
		c = fine("configuration", "%s", path)
	}
	c.Details = append(c.Details, d.settings(path)...)
	checks := []check{c}
	for _, name := range config.UnknownVariables(os.Environ(), d.variables...) {
		checks = append(checks, warning("configuration", "correct or unset the variable; 'vlmchat --help' lists the settings",
			"%s is set, and there is no setting of that name", name))
	}
	return checks
}

// wrongSetting tries the settings that the backend looks at. Those of a server
// are tried when it is opened.
func (d *doctor) wrongSetting() error {
	if _, err := d.sampling(); err != nil {
		return err
	}
	if d.broken == nil {
		if _, err := chatKeys(); err != nil {
			return err
		}
	}
	switch d.config.String(config.Backend) {
	case "native":
		return d.setNative(&native.Options{})
	case "ollama", "openai":
		return nil
	}
	return d.rejectBackend()
}

// settings lists those that are not left at their defaults.
func (d *doctor) settings(file string) []string {
	var list []string
	for _, s := range config.Settings {
		v := d.config[s.Name]
		if v.Origin == "default" {
			continue
		}
		line := fmt.Sprintf("%s = %s (from %s)", s.Name, d.shown(s.Name), v.Origin)
		list = append(list, withoutFile(line, file))
	}
	return list
}

// withoutFile shortens an origin at the end of a text, as the path of the
// configuration file is told already.
func withoutFile(text, file string) string {
	if i := strings.LastIndex(text, "from "+file); file != "" && i >= 0 {
		return text[:i] + "from the file" + text[i+len("from "+file):]
	}
	return text
}

// shown is a setting's value as far as others may see it.
func (a *app) shown(name string) string {
	text := a.config.String(name)
	switch name {
	case config.System:
		return fmt.Sprintf("(%d characters)", len([]rune(text))) // it is the user's own business
	case config.BaseURL:
		var servers []string
		for _, address := range strings.Split(text, ",") {
			servers = append(servers, withoutCredentials(address))
		}
		return strings.Join(servers, ",")
	case config.KeyCommand:
		return "(a command)"
	case config.KeyEnv:
		return keySource{setting: name, variable: text}.name()
	case config.Header:
		lines, _ := a.config.List(name)
		var names []string
		for _, line := range lines {
			header, _, _ := strings.Cut(line, ":")
			names = append(names, header+": "+secretMark)
		}
		return strings.Join(names, ", ")
	}
	return text
}
