package command

import (
	"context"
	"flag"
	"regexp"
	"slices"
	"strings"
	"time"
)

// scripts make shells ask onexctl what may follow, with the line up to the cursor.
// The shell evaluates nothing of the line, nor of the answer.
var scripts = map[string]string{
	"bash": `_onexctl() {
	local word
	COMPREPLY=()
	while IFS= read -r word; do
		COMPREPLY+=("$word")
	done < <("${COMP_WORDS[0]}" __complete "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
complete -o default -F _onexctl onexctl
`,
	"zsh": `#compdef onexctl
_onexctl() {
	local -a candidates
	candidates=("${(@f)$("$words[1]" __complete "${(j: :)words[1,CURRENT]}" 2>/dev/null)}")
	if [[ -n "$candidates" ]]; then
		compadd -a candidates
	else
		_files
	fi
}
if [ "$funcstack[1]" = "_onexctl" ]; then
	_onexctl
else
	compdef _onexctl onexctl
fi
`,
	"fish": `function __onexctl_complete
	set -l words (commandline -opc)
	set -l candidates ($words[1] __complete (commandline -cp) 2>/dev/null)
	if test (count $candidates) -gt 0
		printf '%s\n' $candidates
	else
		__fish_complete_path (commandline -ct)
	end
end
complete -c onexctl -f -a '(__onexctl_complete)'
`,
}

// Shells are those for which there is a script.
func Shells() []string { return []string{"bash", "zsh", "fish"} }

// Script is what to load into a shell.
func Script(shell string) (string, bool) {
	script, ok := scripts[shell]
	return script, ok
}

// patience is how long a person waits for a completion.
const patience = 5 * time.Second

// plainWord is a word that no shell takes for more than that.
var plainWord = regexp.MustCompile(`^[a-zA-Z0-9._/-]+$`)

// Complete returns what the last word of a line may be.
func Complete(ctx context.Context, all []Command, line string) []string {
	words := strings.Fields(line)
	if strings.HasSuffix(line, " ") || len(words) < 2 {
		words = append(words, "")
	}
	words = words[1:]
	before, word := words[:len(words)-1], words[len(words)-1]
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	candidates := slices.DeleteFunc(candidates(ctx, all, before, word), func(c string) bool {
		return !strings.HasPrefix(c, word) || !plainWord.MatchString(c)
	})
	slices.Sort(candidates)
	return slices.Compact(candidates)
}

func candidates(ctx context.Context, all []Command, before []string, word string) []string {
	cmd, args, err := Find(all, before)
	if err != nil {
		if strings.HasPrefix(word, "-") {
			return nil
		}
		if n := len(before); n > 0 && strings.HasPrefix(before[n-1], "-") {
			return values[strings.TrimLeft(before[n-1], "-")]
		}
		return next(all, withoutFlags(all, before))
	}
	flags, _ := cmd.flags()
	name, isValue := "", false
	if len(args) > 0 {
		last := args[len(args)-1]
		if f := flags.Lookup(strings.TrimLeft(last, "-")); strings.HasPrefix(last, "-") && f != nil && takesValue(f) {
			name, isValue, args = f.Name, true, args[:len(args)-1]
		}
	}
	switch {
	case !isValue && strings.HasPrefix(word, "-"):
		return names(flags)
	case isValue && values[name] != nil:
		return values[name]
	case cmd.Complete == nil:
		return nil
	}
	if _, err := parse(flags, args); err != nil {
		return nil
	}
	return cmd.Complete(ctx, flags, name)
}

// withoutFlags are the words of a command.
func withoutFlags(all []Command, args []string) (words []string) {
	for len(args) > 0 {
		if !strings.HasPrefix(args[0], "-") {
			words, args = append(words, args[0]), args[1:]
			continue
		}
		n, err := length(all, args)
		if err != nil {
			return words
		}
		args = args[n:]
	}
	return words
}

// values are what flags may be that have few values.
var values = map[string][]string{
	"security-protocol": {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"},
	"sasl-mechanism":    {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "AWS_MSK_IAM"},
	"partitioning":      {"default", "balanced", "hash"},
}

// NoFlags is for commands without.
func NoFlags(do Action) func(*flag.FlagSet) Action {
	return func(*flag.FlagSet) Action { return do }
}
