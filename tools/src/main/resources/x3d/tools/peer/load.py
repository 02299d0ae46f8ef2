"""Random training clips with PyAV and torch, the way SlowFast and PyTorchVideo make them: the peer of x3d's loader.

  python3 load.py --clips 16 --threads 1 VIDEO...

Seeks to the key frame before the clip, decodes to its end, turns the 13 chosen frames into RGB, then in float32:
normalise, scale the short side (bilinear), crop, mirror. FFmpeg and torch take one thread a clip; --threads clips are made
at once. Prints "ready"; for each line "run" on standard input makes --clips clips and prints
{"seconds": s, "items": n}; at "quit" or the end of input prints {"peak_rss_bytes": b}. Needs av, numpy and torch.
"""
import argparse
import concurrent.futures
import json
import random
import resource
import sys
import time

import av
import numpy as np
import torch
import torch.nn.functional as F

MEAN, STD = 0.45, 0.225
TARGET_FPS = 30


def decode(path, frames, rate, draw):
    """The chosen frames of a clip that lies anywhere in the video, uint8 [T, H, W, 3]."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = 1
        fps = float(stream.average_rate)
        count = stream.frames
        size = rate * frames / TARGET_FPS * fps
        start = draw.uniform(0, max(count - size, 0))
        chosen = np.linspace(start, start + size - 1, frames).clip(0, count - 1).astype(int)
        wanted = set(chosen.tolist())
        first = stream.start_time or 0
        tick = float(stream.time_base) * fps
        container.seek(first + int(chosen[0] / tick), stream=stream)
        pictures = {}
        for frame in container.decode(stream):
            index = round((frame.pts - first) * tick)
            if index in wanted:
                pictures[index] = frame.to_ndarray(format="rgb24")
            if index >= chosen[-1]:
                break
    return np.stack([pictures[i] for i in chosen.tolist()])


def transform(pictures, jitter, crop, draw):
    """float32 [3, T, crop, crop], in SlowFast's order."""
    clip = torch.from_numpy(pictures).float().div_(255).sub_(MEAN).div_(STD).permute(3, 0, 1, 2)
    side = round(1 / draw.uniform(1 / jitter[1], 1 / jitter[0]))
    height, width = clip.shape[2:]
    if width <= height:
        size = (int(height / width * side), side)
    else:
        size = (side, int(width / height * side))
    clip = F.interpolate(clip, size=size, mode="bilinear", align_corners=False)
    top = draw.randrange(size[0] - crop + 1)
    left = draw.randrange(size[1] - crop + 1)
    clip = clip[:, :, top:top + crop, left:left + crop]
    if draw.random() < 0.5:
        clip = clip.flip(-1)
    return clip.contiguous()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--clips", type=int, default=16)
    parser.add_argument("--frames", type=int, default=13)
    parser.add_argument("--rate", type=int, default=6)
    parser.add_argument("--crop", type=int, default=160)
    parser.add_argument("--jitter", type=int, nargs=2, default=(182, 228))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("videos", nargs="+")
    args = parser.parse_args()
    torch.set_num_threads(1)

    def make(number):
        draw = random.Random(args.seed * 1000003 + number)
        video = args.videos[number % len(args.videos)]
        return transform(decode(video, args.frames, args.rate, draw), args.jitter, args.crop, draw)

    with concurrent.futures.ThreadPoolExecutor(args.threads) as pool:
        # A thread of its own for one clip at a time would only cost.
        clips = pool.map if args.threads > 1 else map
        print("ready", flush=True)
        for line in sys.stdin:
            if line.strip() == "quit":
                break
            if line.strip() == "run":
                start = time.perf_counter()
                made = sum(1 for _ in clips(make, range(args.clips)))
                print(json.dumps({"seconds": time.perf_counter() - start, "items": made}), flush=True)
    kilobyte = 1 if sys.platform == "darwin" else 1024
    print(json.dumps({"peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kilobyte}), flush=True)


if __name__ == "__main__":
    main()
