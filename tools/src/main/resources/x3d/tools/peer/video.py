"""A video file to probabilities with PyAV and torch: the peer of x3d's classifier.

  python video.py --threads 2 VIDEO

Decodes the file, makes RGB of the frames that a view uses, each once, then view by view in float32: normalise, scale the
short side, crop the centre, X3D; the answer is the mean of the views' probabilities. FFmpeg and torch take --threads threads.
One round is one video; rounds as worker.py says. Needs av, numpy and torch.
"""
import argparse

import av
import numpy as np
import torch
import torch.nn.functional as F

import worker
from x3d_torch import Placement, X3D, add_placement, factors

MEAN, STD = 0.45, 0.225


def spans(count, fps, arguments):
    """Which frames make each view, as SlowFast chooses them."""
    size = arguments.rate * arguments.frames / arguments.fps * fps
    slack = max(count - size, 0)
    for view in range(arguments.views):
        start = slack * view / arguments.views
        yield np.linspace(start, start + size - 1, arguments.frames).clip(0, count - 1).astype(int)


def decode(path, arguments):
    """The views' frames, uint8 [T, H, W, 3] each."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = 'AUTO'
        stream.codec_context.thread_count = arguments.threads
        views = list(spans(stream.frames, float(stream.average_rate), arguments))
        wanted = set(np.concatenate(views).tolist())
        pictures = {
            index: frame.to_ndarray(format='rgb24')
            for index, frame in enumerate(container.decode(stream))
            if index in wanted
        }
    return [np.stack([pictures[i] for i in view.tolist()]) for view in views]


def transform(pictures, side, crop):
    """float32 [1, 3, T, crop, crop], in SlowFast's order."""
    clip = torch.from_numpy(pictures).float().div_(255).sub_(MEAN).div_(STD).permute(3, 0, 1, 2)
    height, width = clip.shape[2:]
    size = (int(height / width * side), side) if width <= height else (side, int(width / height * side))
    clip = F.interpolate(clip, size=size, mode='bilinear', align_corners=False)
    top, left = (size[0] - crop + 1) // 2, (size[1] - crop + 1) // 2
    return clip[None, :, :, top:top + crop, left:left + crop].contiguous()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--factors', type=factors, default=dict(num_classes=400))
    parser.add_argument('--views', type=int, default=10)
    parser.add_argument('--frames', type=int, default=13)
    parser.add_argument('--rate', type=int, default=6)
    parser.add_argument('--fps', type=float, default=30)
    parser.add_argument('--short-side', type=int, default=182)
    parser.add_argument('--crop', type=int, default=160)
    parser.add_argument('--without-network', action='store_true', help='stop at the finished views')
    add_placement(parser)
    parser.add_argument('video')
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    place = Placement(arguments)
    model = place.network(X3D(**arguments.factors).eval(), weights_in_half=True)

    @torch.inference_mode()
    def work():
        answers = []
        for pictures in decode(arguments.video, arguments):
            clip = transform(pictures, arguments.short_side, arguments.crop)
            if arguments.without_network:
                answers.append(clip)
            else:
                answers.append(torch.softmax(model(place.clips(clip, weights_in_half=True)).float(), 1))
        if not arguments.without_network:
            torch.cat(answers).mean(0).cpu()
        return 1

    worker.serve(work, place.peak)


if __name__ == '__main__':
    main()
