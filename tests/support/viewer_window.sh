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
sleep 2
xdotool windowfocus "$window"

press() { xdotool key "$1"; sleep 1; }
shot() { import -window root "$work/$1.png"; }
# Pixels that differ by more than 1 % between two screenshots.
differing() { compare -metric AE -fuzz 1% "$work/$1.png" "$work/$2.png" null: 2>&1 || true; }

press f  # the figures hold times, which change
for key in o g d h; do press "$key"; shot "$key"; done
press h; press o; shot again
[ "$(differing o again)" = 0 ] || fail "the original looks different after other views"
[ "$(differing o g)" -gt 10000 ] || fail "key g does not blur the picture"
[ "$(differing g d)" -gt 100000 ] || fail "key d does not show the difference"
[ "$(differing d h)" -gt 100 ] || fail "key h does not show the help"
press s
[ -s "$work/saved.png" ] || fail "key s saves no picture"
[ "$(compare -metric AE "$picture" "$work/saved.png" null: 2>&1)" = 0 ] || fail "key s saves another picture than the view"
press q
for _ in $(seq 50); do kill -0 "$window_process" 2>/dev/null || break; sleep 0.1; done
kill -0 "$window_process" 2>/dev/null && fail "key q does not quit"
wait "$window_process" || fail "the viewer ends with code $?"
