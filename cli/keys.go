package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strings"
	"time"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"github.com/zalando/go-keyring"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
	"github.com/vlmchat/vlmchat/termtext"
)

// keyPatience is how long a command or a keyring may take: a person may have to
// type a passphrase.
const keyPatience = 2 * time.Minute

// maxKey is as much as is read of what a command prints.
const maxKey = 64 << 10

// key gets the key for a server, if there is one. It is got once and remembered.
func (a *app) key(ctx context.Context, s server) (remote.Key, error) {
	source, err := a.keySource(s)
	if err != nil {
		return remote.Key{}, err
	}
	key := remote.Key{Source: source.name(), Hosts: []string{s.host}}
	if source.withheld {
		key.Hosts = source.hosts
	}
	if source.withheld || key.Source == "" {
		return key, nil
	}
	key.Value, err = a.secrets.once(source.setting+" "+source.variable+" "+source.value.Text, func() (string, error) {
		return a.obtain(ctx, source)
	})
	return key, err
}

// obtain gets a key from where it is. What is wrong with it is told without it.
func (a *app) obtain(ctx context.Context, k keySource) (key string, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, keyPatience, fmt.Errorf("it did not end within %v", keyPatience))
	defer cancel()
	switch k.setting {
	case config.KeyCommand:
		key, err = a.keyOfCommand(ctx, k.value.Text)
	case config.KeyKeyring:
		key, err = keyOfKeyring(ctx, k.value.Text)
	default:
		if key = os.Getenv(k.variable); key == "" {
			err = errors.New("the variable is not set")
		}
	}
	key = strings.TrimSpace(key)
	switch {
	case errors.Is(err, context.Canceled):
		return "", &engine.Error{Kind: engine.Cancelled, Message: "stopped", Err: err}
	case err == nil && key == "":
		err = errors.New("it is empty")
	case err == nil && strings.ContainsFunc(key, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }):
		err = errors.New("it contains characters that no key has")
	}
	if err != nil {
		e := &engine.Error{Kind: engine.Unauthorized, Message: fmt.Sprintf("there is no key from %s: %v", k, err), Err: err}
		switch {
		case errors.Is(err, errNoKeyring):
			e.Hint = "where there is no keyring, --key-env and --key-command name the key"
		case a.inChat && k.setting == config.KeyCommand:
			e.Hint = "it can't ask on this terminal while the chat has it: start vlmchat with this profile, or have the command ask in a window"
		}
		return "", e
	}
	return key, nil
}

// keyOfCommand returns the first line that a command prints. The command can ask
// for a passphrase on the terminal: its standard error is ours. Its input is
// empty, as ours may be the question. A chat has the terminal, and neither a
// question nor a word may draw over it: what the command says there is part of the
// error if it fails.
func (a *app) keyOfCommand(ctx context.Context, command string) (string, error) {
	var out, words limitedBuffer
	cmd := shell(ctx, command)
	cmd.Stdout, cmd.Stderr = &out, a.stderr
	if a.inChat {
		cmd.Stderr = &words
		withoutTerminal(cmd)
	}
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	line, _, _ := strings.Cut(out.kept.String(), "\n")
	switch said := lastLine(words.kept.String(), strings.TrimSpace(line)); {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil && said != "":
		return "", fmt.Errorf("the command failed: %w: %s", err, said)
	case err != nil:
		return "", fmt.Errorf("the command failed: %w", err)
	}
	if strings.TrimSpace(line) == "" {
		return "", errors.New("the first line that the command printed is empty")
	}
	return line, nil
}

// lastLine is the last line of what a command said, which tells the most, unless
// it has the secret in it.
func lastLine(text, secret string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	last := termtext.Line(lines[len(lines)-1])
	if secret != "" && strings.Contains(last, secret) {
		return ""
	}
	const most = 200 // cells
	return ansi.Truncate(last, most, "…")
}

// limitedBuffer keeps the beginning of what is written to it.
type limitedBuffer struct{ kept bytes.Buffer }

func (b *limitedBuffer) Write(p []byte) (int, error) {
	b.kept.Write(p[:min(len(p), maxKey-b.kept.Len())])
	return len(p), nil
}

var errNoKeyring = errors.New("the system's keyring can't be used")

// keyOfKeyring returns the password of an entry, SERVICE or SERVICE/USER.
func keyOfKeyring(ctx context.Context, entry string) (string, error) {
	service, name := entry, loginName()
	if i := strings.LastIndexByte(entry, '/'); i >= 0 {
		service, name = entry[:i], entry[i+1:]
	}
	type answer struct {
		key string
		err error
	}
	got := make(chan answer, 1)
	go func() { // the library can't be told to stop
		key, err := keyring.Get(service, name)
		got <- answer{key, err}
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case a := <-got:
		switch {
		case errors.Is(a.err, keyring.ErrNotFound):
			return "", fmt.Errorf("the keyring has no entry of the service %q and the user %q", service, name)
		case a.err != nil:
			return "", fmt.Errorf("%w: %v", errNoKeyring, a.err)
		}
		return a.key, nil
	}
}

// loginName is the user's, without the domain that Windows puts before it.
func loginName() string {
	u, err := user.Current()
	if err != nil {
		return os.Getenv("USER")
	}
	return u.Username[strings.LastIndexByte(u.Username, '\\')+1:]
}

// keyVariables are all variables that the settings and profiles name as those of
// keys or of headers, in use or not, and those that may hold a secret themselves.
func (a *app) keyVariables() []string {
	var names []string
	addHeaders := func(headers []string) {
		for _, header := range headers {
			_, _ = expand(header, func(name string) (string, bool) {
				names = append(names, name)
				return "", true
			})
		}
	}
	for _, s := range config.Settings {
		if config.Secret(s.Name) {
			names = append(names, s.Variable())
		}
	}
	for place := config.InFlag; place > config.InDefault; place-- {
		c := a.config.From(place)
		names = append(names, c.String(config.KeyEnv))
		headers, _ := c.List(config.Header)
		addHeaders(headers)
	}
	profiles, _ := config.Profiles() // what can't be read names none
	for _, p := range profiles {
		names = append(names, p.KeyEnv)
		addHeaders(p.Headers)
	}
	return names
}
