/** Reads the documentation as its readers do: what it links to, and which commands it tells them to type. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const patterns = ['*.md', 'docs/**/*.md', 'examples/**/*.md', 'src/**/*.md', 'test/**/*.md'];

export interface Page {
  /** From the root of the project. */
  readonly path: string;
  readonly text: string;
}

/** Every page that the project has. */
export function allPages(): readonly Page[] {
  return globSync(patterns, { cwd: fileURLToPath(root) })
    .toSorted()
    .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));
}

/** The targets of a page's links, those into the web left out. */
export function relativeLinks(text: string): readonly string[] {
  const prose = text.replaceAll(/^```[^]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '');
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** The names by which a page's headings can be linked to, made as code hosts make them. */
export function anchors(text: string): ReadonlySet<string> {
  const headings = text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/^#+ (.+)$/gm);
  return new Set([...headings].map(([, heading]) => anchorOf(heading ?? '')));
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

/** A command that a page shows; `whole` is one that a reader can paste, not one that is only spoken of. */
export interface ShownCommand {
  readonly words: readonly string[];
  readonly whole: boolean;
}

/** Every call of tranship in the page's blocks of code, and in the code within its sentences. */
export function shownCommands(text: string): readonly ShownCommand[] {
  const { blocks, prose } = parted(text);
  const inSentences = [...prose.matchAll(/`(tranship [^`\n]+)`/g)].map(([, code]) => code ?? '');
  return [
    ...blocks.flatMap((line) => callsIn(line)).map((call) => shown(call, true)),
    ...inSentences.flatMap((line) => callsIn(line)).map((call) => shown(call, false)),
  ];
}

function shown(call: string, whole: boolean): ShownCommand {
  const words = wordsOf(call);
  return { words: words.filter((word) => !isLeftOut(word)), whole: whole && !call.includes('…') };
}

/** What stands for words of the reader's own: an ellipsis, `[options]`. */
function isLeftOut(word: string): boolean {
  return word === '…' || /^\[.*\]$/.test(word);
}

/** Fenced and indented blocks, as logical lines, apart from the rest. */
function parted(text: string): { readonly blocks: readonly string[]; readonly prose: string } {
  const blocks: string[] = [];
  const prose: string[] = [];
  let fenced = false;
  for (const line of text.replaceAll(/\\\n\s*/g, '').split('\n')) {
    if (line.startsWith('```')) fenced = !fenced;
    else (fenced || line.startsWith('    ') ? blocks : prose).push(line);
  }
  return { blocks, prose: prose.join('\n') };
}

/** The calls of a line: at its beginning, behind a prompt, a pipe, or within `$(…)` and `<(…)`. */
function callsIn(line: string): readonly string[] {
  const withoutComment = line.replace(/\s#\s.*$/, '').trim();
  const calls = withoutComment.matchAll(/(?:^|^\$ |\| |[$<]\()tranship(?: ((?:"[^"]*"|'[^']*'|[^|<>&;)])*)|$)/g);
  return [...calls].map(([, call]) => call ?? '');
}

function wordsOf(call: string): readonly string[] {
  return (call.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) => word.replaceAll(/["']/g, ''));
}
