package cli

import (
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks/eval"
)

// allAugments is what --augment means without a value: each change of pictures by itself, and
// then all of them at once.
const allAugments = "all"

// parseAugments reads a list of changes of pictures, such as flip,jitter.
func parseAugments(text string) ([]eval.Change, error) {
	if text == "" {
		return nil, nil
	}
	known := images.Augmentations()
	var all []eval.Change
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		var wanted []eval.Change
		switch {
		case name == allAugments && text == allAugments:
			for _, one := range known {
				wanted = append(wanted, eval.Augmented(one, one))
			}
			wanted = append(wanted, eval.Augmented("all three", known...))
		case name == allAugments:
			wanted = []eval.Change{eval.Augmented("all three", known...)}
		case slices.Contains(known, name):
			wanted = []eval.Change{eval.Augmented(name, name)}
		default:
			return nil, usagef("--augment %q: it is %s or %s", name, strings.Join(known, ", "), allAugments)
		}
		for _, c := range wanted {
			if !slices.ContainsFunc(all, func(other eval.Change) bool { return other.Name == c.Name }) {
				all = append(all, c)
			}
		}
	}
	return all, nil
}
