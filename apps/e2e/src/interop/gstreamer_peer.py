"""A WHIP publisher or WHEP player made with GStreamer's webrtcbin.

    gstreamer_peer.py publish|play URL [--video VP8|H264]

Prints its progress as JSON lines and leaves when its standard input ends.
"""

import argparse
import array
import sys
import urllib.error
import urllib.parse
import urllib.request

from progress import Progress, on_abandoned

try:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstSdp", "1.0")
    gi.require_version("GstWebRTC", "1.0")
    from gi.repository import GLib, Gst, GstSdp, GstWebRTC
except (ModuleNotFoundError, ValueError) as error:
    sys.exit(f"{error}: this test needs the Debian packages python3-gst-1.0 and gir1.2-gst-plugins-bad-1.0.")

ELEMENTS = {
    "webrtcbin": "gstreamer1.0-plugins-bad",
    "nicesrc": "gstreamer1.0-nice",
    "vp8enc": "gstreamer1.0-plugins-good",
    "x264enc": "gstreamer1.0-plugins-ugly",
    "avdec_h264": "gstreamer1.0-libav",
}

VIDEO_CAPS = "application/x-rtp,media=video,clock-rate=90000,encoding-name={name},payload={payload_type}"
AUDIO_CAPS = "application/x-rtp,media=audio,clock-rate=48000,encoding-name=OPUS,encoding-params=(string)2,payload=111"
VIDEO_FORMATS = {
    "VP8": VIDEO_CAPS.format(name="VP8", payload_type=96),
    "H264": VIDEO_CAPS.format(name="H264", payload_type=102) + ",packetization-mode=(string)1",
}
ENCODERS = {
    "VP8": "vp8enc deadline=1 keyframe-max-dist=60 ! rtpvp8pay",
    "H264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=60"
    " ! video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1 aggregate-mode=zero-latency",
}

DECODERS = {
    "VP8": "rtpvp8depay ! vp8dec ! videoconvert ! video/x-raw,format=I420",
    "H264": "rtph264depay ! h264parse ! avdec_h264 ! videoconvert ! video/x-raw,format=I420",
    "OPUS": "rtpopusdepay ! opusdec ! audioconvert ! audio/x-raw,format=S16LE",
}


def publishing_pipeline(video_codec):
    return Gst.parse_launch(
        "webrtcbin name=webrtc bundle-policy=max-bundle"
        " videotestsrc is-live=true pattern=ball background-color=0xff4080c0"
        " ! video/x-raw,width=640,height=360,framerate=30/1 ! videoconvert ! queue"
        f" ! {ENCODERS[video_codec]} ! {VIDEO_FORMATS[video_codec]} ! webrtc."
        " audiotestsrc is-live=true ! audioconvert ! audioresample ! queue"
        f" ! opusenc ! rtpopuspay ! {AUDIO_CAPS} ! webrtc."
    )


def playing_pipeline(progress):
    pipeline = Gst.Pipeline.new()
    webrtc = Gst.ElementFactory.make("webrtcbin", "webrtc")
    webrtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
    pipeline.add(webrtc)
    receive_only = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
    for caps in (";".join(VIDEO_FORMATS.values()), AUDIO_CAPS):
        webrtc.emit("add-transceiver", receive_only, Gst.Caps.from_string(caps))
    webrtc.connect("pad-added", lambda _, pad: decode(pipeline, pad, progress))
    return pipeline


def decode(pipeline, pad, progress):
    """Decodes what arrives at a source pad of webrtcbin, and looks at it."""
    codec = pad.get_current_caps().get_structure(0)["encoding-name"]
    sink = "appsink name=sink emit-signals=true sync=false"
    bin_ = Gst.parse_bin_from_description(f"queue ! {DECODERS[codec]} ! {sink}", True)
    is_video = codec != "OPUS"
    bin_.get_by_name("sink").connect("new-sample", watch if is_video else listen, progress)
    pipeline.add(bin_)
    bin_.sync_state_with_parent()
    pad.link(bin_.get_static_pad("sink"))


def watch(sink, progress):
    sample = sink.emit("pull-sample")
    structure = sample.get_caps().get_structure(0)
    width, height = structure["width"], structure["height"]
    # The rows of I420 are padded to a multiple of four bytes.
    luma_size = (width + 3) // 4 * 4 * height
    progress.picture(width, sample.get_buffer().extract_dup(0, luma_size))
    return Gst.FlowReturn.OK


def listen(sink, progress):
    buffer = sink.emit("pull-sample").get_buffer()
    progress.sound(array.array("h", buffer.extract_dup(0, buffer.get_size())))
    return Gst.FlowReturn.OK


class Exchange:
    """Offers as soon as webrtcbin can, takes the answer, and ends the session by DELETE."""

    def __init__(self, webrtc, url, fail):
        self._webrtc = webrtc
        self._url = url
        self._fail = fail
        self._session = None
        webrtc.connect("on-negotiation-needed", self._on_negotiation_needed)

    def end(self):
        if self._session is None:
            return
        try:
            urllib.request.urlopen(urllib.request.Request(self._session, method="DELETE"), timeout=5)
        except urllib.error.URLError:
            pass  # The server may have ended it first.

    def _on_negotiation_needed(self, _):
        promise = Gst.Promise.new_with_change_func(self._on_offer)
        self._webrtc.emit("create-offer", None, promise)

    def _on_offer(self, promise):
        reply = promise.get_reply()  # The description lives in it.
        offer = reply["offer"]
        self._webrtc.emit("set-local-description", offer, Gst.Promise.new())
        request = urllib.request.Request(
            self._url, data=offer.sdp.as_text().encode(), headers={"content-type": "application/sdp"}
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                self._session = urllib.parse.urljoin(self._url, response.headers["location"])
                self._set_answer(response.read().decode())
        except urllib.error.HTTPError as error:
            self._fail(f"{self._url} answered {error.code}: {error.read().decode()}")
        except urllib.error.URLError as error:
            self._fail(f"{self._url} cannot be reached: {error.reason}")

    def _set_answer(self, text):
        _, message = GstSdp.SDPMessage.new_from_text(text)
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self._webrtc.emit("set-remote-description", answer, Gst.Promise.new())


def main(arguments):
    Gst.init(None)
    for element, package in ELEMENTS.items():
        if Gst.ElementFactory.find(element) is None:
            sys.exit(f"GStreamer has no {element}: this test needs the Debian package {package}.")

    progress = Progress()
    loop = GLib.MainLoop()
    on_abandoned(lambda: GLib.idle_add(loop.quit))
    pipeline = publishing_pipeline(arguments.video) if arguments.role == "publish" else playing_pipeline(progress)
    webrtc = pipeline.get_by_name("webrtc")
    webrtc.connect(
        "notify::connection-state",
        lambda bin_, _: progress.update(connectionState=bin_.get_property("connection-state").value_nick),
    )
    failures = []

    def fail(reason):
        failures.append(reason)
        loop.quit()

    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect("message::error", lambda _, message: fail(str(message.parse_error())))
    exchange = Exchange(webrtc, arguments.url, fail)
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    exchange.end()
    pipeline.set_state(Gst.State.NULL)
    if failures:
        sys.exit(failures[0])


parser = argparse.ArgumentParser()
parser.add_argument("role", choices=("publish", "play"))
parser.add_argument("url")
parser.add_argument("--video", choices=tuple(ENCODERS), default="VP8")
main(parser.parse_args())
