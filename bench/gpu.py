"""What gpu.sh measures: x3d on one NVIDIA GPU beside PyTorch on the same GPU, in the same run.

  devices    what x3d-tools finds here
  compare    our graphs on the GPU against SlowFast's numbers, TF32 off, within COMPARE_TOLERANCES
  train      X3D-S, clips a second: our spellings, options of the provider and batches, each by itself; PyTorch likewise
             (eager, channels-last, compiled); then the best of ours and PyTorch's in turns
  infer      10 views of a video likewise

A choice is made step by step, keeping what is faster. Each step has a time limit of its own, none starts that cannot end
within --budget, and after each one gpu.json and gpu.md in --out hold all that is known. Another call with --have gpu.json
goes on with the steps that are missing. Exit 0 if every step that ran did well, 1 if one failed, 2 for a wrong call.
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

# Greatest difference of any part, by case; docs/agreement.md tells why PyTorch itself ends 9e-3 away on s, and what the fifth step
# of tiny does to anyone's rounding. The differences themselves are in gpu.json.
COMPARE_TOLERANCES = {'tiny': 1e-2, 'dense': 1e-3, 's': 5e-2}
SMALL = ('--width-factor 1 --depth-factor 0.4 --dim-c1 8 --dim-c5 64 --frames 4 --crop 32 --num-classes 7').split()
SMALL_FACTORS = dict(width_factor=1.0, depth_factor=0.4, bottleneck_factor=2.25, dim_c1=8, dim_c5=64, num_classes=7,
                     frames=4, crop=32, channelwise='true')
S_FACTORS = dict(width_factor=2.0, depth_factor=2.2, bottleneck_factor=2.25, dim_c1=12, dim_c5=2048, num_classes=400,
                 frames=13, crop=160, channelwise='true')
LOWERINGS = ('planes_fused', 'conv3d_fused', 'planes', 'conv3d')
# DEFAULT of cudnn_conv_algo_search means cuDNN's fallback since ONNX Runtime 1.20, so it is not among the choices.
FIRST_OPTIONS = {'cudnn_conv_algo_search': 'HEURISTIC'}
CHOICES = [('cudnn_conv_algo_search', 'EXHAUSTIVE'), ('prefer_nhwc', '1')]
GAIN = 1.02  # a choice is kept if it is this many times as fast


class Failure(Exception):
    pass


class Bench:
    def __init__(self, arguments):
        self.home = Path(arguments.home)
        self.work = Path(arguments.work)
        self.out = Path(arguments.out)
        self.dry = arguments.dry_run
        self.end = time.monotonic() + arguments.budget
        self.failed = False
        self.lowerings = [lowering for lowering in LOWERINGS if not (self.dry and lowering == 'conv3d_fused')]  # refused on CPUs
        self.provider = [] if self.dry else ['--ep', 'cuda']  # the CPU is where all commands run by default
        self.out.mkdir(parents=True, exist_ok=True)
        self.results = json.loads(Path(arguments.have).read_text()) if arguments.have else {'steps': {}}
        self.steps = self.results['steps']
        self.results.update(dryRun=self.dry, date=time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()))
        self.peers = self.work / 'peer'
        self.unpack_peers()
        self.environment = dict(os.environ, PYTHONDONTWRITEBYTECODE='1',
                                TORCHINDUCTOR_CACHE_DIR=str(self.work / 'inductor'))

    def unpack_peers(self):
        jar = next((self.home / 'lib').glob('x3d-tools-*.jar'))
        self.peers.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(jar) as archive:
            for name in ('worker.py', 'x3d_torch.py'):
                (self.peers / name).write_bytes(archive.read('x3d/tools/peer/' + name))

    # -- steps

    def step(self, name, limit, work, choice=False):
        """Does work(seconds it may take) unless an earlier call has; returns what it found, or None. A choice may fail: it is
        then not taken."""
        known = self.steps.get(name)
        if known and 'found' in known:
            return known['found']
        left = self.end - time.monotonic()
        if left < min(limit, 20):
            self.steps[name] = {'left out': f'{left:.0f} s were left'}
            self.save()
            return None
        print(f'{name} ...', end=' ', flush=True)
        start = time.monotonic()
        try:
            found = work(min(limit, left))
            self.steps[name] = {'found': found}
        except Failure as failure:
            found = None
            self.failed = self.failed or not choice
            self.steps[name] = {'failed': str(failure)}
        self.steps[name]['seconds'] = round(time.monotonic() - start, 1)
        print(self.steps[name].get('failed') or brief(found), f'({self.steps[name]["seconds"]} s)', flush=True)
        self.save()
        return found

    def save(self):
        for name, text in (('gpu.json', json.dumps(self.results, indent=1)), ('gpu.md', markdown(self.results))):
            beside = self.out / (name + '.new')
            beside.write_text(text)
            beside.replace(self.out / name)

    # -- processes

    def tool(self, arguments, limit):
        """Runs x3d-tools; its output. One that outlasts the limit is killed with all its processes."""
        command = [str(self.home / 'bin' / 'x3d-tools')] + [str(a) for a in arguments]
        process = subprocess.Popen(command, env=self.environment, text=True, start_new_session=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            kill(process)
            raise Failure(f'took more than {limit:.0f} s') from None
        if process.returncode != 0:
            raise Failure(f'exit {process.returncode}: ' + last_line(err or out))
        return out

    def ours(self, what, choice, limit, more=()):
        """One bench of ours; choice is a dictionary as screen() makes them."""
        arguments = ['bench', what, '--json'] + self.network()
        arguments += ['--lowering', choice['lowering']] + self.provider
        for name, value in choice['options'].items():
            arguments += ['--ep-option', f'{name}={value}']
        if what == 'train':
            arguments += ['--batch', choice['batch'], '--steps', self.train_steps(choice['batch'])]
        else:
            arguments += ['--views', 2 if self.dry else 10, '--threads', 2]
            if self.dry:
                arguments += ['--sampling-rate', 2]
        arguments += list(more)
        if what == 'train' and choice['precision'] == 'float16':
            arguments += ['APEX.OPT_LEVEL', 'O2']
        if what == 'infer' and choice['precision'] == 'float16':
            arguments += ['--precision', 'float16']
        with Memory(self.dry) as memory:
            report = json.loads(self.tool(arguments, limit).strip().splitlines()[-1])
        report['deviceMemoryMiB'] = memory.peak()
        return report

    def solo(self, what, choice, limit):
        report = self.ours(what, choice, limit, ['--warmup', 1, '--rounds', 1 if self.dry else 3])
        rates = report['measurements'][0]['ours']['itemsPerSecond']
        return dict(choice, itemsPerSecond=rates['median'], deviceMemoryMiB=report['deviceMemoryMiB'])

    def network(self):
        return SMALL if self.dry else ['--variant', 'S']

    def train_steps(self, batch):
        return 1 if self.dry else max(1, 512 // batch)

    def peer(self, what, choice, limit):
        """Rounds of PyTorch by itself."""
        factors = {k: str(v) for k, v in (SMALL_FACTORS if self.dry else S_FACTORS).items()}
        command = [sys.executable, str(self.peers / 'x3d_torch.py'), what, '--factors', json.dumps(factors),
                   '--threads', '2', '--device', 'cpu' if self.dry else 'cuda', '--precision', choice['precision']]
        if what == 'train':
            command += ['--batch', str(choice['batch']), '--steps', str(self.train_steps(choice['batch']))]
        else:
            command += ['--views', '2' if self.dry else '10']
        command += ['--channels-last'] * choice['channelsLast'] + ['--compile'] * choice['compile']
        errors = self.work / 'peer.err'
        with Memory(self.dry) as memory, open(errors, 'w') as sink:
            process = subprocess.Popen(command, env=self.environment, text=True, start_new_session=True,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sink)
            timer = threading.Timer(limit, kill, [process])
            timer.start()
            try:
                rates, answer = [], None
                if process.stdout.readline().strip() == 'ready':
                    for round in range(2 if self.dry else 4):  # the first warms up
                        process.stdin.write('run\n')
                        process.stdin.flush()
                        answer = json.loads(process.stdout.readline() or 'null')
                        if answer is None:
                            break
                        rates.append(answer['items'] / answer['seconds'])
            except (BrokenPipeError, ValueError):
                answer = None
            finally:
                late = not timer.is_alive()
                timer.cancel()
                kill(process)
        if answer is None:
            raise Failure(f'took more than {limit:.0f} s' if late else last_line(errors.read_text()))
        rates = sorted(rates[1:])
        return dict(choice, itemsPerSecond=rates[len(rates) // 2], deviceMemoryMiB=memory.peak(),
                    torchMiB=answer['peak_device_bytes'] and answer['peak_device_bytes'] >> 20)

    # -- choices

    def screen(self, what, precision, batches, start=None):
        """The fastest of ours, found step by step; None if nothing runs."""
        def attempt(choice):
            options = ' '.join(f'{k}={v}' for k, v in choice['options'].items())
            batch = f' batch {choice["batch"]}' if what == 'train' else ''
            name = f'{what} ours {precision} {choice["lowering"]}{batch} {options}'.strip()
            return self.step(name, 90, lambda limit: self.solo(what, choice, limit), choice=True)

        options = {} if self.dry else dict(FIRST_OPTIONS, use_tf32='0' if precision == 'float32' else '1')
        first = dict(lowering=self.lowerings[0], precision=precision, batch=batches[0], options=options)
        if start:
            first = dict(first, lowering=start['lowering'], batch=start['batch'],
                         options=dict(start['options'], **({} if self.dry else {'use_tf32': options['use_tf32']})))
        best = attempt(first)
        if start:
            return best
        for lowering in self.lowerings[1:]:
            best = faster(best, attempt(dict(first, lowering=lowering)))
        for name, value in [] if self.dry or not best else CHOICES:
            best = faster(best, attempt(plain(best, options=dict(best['options'], **{name: value}))))
        for batch in batches[1:] if what == 'train' and best else []:
            next_best = faster(best, attempt(plain(best, batch=batch)))
            if next_best is best:
                break
            best = next_best
        return best

    def screen_peer(self, what, precision, batches):
        """PyTorch's fastest, eager and compiled."""
        def attempt(choice, limit=90):
            batch = f' batch {choice["batch"]}' if what == 'train' else ''
            how = ('channels-last ' if choice['channelsLast'] else '') + ('compiled' if choice['compile'] else 'eager')
            return self.step(f'{what} PyTorch {precision} {how}{batch}', limit,
                             lambda seconds: self.peer(what, choice, seconds), choice=True)

        first = dict(precision=precision, batch=batches[0], channelsLast=True, compile=False)
        eager = faster(attempt(first), attempt(dict(first, channelsLast=False)))
        for batch in batches[1:] if what == 'train' and eager else []:
            larger = faster(eager, attempt(plain(eager, batch=batch)))
            if larger is eager:
                break
            eager = larger
        if self.dry or not eager:  # compiling for a CPU takes many minutes
            return eager, None
        return eager, attempt(plain(eager, compile=True), 240)

    def duel(self, what, ours, peer, name):
        """The best of both in turns."""
        if not peer:
            return
        if not ours:  # there is nothing to compare with
            self.failed = True
            return
        more = ['--warmup', 1, '--rounds', 1 if self.dry else 5, '--peer', sys.executable,
                '--peer-device', 'cpu' if self.dry else 'cuda', '--peer-precision', peer['precision']]
        more += ['--peer-channels-last'] * peer['channelsLast'] + ['--peer-compile'] * peer['compile']
        if what == 'train':
            more += ['--peer-batch', peer['batch']]

        def work(limit):
            report = self.ours(what, ours, limit, more)
            return {'ours': ours, 'peer': peer, 'measurements': report['measurements'], 'figures': report['figures']}

        self.step(f'{what} in turns: {name}', 180, work)

    # -- all of it

    def run(self):
        self.results['machine'] = self.step('machine', 30, lambda limit: machine(self.dry)) or {}
        self.step('devices', 30, lambda limit: self.tool(['devices'], limit))

        def compare(case, lowering):
            tf32 = [] if self.dry else ['--ep-option', 'use_tf32=0']
            call = ['compare', case, '--lowering', lowering, '--tolerance', COMPARE_TOLERANCES.get(case.name, 1e-3),
                    '--json'] + self.provider + tf32
            self.step(f'compare {case.name} {lowering}', 120, lambda limit: json.loads(self.tool(call, limit)))

        cases = sorted((self.home / 'cases').iterdir(), key=lambda c: c.name != 'tiny')
        for lowering in self.lowerings if cases else []:
            compare(cases[0], lowering)
        batches = [2, 4] if self.dry else [32, 64, 128, 256]
        precisions = ['float32'] if self.dry else ['float16', 'tf32']
        for precision in precisions:
            ours = self.screen('train', precision, batches, self.best('train', 'float16') if precision == 'tf32' else None)
            eager, compiled = self.screen_peer('train', precision, batches)
            self.duel('train', ours, eager, f'{precision}, PyTorch eager')
            self.duel('train', ours, compiled, f'{precision}, PyTorch compiled')
            ours = self.screen('infer', precision, [1])
            eager, compiled = self.screen_peer('infer', precision, [1])
            self.duel('infer', ours, eager, f'{precision}, PyTorch eager')
            self.duel('infer', ours, compiled, f'{precision}, PyTorch compiled')
        for case in cases[1:]:
            for lowering in self.lowerings:
                compare(case, lowering)

    def best(self, what, precision):
        found = [s['found'] for n, s in self.steps.items() if n.startswith(f'{what} ours {precision} ') and s.get('found')]
        return max(found, key=lambda f: f['itemsPerSecond'], default=None)


class Memory:
    """The most memory of the GPU that was in use while it was open, by nvidia-smi, twice a second."""

    def __init__(self, dry):
        self.dry, self.most, self.done = dry, None, threading.Event()

    def __enter__(self):
        if not self.dry:
            self.thread = threading.Thread(target=self.watch, daemon=True)
            self.thread.start()
        return self

    def watch(self):
        while not self.done.wait(0.5):
            used = smi('memory.used')
            if used and used.split()[0].isdigit():
                self.most = max(self.most or 0, int(used.split()[0]))

    def __exit__(self, *_):
        self.done.set()

    def peak(self):
        return self.most


def smi(field):
    try:
        return subprocess.run(['nvidia-smi', f'--query-gpu={field}', '--format=csv,noheader,nounits'], text=True,
                              capture_output=True, timeout=10).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return None


def machine(dry):
    import torch
    if not dry and not torch.cuda.is_available():
        raise Failure(f'torch {torch.__version__} finds no GPU; --dry-run goes without')
    return {'gpu': None if dry else torch.cuda.get_device_name(0), 'driver': smi('driver_version'),
            'memoryMiB': smi('memory.total'), 'torch': torch.__version__, 'cuda': torch.version.cuda,
            'cudnn': torch.backends.cudnn.version(), 'python': sys.version.split()[0], 'cores': os.cpu_count()}


def plain(found, **changes):
    """A choice again, without what was found of it."""
    kept = {k: v for k, v in found.items() if k not in ('itemsPerSecond', 'deviceMemoryMiB', 'torchMiB')}
    return dict(kept, **changes)


def faster(best, other):
    if not best or not other:
        return best or other
    return other if other['itemsPerSecond'] > GAIN * best['itemsPerSecond'] else best


def kill(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:500] if lines else 'without a word'


def brief(found):
    if isinstance(found, dict) and 'itemsPerSecond' in found:
        return f'{found["itemsPerSecond"]:.1f}/s'
    if isinstance(found, dict) and 'measurements' in found:
        return ', '.join(f'{m["ratio"]["median"]:.2f} times PyTorch' for m in found['measurements'])
    return 'done'


def described(choice):
    if 'options' in choice:
        words = [choice['lowering'], choice['precision']] + [f'{k}={v}' for k, v in choice['options'].items()]
    else:
        words = [choice['precision'], 'channels-last' if choice['channelsLast'] else 'contiguous',
                 'compiled' if choice['compile'] else 'eager']
    return ' '.join(words) + f', batch {choice["batch"]}'


def markdown(results):
    """The same as tables."""
    steps = results['steps']
    found = {name: step['found'] for name, step in steps.items() if step.get('found')}
    lines = ['# x3d and PyTorch on one GPU', '']
    if results.get('dryRun'):
        lines += ['A dry run on a CPU with a small network: the figures mean nothing.', '']
    lines += [', '.join(f'{k} {v}' for k, v in (results.get('machine') or {}).items()) + f'; {results["date"]}', '']
    lines += ['| in turns | x3d | PyTorch | ratio | x3d runs | PyTorch runs |', '|---|---|---|---|---|---|']
    for name, step in found.items():
        if ' in turns: ' in name:
            for m in step['measurements']:
                ours, peer, ratio = m['ours']['itemsPerSecond'], m['peer']['itemsPerSecond'], m['ratio']
                lines.append(f'| {name.split(" in turns: ")[0]}, {m["name"]}: {name.split(": ")[1]} '
                             f'| {ours["median"]:.1f} {m["item"]}s/s | {peer["median"]:.1f} '
                             f'| {ratio["median"]:.2f} ({ratio["min"]:.2f} to {ratio["max"]:.2f}) '
                             f'| {described(step["ours"])} | {described(step["peer"])} |')
    lines += ['', '| alone | items/s | GPU memory, MiB |', '|---|---|---|']
    for name, step in found.items():
        if isinstance(step, dict) and 'itemsPerSecond' in step:
            lines.append(f'| {name} | {step["itemsPerSecond"]:.1f} | {step["deviceMemoryMiB"] or "unknown"} |')
    lines += ['', f'`compare` (TF32 off), tolerances {COMPARE_TOLERANCES}:', '']
    for name, step in steps.items():
        if name.startswith('compare '):
            lines.append(f'- {name}: ' + (json.dumps(step['found']) if 'found' in step else next(iter(step.values()))))
    other = [(name, step) for name, step in steps.items() if 'found' not in step]
    if other:
        lines += ['', 'Not measured:', ''] + [f'- {name}: {next(iter(step.items()))[0]}: {next(iter(step.values()))}'
                                              for name, step in other]
    return '\n'.join(lines) + '\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--home', required=True, help='where x3d is unpacked')
    parser.add_argument('--work', required=True, help='scratch that may be kept between calls')
    parser.add_argument('--out', default=os.environ.get('OUT') or '.', help='where gpu.json and gpu.md go (default: $OUT or .)')
    parser.add_argument('--budget', type=float, default=540, help='seconds in all (default: 540)')
    parser.add_argument('--have', help='gpu.json of an earlier call, to go on')
    parser.add_argument('--dry-run', action='store_true', help='a small network on the CPU: no GPU is needed')
    bench = Bench(parser.parse_args())
    bench.run()
    print((bench.out / 'gpu.md').read_text())
    sys.exit(1 if bench.failed else 0)


if __name__ == '__main__':
    main()
