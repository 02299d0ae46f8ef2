// Draws each element with data-chart from the JSON beside it. x3dChart(element, spec) draws one anew, for scripts of pages.
'use strict';
const x3dColors = {
  light: ['#1769aa', '#c2571a', '#1b7f4b', '#8e44ad', '#b3261e', '#00838f', '#8d6e00', '#5c6670'],
  dark: ['#6ab0e8', '#f0965a', '#5cc48d', '#c58be0', '#f2867e', '#4fc3cf', '#d8b74a', '#98a2ac'],
};
const x3dDark = matchMedia('(prefers-color-scheme: dark)');

function x3dChart(element, spec) {
  const style = getComputedStyle(document.documentElement);
  const ink = style.getPropertyValue('--quiet'), rule = style.getPropertyValue('--rule');
  const palette = x3dDark.matches ? x3dColors.dark : x3dColors.light;
  const short = new Intl.NumberFormat('en', {notation: 'compact', maximumSignificantDigits: 4});
  const shown = v => v == null ? '–' : v !== 0 && Math.abs(v) < 1e-3 ? v.toExponential(2) : String(+v.toPrecision(6));
  const tick = v => v == null ? '' : v !== 0 && Math.abs(v) < 1e-3 ? v.toExponential() : short.format(v);
  const nameOf = v => spec.names ? spec.names[v] ?? '' : tick(v);
  const data = uPlot.join(spec.series.map(s => [s.xs, s.ys]));
  const axis = {stroke: ink, grid: {stroke: rule, width: 1}, ticks: {stroke: rule, width: 1}, labelSize: 22};
  const bars = spec.series.filter(s => s.style === 'BARS').length;
  let bar = 0;
  const drawn = s => {
    const color = palette[(s.color ?? spec.series.indexOf(s)) % palette.length];
    const one = {label: s.name, stroke: color, width: 1.5, spanGaps: true, value: (u, v) => shown(v), points: {show: false}};
    if (s.style === 'DASHED') one.dash = [6, 4];
    if (s.style === 'POINTS') Object.assign(one, {paths: () => null, points: {show: true, size: 7, fill: color}});
    if (s.style === 'LINE_AND_POINTS') one.points = {show: true, size: 6, fill: color};
    if (s.style === 'BARS') {
      Object.assign(one, {fill: color + '99', paths: uPlot.paths.bars({size: [.8 / bars, 60], align: bars === 1 ? 0 : bar++ ? 1 : -1})});
    }
    return one;
  };
  const y = spec.logY ? {distr: 3} : spec.rangeY ? {range: spec.rangeY} : bars ? {range: (u, low, high) => [Math.min(0, low), high > 0 ? high * 1.05 : 1]} : {};
  const x = spec.logX ? {distr: 3, log: spec.logX, time: false} : {time: false};
  if (bars) x.range = (u, low, high) => data[0].length ? [low - .6 * step(), high + .6 * step()] : [0, 1];
  const step = () => data[0].length > 1 ? Math.min(...data[0].slice(1).map((v, i) => v - data[0][i])) : 1;
  const options = {
    width: element.clientWidth || 600, height: spec.height ?? 300,
    scales: {x, y},
    axes: [
      {...axis, label: spec.x, values: (u, all) => all.map(nameOf), ...(spec.names ? {splits: () => data[0]} : {})},
      {...axis, label: spec.y, size: 58, values: (u, all) => all.map(tick)},
    ],
    series: [{label: spec.x, value: (u, v) => v == null ? '–' : spec.names ? nameOf(v) : shown(v)}, ...spec.series.map(drawn)],
    cursor: {drag: {x: true, y: true, uni: 30}},
  };
  element.textContent = '';
  element.plot?.destroy();
  element.plot = new uPlot(options, data, element);
  return element.plot;
}

for (const element of document.querySelectorAll('[data-chart]')) {
  const draw = () => x3dChart(element, element.spec ?? JSON.parse(element.nextElementSibling.textContent));
  draw();
  x3dDark.addEventListener('change', draw);
  let width = element.clientWidth;
  new ResizeObserver(() => {
    if (element.clientWidth !== width) {
      width = element.clientWidth;
      element.plot.setSize({width, height: element.plot.height});
    }
  }).observe(element);
}
