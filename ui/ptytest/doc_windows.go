// Package ptytest drives a program in a pseudo-terminal; on Windows it is empty.
package ptytest
