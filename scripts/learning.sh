#!/bin/sh
# What learning spares: scripts/learning.sh AGENT OUT
#
# Twenty drawn streets lose their bench. The cheapest path grows the outline too
# little for the judge, again and again: no call of it is bad elsewhere, so no
# estimate of a call learns from it. Mining finds the path that does pass, and one
# more street, never seen, is edited by the search alone and with what was learned.
# It has a store of its own and takes no downloaded models, so that it is the same
# everywhere, and nothing of yours is read or changed.
set -eu
agent=$1
out=$2/learning
rm -rf "$out"
mkdir -p "$out/streets"
export PENTIMENTO_DATA="$out/data" PENTIMENTO_MODELS="$out/models"

go run ./internal/scene/cmd/streetscene -o "$out/streets" -width 200 -height 133 -seed 101 -series 22 >"$out/log"
mkdir "$out/new"
mv "$out/streets/street-121.png" "$out/streets/street-122.png" "$out/new/"

# run NAME FOLDER FLAGS...: edits all of a folder in one process; the events are in NAME.json.
run() {
	name=$1
	mkdir "$out/$name"
	cat >"$out/$name.plan.json" <<-END
		{"version": 1, "jobs": [{"inputs": ["$out/$2/*.png"], "request": "remove the yellow bench", "output": "$out/$name/{stem}.png", "threshold": 0.5}]}
	END
	shift 2
	"$agent" run "$out/$name.plan.json" --json --jobs 1 --no-learning "$@" >"$out/$name.json" 2>>"$out/log"
}

# wasted NAME: of the last picture edited; the one before it has warmed the model.
wasted() { sed -n 's/.*"event":"done".*"wasted_seconds":\([-+.e0-9]*\).*/\1/p' "$out/$1.json" | tail -n 1; }

echo "20 streets lose their bench, then agent subroutines mine:"
run edited streets
"$agent" subroutines mine --explore-seconds 0 --verify-seconds 30
cp -r "$PENTIMENTO_DATA" "$out/copy" # so that neither finds the other's results at hand
run learned new
PENTIMENTO_DATA="$out/copy"
run search new --no-subroutines
echo "a street never seen, model warm: wasted_seconds $(wasted search) with --no-subroutines, $(wasted learned) with what was learned"
