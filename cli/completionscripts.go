package cli

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// completionScript is what a shell needs to complete command lines: cobra's, which puts what
// was typed before the cursor together and has the shell evaluate it. A prompt is not to be
// run: each of its words becomes an argument here, without its quotes and as it is.
func completionScript(root *cobra.Command, shell string) (string, error) {
	out := &bytes.Buffer{}
	var err error
	switch shell {
	case "bash":
		out.WriteString(bashWords)
		err = root.GenBashCompletionV2(out, true)
	case "zsh":
		err = root.GenZshCompletion(out)
	case "fish":
		err = root.GenFishCompletion(out, true)
	case "powershell":
		err = root.GenPowerShellCompletionWithDesc(out)
	default:
		return "", usagef("there are completions for %s, not for %q", strings.Join(shells, ", "), shell)
	}
	if err != nil {
		return "", fmt.Errorf("the script can't be made: %w", err)
	}
	return safely[shell].Replace(out.String()), nil
}

// safely has scripts ask without evaluating what was typed.
var safely = map[string]*strings.Replacer{
	"bash": strings.NewReplacer(`eval "${requestComp}"`, "__vlmchat_ask"),
	"zsh": strings.NewReplacer(
		`words=("${=words[1,CURRENT]}")`, `words=("${(@)words[1,CURRENT]}")`,
		`eval ${requestComp}`, `${${(M)words[1]:#*/*}:-vlmchat} __complete "${(@Q)words[2,-1]}"`,
	),
	"fish": strings.NewReplacer(
		"set -l args (commandline -opc)", "set -l args (string escape -- (commandline -opc))\n    set args[1] (commandline -opc)[1]",
	),
	"powershell": strings.NewReplacer(),
}

// bashWords stands in for two functions of the package bash-completion where that is missing, as
// it is on macOS: the words before the cursor, put together where bash parts them at = and :,
// and files with some endings.
// __vlmchat_ask asks with the words of cobra's script.
const bashWords = `__vlmchat_ask() {
    local i program=vlmchat
    if [[ ${words[0]} == */* ]]; then
        program=${words[0]/#\~\//$HOME/}
    fi
    for i in "${!args[@]}"; do
        args[i]=${args[i]//[\"\'\\]/}
    done
    "$program" __complete "${args[@]}"
}
if ! declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref() {
        local i n=-1
        words=()
        for ((i = 0; i <= COMP_CWORD; i++)); do
            if ((n > 0)) && [[ ${COMP_WORDS[i]} == [=:]* || ${words[n]} == *[=:] ]]; then
                words[n]+=${COMP_WORDS[i]}
            else
                words[++n]=${COMP_WORDS[i]}
            fi
        done
        cword=$n cur=${words[n]} prev=
        if ((n > 0)); then
            prev=${words[n - 1]}
        fi
    }
fi
if ! declare -F _filedir >/dev/null; then
    _filedir() {
        local name
        compopt -o filenames 2>/dev/null
        while IFS= read -r name; do
            if [[ -d $name ]] || [[ $1 != -d && $name =~ \.($1)$ ]]; then
                COMPREPLY+=("$name")
            fi
        done < <(compgen -f -- "$cur")
    }
fi
`
