#!/bin/sh
# Makes demo.ivf (VP8) and demo.ogg (opus): ten seconds that loop without a seam.
# Needs ffmpeg with libvpx and libopus, and the Liberation fonts (Debian: ffmpeg fonts-liberation).
set -eu
cd "$(dirname "$0")"

seconds=10
fps=25
fonts=/usr/share/fonts/truetype/liberation

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Three layers of water. Each runs a whole number of wavelengths in ten seconds, so the end meets the start.
wave() { # level, height, waves across, runs per clip; 0 above the water, 1 in it, between on the edge
  printf 'clip(Y-H*%s-H*%s*sin(2*PI*(%s*X/W+%s*T/%s)),0,1)' "$1" "$2" "$3" "$4" "$seconds"
}
back=$(wave 0.66 0.035 1.4 -1)
middle=$(wave 0.74 0.030 1.9 2)
front=$(wave 0.83 0.022 2.4 -3)
layers() { # one channel of sky, back, middle, front
  printf 'lerp(lerp(lerp(%s,%s,%s),%s,%s),%s,%s)' "$1" "$2" "$back" "$3" "$middle" "$4" "$front"
}
water="geq=r='$(layers 11 24 29 45)':g='$(layers 18 78 148 212)':b='$(layers 32 128 176 191)'"

label() { # font file, size, colour, x, y, text
  printf "drawtext=fontfile=%s/%s:fontsize=%s:fontcolor=%s:x=%s:y=%s:text='%s'" "$fonts" "$1" "$2" "$3" "$4" "$5" "$6"
}
word=$(label LiberationSans-Bold.ttf 132 white 84 96 Sluice)
line=$(label LiberationSans-Regular.ttf 34 0x9fb3c8 92 250 'Demo stream, live from your own server')
clock=$(label LiberationMono-Bold.ttf 84 white 'w-tw-84' 116 '%{eif\:floor(t)\:d\:2}.%{eif\:mod(n*100/'$fps'\,100)\:d\:2}')
unit=$(label LiberationSans-Regular.ttf 34 0x9fb3c8 'w-tw-88' 250 'ten-second loop')

# A lamp that lights with each tone shows whether picture and sound are together.
lamp="drawbox=x=92:y=330:w=56:h=12:color=0x24344d:t=fill,drawbox=x=92:y=330:w=56:h=12:color=0x2dd4bf:t=fill:enable='lt(mod(t,1),0.2)'"

# Progress through the loop, one field per second; and one soft tone per second.
bar=
tones=0
second=0
for hertz in 523.25 587.33 659.25 783.99 880 783.99 659.25 587.33 523.25 392; do
  place="x=$((786 + second * 41)):y=330:w=33:h=12"
  bar="$bar,drawbox=$place:color=0x24344d:t=fill,drawbox=$place:color=0x38bdf8:t=fill:enable='gte(t,$second)'"
  age="max(0,t-$second)" # clamped, or exp() of a far tone overflows
  tones="$tones+between(t,$second,$second+0.999)*0.2*(1-exp(-300*$age))*exp(-7*$age)*(sin(2*PI*$hertz*$age)+0.3*sin(4*PI*$hertz*$age))"
  second=$((second + 1))
done

run() { ffmpeg -hide_banner -loglevel error -y "$@"; }

# The water is drawn at half size, which saves most of the time and smooths its edge.
run -f lavfi -i "color=c=black:s=640x360:r=$fps:d=$seconds,format=gbrp,$water,scale=1280:720:flags=bicubic,format=yuv420p,$word,$line,$clock,$unit,$lamp$bar" \
  -c:v ffv1 "$work/picture.mkv"

# A keyframe per second, because a new viewer sees nothing before one.
for pass in 1 2; do
  run -i "$work/picture.mkv" -c:v libvpx -b:v 480k -crf 4 -qmax 20 -quality good -cpu-used 0 -auto-alt-ref 0 \
    -g "$fps" -keyint_min "$fps" -pass "$pass" -passlogfile "$work/pass" demo.ivf
done
run -f lavfi -i "aevalsrc='$tones':s=48000:d=$seconds:c=mono" -ac 2 -c:a libopus -b:a 40k -frame_duration 20 demo.ogg
