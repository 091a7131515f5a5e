package openai

import (
	"cmp"
	"net/url"
	"path"
	"strings"
)

// azureKey is the header in which Azure wants its keys.
const azureKey = "api-key"

// azureVersion is the newest version of Azure's older form that was more than a
// preview; its newer form needs none.
const azureVersion = "2024-10-21"

// readAzure sees which of Azure's forms is meant. The newer one, whose path holds
// /v1, is like OpenAI's own. In the older one the model is a deployment, whose name
// is a part of the path, and a version is a part of the query; people copy all of
// that from Azure's pages.
func (e *Engine) readAzure(given string) {
	if e.public != azure && e.opt.APIVersion == "" {
		return
	}
	u, err := url.Parse(withScheme(given))
	if err != nil { // parseBase took it
		return
	}
	e.opt.APIVersion = cmp.Or(e.opt.APIVersion, u.Query().Get("api-version"))
	if strings.Trim(u.Path, "/") == "" {
		e.base.Path = ""
		if e.opt.APIVersion == "" {
			e.base.Path = "/openai/v1"
		}
	}
	for dir := e.base.Path; dir != "" && dir != "/" && dir != "."; dir = path.Dir(dir) {
		if path.Base(dir) == "v1" {
			return
		}
	}
	e.deployments = true
	if e.opt.APIVersion == "" {
		e.opt.APIVersion = azureVersion
	}
	dir, deployment := path.Split(e.base.Path)
	if path.Base(dir) == "deployments" {
		if e.opt.Model == "" {
			e.opt.Model = deployment
		}
		e.base.Path = path.Dir(strings.TrimRight(dir, "/"))
	}
	// The library adds these itself.
	e.base.Path = strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(e.base.Path, "/deployments"), "/openai"), "/")
}
