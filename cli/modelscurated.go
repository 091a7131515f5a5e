package cli

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/vlmchat/vlmchat/memory"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/models/catalogue"
	"github.com/vlmchat/vlmchat/models/hub"
)

// curatedJSON are the models of the curated list, for programs.
type curatedJSON struct {
	documentHead
	LookedUp string             `json:"looked_up"` // the day of the facts
	Free     uint64             `json:"memory_free,omitempty"`
	Most     uint64             `json:"memory_most,omitempty"`
	Models   []curatedModelJSON `json:"models"`
}

// curatedModelJSON is one of them.
type curatedModelJSON struct {
	Name       string        `json:"name"`
	GoodAt     string        `json:"good_at"`
	Parameters int64         `json:"parameters"`
	Size       int64         `json:"size"`            // bytes to fetch
	About      bool          `json:"about,omitempty"` // the size is rounded
	Memory     int64         `json:"memory"`          // bytes when it is loaded, about
	Context    int           `json:"context"`         // tokens, for which that is
	Licence    string        `json:"licence"`
	Hub        string        `json:"hub"`
	Projector  string        `json:"projector"` // the repository's file
	Fit        catalogue.Fit `json:"fit"`
	Here       bool          `json:"here"` // it was fetched
}

func (a *app) listCurated(asJSON bool) error {
	list := curated(memory.Read())
	if asJSON {
		return printJSON(a.stdout, list)
	}
	return printCurated(a.stdout, list)
}

// curated is the list as this machine sees it.
func curated(m memory.Facts) curatedJSON {
	list := curatedJSON{documentHead: documentHead{"vlmchat-curated-models", 1}, LookedUp: catalogue.LookedUp, Free: m.Free(), Most: m.Most()}
	for _, c := range catalogue.All() {
		list.Models = append(list.Models, curatedModelJSON{
			Name: c.Name, GoodAt: c.GoodAt, Parameters: c.Parameters, Size: c.Size(), About: c.About,
			Memory: c.Memory(), Context: catalogue.Context, Licence: c.Licence, Hub: c.Hub, Projector: c.Projector,
			Fit: c.Fit(m.Free(), m.Most()), Here: isHere(c),
		})
	}
	return list
}

// isHere reports whether a model of the list was fetched.
func isHere(c catalogue.Model) bool {
	n, err := hub.ParseName(c.Hub)
	if err == nil {
		_, err = hub.FindCached(n)
	}
	return err == nil
}

func printCurated(w io.Writer, list curatedJSON) error {
	var lines strings.Builder
	table := tabwriter.NewWriter(&lines, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tDOWNLOAD\tMEMORY\tHERE\tGOOD AT")
	for _, m := range list.Models {
		here := string(m.Fit)
		if m.Here {
			here = "fetched"
			if m.Fit != catalogue.Fits {
				here += ", " + string(m.Fit)
			}
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", m.Name, size(uint64(m.Size)), size(uint64(m.Memory)), here, m.GoodAt)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if err := printLines(w, lines.String()); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nHERE: %s.\nMEMORY is about what one takes with a context of %d tokens.\nLicences: %s.\n'vlmchat models pull NAME' fetches one.\n",
		heldAgainst(list), catalogue.Context, licences(list.Models))
	return err
}

// licences says under which licences the models are, those of most models first.
func licences(list []curatedModelJSON) string {
	of := map[string][]string{}
	for _, m := range list {
		of[m.Licence] = append(of[m.Licence], m.Name)
	}
	all := slices.SortedFunc(maps.Keys(of), func(a, b string) int {
		return cmp.Or(len(of[b])-len(of[a]), strings.Compare(a, b))
	})
	for i, l := range all[1:] {
		all[i+1] = l + " (" + strings.Join(of[l], ", ") + ")"
	}
	return strings.Join(all, "; ")
}

// heldAgainst says what the models were held against.
func heldAgainst(list curatedJSON) string {
	text := "the system does not tell what memory it has"
	if list.Most > 0 {
		text = fmt.Sprintf("of %s of memory, %s can be taken now", size(list.Most), size(list.Free))
	}
	var names []string
	for _, g := range readGraphics() {
		names = append(names, g.String())
	}
	if len(names) > 0 {
		text += "; besides there is " + strings.Join(names, ", ") + ", whose own memory is not counted"
	}
	return text
}

// suggested is the curated model to begin with on this machine: the largest that fits, and of
// those that are here already one of these.
func suggested(m memory.Facts) (catalogue.Model, bool) {
	const most = 5e9 // more is a long time to wait for a first answer
	var best catalogue.Model
	for _, c := range catalogue.All() {
		if c.Fit(m.Free(), m.Most()) == catalogue.Fits && (c.Size() <= most || isHere(c)) {
			best = c
		}
	}
	return best, best.Name != ""
}

// curatedNames are what the models of the list are called, with what they are good at.
func curatedNames() []string {
	var all []string
	for _, c := range catalogue.All() {
		all = append(all, described(c.Name, fmt.Sprintf("%s: %s", size(uint64(c.Size())), c.GoodAt)))
	}
	return all
}

// fetchable tells what 'models pull' fetches for a name, or why nothing.
func fetchable(name string) (models.Fetchable, error) {
	f, err := models.FindFetchable(name)
	if err != nil && !strings.Contains(name, "/") {
		return f, notCurated(name, err)
	}
	return f, err
}
