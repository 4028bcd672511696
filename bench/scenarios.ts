/** The rows of the benchmark, with what we hold ourselves to beside crane. */
import type { TestRepository } from '../test/kit/corpus/repository.ts';
import { manyTags, megabyte, multiArchitecture, oneImage } from './content.ts';

/** Ratios to crane that tranship must not exceed. */
export interface Bar {
  readonly wall: number;
  readonly cpu?: number;
}

export interface Scenario {
  readonly id: string;
  readonly title: string;
  content(): TestRepository;
  readonly destinations: number;
  readonly tls?: true;
  /** All tags of the repository instead of `latest`. */
  readonly allTags?: true;
  /** Copied once before anything is measured, so that nothing is left to do. */
  readonly again?: true;
  readonly bar?: Bar;
}

/** `share` makes everything smaller, for a quick look. */
export function scenarios(share = 1): readonly Scenario[] {
  const mb = (count: number): number => Math.round(count * share) * megabyte;
  return [
    {
      id: 'one-layer',
      title: `one layer of ${mb(1000) / megabyte} MB`,
      content: () => oneImage('bench/one-layer', mb(1000), 1),
      destinations: 1,
      bar: { wall: 1.1, cpu: 1.05 },
    },
    {
      id: 'five-layers',
      title: `${mb(750) / megabyte} MB in 5 layers`,
      content: () => oneImage('bench/five-layers', mb(750), 5),
      destinations: 1,
      bar: { wall: 1.05, cpu: 1 },
    },
    {
      id: 'five-layers-tls',
      title: `${mb(750) / megabyte} MB in 5 layers over TLS`,
      content: () => oneImage('bench/five-layers', mb(750), 5),
      destinations: 1,
      tls: true,
      bar: { wall: 0.85, cpu: 0.9 },
    },
    {
      id: 'multi-architecture',
      title: '40 MB, 4 platforms, 16 blobs',
      content: () => multiArchitecture('bench/multi', 40 * megabyte),
      destinations: 1,
      bar: { wall: 1.6 },
    },
    {
      id: 'three-destinations',
      title: `${mb(750) / megabyte} MB in 5 layers to three destinations`,
      content: () => oneImage('bench/five-layers', mb(750), 5),
      destinations: 3,
      bar: { wall: 0.75 },
    },
    {
      id: 'many-tags',
      title: `${Math.round(1000 * share)} small tags, all new`,
      content: () => manyTags('bench/many', Math.round(1000 * share)),
      destinations: 1,
      allTags: true,
    },
    {
      id: 'many-tags-again',
      title: `${Math.round(1000 * share)} small tags, all there already`,
      content: () => manyTags('bench/many', Math.round(1000 * share)),
      destinations: 1,
      allTags: true,
      again: true,
    },
  ];
}
