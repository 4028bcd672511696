import type { TagName } from '../oci/names.ts';
import { readAttachmentTag } from '../oci/referrers-tag.ts';
import { collision, type Place } from './claims.ts';

/** One source's tags in a target repository, in one text: of a hundred thousand tags, a table would be ten times as large. */
interface Writer {
  readonly source: Place;
  /** `target` or, where the tag is renamed, `target tag`; a line each. */
  readonly lines: string;
}

/**
 * Which source writes which tag of a target repository, over all stages of a run. Two stages may bring different tags into
 * one repository; of one tag from two sources, each run would bring back what the other took away.
 */
export class TagClaims {
  readonly #writers = new Map<Place, Writer[]>();

  /** Throws `E_COLLISION` where another source has one of the targets. `targets` are by their tags at the source. */
  claim(repository: Place, source: Place, targets: ReadonlyMap<TagName, TagName>): void {
    const writers = this.#writers.get(repository) ?? [];
    const writer = { source, lines: linesOf(targets) };
    if (writers.some((earlier) => earlier.source === source && earlier.lines === writer.lines)) return;
    for (const earlier of writers) refuseMeeting(repository, earlier, writer);
    this.#writers.set(repository, [...writers, writer]);
  }
}

/** What hangs on an image goes where the image goes: two sources of one image both bring its signatures. */
function linesOf(targets: ReadonlyMap<TagName, TagName>): string {
  const lines: string[] = [];
  for (const [tag, target] of targets) {
    if (readAttachmentTag(target) === undefined) lines.push(tag === target ? target : `${target} ${tag}`);
  }
  return lines.join('\n');
}

function refuseMeeting(repository: Place, earlier: Writer, writer: Writer): void {
  const owners = new Map(claimsOf(earlier));
  for (const [target, source] of claimsOf(writer)) {
    const owner = owners.get(target);
    if (owner !== undefined && owner !== source) throw collision(`${repository}:${target}`, owner, source);
  }
}

function* claimsOf({ source, lines }: Writer): Generator<[target: string, source: Place]> {
  if (lines === '') return;
  for (const line of lines.split('\n')) {
    const [target = '', tag = target] = line.split(' ');
    yield [target, `${source}:${tag}`];
  }
}
