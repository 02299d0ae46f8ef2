// A click on a column's title sorts by it; a second one turns the order round. What is unknown stays last.
'use strict';
for (const table of document.querySelectorAll('table.sortable')) {
  const heads = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.key ?? cell.textContent;
  };
  heads.forEach((head, column) => head.querySelector('button').addEventListener('click', () => {
    const numeric = head.classList.contains('n');
    const first = numeric ? 'descending' : 'ascending';
    const other = numeric ? 'ascending' : 'descending';
    const order = head.getAttribute('aria-sort') === first ? other : first;
    heads.forEach(h => h.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', order);
    const sign = order === 'ascending' ? 1 : -1;
    const rows = [...body.rows].map(row => [row, key(row, column)]);
    rows.sort(([, a], [, b]) => {
      if (!numeric) return sign * a.localeCompare(b);
      const x = Number.parseFloat(a), y = Number.parseFloat(b);
      if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
      return sign * (x - y);
    });
    body.append(...rows.map(([row]) => row));
  }));
}
