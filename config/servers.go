package config

import "slices"

// The names of the settings that are about servers.
const (
	Profile         = "profile"
	KeyEnv          = "key-env"
	KeyCommand      = "key-command"
	KeyKeyring      = "key-keyring"
	Organization    = "organization"
	Project         = "project"
	Header          = "header"
	APIVersion      = "api-version"
	Detail          = "detail"
	PassURLs        = "pass-urls"
	ConnectTimeout  = "connect-timeout"
	ResponseTimeout = "response-timeout"
	IdleTimeout     = "idle-timeout"
	Retries         = "retries"
	RetryCut        = "retry-cut"
	PriceInput      = "price-input"
	PriceCached     = "price-cached"
	PriceOutput     = "price-output"
)

// Servers lists the settings that are about servers, which help shows apart from
// the others. Keys themselves are no settings: they would be seen in process
// lists and files.
var Servers = []Setting{
	{KeyEnv, "", "", "environment variable that holds the key (default: the one that the host's own tools read)"},
	{KeyCommand, "", "", "command that prints the key, such as 'pass show openai'"},
	{KeyKeyring, "", "", "entry of the system's keyring that holds the key: SERVICE or SERVICE/USER"},
	{Organization, "", "", "organisation that OpenAI accounts the request to"},
	{Project, "", "", "project that OpenAI accounts the request to"},
	{Header, "", "", "one more header, 'Name: value', where $NAME is an environment variable; may be repeated"},
	{APIVersion, "", "", "Azure's api-version: the model is then the name of a deployment"},
	{Detail, "", "auto", "detail in which OpenAI's models see pictures: low, high or auto"},
	{PassURLs, "", "false", "let the server fetch pictures that are named by a URL"},
	{ConnectTimeout, "", "10s", "longest wait for a connection"},
	{ResponseTimeout, "", "15m", "longest wait for an answer to begin: models are loaded in it"},
	{IdleTimeout, "", "5m", "longest silence in the middle of an answer"},
	{Retries, "", "3", "how often a request is sent again that failed before a word came"},
	{RetryCut, "", "false", "begin an answer anew that was cut in the middle"},
	{PriceInput, "", "", "what a million tokens of conversation cost, in US dollars: shows what answers cost"},
	{PriceCached, "", "", "the same for tokens that the server remembered"},
	{PriceOutput, "", "", "the same for tokens of answers"},
}

// Secret reports whether the text of a setting may hold a secret, and belongs
// into no message.
func Secret(name string) bool { return slices.Contains(secretive, name) }

// secretive has key-env, as people take it for the place of the key itself.
var secretive = []string{Header, KeyCommand, KeyEnv}
