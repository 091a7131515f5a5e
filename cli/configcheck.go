package cli

import (
	"errors"
	"slices"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine/native"
)

// checkValue tells whether a setting can have a value, by the code that reads it when it is
// used. All others have their defaults meanwhile.
func checkValue(s config.Setting, texts []string) error {
	text := texts[0]
	if len(texts) > 1 {
		if !s.List() {
			return usagef("%s takes one value: put it in quotes if it has blanks", s.Name)
		}
		text = config.Join(texts)
	}
	if s.Name == config.Profile {
		return checkProfile(text)
	}
	a := &app{config: config.LoadWithoutFile(func(string) (string, bool) { return "", false }).From(config.InDefault)}
	a.config.Choose(s.Name, text, "config set")
	err := a.checkSettings()
	var invalid *config.Invalid
	if errors.As(err, &invalid) && invalid.Name != s.Name {
		return nil // it depends on another one, which is not known here
	}
	return err
}

// checkProfile wants a profile that there is.
func checkProfile(name string) error {
	profiles, err := config.Profiles()
	if err != nil {
		return usageError{err}
	}
	if name == "" || slices.ContainsFunc(profiles, func(p config.ProfileInfo) bool { return p.Name == name }) {
		return nil
	}
	return usagef("there is no profile %q; 'vlmchat config set --profile %s SETTING VALUE' makes it", name, name)
}

// checkSettings reads all settings that don't depend on a server or a model.
func (a *app) checkSettings() error {
	for _, s := range config.Settings {
		var err error
		switch {
		case s.Switch():
			_, err = a.config.Bool(s.Name)
		case s.List():
			_, err = a.config.List(s.Name)
		}
		if err != nil {
			return err
		}
	}
	backend := a.config.String(config.Backend)
	if backend != "native" && serverKinds[backend].host == nil {
		return a.rejectBackend()
	}
	if err := a.checkServerSettings(); err != nil {
		return err
	}
	if _, err := a.sampling(); err != nil {
		return err
	}
	if _, err := a.thinking(); err != nil {
		return err
	}
	if _, err := a.limits(); err != nil {
		return err
	}
	if _, err := a.previewMethod(); err != nil {
		return err
	}
	if _, err := a.config.Int(config.Frames, 0); err != nil {
		return err
	}
	return a.setNative(&native.Options{})
}

// checkServerSettings reads those of servers, of which nothing is asked, no key either.
func (a *app) checkServerSettings() error {
	for _, name := range []string{config.MaxPixels, config.Retries} {
		if _, err := a.config.Int(name, 0); err != nil {
			return err
		}
	}
	for _, name := range []string{config.ConnectTimeout, config.ResponseTimeout, config.IdleTimeout} {
		if _, err := a.timeout(name); err != nil {
			return err
		}
	}
	if detail := a.config.String(config.Detail); !slices.Contains(details, detail) {
		return a.config.Reject(config.Detail, "low, high or auto")
	}
	if a.config.String(config.BaseURL) != "" {
		for _, address := range addresses(a.config, "openai") {
			if _, err := newServer("openai", address); err != nil {
				return err
			}
		}
	}
	lines, err := a.config.List(config.Header)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if !isHeader(line) {
			return a.config.Reject(config.Header, "a header such as 'X-Title: my pictures'")
		}
	}
	for _, name := range []string{config.PriceInput, config.PriceCached, config.PriceOutput} {
		if a.config.String(name) == "" {
			continue
		}
		if _, err := a.config.Float(name, 0, mostPrice); err != nil {
			return err
		}
	}
	return nil
}
