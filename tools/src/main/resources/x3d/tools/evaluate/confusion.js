// The confusion matrix: rows are classes, columns what they were taken for. Wheel, pinch, buttons and plus/minus zoom, a drag moves,
// pointer and arrows ask for a cell.
'use strict';
for (const box of document.querySelectorAll('.confusion')) {
  const data = JSON.parse(box.querySelector('script').textContent);
  const canvas = box.querySelector('canvas'), said = box.querySelector('.said'), choice = box.querySelector('.order');
  const n = data.names.length;
  const counts = data.names.map(() => new Map());
  for (const [own, answer, videos] of data.cells) counts[own].set(answer, videos);
  const totals = counts.map(row => [...row.values()].reduce((a, b) => a + b, 0));
  const share = (own, answer) => (counts[own].get(answer) ?? 0) / Math.max(1, totals[own]);
  const all = [...data.names.keys()];
  const orders = {
    cluster: data.cluster,
    name: [...all].sort((a, b) => data.names[a].localeCompare(data.names[b])),
    accuracy: [...all].sort((a, b) => share(a, a) - share(b, b) || a - b),
    number: all,
  };
  let order = orders[choice.value], span = n, left = 0, top = 0, row = -1, column = -1;
  const margin = () => span <= 30 ? Math.min(140, canvas.clientWidth * .25) : 0;

  const draw = () => {
    const side = canvas.clientWidth, scale = devicePixelRatio || 1;
    canvas.width = canvas.height = side * scale;
    const style = getComputedStyle(document.documentElement), color = name => style.getPropertyValue(name).trim();
    const g = canvas.getContext('2d');
    g.scale(scale, scale);
    g.fillStyle = color('--paper');
    g.fillRect(0, 0, side, side);
    const edge = margin(), cell = (side - edge) / span;
    const place = new Array(n);
    order.forEach((label, i) => place[label] = i);
    g.save();
    g.beginPath();
    g.rect(edge, edge, side - edge, side - edge);
    g.clip();
    if (cell > 8) {
      g.strokeStyle = color('--rule');
      g.lineWidth = .5;
      for (let i = 0; i <= n; i++) {
        g.strokeRect(edge + (i - left) * cell, edge - top * cell, .01, n * cell);
        g.strokeRect(edge - left * cell, edge + (i - top) * cell, n * cell, .01);
      }
    }
    for (const [own, answer, videos] of data.cells) {
      const x = place[answer] - left, y = place[own] - top;
      if (x <= -1 || y <= -1 || x >= span || y >= span) continue;
      g.globalAlpha = Math.max(own === answer ? .08 : .25, Math.sqrt(videos / totals[own]));
      g.fillStyle = color(own === answer ? '--accent' : '--bad');
      const size = Math.max(cell, 1.5);
      g.fillRect(edge + x * cell, edge + y * cell, size, size);
    }
    g.globalAlpha = 1;
    if (row >= 0) {
      g.strokeStyle = color('--ink');
      g.lineWidth = 1;
      const size = Math.max(cell, 7), grown = (size - cell) / 2;
      g.strokeRect(edge + (column - left) * cell - grown, edge + (row - top) * cell - grown, size, size);
    }
    if (cell > 22) {
      g.fillStyle = color('--ink');
      g.font = `${Math.min(14, cell * .4)}px system-ui, sans-serif`;
      g.textAlign = 'center';
      g.textBaseline = 'middle';
      for (const [own, answer, videos] of data.cells) {
        g.fillText(videos, edge + (place[answer] - left + .5) * cell, edge + (place[own] - top + .5) * cell);
      }
    }
    g.restore();
    if (edge) {
      g.fillStyle = color('--ink');
      g.font = `${Math.max(9, Math.min(13, cell * .6))}px system-ui, sans-serif`;
      g.textBaseline = 'middle';
      const short = text => {
        while (text.length > 1 && g.measureText(text).width > edge - 8) text = text.slice(0, -2).trimEnd() + '…';
        return text;
      };
      for (let i = Math.ceil(top); i < Math.min(n, top + span); i++) {
        g.textAlign = 'right';
        g.fillText(short(data.names[order[i]]), edge - 5, edge + (i - top + .5) * cell);
      }
      for (let i = Math.ceil(left); i < Math.min(n, left + span); i++) {
        g.save();
        g.translate(edge + (i - left + .5) * cell, edge - 5);
        g.rotate(-Math.PI / 2);
        g.textAlign = 'left';
        g.fillText(short(data.names[order[i]]), 0, 0);
        g.restore();
      }
    }
  };

  const tell = () => {
    if (row < 0) return;
    const own = order[row], answer = order[column], videos = counts[own].get(answer) ?? 0;
    const percent = (100 * share(own, answer)).toFixed(1);
    said.textContent = own === answer
      ? `${data.names[own]}: ${videos} of ${totals[own]} videos right, ${percent} %`
      : `${data.names[own]} taken for ${data.names[answer]}: ${videos} of ${totals[own]} videos, ${percent} %`;
  };
  const hold = () => {
    left = Math.max(0, Math.min(n - span, left));
    top = Math.max(0, Math.min(n - span, top));
  };
  const zoom = (factor, x, y) => {
    const before = span;
    span = Math.max(Math.min(4, n), Math.min(n, span / factor));
    left += (before - span) * x;
    top += (before - span) * y;
    hold();
    draw();
  };
  const at = event => {
    const box = canvas.getBoundingClientRect(), edge = margin(), side = box.width - edge;
    return [(event.clientX - box.left - edge) / side, (event.clientY - box.top - edge) / side];
  };
  const about = () => row < 0 ? [.5, .5] : [(column + .5 - left) / span, (row + .5 - top) / span];

  box.querySelector('.in').addEventListener('click', () => zoom(1.6, ...about()));
  box.querySelector('.out').addEventListener('click', () => zoom(1 / 1.6, ...about()));
  box.querySelector('.all').addEventListener('click', () => zoom(1 / n, .5, .5));
  choice.addEventListener('change', () => {
    const own = order[row], answer = order[column];
    order = orders[choice.value];
    row = row < 0 ? row : order.indexOf(own);
    column = column < 0 ? column : order.indexOf(answer);
    draw();
  });
  canvas.addEventListener('wheel', event => {
    if (span === n && event.deltaY > 0) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, ...at(event).map(v => Math.max(0, Math.min(1, v))));
  }, {passive: false});

  const fingers = new Map();
  canvas.addEventListener('pointerdown', event => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, at(event));
  });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, event => fingers.delete(event.pointerId));
  canvas.addEventListener('pointermove', event => {
    const now = at(event), before = fingers.get(event.pointerId);
    if (before) {
      const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
      fingers.set(event.pointerId, now);
      if (others.length) {
        const far = place => Math.hypot(place[0] - others[0][0], place[1] - others[0][1]) || 1e-3;
        zoom(far(now) / far(before), ...others[0]);
      } else {
        left -= (now[0] - before[0]) * span;
        top -= (now[1] - before[1]) * span;
        hold();
      }
    }
    const x = Math.floor(left + now[0] * span), y = Math.floor(top + now[1] * span);
    if (now[0] >= 0 && now[1] >= 0 && x < n && y < n) [row, column] = [y, x];
    tell();
    draw();
  });
  canvas.addEventListener('keydown', event => {
    const step = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}[event.key];
    if (step) {
      [row, column] = row < 0 ? [0, 0] : [row + step[0], column + step[1]].map(v => Math.max(0, Math.min(n - 1, v)));
      left = Math.min(column, Math.max(column + 1 - span, left));
      top = Math.min(row, Math.max(row + 1 - span, top));
      tell();
      draw();
    } else if (event.key === '+' || event.key === '=') zoom(1.6, ...about());
    else if (event.key === '-') zoom(1 / 1.6, ...about());
    else return;
    event.preventDefault();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  new ResizeObserver(draw).observe(canvas);
}
