package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/config"
)

// What opens the engine of an answer again: of a native model the settings by which it was
// loaded, of servers who they are and what they are sent of pictures. What proves a right
// is not among them; it is found anew.
var (
	opensNative = []string{
		config.Model, config.MMProj, config.LoRA, config.Runtime, config.Threads, config.Context, config.Parallel, config.GPULayers,
		config.Device, config.MainGPU, config.SplitMode, config.TensorSplit, config.NoMMProjOffload, config.KVType, config.FlashAttn,
		config.ImageMinTokens, config.ImageMaxTokens, config.RPC,
	}
	opensServer = []string{config.Profile, config.Model, config.BaseURL, config.APIVersion, config.Detail, config.MaxPixels}
)

// opened are the settings by which an engine is opened, those that somebody has set. Files
// are named so that they are found from another folder.
func opened(c config.Config) map[string]string {
	backend := c.String(config.Backend)
	all := map[string]string{config.Backend: backend}
	names := opensServer
	if backend == "native" {
		names = opensNative
	}
	for _, name := range names {
		if text := c.String(name); c[name].Place != config.InDefault && text != "" {
			all[name] = text
		}
	}
	if backend != "native" {
		if list := slices.DeleteFunc(addresses(c, backend), func(a string) bool { return a == "" }); len(list) > 0 {
			for i, address := range list {
				list[i] = strings.Replace(withoutCredentials(address), secretMark+"@", "", 1)
			}
			all[config.BaseURL] = strings.Join(list, ",")
		}
		return all
	}
	for _, name := range []string{config.Model, config.MMProj, config.Runtime} {
		if all[name] != "" {
			all[name] = absoluteFile(all[name])
		}
	}
	if adapters, err := c.List(config.LoRA); err == nil && len(adapters) > 0 {
		for i, a := range adapters {
			adapters[i] = absoluteFile(a)
		}
		all[config.LoRA] = config.Join(adapters)
	}
	return all
}

// absoluteFile names a file, with a scale behind it maybe, by its whole path. What is none
// stays as it is: a model may be named in other ways.
func absoluteFile(text string) string {
	path := text
	if _, err := os.Stat(path); err != nil {
		if i := strings.LastIndexByte(text, ':'); i > 0 {
			path = text[:i]
		}
		if _, err := os.Stat(path); err != nil {
			return text
		}
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return text
	}
	return abs + text[len(path):]
}

// reopened are this app's settings with those by which an engine was opened. What a flag
// says goes before, and a flag that names another engine or model is about that alone.
// origin is where they come from, for messages.
func (a *app) reopened(settings map[string]string, origin string) (*app, error) {
	given := func(name string) bool { _, ok := a.flags(name); return ok }
	b := *a
	flags := a.flags
	if name := settings[config.Profile]; name != "" && !given(config.Profile) && known(name) {
		flags = func(setting string) (string, bool) {
			if setting == config.Profile {
				return name, true
			}
			return a.flags(setting)
		}
	}
	c, err := config.Load(flags)
	if err != nil {
		return nil, usageError{err}
	}
	b.config = c
	if given(config.Backend) && c.String(config.Backend) != settings[config.Backend] {
		return &b, nil
	}
	backend := settings[config.Backend]
	names := opensServer
	if backend == "native" {
		names = opensNative
	}
	if !given(config.Backend) {
		c.Choose(config.Backend, backend, origin)
	}
	for _, name := range names {
		switch text := settings[name]; {
		case given(name), name == config.Profile:
		case given(config.Model) && slices.Contains(ofModel, name):
		case name == config.BaseURL && sameServers(c, backend, text):
			// A key goes with a server that the settings name themselves.
		case text == "":
			c.Reset(name) // then nothing had set it
		default:
			c.Choose(name, text, origin)
		}
	}
	return &b, nil
}

// known reports whether the configuration has a profile.
func known(profile string) bool {
	all, err := config.Profiles()
	return err == nil && slices.ContainsFunc(all, func(p config.ProfileInfo) bool { return p.Name == profile })
}

// sameServers reports whether settings name the servers of some addresses.
func sameServers(c config.Config, backend, list string) bool {
	var places []string
	for address := range strings.SplitSeq(list, ",") {
		if s, err := newServer(backend, address); err == nil {
			places = append(places, s.place)
		}
	}
	own := serversOf(c, backend)
	return slices.EqualFunc(own, places, func(s server, place string) bool { return s.place == place })
}
