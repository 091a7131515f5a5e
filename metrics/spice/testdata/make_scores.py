"""Makes scores.json: what spice-1.0.jar says of some captions of ../testdata/captions.json, called
as pycocoevalcap 1.2 calls it, but for the class path that a Java without JavaScript needs.

    make spice
    python metrics/spice/testdata/make_scores.py
"""

import json
import pathlib
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent
SPICE = HERE.parents[2] / ".cache" / "spice"


def main():
    items = json.loads((HERE.parents[1] / "testdata" / "captions.json").read_text(encoding="utf-8"))["items"]
    # The last have what is odd about captions.
    rows = [{"test": i["tokens"], "refs": i["reference_tokens"]} for i in items[:16] + items[-8:]]
    with tempfile.TemporaryDirectory() as folder:
        given, said = pathlib.Path(folder, "in.json"), pathlib.Path(folder, "out.json")
        given.write_text(json.dumps([{"image_id": i, **r} for i, r in enumerate(rows)], indent=2))
        subprocess.run(["java", "-Xmx8G", "-cp", f"{SPICE}/spice-1.0.jar:{SPICE}/lib/*", "edu.anu.spice.SpiceScorer",
                        given, "-out", said, "-subset", "-silent"], check=True)
        for item in json.loads(said.read_text()):
            rows[item["image_id"]]["score"] = item["scores"]["All"]["f"]
    text = "[\n" + ",\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n]\n"
    (HERE / "scores.json").write_text(text, encoding="utf-8")


main()
