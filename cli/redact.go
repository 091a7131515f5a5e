package cli

import (
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/lazyregexp"
	"github.com/vlmchat/vlmchat/termtext"
)

// redactor takes out of a text what nobody should paste into a bug report: keys
// and passwords, the home directory, and the names of the user and the machine.
// Where it can't be sure, it takes out too much.
type redactor struct {
	secrets []string // in the way they are printed
	homes   []string // the home directory's path in all the ways it is written
	users   []string
	hosts   []string
	full    bool // paths and user names stay

	obtained *secrets // more of them, which were got meanwhile
}

// identity is what a redactor has to know of its surroundings.
type identity struct {
	environ []string
	homes   []string
	users   []string
	hosts   []string
}

// thisIdentity looks who we are. What can't be found out is in no message either.
func thisIdentity() identity {
	id := identity{environ: os.Environ()}
	home, _ := os.UserHomeDir()
	id.homes = []string{home, os.Getenv("HOME"), os.Getenv("USERPROFILE"), os.Getenv("HOMEDRIVE") + os.Getenv("HOMEPATH")}
	id.users = []string{os.Getenv("USER"), os.Getenv("LOGNAME"), os.Getenv("USERNAME")}
	if u, err := user.Current(); err == nil {
		id.homes, id.users = append(id.homes, u.HomeDir), append(id.users, u.Username)
	}
	for _, home := range id.homes {
		if real, err := filepath.EvalSymlinks(home); err == nil {
			id.homes = append(id.homes, real)
		}
	}
	host, _ := os.Hostname()
	id.hosts = []string{host, os.Getenv("HOSTNAME"), os.Getenv("COMPUTERNAME"), os.Getenv("USERDOMAIN")}
	return id
}

// newRedactor makes a redactor for what is printed here. With full the home
// directory and the user's name may be seen.
func newRedactor(id identity, full bool) *redactor {
	r := &redactor{full: full}
	for _, v := range id.environ {
		name, value, _ := strings.Cut(v, "=")
		value = termtext.Line(value)
		if config.HoldsSecret(name) && len(value) > 4 && !ordinary(value) {
			r.secrets = append(r.secrets, value, inner(strconv.Quote(value)))
		}
	}
	for _, home := range id.homes {
		home = strings.TrimRight(home, `/\`)
		if strings.ContainsAny(home, `/\`) {
			r.homes = append(r.homes, spellings(home)...)
		}
		id.users = append(id.users, home[strings.LastIndexAny(home, `/\`)+1:])
	}
	for _, name := range id.users {
		// Windows has DOMAIN\user.
		domain, name, found := strings.Cut(name, `\`)
		if !found {
			domain, name = "", domain
		}
		r.users, id.hosts = append(r.users, name), append(id.hosts, domain)
	}
	for _, name := range id.hosts {
		short, _, _ := strings.Cut(name, ".")
		r.hosts = append(r.hosts, name, short)
	}
	for _, list := range []*[]string{&r.secrets, &r.homes, &r.users, &r.hosts} {
		*list = longestFirst(*list)
	}
	return r
}

// inner is a quoted text without its quotes.
func inner(quoted string) string { return quoted[1 : len(quoted)-1] }

// spellings are the ways in which paths are written: with either slash, with
// backslashes doubled as in quotes, and as in a URL.
func spellings(path string) []string {
	slashes := strings.ReplaceAll(path, `\`, "/")
	all := []string{path, slashes, strings.ReplaceAll(path, `\`, `\\`), (&url.URL{Path: slashes}).EscapedPath()}
	if strings.Contains(path, `\`) {
		all = append(all, strings.ReplaceAll(path, "/", `\`))
	}
	return all
}

// longestFirst sorts names, so that none is taken for another that it begins
// with, and drops what occurs twice or is empty.
func longestFirst(names []string) []string {
	slices.SortFunc(names, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// What stands in place of what is taken out.
const (
	secretMark = "[secret]"
	userMark   = "[user]"
	hostMark   = "[host]"
)

// The forms in which secrets come without a name that we know.
var (
	// A URL's user and password, up to the last @: a password may hold any
	// character that is not blank.
	urlUser = lazyregexp.New(`(://)[^\s"'<>]*@`)
	// The same without a scheme, as in OLLAMA_HOST.
	bareUser = lazyregexp.New(`[^\s/:@"'=(]+:[^\s/@"'<>][^\s"'<>]*@([A-Za-z0-9\[])`)
	urlQuery = lazyregexp.New(`(://[^\s?#"'<>]*[?#])[^\s"'<>)]+`)
	bearer   = lazyregexp.New(`(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}`)
	header   = lazyregexp.New(`(?i)\b(authorization|x-api-key|api-key)(\s*[:=]\s*)\S+`)
	assigned = lazyregexp.New(`(?i)([\w-]*(?:key|token|secret|passwd|password|passphrase)=)[^\s&;,"']+`)
	// What services begin their keys with.
	keyShape = lazyregexp.New(`\b(?:(?:sk|pk|rk|hf|gsk|ghp|gho|ghs|github_pat|glpat|nvapi|xox[abprs])[-_]|AIza|AKIA)[A-Za-z0-9_-]{8,}`)
)

// The homes of others: their names are nobody's business either.
var (
	unixHome = lazyregexp.New(`(?i)(/home/|/users/)([^/\s:"',;)]+)`)
	// A name on Windows may have blanks, if a separator follows it.
	windowsHome = lazyregexp.New(`(?i)([a-z]:[\\/]+users[\\/]+)(?:([^\\/:*?"<>|\n]+?)([\\/])|([^\\/\s:*?"<>|]+))`)
)

// text returns s fit to be pasted, on one line.
func (r *redactor) text(s string) string {
	s = r.obtained.hide(termtext.Line(s))
	for _, secret := range r.secrets {
		s = strings.ReplaceAll(s, secret, secretMark)
	}
	s = urlUser().ReplaceAllString(s, "${1}"+secretMark+"@")
	s = urlQuery().ReplaceAllString(s, "${1}"+secretMark)
	s = bareUser().ReplaceAllString(s, secretMark+"@${1}")
	s = bearer().ReplaceAllString(s, "${1} "+secretMark)
	s = header().ReplaceAllString(s, "${1}${2}"+secretMark)
	s = assigned().ReplaceAllString(s, "${1}"+secretMark)
	s = keyShape().ReplaceAllString(s, secretMark)
	if !r.full {
		s = r.withoutUser(s)
	}
	for _, host := range r.hosts {
		if telling(host) {
			s = replaceWord(s, host, hostMark, false)
		}
	}
	return s
}

func (r *redactor) withoutUser(s string) string {
	for _, home := range r.homes {
		s = replaceWord(s, home, "~", false)
	}
	s = replaceGroups(windowsHome(), s, func(m []string) string {
		if sharedHome(m[2] + m[4]) {
			return m[0]
		}
		return m[1] + userMark + m[3]
	})
	s = replaceGroups(unixHome(), s, func(m []string) string {
		if sharedHome(m[2]) {
			return m[0]
		}
		return m[1] + userMark
	})
	for _, name := range r.users {
		s = replaceWord(s, name, userMark, !telling(name))
	}
	return s
}

// sharedHome reports whether a folder among the homes is nobody's.
func sharedHome(name string) bool {
	return slices.Contains([]string{"linuxbrew", "shared", "public", "default", userMark}, strings.ToLower(name))
}

func replaceGroups(re *regexp.Regexp, s string, with func(groups []string) string) string {
	return re.ReplaceAllStringFunc(s, func(match string) string { return with(re.FindStringSubmatch(match)) })
}

// replaceWord replaces old, in capitals or not, where it is no part of a longer
// word; with inPath only where it is a whole element of a path.
func replaceWord(s, old, with string, inPath bool) string {
	var b strings.Builder
	for start := 0; ; {
		i := indexFold(s[start:], old)
		if i < 0 {
			b.WriteString(s[start:])
			return b.String()
		}
		i += start
		end := i + len(old)
		whole := (i == 0 || !wordByte(s[i-1]) || !wordByte(old[0])) && (end == len(s) || !wordByte(s[end]))
		// A path that begins with old goes on from something else.
		if isSlash(old[0]) && i > 0 && wordByte(s[i-1]) {
			whole = false
		}
		if inPath {
			whole = i > 0 && isSlash(s[i-1]) && (end == len(s) || !wordByte(s[end]) && s[end] != '.')
		}
		b.WriteString(s[start:i])
		if whole {
			b.WriteString(with)
		} else {
			b.WriteString(s[i:end])
		}
		start = end
	}
}

func isSlash(b byte) bool { return b == '/' || b == '\\' }

func wordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

// indexFold is strings.Index, for which capitals of ASCII are like small letters.
func indexFold(s, old string) int {
	for i := 0; i+len(old) <= len(s); i++ {
		if equalFoldASCII(s[i:i+len(old)], old) {
			return i
		}
	}
	return -1
}

func equalFoldASCII(a, b string) bool {
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

// telling reports whether a name tells who or where somebody is. One that is a
// word of everybody's, or hardly a name, would only spoil the text.
func telling(name string) bool { return len(name) > 2 && !ordinary(name) }

// ordinary reports whether a name is that of many, or a word of our messages.
func ordinary(name string) bool {
	return slices.Contains([]string{
		"root", "user", "admin", "administrator", "guest", "nobody", "runner", "vagrant", "workgroup",
		"localhost", "local", "home", "host", "server", "desktop", "laptop", "container", "docker",
		"linux", "debian", "ubuntu", "fedora", "arch", "alpine", "darwin", "mac", "macos", "windows",
		"vlmchat", "vlm", "llama", "ollama", "openai", "native", "model", "runtime", "memory", "vision",
		"system", "data", "test", "demo", "none", "dummy", "empty", "the", "and", "not", "was", "with",
	}, strings.ToLower(name))
}

// withoutCredentials is a server's address without what only it should know.
func withoutCredentials(address string) string {
	scheme, rest, found := strings.Cut(address, "://")
	if !found {
		scheme, rest = "", address
	} else {
		scheme += "://"
	}
	rest, _, _ = strings.Cut(rest, "?")
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		rest = secretMark + rest[at:]
	}
	return scheme + rest
}
