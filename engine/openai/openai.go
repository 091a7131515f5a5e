// Package openai is the engine behind every server that speaks OpenAI's chat
// completions: OpenAI itself, llama.cpp's llama-server, vLLM, SGLang, LM Studio
// and many more. It goes through github.com/sashabaranov/go-openai with an HTTP
// client of its own, which sees to it that an answer that was cut never looks
// whole.
package openai

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	client "github.com/sashabaranov/go-openai"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// KeyVariable is the environment variable that people put the key in. It is
// named in messages; reading it is the caller's part.
const KeyVariable = "OPENAI_API_KEY"

// DefaultBaseURL is OpenAI's own service.
const DefaultBaseURL = "https://api.openai.com/v1"

// Options says which server and which of its models.
type Options struct {
	remote.Options
	BaseURL      string // DefaultBaseURL if empty; without a path, /v1 is meant
	Organization string // that OpenAI accounts requests to
	Project      string // likewise
	APIVersion   string // of Azure's form of the API: the model is a deployment
	Detail       string // in which pictures are seen: low, high or auto; "" leaves it out
}

// Engine is a model behind a server.
type Engine struct {
	opt      Options
	base     *url.URL
	public   *server // whose service it is, nil if it is none that is known
	secrets  secrets
	calls    remote.Calls
	patience remote.Patience
	grace    time.Duration // for what comes after the answer: the usage, the end mark

	// deployments says that it is Azure's older form of the API, in which the model
	// is a part of the path.
	deployments bool

	mu    sync.Mutex
	facts *facts  // of the model, once asked
	own   *server // what kind it is, once asked
	asked bool    // in vain, even
}

// New returns the engine without talking to the server yet.
func New(opt Options) (*Engine, error) {
	base, err := parseBase(opt.BaseURL)
	if err != nil {
		return nil, err
	}
	if opt.Key.Value = strings.TrimSpace(opt.Key.Value); strings.ContainsFunc(opt.Key.Value, unicode.IsControl) {
		return nil, &engine.Error{Kind: engine.Unauthorized, Message: "the key contains characters that no key has", Hint: "check " + KeyVariable}
	}
	switch opt.Detail {
	case "", "auto", "low", "high":
	default:
		return nil, &engine.Error{Kind: engine.BadOption, Message: fmt.Sprintf("there is no detail called %q", opt.Detail), Hint: "it is low, high or auto"}
	}
	e := &Engine{opt: opt, base: base, public: publicServer(base.Host), calls: remote.NewCalls(opt.Options), patience: opt.Patience(), grace: 5 * time.Second}
	e.readAzure(opt.BaseURL)
	e.secrets = newSecrets(opt, base)
	return e, nil
}

// Info asks the server which models it has, once.
func (e *Engine) Info(ctx context.Context) (engine.Info, error) {
	info := engine.Info{Engine: "openai", Model: e.opt.Model, Host: e.base.Host}
	var f facts
	err := e.calls.Again(ctx, func(ctx context.Context) (err error) {
		f, err = e.lookUp(ctx)
		return err
	})
	if err != nil {
		return info, err
	}
	info.Model, info.ContextSize = shown(f.id), f.context
	info.Capabilities.Vision = f.vision != blind
	return info, nil
}

// Close ends what is going on. The model stays with its server.
func (e *Engine) Close() error { return e.calls.Close() }

// client returns the library's client for one request, which goes through x.
func (e *Engine) client(x *exchange) *client.Client {
	c := client.DefaultConfig(e.opt.Key.For(e.base.Host))
	c.BaseURL = strings.TrimRight(e.base.String(), "/")
	c.OrgID = e.opt.Organization
	c.APIVersion = e.opt.APIVersion
	if e.deployments {
		c.APIType, c.AzureModelMapperFunc = client.APITypeAzure, url.PathEscape
	}
	c.HTTPClient = x
	return client.NewClientWithConfig(c)
}

// Host is the host of a base URL, and its port if it names one: what a key is
// bound to.
func Host(baseURL string) (string, error) {
	u, err := parseBase(baseURL)
	if err != nil {
		return "", err
	}
	return u.Host, nil
}

// parseBase reads a base URL as people write it: without a scheme, without
// /v1, with the whole path of the chat API.
func parseBase(s string) (*url.URL, error) {
	u, err := url.Parse(withScheme(s))
	if err != nil || u.Hostname() == "" || strings.Contains(u.Host, ",") || u.Scheme != "http" && u.Scheme != "https" {
		// Not the URL itself: it may hold a password.
		return nil, &engine.Error{Kind: engine.Failed, Message: "the base URL is not one", Hint: "it looks like http://localhost:8080/v1"}
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return nil, &engine.Error{Kind: engine.Failed, Message: "the base URL has a bad port", Hint: "it looks like http://localhost:8080/v1"}
		}
	}
	u.RawQuery, u.Fragment = "", ""
	u.Path = strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/chat/completions")
	u.RawPath = ""
	if u.Path == "" {
		u.Path = "/v1"
	}
	return u, nil
}

// withScheme is a base URL with all that people leave out before the host.
func withScheme(s string) string {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return DefaultBaseURL
	case !strings.Contains(s, "://"):
		return "http://" + s
	}
	return s
}

// failed is an error that is nothing else.
func failed(cause error, format string, args ...any) *engine.Error {
	return &engine.Error{Kind: engine.Failed, Message: fmt.Sprintf(format, args...), Err: cause}
}
