import { isGlob } from '../kit/pattern.ts';
import type { ParsedText } from './document.ts';
import type { Mistake } from './mistake.ts';
import { splitPin } from './pin.ts';
import { type RawStage, rawList, rawRecord } from './raw.ts';

/** A tag cannot name two digests. */
export function checkPins(stages: readonly RawStage[], text: ParsedText): readonly Mistake[] {
  return stages.flatMap(({ tags, path }) => {
    const list = [...path, 'tags', ...(Array.isArray(tags) ? [] : ['include'])];
    const rules = Array.isArray(tags) ? rawList(tags) : rawList(rawRecord(tags)['include']);
    const pins = rules.flatMap((rule, at) => {
      const { tag, digest } = typeof rule === 'string' && !isGlob(rule) ? splitPin(rule) : { tag: '' };
      return digest === undefined || tag === '' ? [] : [{ tag, digest, at: text.valueAt([...list, at]) }];
    });
    return pins.flatMap(({ tag, digest, at }, index): readonly Mistake[] => {
      const other = pins.slice(0, index).find((pin) => pin.tag === tag && pin.digest !== digest);
      if (other === undefined) return [];
      const message = `the tag "${tag}" is to name another digest already, in line ${other.at.line ?? '?'}`;
      return [{ code: 'E_CONFIG_DUPLICATE', message, at }];
    });
  });
}
