package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
)

// addHabits declares flags by the names that llm, aichat and ollama have for what a flag or an
// argument does here, so that hands find them. Help leaves them out. A name that could mean
// something else here is none of them: flagHints say what is there instead.
func (a *app) addHabits(f *pflag.FlagSet) {
	hidden := func(name, short, fixed string, set func(string) error) {
		f.FuncP(name, short, "", set)
		flag := f.Lookup(name)
		flag.Hidden, flag.NoOptDefVal = true, fixed
	}
	same := func(flag string) func(string) error {
		return func(text string) error { return f.Set(flag, text) }
	}
	picture := func(source string) error {
		a.attached = append(a.attached, source)
		return nil
	}
	hidden("attachment", "a", "", picture)                // llm
	hidden("file", "f", "", picture)                      // aichat
	hidden("cid", "", "", same("resume"))                 // llm
	hidden("conversation", "", "", same("resume"))        // llm
	hidden("no-log", "", "true", same(config.NoSave))     // llm
	hidden("keepalive", "", "", same(config.KeepAlive))   // ollama
	hidden("think", "", "true", func(text string) error { // ollama
		on, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("a model thinks or does not: --think, or --think=false; --thinking auto leaves it to the model")
		}
		return f.Set(config.Thinking, map[bool]string{true: "on", false: "off"}[on])
	})
	hidden("hidethinking", "", "true", asItIs) // ollama: an answer is printed without
	hidden("nowordwrap", "", "true", asItIs)   // ollama: no line of an answer is broken
}

// asItIs is a flag that asks for what is so in any case.
func asItIs(text string) error {
	if on, err := strconv.ParseBool(text); err != nil || !on {
		return fmt.Errorf("it can't be turned off here")
	}
	return nil
}
