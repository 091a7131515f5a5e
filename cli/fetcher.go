package cli

import (
	"fmt"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models"
	"github.com/vlmchat/vlmchat/models/catalogue"
	"github.com/vlmchat/vlmchat/ui"
)

// Absent tells of a model that could be fetched and is not here, with what there is to say
// of it. What could not is nobody's to offer.
func (p hubPuller) Absent(name string) (about string, absent bool) {
	f, err := models.FindFetchable(name)
	if err != nil {
		return "", false
	}
	if _, err := models.Find(name, ""); engine.KindOf(err) != engine.ModelNotFound || err == nil {
		return "", false
	}
	if f.Listed != nil {
		return aboutCurated(*f.Listed), true
	}
	return "from Hugging Face", true
}

// Offers are the models of the curated list that are not here yet.
func (p hubPuller) Offers() []ui.Named {
	var all []ui.Named
	for _, m := range catalogue.All() {
		if !isHere(m) {
			all = append(all, ui.Named{Name: m.Name, About: aboutCurated(m)})
		}
	}
	return all
}

// aboutCurated is what a list says of a curated model.
func aboutCurated(m catalogue.Model) string {
	return fmt.Sprintf("%s to fetch; %s", size(uint64(m.Size())), m.GoodAt)
}
