package datasets

import (
	"fmt"
	"strings"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// flickrLine is a line of Flickr30k's results_20130124.token and Flickr8k.token.txt: a
// picture, the number of a caption of it, and behind a tab the caption.
var flickrLine = lazyregexp.New(`^([^\t]+)#(\d+)\t(.*)$`)

// flickr reads captions as Flickr30k has them itself.
func (r *reader) flickr(t *text) error {
	return r.lines(t, func(line string, number int) error {
		parts := flickrLine().FindStringSubmatch(line)
		if parts == nil {
			r.broken(r.at(number), fmt.Sprintf("this is no FILE#NUMBER, tab, caption: %q", shortened(line)))
			return nil
		}
		r.add(Item{Image: parts[1], References: []string{strings.TrimSpace(parts[3])}, Place: r.at(number)}, "")
		return nil
	})
}
