/** All that the page does by itself: show the rows that a word and an outcome leave. Without it every row is shown. */
export const script = `
const list = document.getElementById('items');
const bar = document.getElementById('filter');
if (list && bar) {
  const rows = Array.from(list.tBodies[0].rows, (row) => [row, row.textContent.toLowerCase(), row.dataset.outcome]);
  const word = bar.querySelector('input');
  const buttons = Array.from(bar.querySelectorAll('button'));
  const count = document.getElementById('shown');
  let outcome = '';
  const show = () => {
    const words = word.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const [row, text, of] of rows) {
      row.hidden = (outcome !== '' && of !== outcome) || !words.every((part) => text.includes(part));
      if (!row.hidden) shown += 1;
    }
    count.textContent = shown === rows.length ? '' : shown + ' of ' + rows.length + ' shown';
  };
  word.addEventListener('input', show);
  for (const button of buttons) {
    button.addEventListener('click', () => {
      outcome = button.value === outcome ? '' : button.value;
      for (const each of buttons) each.setAttribute('aria-pressed', String(each.value === outcome));
      show();
    });
  }
  bar.hidden = false;
}
`;
