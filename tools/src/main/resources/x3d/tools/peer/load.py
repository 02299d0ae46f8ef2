"""Random training clips with PyAV and torch, the way SlowFast and PyTorchVideo make them: the peer of x3d's loader.

  python load.py --clips 16 --threads 1 VIDEO...

A clip: seek to the key frame before it, decode to its end, the chosen frames to RGB (those two make RGB of all frames of the
span first; --rgb span does so too), then in float32 normalise, scale the short side, crop, mirror. FFmpeg and torch take one
thread a clip; --threads clips are made at once. Rounds as worker.py says. Needs av, numpy and torch.
"""
import argparse
import concurrent.futures
import random

import av
import numpy as np
import torch
import torch.nn.functional as F

import worker

MEAN, STD = 0.45, 0.225


def decode(path, arguments, draw):
    """The chosen frames of a clip that lies anywhere in the video, uint8 [T, H, W, 3]."""
    frames = arguments.frames
    with av.open(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = 'AUTO'
        stream.codec_context.thread_count = 1
        fps = float(stream.average_rate)
        count = stream.frames
        size = arguments.rate * frames / arguments.fps * fps
        start = draw.uniform(0, max(count - size, 0))
        chosen = np.linspace(start, start + size - 1, frames).clip(0, count - 1).astype(int)
        wanted = set(range(chosen[0], chosen[-1] + 1) if arguments.rgb == 'span' else chosen.tolist())
        first = stream.start_time or 0
        tick = float(stream.time_base) * fps
        container.seek(first + int(chosen[0] / tick), stream=stream)
        pictures = {}
        for frame in container.decode(stream):
            index = round((frame.pts - first) * tick)
            if index in wanted:
                pictures[index] = frame.to_ndarray(format='rgb24')
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
    clip = F.interpolate(clip, size=size, mode='bilinear', align_corners=False)
    top = draw.randrange(size[0] - crop + 1)
    left = draw.randrange(size[1] - crop + 1)
    clip = clip[:, :, top:top + crop, left:left + crop]
    if draw.random() < 0.5:
        clip = clip.flip(-1)
    return clip.contiguous()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--clips', type=int, default=16)
    parser.add_argument('--frames', type=int, default=13)
    parser.add_argument('--rate', type=int, default=6)
    parser.add_argument('--fps', type=float, default=30)
    parser.add_argument('--crop', type=int, default=160)
    parser.add_argument('--jitter', type=int, nargs=2, default=(182, 228))
    parser.add_argument('--rgb', choices=['chosen', 'span'], default='chosen')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('videos', nargs='+')
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rounds = 0

    def make(number):
        draw = random.Random(arguments.seed * 1000003 + number)
        video = arguments.videos[number % len(arguments.videos)]
        return transform(decode(video, arguments, draw), arguments.jitter, arguments.crop, draw)

    with concurrent.futures.ThreadPoolExecutor(arguments.threads) as pool:
        # For one clip at a time, a thread of its own would only cost.
        clips = pool.map if arguments.threads > 1 else map

        def work():
            nonlocal rounds
            first = rounds * arguments.clips
            rounds += 1
            return sum(1 for _ in clips(make, range(first, first + arguments.clips)))

        worker.serve(work)


if __name__ == '__main__':
    main()
