package markdown

import (
	"strings"
	"sync"
)

// language is what a highlighter knows of one.
type language struct {
	names  string // separated by blanks, as they stand behind a fence
	line   []string
	block  []pair // comments, and strings of several lines, the longer marks first
	quotes string // around strings of one line
	words  map[string]Role
	fold   bool // words are the same in upper case
	dashes bool // words have dashes
	keys   bool // values have keys: "name: value", "name = value"
	markup bool // tags
	diff   bool
}

// pair is what something of several lines is between.
type pair struct {
	from, to string
	is       Role
}

// languageOf returns the language of a name, nil if it is not known.
func languageOf(name string) *language {
	name = strings.ToLower(name)
	all := languages()
	for i := range all {
		for _, known := range strings.Fields(all[i].names) {
			if name == known {
				return &all[i]
			}
		}
	}
	return nil
}

var (
	slashes = []string{"//"}
	hash    = []string{"#"}
	stars   = pair{"/*", "*/", Comment}
	ticks   = pair{"`", "`", String}
	doubles = pair{`"""`, `"""`, String}
	singles = pair{"'''", "'''", String}
)

// list makes words of a language: those that rule what happens, and values.
func list(keywords, values string) map[string]Role {
	words := map[string]Role{}
	for _, w := range strings.Fields(keywords) {
		words[w] = Keyword
	}
	for _, w := range strings.Fields(values) {
		words[w] = Number
	}
	return words
}

// languages are made when the first code comes.
var languages = sync.OnceValue(func() []language {
	return []language{
		{names: "go golang", line: slashes, block: []pair{stars, ticks}, quotes: `"'`,
			words: list("break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var",
				"true false nil iota")},
		{names: "python py python3 pycon ipython starlark", line: hash, block: []pair{doubles, singles}, quotes: `"'`,
			words: list("and as assert async await break class continue def del elif else except finally for from global if import in is lambda match case nonlocal not or pass raise return try while with yield",
				"True False None self")},
		{names: "javascript js jsx typescript ts tsx mjs", line: slashes, block: []pair{stars, ticks}, quotes: `"'`,
			words: list("abstract as async await break case catch class const continue debugger declare default delete do else enum export extends finally for from function get if implements import in instanceof interface let new of private protected public readonly return set static super switch throw try type typeof var void while with yield",
				"true false null undefined this NaN")},
		{names: "c h cpp c++ cc cxx hpp objective-c objc cuda arduino glsl hlsl", line: slashes, block: []pair{stars}, quotes: `"'`,
			words: list("auto bool break case catch char class const constexpr continue default delete do double else enum explicit extern float for friend goto if inline int long mutable namespace new operator override private protected public register return short signed sizeof static struct switch template this throw try typedef typename union unsigned using virtual void volatile while include define ifdef ifndef endif pragma undef",
				"true false nullptr NULL")},
		{names: "rust rs", line: slashes, block: []pair{stars}, quotes: `"`,
			words: list("as async await break const continue crate dyn else enum extern fn for if impl in let loop match mod move mut pub ref return static struct super trait type unsafe use where while",
				"true false self Self None Some Ok Err")},
		{names: "java kotlin kt kts scala groovy gradle csharp c# cs dart swift", line: slashes, block: []pair{doubles, stars}, quotes: `"'`,
			words: list("abstract as assert async await boolean break byte case catch char class companion const continue data def default do double else enum extends extension final finally float for foreach fun func get guard if implements import in init int interface internal is let long match namespace new object open operator override package private protected protocol public readonly record return sealed set short static string struct super switch throw throws trait try typealias using val var void when where while with yield",
				"true false null nil this self")},
		{names: "php", line: []string{"//", "#"}, block: []pair{stars}, quotes: `"'`,
			words: list("abstract as break case catch class const continue default do echo else elseif extends final finally fn for foreach function global if implements include instanceof interface match namespace new private protected public require require_once return static switch throw trait try use var while yield",
				"true false null")},
		{names: "ruby rb", line: hash, block: []pair{{"=begin", "=end", Comment}}, quotes: `"'`,
			words: list("alias and begin break case class def do else elsif end ensure for if in include module next not or redo require rescue retry return super then undef unless until when while yield attr_accessor",
				"true false nil self")},
		{names: "sh bash shell zsh fish console shell-session sh-session", line: hash, quotes: `"'`, dashes: true,
			words: list("case do done elif else esac exit export fi for function if in local return select set source sudo then unset until while cd echo", "true false")},
		{names: "powershell ps1 pwsh", line: hash, block: []pair{{"<#", "#>", Comment}}, quotes: `"'`, fold: true, dashes: true,
			words: list("begin break catch class continue do else elseif end exit filter finally for foreach function if in param process return switch throw try until while", "true false null")},
		{names: "sql mysql postgresql postgres sqlite plsql", line: []string{"--"}, block: []pair{stars}, quotes: `"'`, fold: true,
			words: list("add all alter and any as asc begin between by case check column commit constraint create cross database default delete desc distinct drop else end exists foreign from full function grant group having if in index inner insert into is join key left like limit not offset on or order outer over partition primary references replace returning revoke right rollback select set table then trigger union unique update using values view when where with",
				"true false null")},
		{names: "lua", line: []string{"--"}, block: []pair{{"--[[", "]]", Comment}, {"[[", "]]", String}}, quotes: `"'`,
			words: list("and break do else elseif end for function goto if in local not or repeat return then until while", "true false nil self")},
		{names: "r", line: hash, quotes: `"'`,
			words: list("break else for function if in library next repeat return while", "TRUE FALSE NULL NA Inf NaN")},
		{names: "julia jl", line: hash, block: []pair{{"#=", "=#", Comment}, doubles}, quotes: `"`,
			words: list("abstract begin break catch const continue do else elseif end export finally for function global if import in let local macro module mutable quote return struct try using where while", "true false nothing missing")},
		{names: "haskell hs elm", line: []string{"--"}, block: []pair{{"{-", "-}", Comment}}, quotes: `"`,
			words: list("case class data deriving do else if import in infix instance let module newtype of then type where", "True False")},
		{names: "perl pl", line: hash, quotes: `"'`,
			words: list("and die do else elsif for foreach if last local my next not or our package print return sub unless until use while", "undef")},
		{names: "matlab octave latex tex", line: []string{"%"}, quotes: `"`,
			words: list("break case catch else elseif end for function global if otherwise return switch try while", "true false")},
		{names: "zig", line: slashes, quotes: `"'`,
			words: list("and break catch comptime const continue defer else enum errdefer error export extern fn for if inline or orelse pub return struct switch test try union unreachable usingnamespace var while", "true false null undefined")},
		{names: "json jsonc json5 jsonl geojson", line: slashes, block: []pair{stars}, quotes: `"'`, keys: true, words: list("", "true false null")},
		{names: "yaml yml", line: hash, quotes: `"'`, keys: true, dashes: true, words: list("", "true false null yes no on off")},
		{names: "toml ini cfg conf properties dotenv env desktop", line: []string{"#", ";"}, block: []pair{doubles, singles}, quotes: `"'`, keys: true, dashes: true, words: list("", "true false")},
		{names: "css scss less sass", line: slashes, block: []pair{stars}, quotes: `"'`, keys: true, dashes: true, words: list("important", "inherit none auto")},
		{names: "dockerfile docker containerfile", line: hash, quotes: `"'`,
			words: list("ADD ARG AS CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL RUN SHELL STOPSIGNAL USER VOLUME WORKDIR", "")},
		{names: "makefile make cmake", line: hash, quotes: `"'`, dashes: true,
			words: list("define else endef endif export ifdef ifeq ifndef ifneq include override", "")},
		{names: "nginx hcl terraform tf nix graphql proto protobuf", line: hash, block: []pair{stars}, quotes: `"'`,
			words: list("data enum fragment in input let location message module mutation optional output package provider query repeated required resource rpc server service syntax type variable with", "true false null on off")},
		{names: "html xml svg xhtml vue svelte htm rss plist", markup: true},
		{names: "diff patch udiff", diff: true},
	}
})
