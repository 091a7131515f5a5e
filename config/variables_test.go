package config

import (
	"slices"
	"testing"
)

func TestUnknownVariables(t *testing.T) {
	t.Parallel()
	got := UnknownVariables([]string{
		"VLMCHAT_TEMPERATUR=1", "VLMCHAT_MODEL=x", "VLMCHAT_KEEP_ALIVE=", "VLMCHAT_CONFIG=c", "VLMCHAT_DATA_DIR=d", "VLMCHAT_CACHE_DIR=c", "VLMCHAT_STATE_DIR=s",
		"VLMCHAT_BASE-URL=y", "OTHER=VLMCHAT_X", "VLMCHAT_=", "VLMCHAT_JSON=1",
	}, "VLMCHAT_JSON")
	if want := []string{"VLMCHAT_", "VLMCHAT_BASE-URL", "VLMCHAT_TEMPERATUR"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestHoldsSecret(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"OPENAI_API_KEY": true, "HF_TOKEN": true, "AWS_SECRET_ACCESS_KEY": true, "AWS_ACCESS_KEY_ID": true, "KEY2": true, "db_password": true,
		"GOOGLE_APPLICATION_CREDENTIALS": true, "TOKENIZER_TOKEN": true, "KEYRING_KEY": true, "APIKEY": true,
		"TOKENIZERS_PARALLELISM": false, "KEYBOARD": false, "PIP_KEYRING_PROVIDER": false, "PATH": false, "": false, "SECRETARY": false,
		"GGML_VK_VISIBLE_DEVICES": false, "LD_LIBRARY_PATH": false, "XAUTHORITY": false, "SSH_AUTH_SOCK": false,
	} {
		if HoldsSecret(name) != want {
			t.Errorf("%s: not %v", name, want)
		}
	}
}
