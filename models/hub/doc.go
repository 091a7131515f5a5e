// Package hub fetches models from Hugging Face's hub: it chooses what of a repository makes
// a model, brings that into the cache that Hugging Face's own programs and llama.cpp share,
// and finds again what is there. What a model is worth is package models' to say.
package hub
