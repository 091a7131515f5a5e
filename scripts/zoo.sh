#!/usr/bin/env bash
# Makes the tiny vision models of random weights that the tests of fidelity use
# (testdata/zoo) in the folder zoo of a cache, once: seconds. It takes Python and
# its numpy; where numpy is not there, pip puts it into the cache.
#
#   scripts/zoo.sh CACHE
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)/testdata/zoo
cache=$1

# What is there stays, if it came of the same recipe.
stamp=$(cat "$here"/*.py "$here"/reference.json | python3 -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')
[ "$(cat "$cache/zoo/recipe" 2>/dev/null)" = "$stamp" ] && exit 0

mkdir -p "$cache"
export PYTHONPATH=$cache/python${PYTHONPATH:+:$PYTHONPATH} PYTHONDONTWRITEBYTECODE=1
python3 -c 'import numpy' 2>/dev/null ||
	python3 -m pip install -q --disable-pip-version-check --only-binary=:all: --target "$cache/python" 'numpy>=1.26,<3' ||
	{ echo "zoo: the tests' models are made with Python's numpy, and pip could not install it: install numpy, then run this again" >&2; exit 1; }

# Other runs don't see half a zoo.
work=$(mktemp -d "$cache/zoo.XXXXXX")
trap 'rm -rf "$work"' EXIT
for recipe in make_zoo more_families; do
	python3 "$here/$recipe.py" "$work" >/dev/null
done
python3 - "$work" "$here/reference.json" <<'EOF'
import hashlib, json, os, sys
folder, reference = sys.argv[1:]
for model in json.load(open(reference))["models"].values():
    for name, want in model["sha256"].items():
        with open(os.path.join(folder, name), "rb") as f:
            if hashlib.sha256(f.read()).hexdigest() != want:
                sys.exit("zoo: %s is not the file of which reference.json has the answers: does this numpy draw other random numbers?" % name)
EOF
echo "$stamp" >"$work/recipe"
rm -rf "$cache/zoo"
mv "$work" "$cache/zoo"
