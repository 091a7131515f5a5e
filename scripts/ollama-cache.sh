# Sourced: which Ollama the tests of 'make test-ollama' ask, and where it is,
# outside the checkout, so that a fresh clone finds it.
ollama_version=v0.13.5
export VLMCHAT_OLLAMA_CACHE=${VLMCHAT_OLLAMA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vlmchat-ollama}
export VLMCHAT_TEST_OLLAMA=${VLMCHAT_TEST_OLLAMA:-$VLMCHAT_OLLAMA_CACHE/$ollama_version/ollama}
