# mypy: ignore-errors
"""GStreamer Editing Services behind a pipe: one question in JSON a line, one answer a line. Frames of 25 fps.

Run by the system's Python, for whose `gi` it is written, not by that of the tests; it imports nothing of the project.

    {"clips": [["a", start, length, source, end of source | null], …], "op": {"op": "trim", …}}
    -> {"layout": [["a", start, length, source], …]}  or  {"refused": "why", "layout": […]}
"""

import json
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GES", "1.0")
from gi.repository import GES, GLib, Gst  # noqa: E402  (versions are told first)

FRAME = Gst.SECOND // 25
EDGES = {"start": GES.Edge.START, "end": GES.Edge.END, None: GES.Edge.NONE}


class Refused(Exception):
    """GES did not do it."""


class Layer:
    """A timeline of one layer and one video track; no transitions of its own making."""

    def __init__(self, clips):
        self.timeline = GES.Timeline()
        self.timeline.props.auto_transition = False
        self.timeline.add_track(GES.VideoTrack.new())
        self.layer = self.timeline.append_layer()
        self.clips = {}
        for name, start, length, source, end in clips:
            self.clips[name] = self.add(name, start, length, source, end)

    def add(self, name, start, length, source, end):
        clip = GES.TestClip.new()
        assert clip.set_name(name)
        assert clip.set_start(start * FRAME) and clip.set_duration(length * FRAME)
        assert self.layer.add_clip(clip)
        for element in clip.get_children(False):
            element.set_has_internal_source(True)  # test pictures have no in-point and no end unless told so
        assert clip.set_inpoint(source * FRAME)
        assert end is None or clip.set_max_duration(end * FRAME)
        return clip

    def layout(self):
        found = []
        for clip in self.layer.get_clips():
            times = (clip.props.start, clip.props.duration, clip.props.in_point)
            assert not any(time % FRAME for time in times), "between two frames"
            found.append([clip.get_name(), *(time // FRAME for time in times)])
        return sorted(found, key=lambda item: (item[1], item[2], item[0]))

    def edit(self, name, mode, edge, to):
        """Move an edge, or (None) the whole clip by its start, to a frame of the timeline."""
        if to < 0:
            raise Refused("negative time: it cannot be said")  # the position is an unsigned number
        if not self.clips[name].edit_full(-1, mode, EDGES[edge], to * FRAME):
            raise Refused("not done")

    # ---- what can be asked
    def trim(self, clip, edge, delta):
        self.edit(clip, GES.EditMode.TRIM, edge, self.place(clip, edge) + delta)

    def ripple_trim(self, clip, edge, delta):
        """The end: GES's ripple. The start, which GES ripples by moving: made of a trim and a move of all from there."""
        if edge == "end":
            return self.edit(clip, GES.EditMode.RIPPLE, "end", self.place(clip, edge) + delta)
        start = self.place(clip, "start")
        if delta < 0:
            self.edit(clip, GES.EditMode.RIPPLE, None, start - delta)
            return self.edit(clip, GES.EditMode.TRIM, "start", start)
        self.edit(clip, GES.EditMode.TRIM, "start", start + delta)
        return self.edit(clip, GES.EditMode.RIPPLE, None, start)

    def roll(self, left, right, delta):
        if self.place(left, "end") != self.place(right, "start"):
            raise Refused("no cut: GES would take it for a trim")
        self.edit(left, GES.EditMode.ROLL, "end", self.place(left, "end") + delta)

    def move(self, clip, delta):
        self.edit(clip, GES.EditMode.NORMAL, None, self.place(clip, "start") + delta)

    def move_tail(self, clip, delta):
        """A clip and all that lies later."""
        self.edit(clip, GES.EditMode.RIPPLE, None, self.place(clip, "start") + delta)

    def split(self, clip, at):
        right = self.clips[clip].split_full(at * FRAME)
        if right is None:
            raise Refused("nothing to split")
        assert right.set_name("new")

    def place(self, clip, edge):
        props = self.clips[clip].props
        return (props.start + (props.duration if edge == "end" else 0)) // FRAME


def answer(question):
    layer = Layer(question["clips"])
    before = layer.layout()
    params = dict(question["op"])
    try:
        getattr(layer, params.pop("op"))(**params)
    except Refused as refused:
        return {"refused": str(refused), "unchanged": layer.layout() == before}
    except GLib.Error as error:
        names = {int(value): nick for nick, value in ((v.value_nick, v) for v in GES.Error.__enum_values__.values())}
        return {"refused": names.get(error.code, str(error.code)), "unchanged": layer.layout() == before}
    return {"layout": layer.layout()}


def main():
    Gst.init(None)
    GES.init()
    version = GES.version()
    print(json.dumps({"version": f"{version.major}.{version.minor}.{version.micro}"}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
