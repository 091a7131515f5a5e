package config

// choices are the values that settings have to choose from. Settings that take others besides,
// a number perhaps, have here those that are words.
var choices = map[string][]string{
	Backend:        {"native", "ollama", "openai"},
	Threads:        {"auto"},
	Context:        {"auto"},
	GPULayers:      {"auto", "all"},
	Device:         {"none"},
	SplitMode:      {"none", "layer", "row"},
	KVType:         {"f16", "bf16", "f32", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl"},
	FlashAttn:      {"auto", "on", "off"},
	ImageMinTokens: {"auto"},
	ImageMaxTokens: {"auto"},
	KeepAlive:      {"forever"},
	Thinking:       {"auto", "on", "off"},
	Preview:        {"auto", "placeholders", "kitty", "iterm2", "sixel", "blocks", "ascii", "off"},
	Detail:         {"auto", "low", "high"},
	Mirostat:       {"0", "1", "2"},
}

// Choices are the words that the setting can be set to, none if it takes any text or number.
func (s Setting) Choices() []string {
	if s.Switch() {
		return []string{"true", "false"}
	}
	return choices[s.Name]
}
