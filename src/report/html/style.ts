/** The page's look: quiet paper, one line of colour for each outcome, light and dark, from a telephone to a wide screen. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf7; --raised: #ffffff; --ink: #22262a; --soft: #646a71; --line: #e3e0d9; --pale: #d9e6e4;
  --copied: #2b7a78; --updated: #a86a12; --same: #b9bec4; --pruned: #7657a3; --blocked: #97601f; --not-reached: #8a5a5a; --failed: #b3322c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181b; --raised: #1b1f23; --ink: #e7e5e0; --soft: #9aa1a8; --line: #2c3237; --pale: #274341;
    --copied: #57b0ab; --updated: #d8a345; --same: #565d64; --pruned: #b49bdc; --blocked: #d99a57; --not-reached: #c79393; --failed: #ea7a72;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; font-variant-numeric: tabular-nums; }
main, footer { max-width: 68rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 2.5rem); }
main { padding-top: clamp(1.75rem, 5vw, 3.5rem); }
h1 { margin: .1em 0 .2em; font-size: clamp(1.6rem, 1.2rem + 2vw, 2.4rem); line-height: 1.15; font-weight: 650; letter-spacing: -.022em; text-wrap: balance; }
h2 { margin: 0 0 .35rem; font-size: 1.15rem; font-weight: 650; letter-spacing: -.01em; }
h3 { margin: 0; font-size: 1rem; font-weight: 600; overflow-wrap: anywhere; }
p { margin: 0 0 .75rem; }
section { margin-top: clamp(2.25rem, 5vw, 3.25rem); }
footer { margin-top: 4rem; padding-block: 1.25rem 2.5rem; }
footer p { margin: 0; padding-top: 1.25rem; border-top: 1px solid var(--line); }
.kind, .note, footer { color: var(--soft); font-size: .875rem; }
.kind { margin: 0; }
.note { max-width: 46rem; overflow-wrap: anywhere; }
header .note { margin-bottom: 0; }
.ref, code { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .86em; overflow-wrap: anywhere; }
.bad h1 { color: var(--failed); }
.odd h1 { color: var(--blocked); }

rect { fill: var(--c, var(--copied)); }
.copied { --c: var(--copied); } .updated { --c: var(--updated); } .same { --c: var(--same); } .pruned { --c: var(--pruned); }
.blocked { --c: var(--blocked); } .not-reached { --c: var(--not-reached); } .failed { --c: var(--failed); } .saved { --c: var(--pale); }
.mark { white-space: nowrap; }
.mark::before { content: ""; display: inline-block; width: .6em; height: .6em; margin-right: .5em; border-radius: 2px; background: var(--c); }

svg { display: block; overflow: hidden; }
.outcomes { margin: 1.5rem 0 0; border-radius: 5px; }
.outcomes rect { stroke: var(--paper); stroke-width: 1; }
.numbers { display: grid; grid-template-columns: repeat(auto-fill, minmax(7.5rem, 1fr)); gap: 1rem 1.25rem; margin: 1.25rem 0 1rem; }
.numbers div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
dt { color: var(--soft); font-size: .8125rem; line-height: 1.35; }
dd { margin: 0; font-size: 1.375rem; font-weight: 600; letter-spacing: -.01em; line-height: 1.3; }
.next { margin: 1rem 0 0; padding: .6rem .85rem; background: var(--raised); border: 1px solid var(--line); border-radius: 6px; overflow-wrap: anywhere; }
.next span { color: var(--soft); font-size: .8125rem; margin-right: .5em; }

.cause { margin: 1rem 0 0; padding: 1rem clamp(.9rem, 2.5vw, 1.25rem); background: var(--raised); border: 1px solid var(--line); border-left: 3px solid var(--failed); border-radius: 6px; }
.cause p { margin: .3rem 0 0; overflow-wrap: anywhere; }
.facts { color: var(--soft); font-size: .875rem; }
blockquote { margin: .75rem 0 0; padding-left: .8rem; border-left: 2px solid var(--line); overflow-wrap: anywhere; }
blockquote span { display: block; color: var(--soft); font-size: .8125rem; }
.cause .hint { margin-top: .75rem; }
.hint::before { content: "→ "; color: var(--soft); }
.cause ul { margin: .75rem 0 0; padding: 0; list-style: none; font-size: .9375rem; }
.cause details { margin-top: .75rem; }
summary { width: max-content; max-width: 100%; cursor: pointer; color: var(--soft); font-size: .875rem; }

.legend { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; margin-top: .35rem; }
.timeline { margin-top: .5rem; }
.timeline line { stroke: var(--line); }
.timeline text { fill: var(--soft); font-size: 12px; }
.timeline rect:hover { opacity: .7; }

table { width: 100%; border-collapse: collapse; font-size: .9375rem; line-height: 1.4; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); color: var(--soft); font-size: .8125rem; font-weight: 500; text-align: left; vertical-align: bottom; }
td { padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
th:last-child, td:last-child { padding-right: 0; }
th.number, td.number { text-align: right; white-space: nowrap; }
.bars td:nth-child(3) { width: 38%; vertical-align: middle; }
small { display: block; color: var(--soft); font-size: .8125rem; overflow-wrap: anywhere; }
tr[hidden] { display: none; }

#filter { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem 1rem; margin: .75rem 0 .5rem; }
#filter[hidden] { display: none; }
input { flex: 1 1 16rem; min-width: 0; max-width: 26rem; padding: .45rem .7rem; border: 1px solid var(--line); border-radius: 6px; background: var(--raised); color: inherit; font: inherit; font-size: .9375rem; }
.buttons { display: flex; flex-wrap: wrap; gap: .4rem; }
button { padding: .3rem .7rem; border: 1px solid var(--line); border-radius: 999px; background: none; color: inherit; font: inherit; font-size: .8125rem; cursor: pointer; }
button[aria-pressed="true"] { background: var(--raised); border-color: var(--c, var(--ink)); box-shadow: inset 0 0 0 1px var(--soft); }
:focus-visible { outline: 2px solid var(--copied); outline-offset: 2px; }
output { color: var(--soft); font-size: .8125rem; }

@media (max-width: 40rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, td { display: block; }
  tr { padding: .6rem 0; border-bottom: 1px solid var(--line); }
  td, td.number { display: flex; justify-content: space-between; gap: 1rem; padding: .05rem 0; border: 0; text-align: left; white-space: normal; }
  td:empty { display: none; }
  td.wide { display: block; padding-bottom: .15rem; }
  td:not(.wide)[data-title]::before { content: attr(data-title); flex: none; color: var(--soft); font-size: .8125rem; }
  .bars td:nth-child(3) { width: auto; padding: .25rem 0; }
  .bars td:nth-child(3)::before { content: none; }
}
@media print {
  #filter { display: none; }
  .cause { break-inside: avoid; }
}
`;
