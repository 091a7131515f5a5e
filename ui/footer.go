package ui

import (
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/termtext"
)

// footer says in one line how an answer went: what matters most first, as much as
// there is room for. It is empty if nobody told.
func (a *answer) footer(width int, st *styles) string {
	var all []string
	add := func(is bool, text string) {
		if is {
			all = append(all, text)
		}
	}
	if a.signed && a.by != nil {
		add(true, termtext.Line(a.by.Model))
	}
	if u := a.usage; u != nil {
		all = append(all, paces(u)...)
		prompt := count(u.PromptTokens) + " prompt"
		if u.CachedTokens > 0 {
			prompt += " (" + count(u.CachedTokens) + " cached)"
		}
		add(u.PromptTokens > 0, prompt)
		add(u.ImageTokens > 0, pictureTokens(u))
		add(a.cost > 0, dollars(a.cost))
	}
	for len(all) > 1 && st.width(strings.Join(all, dot)) > width {
		all = all[:len(all)-1]
	}
	return st.cut(strings.Join(all, dot), width, "…")
}

// paces says how fast an answer came.
func paces(u *engine.Usage) []string {
	var all []string
	if speed := u.TokensPerSecond(); speed > 0 {
		all = append(all, significant(speed)+" tok/s")
	}
	if u.TTFT > 0 {
		all = append(all, "TTFT "+brief(u.TTFT))
	}
	return all
}

func pictureTokens(u *engine.Usage) string { return count(u.ImageTokens) + " picture tokens" }

// signs reports whether an answer of an exchange says who gave it: another model than
// the one before, or than one that was asked the same.
func (c *conversation) signs(ex *exchange) bool {
	differs := func(o *exchange) bool {
		return o != nil && o.answer.by != nil && ex.answer.by != nil && o.answer.by.Model != ex.answer.by.Model
	}
	if differs(ex.parent) {
		return true
	}
	for _, o := range *c.children(ex.parent) {
		if o.question == ex.question && differs(o) {
			return true
		}
	}
	return false
}
