// Draws the charts anew over another x axis, smoothed, or by powers of 10. The runs' ways tell where each was at its updates.
'use strict';
const ways = JSON.parse(document.getElementById('ways').textContent);
const [axis, smoothing, smoothed, log] = ['axis', 'smoothing', 'smoothed', 'log'].map(id => document.getElementById(id));
const charts = [...document.querySelectorAll('[data-chart]')].map(element => ({
  element, figure: element.parentElement, spec: JSON.parse(element.nextElementSibling.textContent),
}));
const longest = Math.max(0, ...ways.flatMap(way => way.seconds.slice(-1)));
const [unit, length] = longest < 600 ? ['seconds', 1] : longest < 10800 ? ['minutes', 60] : ['hours', 3600];
const titles = {steps: 'updates', epochs: 'epochs', seconds: 'wall time, ' + unit};

// Straight lines between the points of a way; before the first, from 0 at update 0.
function along(xs, steps, values) {
  let i = 0;
  return xs.map(x => {
    while (i < steps.length - 1 && steps[i] < x) i++;
    const [s0, v0] = i && steps[i] >= x ? [steps[i - 1], values[i - 1]] : i ? [steps[i], values[i]] : [0, 0];
    return x >= steps[i] ? values[i] : v0 + (values[i] - v0) * (x - s0) / (steps[i] - s0);
  });
}

function over(xs, run) {
  const way = ways[run];
  if (axis.value === 'epochs') return along(xs, way.epochSteps, way.epochs);
  if (axis.value === 'seconds') return along(xs, way.secondSteps, way.seconds).map(s => s / length);
  return xs;
}

// An exponential mean, by the sum of its weights, so that its first points are not drawn towards 0.
function smooth(ys, kept) {
  let sum = 0, weight = 0;
  return ys.map(y => {
    if (y === null) return null;
    sum = kept * sum + (1 - kept) * y;
    weight = kept * weight + 1 - kept;
    return sum / weight;
  });
}

function draw() {
  const kept = Number(smoothing.value);
  smoothed.textContent = smoothing.value;
  for (const {element, figure, spec} of charts) {
    const series = spec.series
      .filter(s => axis.value === 'steps' || ways[s.color][axis.value].length)
      .map(s => ({
        ...s,
        xs: over(s.xs, s.color),
        ys: kept > 0 && 'smooth' in figure.dataset && s.style === 'LINE' ? smooth(s.ys, kept) : s.ys,
      }));
    element.spec = {...spec, x: titles[axis.value], series, logY: spec.logY || ('loss' in figure.dataset && log.checked)};
    x3dChart(element, element.spec);
  }
}
for (const control of [axis, smoothing, log]) control.addEventListener('input', draw);
