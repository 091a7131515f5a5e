#!/usr/bin/env bash
# Puts SPICE's jar and what it needs into the folder spice of a cache, once: the jar out of
# pycocoevalcap's wheel, which "make meteor" has fetched, and by Maven the Stanford parsers
# with their models (385 MB) and Nashorn. It takes Java, Maven and Python.
#
#   scripts/spice.sh CACHE
set -euo pipefail
cache=$1
[ -e "$cache/spice/.done" ] && exit 0
for need in java mvn; do
	command -v $need >/dev/null || { echo "spice: $need is not there (in Debian: apt-get install default-jre maven)" >&2; exit 1; }
done

work=$(mktemp -d "$cache/spice.XXXXXX")
trap 'rm -rf "$work"' EXIT
python3 - "$cache"/meteor/pycocoevalcap-*.whl "$work" <<'EOF'
import pathlib, sys, zipfile
wheel, work = zipfile.ZipFile(sys.argv[1]), pathlib.Path(sys.argv[2])
(work / "lib").mkdir()
for name in wheel.namelist():
    if name.startswith("pycocoevalcap/spice/") and name.endswith(".jar"):
        (work / name.removeprefix("pycocoevalcap/spice/")).write_bytes(wheel.read(name))
EOF
for jar in edu.stanford.nlp:stanford-corenlp:3.6.0 edu.stanford.nlp:stanford-corenlp:3.6.0:jar:models \
	org.openjdk.nashorn:nashorn-core:15.4 org.ow2.asm:asm{,-commons,-tree,-util,-analysis}:7.3.1; do
	mvn -q -B -Dstyle.color=never dependency:copy -Dartifact="$jar" -DoutputDirectory="$work/lib"
done
(cd "$work/lib" && sha256sum --quiet -c) <<'EOF'
d285157bd7887ee3018094b5dbae092e49088b023361ccdb550ee1daf9b2c9bd  stanford-corenlp-3.6.0-models.jar
d341d5863276f55782c5ef73212222d6b3b48e02ae1951ab6de7618d28b12742  stanford-corenlp-3.6.0.jar
6f816e84dfd63a81d4eaa7829c08337bbaff3ec683ff3bf6bbd90d017a00dc6f  nashorn-core-15.4.jar
2f67e11ceec819ebd88ddee5300aba699b1cbab2e20c22e97cf027d3be93959b  asm-7.3.1.jar
46b8a8efd4b94facb5ab4b35afe30ee0546ae7a43d2c64e6def56c2f168fefa5  asm-analysis-7.3.1.jar
87cd8bb3c6bf6bcbb33fca48060c5065f66ebf6a3d7de9bf18bff51bcf156ebc  asm-commons-7.3.1.jar
f91a4a8aa868c5c4665bb4fd134019a91f9f8b9216527fba295e3c8b5422b78b  asm-tree-7.3.1.jar
182128592742ed4883ac82bf205f137b6bfbe1234c68e6feb13759e75a85b729  asm-util-7.3.1.jar
EOF
touch "$work/.done"
rm -rf "$cache/spice"
mv "$work" "$cache/spice"
