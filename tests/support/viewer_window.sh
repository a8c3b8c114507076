#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Drives the viewer's window under Xvfb by keys and judges it by its pixels: viewer_window.sh VIEWER PICTURE
set -euo pipefail
viewer=$1 picture=$2
work=$(mktemp -d)
# Xvfb picks a free display and reports its number.
Xvfb -displayfd 3 -screen 0 1280x900x24 3>"$work/display" 2>/dev/null &
server=$!
trap 'kill "${window_process:-}" "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
fail() { echo "viewer_window: $1" >&2; exit 1; }

for _ in $(seq 100); do [ -s "$work/display" ] && break; sleep 0.1; done
[ -s "$work/display" ] || fail "Xvfb does not start"
DISPLAY=:$(<"$work/display")
export DISPLAY
"$viewer" "$picture" --out "$work/saved.png" &
window_process=$!
for _ in $(seq 200); do
  window=$(xdotool search --name '^gkern viewer$' 2>/dev/null | tail -1 || true)
  [ -n "$window" ] && break
  sleep 0.1
done
[ -n "$window" ] || fail "no window"
xdotool windowfocus "$window"

shot() { import -window root "$work/$1.ppm"; }
# Whether two screenshots are the same to the bit; quick.
same() { cmp -s "$work/$1.ppm" "$work/$2.ppm"; }
# Pixels that differ by more than 1 % between two screenshots.
differing() { compare -metric AE -fuzz 1% "$work/$1.ppm" "$work/$2.ppm" null: 2>&1 || true; }
# Takes screenshots until two in a row are the same, and keeps the last under this name.
settled() {
  shot before
  for _ in $(seq 60); do
    sleep 0.2
    shot "$1"
    same before "$1" && return 0
    mv "$work/$1.ppm" "$work/before.ppm"
  done
  fail "the window does not come to rest ($1)"
}
# until_changed NAME: waits for the screen to differ from that screenshot. What follows judges it.
until_changed() {
  for _ in $(seq 60); do
    shot now
    same "$1" now || break
    sleep 0.1
  done
}
# press KEY NAME: what is on screen after the key. Every key pressed here changes it.
press() {
  shot previous
  xdotool key "$1"
  until_changed previous
  settled "$2"
}
# The column of the wipe's yellow line.
wipe_column() {
  convert "$work/$1.ppm" -fuzz 15% -fill black +opaque '#ffff00' -format '%@' info: | sed 's/^[^+]*+\([0-9]*\)+.*/\1/'
}
# point X NAME: moves the mouse to that column of the window.
point() {
  shot previous
  xdotool mousemove "$1" $((Y + HEIGHT / 2))
  until_changed previous
  settled "$2"
}
# expect NAME NAME PIXELS WHAT: the two screenshots differ by more than so many pixels.
expect() { [ "$(differing "$1" "$2")" -gt "$3" ] || fail "$4"; }

for _ in $(seq 50); do
  shot start
  [ "$(convert "$work/start.ppm" -format '%k' info:)" -gt 1000 ] && break  # the picture has many colours, a desktop few
  sleep 0.2
done
press f start  # the figures hold times, which change
press o original
press g gkern
press c opencv
press d difference
press plus brighter
press b side_by_side
press w wipe
press h help
press h no_help
expect original gkern 10000 "key g does not blur the picture"
expect original opencv 10000 "key c does not blur the picture"
expect gkern difference 100000 "key d does not show the difference"
expect difference brighter 100 "key + does not raise the gain"
expect brighter side_by_side 100000 "key b does not show both pictures"
expect side_by_side wipe 10000 "key w does not show the wipe"
expect wipe help 1000 "key h does not show the help"
[ "$(differing wipe no_help)" = 0 ] || fail "key h does not take the help away again"

press o again
[ "$(differing original again)" = 0 ] || fail "the original looks different after other views"
press w wipe

# From here on the window's status bar tells the pixel under the mouse.
eval "$(xdotool getwindowgeometry --shell "$window")"
point $((X + WIDTH / 4)) wipe_left
point $((X + WIDTH * 3 / 4)) wipe_right
moved=$(($(wipe_column wipe_right) - $(wipe_column wipe_left)))
[ "$moved" -gt $((WIDTH / 3)) ] || fail "the wipe does not follow the mouse: it moves by $moved pixels"

press o final
xdotool key s
for _ in $(seq 50); do [ -s "$work/saved.png" ] && break; sleep 0.1; done
[ -s "$work/saved.png" ] || fail "key s saves no picture"
sleep 0.5  # it is written in one go, but not at once
[ "$(compare -metric AE "$picture" "$work/saved.png" null: 2>&1)" = 0 ] || fail "key s saves another picture than the view"
xdotool key q
for _ in $(seq 50); do kill -0 "$window_process" 2>/dev/null || break; sleep 0.1; done
kill -0 "$window_process" 2>/dev/null && fail "key q does not quit"
wait "$window_process" || fail "the viewer ends with code $?"
