"""X3D in plain PyTorch, under the parameter names of SlowFast's checkpoints: what x3d-tools bench --peer measures against.

  python x3d_torch.py train --batch 8 --threads 2    # rounds of training steps, as worker.py says
  python x3d_torch.py infer --views 10 --threads 2   # rounds of one video's views
  python x3d_torch.py train --batch 64 --device cuda --precision float16 --channels-last --compile
  python x3d_torch.py check CASE_DIR                 # the network's numbers against a reference case

Needs torch, and numpy for check.
"""
import argparse
import contextlib
import json
import math
import struct
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

import worker

# SlowFast, X3D: depths of the four stages before the depth factor.
DEPTHS = (1, 2, 5, 3)


def scaled(channels, factor):
    return max(1, int(channels * factor + 0.5))


def rounded(channels, factor):
    """SlowFast's round_width: a multiple of 8, at least 90 % of the exact width."""
    width = channels * factor
    near = max(8, int(width + 4) // 8 * 8)
    return int(near + 8 if near < 0.9 * width else near)


def conv(inputs, outputs, kernel, stride=1, groups=1, bias=False):
    padding = tuple(k // 2 for k in kernel)
    return nn.Conv3d(inputs, outputs, kernel, (1, stride, stride), padding, groups=groups, bias=bias)


class SqueezeExcitation(nn.Module):
    def __init__(self, channels):
        super().__init__()
        inner = rounded(channels, 0.0625)
        self.fc1 = conv(channels, inner, (1, 1, 1), bias=True)
        self.fc2 = conv(inner, channels, (1, 1, 1), bias=True)

    def forward(self, x):
        mean = x.mean((2, 3, 4), keepdim=True)
        return x * torch.sigmoid(self.fc2(F.relu(self.fc1(mean))))


class Branch(nn.Module):
    def __init__(self, inputs, inner, outputs, stride, squeezes, channelwise):
        super().__init__()
        self.a = conv(inputs, inner, (1, 1, 1))
        self.a_bn = nn.BatchNorm3d(inner)
        self.b = conv(inner, inner, (3, 3, 3), stride, inner if channelwise else 1)
        self.b_bn = nn.BatchNorm3d(inner)
        self.se = SqueezeExcitation(inner) if squeezes else None
        self.c = conv(inner, outputs, (1, 1, 1))
        self.c_bn = nn.BatchNorm3d(outputs)

    def forward(self, x):
        x = F.relu(self.a_bn(self.a(x)), inplace=True)
        x = self.b_bn(self.b(x))
        if self.se is not None:
            x = self.se(x)
        return self.c_bn(self.c(F.silu(x)))


class Block(nn.Module):
    def __init__(self, inputs, inner, outputs, stride, squeezes, channelwise):
        super().__init__()
        self.changes_shape = inputs != outputs or stride != 1
        if self.changes_shape:
            self.branch1 = conv(inputs, outputs, (1, 1, 1), stride)
            self.branch1_bn = nn.BatchNorm3d(outputs)
        self.branch2 = Branch(inputs, inner, outputs, stride, squeezes, channelwise)

    def forward(self, x):
        shortcut = self.branch1_bn(self.branch1(x)) if self.changes_shape else x
        return F.relu(shortcut + self.branch2(x))


class X3D(nn.Module):
    """Logits [N, num_classes] of clips [N, 3, T, H, W]; without dropout. Unknown keywords (frames, crop) are left alone."""

    def __init__(self, width_factor=2.0, depth_factor=2.2, bottleneck_factor=2.25, dim_c1=12, dim_c5=2048,
                 num_classes=400, channelwise=True, **_):
        super().__init__()
        width = scaled(dim_c1, width_factor)
        stem = nn.Module()
        stem.conv_xy = conv(3, width, (1, 3, 3), 2)
        stem.conv = conv(width, width, (5, 1, 1), groups=width if channelwise else 1)
        stem.bn = nn.BatchNorm3d(width)
        self.s1 = nn.Module()
        self.s1.pathway0_stem = stem
        dim = dim_c1
        for number, depth in enumerate(DEPTHS, start=2):
            outputs = scaled(dim, width_factor)
            inner = int(bottleneck_factor * outputs)
            stage = nn.Module()
            for i in range(math.ceil(depth_factor * depth)):
                block = Block(width, inner, outputs, 2 if i == 0 else 1, i % 2 == 0, channelwise)
                stage.add_module(f'pathway0_res{i}', block)
                width = outputs
            self.add_module(f's{number}', stage)
            dim = rounded(dim, 2)
        self.head = nn.Module()
        self.head.conv_5 = conv(width, inner, (1, 1, 1))
        self.head.conv_5_bn = nn.BatchNorm3d(inner)
        self.head.lin_5 = conv(inner, dim_c5, (1, 1, 1))
        self.head.projection = nn.Linear(dim_c5, num_classes)

    def forward(self, x):
        stem = self.s1.pathway0_stem
        x = F.relu(stem.bn(stem.conv(stem.conv_xy(x))))
        for stage in (self.s2, self.s3, self.s4, self.s5):
            for block in stage.children():
                x = block(x)
        x = F.relu(self.head.conv_5_bn(self.head.conv_5(x))).mean((2, 3, 4), keepdim=True)
        return self.head.projection(F.relu(self.head.lin_5(x)).flatten(1))


def factors(text):
    """The network's factors as x3d writes them: JSON, all values text."""
    kinds = {'channelwise': lambda value: value == 'true'}
    for name in ('dim_c1', 'dim_c5', 'num_classes', 'frames', 'crop'):
        kinds[name] = int
    return {name: kinds.get(name, float)(value) for name, value in json.loads(text).items()}


def add_placement(parser):
    """The options that Placement reads."""
    parser.add_argument('--device', default='cpu', help='cpu, cuda or cuda:1')
    parser.add_argument('--precision', choices=['float32', 'tf32', 'float16'], default='float32',
                        help='float16 trains by autocast with a gradient scaler and infers with weights in float16; '
                             'on a CPU that is bfloat16')
    parser.add_argument('--channels-last', action='store_true', help='tensors in channels_last_3d')
    parser.add_argument('--compile', action='store_true', help='torch.compile')


class Placement:
    """Where and how a network runs."""

    def __init__(self, arguments):
        self.device = torch.device(arguments.device)
        self.cuda = self.device.type == 'cuda'
        if self.cuda and not torch.cuda.is_available():
            raise SystemExit(f'--device {arguments.device}: torch {torch.__version__} finds no GPU')
        self.half = arguments.precision == 'float16'
        self.type = torch.float16 if self.cuda else torch.bfloat16
        self.format = torch.channels_last_3d if arguments.channels_last else torch.contiguous_format
        self.compiles = arguments.compile
        if self.cuda:
            torch.cuda.set_device(self.device.index or 0)
            torch.backends.cudnn.benchmark = True
            torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = arguments.precision != 'float32'

    def host(self, *shape):
        """Drawn clips where a loader would leave them."""
        clips = torch.randn(*shape)
        return clips.pin_memory() if self.cuda else clips

    def clips(self, host, weights_in_half=False):
        """Clips on the device."""
        kind = self.type if weights_in_half and self.half else torch.float32
        return host.to(self.device, non_blocking=True).to(kind, memory_format=self.format)

    def network(self, model, weights_in_half=False):
        model = model.to(self.device, memory_format=self.format)
        if weights_in_half and self.half:
            model = model.to(self.type)
        return torch.compile(model) if self.compiles else model

    def autocast(self):
        return torch.autocast(self.device.type, self.type) if self.half else contextlib.nullcontext()

    def finish(self):
        """Waits for the device, so that a clock can be read."""
        if self.cuda:
            torch.cuda.synchronize()

    def peak(self):
        """The most memory of the device that torch has held, in bytes; None on a CPU."""
        return torch.cuda.max_memory_reserved() if self.cuda else None


def train(network, arguments, place):
    clips = place.host(arguments.batch, 3, network['frames'], network['crop'], network['crop'])
    labels = torch.randint(0, network['num_classes'], (arguments.batch,)).to(place.device)
    model = place.network(X3D(**network))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, nesterov=True, fused=place.cuda or None)
    scaler = torch.amp.GradScaler(place.device.type, enabled=place.cuda and place.half)

    def step():
        optimizer.zero_grad(set_to_none=True)
        with place.autocast():
            loss = F.cross_entropy(model(place.clips(clips)), labels)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()

    def work():
        for _ in range(arguments.steps):
            step()
        place.finish()
        return arguments.batch * arguments.steps

    return work


def infer(network, arguments, place):
    """One video's views, in PyTorch's best way on this machine: one view at a time, or all at once."""
    model = place.network(X3D(**network).eval(), weights_in_half=True)
    size = (3, network['frames'], network['crop'], network['crop'])
    one, every = place.host(1, *size), place.host(arguments.views, *size)

    def probabilities(clips):
        return torch.softmax(model(place.clips(clips, weights_in_half=True)).float(), 1).cpu()

    @torch.inference_mode()
    def singly():
        for _ in range(arguments.views):
            probabilities(one)

    @torch.inference_mode()
    def together():
        probabilities(every)

    best = min((singly, together), key=fastest)

    def work():
        best()
        return 1

    return work


def fastest(way):
    way()
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        way()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def safetensors(path):
    import numpy as np
    kinds = {'F32': np.float32, 'I64': np.int64}
    with open(path, 'rb') as file:
        length, = struct.unpack('<Q', file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    header.pop('__metadata__', None)
    tensors = {}
    for name, entry in header.items():
        first, last = entry['data_offsets']
        values = np.frombuffer(data[first:last], kinds[entry['dtype']]).reshape(entry['shape'])
        tensors[name] = torch.from_numpy(values.copy())
    return tensors


def check(folder):
    with open(folder + '/case.json') as file:
        case = json.load(file)
    model = X3D(**case['config'])
    missing, unexpected = model.load_state_dict(safetensors(folder + '/weights.safetensors'), strict=False)
    missing = [name for name in missing if not name.endswith('num_batches_tracked')]
    if missing or unexpected:
        raise SystemExit(f'{folder}: missing {missing}, unexpected {unexpected}')
    batch = safetensors(folder + '/batch.safetensors')
    with torch.no_grad():
        probabilities = torch.softmax(model.eval()(batch['clips']), 1)
    loss = F.cross_entropy(model.train()(batch['clips']), batch['labels'])
    loss.backward()
    norms = {name: p.grad.norm().item() for name, p in model.named_parameters()}
    known = {name: norm for name, norm in case['grad_norm'].items() if norm > 1e-6}
    print('probabilities differ by', (probabilities - batch['eval_probabilities']).abs().max().item())
    print('loss differs by', abs(loss.item() / case['loss'] - 1))
    print('gradient norms differ by', max(abs(norms[name] / norm - 1) for name, norm in known.items()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('work', choices=['train', 'infer', 'check'])
    parser.add_argument('case', nargs='?')
    parser.add_argument('--factors', type=factors, default=dict(num_classes=400, frames=13, crop=160))
    parser.add_argument('--batch', type=int, default=8)
    parser.add_argument('--steps', type=int, default=1)
    parser.add_argument('--views', type=int, default=10)
    parser.add_argument('--threads', type=int, default=2)
    add_placement(parser)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    if arguments.work == 'check':
        check(arguments.case)
    else:
        place = Placement(arguments)
        work = {'train': train, 'infer': infer}[arguments.work](arguments.factors, arguments, place)
        worker.serve(work, place.peak)


if __name__ == '__main__':
    main()
