package config

// The names of the settings with which answers are sampled, as llama.cpp calls
// them.
const (
	Stop               = "stop"
	TopK               = "top-k"
	MinP               = "min-p"
	Typical            = "typical"
	TopNSigma          = "top-n-sigma"
	XTCProbability     = "xtc-probability"
	XTCThreshold       = "xtc-threshold"
	DynatempRange      = "dynatemp-range"
	DynatempExponent   = "dynatemp-exp"
	RepeatPenalty      = "repeat-penalty"
	RepeatLastN        = "repeat-last-n"
	PresencePenalty    = "presence-penalty"
	FrequencyPenalty   = "frequency-penalty"
	DRYMultiplier      = "dry-multiplier"
	DRYBase            = "dry-base"
	DRYAllowedLength   = "dry-allowed-length"
	DRYPenaltyLastN    = "dry-penalty-last-n"
	DRYSequenceBreaker = "dry-sequence-breaker"
	Mirostat           = "mirostat"
	MirostatLR         = "mirostat-lr"
	MirostatEnt        = "mirostat-ent"
	LogitBias          = "logit-bias"
)

// Sampling lists the settings of sampling that few people turn, which help shows
// apart from the others. Numbers are off at 0 unless they say otherwise.
var Sampling = []Setting{
	{TopK, "", "40", "sample from so many of the likeliest tokens"},
	{MinP, "", "0", "sample from tokens at least this likely, the likeliest being 1"},
	{Typical, "", "1", "sample from locally typical tokens that add up to this; 1 is off"},
	{TopNSigma, "", "0", "sample from tokens within so many standard deviations of the likeliest"},
	{XTCProbability, "", "0", "how often to exclude the top choices"},
	{XTCThreshold, "", "0.1", "how likely a token has to be to be one of these"},
	{DynatempRange, "", "0", "how far the temperature goes up and down with the model's certainty"},
	{DynatempExponent, "", "1", "how certainty becomes temperature: its exponent"},
	{RepeatPenalty, "", "1", "makes tokens less likely that were said before; 1 is off"},
	{RepeatLastN, "", "64", "how many of the last tokens the penalties look at"},
	{PresencePenalty, "", "0", "is taken from a token's logit if it was said before"},
	{FrequencyPenalty, "", "0", "is taken from a token's logit for each time that it was said"},
	{DRYMultiplier, "", "0", "makes what would go on with a repetition less likely (DRY)"},
	{DRYBase, "", "1.75", "by how much more for each token that repeats"},
	{DRYAllowedLength, "", "2", "tokens that may repeat"},
	{DRYPenaltyLastN, "", "64", "how many of the last tokens DRY looks at"},
	{DRYSequenceBreaker, "", `["\n", ":", "\"", "*"]`, "texts that no repetition goes across"},
	{Mirostat, "", "0", "1 or 2: keeps the surprise of the text constant instead of filtering"},
	{MirostatLR, "", "0.1", "Mirostat's learning rate"},
	{MirostatEnt, "", "5", "Mirostat's target entropy"},
	{LogitBias, "", "", "TOKEN=BIAS or TOKEN=false (never): a token's number, or a text"},
}
