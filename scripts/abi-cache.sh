# Sourced: where the runtimes of the ABI matrix are, outside the checkout, so
# that a fresh clone finds them.
export VLMCHAT_ABI_CACHE=${VLMCHAT_ABI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vlmchat-abi}
