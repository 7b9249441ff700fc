"""Gestures as an editor might ask for them, seen on what the screen shows: most of them legal, some too late."""

SECOND = 705_600_000
FRAME = SECOND // 25
FOOTAGE = {
    "url": "https://media.test/a.mp4",
    "available": {"start": 0, "duration": 600 * SECOND},
    "rate": {"num": 25, "den": 1},
    "width": 1920,
    "height": 1080,
}
TRACKS = ("v1", "v2", "v3")
START = [
    *({"type": "add_track", "track_id": track, "kind": "video"} for track in TRACKS),
    *(
        {"type": "add_clip", "clip_id": f"{track}c{n}", "track_id": track, "media": FOOTAGE, "start": n * 100,
         "duration": 100, "source_in": 200}
        for track in TRACKS for n in range(6)
    ),
]  # fmt: skip


class Editor:
    """Draws gestures from a seeded chance. `name` begins the ids that this person gives."""

    def __init__(self, name, chance):
        self.name = name
        self.chance = chance
        self.count = 0

    def fresh(self):
        """An id that nobody has given."""
        self.count += 1
        return f"{self.name}-{self.count}"

    def gesture(self, state):
        """One gesture on what is shown."""
        clips = sorted(record.id for record in state.living("clip"))
        if len(clips) < 6:
            return self.add_clip(state, clips)
        few = (self.remove_clip, self.ripple_delete) if len(clips) > 25 else ()
        kinds = (self.add_clip, self.move, self.move, self.trim, self.trim, self.split, self.slip, self.roll, self.rename,
                 self.metadata, self.marker, self.opacity, self.keyframe, self.group, self.ripple_delete, *few)  # fmt: skip
        return self.chance.choice(kinds)(state, clips)

    def drag(self, state):
        """The gestures of one drag: the same clip, a little further each time."""
        clip = self.chance.choice(sorted(record.id for record in state.living("clip")) or ["v1c0"])
        edge = self.chance.choice(("start", "end"))
        step = self.chance.choice((-1, 1))
        return [
            {"type": "trim", "clip_id": clip, "edge": edge, "delta": step} for _ in range(self.chance.randint(2, 5))
        ]

    # ---- one each
    def add_clip(self, state, clips):
        start = self.chance.randrange(0, 3_000)
        return {"type": "add_clip", "clip_id": self.fresh(), "track_id": self.chance.choice(TRACKS), "media": FOOTAGE,
                "start": start, "duration": self.chance.randint(10, 120), "source_in": self.chance.randint(0, 500)}  # fmt: skip

    def move(self, state, clips):
        how = self.chance.choice(("refuse", "overwrite", "insert"))
        return {"type": "move", "clip_ids": [self.chance.choice(clips)], "delta": self.chance.randint(-200, 400),
                "on_overlap": how}  # fmt: skip

    def trim(self, state, clips):
        return {"type": "trim", "clip_id": self.chance.choice(clips), "edge": self.chance.choice(("start", "end")),
                "delta": self.chance.randint(-15, 15)}  # fmt: skip

    def split(self, state, clips):
        clip = self.chance.choice(clips)
        value = state.records[clip].value
        at = value["start"] // FRAME + self.chance.randint(1, max(1, value["duration"] // FRAME - 1))
        return {"type": "split", "clip_id": clip, "at": at, "new_id": self.fresh()}

    def slip(self, state, clips):
        return {"type": "slip", "clip_id": self.chance.choice(clips), "delta": self.chance.randint(-30, 30)}

    def roll(self, state, clips):
        left = self.chance.choice(clips)
        value = state.records[left].value
        end = value["start"] + value["duration"]
        touching = [clip for clip in state.inside(value["track_id"], "clip") if clip.value["start"] == end]
        right = touching[0].id if touching else self.chance.choice(clips)
        return {"type": "roll", "left_id": left, "right_id": right, "delta": self.chance.randint(-5, 5)}

    def rename(self, state, clips):
        return {"type": "rename", "id": self.chance.choice(clips), "name": f"take {self.chance.randint(1, 999)}"}

    def metadata(self, state, clips):
        note = {f"k{self.chance.randint(1, 5)}": self.chance.choice((None, 1, "x" * self.chance.randint(1, 3_000)))}
        return {"type": "set_metadata", "id": self.chance.choice(clips), "metadata": note}

    def marker(self, state, clips):
        return {"type": "add_marker", "marker_id": self.fresh(), "parent_id": state.timeline_id,
                "time": self.chance.randint(0, 3_000)}  # fmt: skip

    def opacity(self, state, clips):
        return {
            "type": "set_opacity",
            "clip_id": self.chance.choice(clips),
            "opacity": self.chance.randint(0, 1_000_000),
        }

    def keyframe(self, state, clips):
        return {"type": "add_keyframe", "keyframe_id": self.fresh(), "parent_id": self.chance.choice(clips),
                "property": "opacity", "time": self.chance.randint(0, 9), "value": self.chance.randint(0, 1_000_000)}  # fmt: skip

    def group(self, state, clips):
        return {"type": "group", "clip_ids": self.chance.sample(clips, 2), "group_id": self.fresh()}

    def ripple_delete(self, state, clips):
        scope = self.chance.choice(("track", "sync_locked"))
        return {"type": "ripple_delete", "clip_ids": [self.chance.choice(clips)], "scope": scope}

    def remove_clip(self, state, clips):
        return {"type": "remove_clip", "clip_id": self.chance.choice(clips)}
