/** Copying an image, or all tags of a repository. */
import { cpu, readOnce, wall } from './bars.ts';
import { manyTags, megabyte, multiArchitecture, oneImage } from './content.ts';
import { copiers } from './copiers.ts';
import type { Scenario } from './scenarios.ts';

export function copyRows(share: number): readonly Scenario[] {
  const mb = (count: number): number => Math.round(count * share) * megabyte;
  const fiveLayers = () => [oneImage('bench/five-layers', mb(750), 5)];
  const many = () => [manyTags('bench/many', Math.round(1000 * share))];
  return [
    {
      id: 'one-layer',
      title: `one layer of ${mb(1000) / megabyte} MB`,
      content: () => [oneImage('bench/one-layer', mb(1000), 1)],
      contestants: copiers,
      tag: 'latest',
      bars: [wall('crane', 1.1), cpu('crane', 1.05), readOnce],
    },
    {
      id: 'five-layers',
      title: `${mb(750) / megabyte} MB in 5 layers`,
      content: fiveLayers,
      contestants: copiers,
      tag: 'latest',
      bars: [wall('crane', 1.05), cpu('crane', 1), readOnce],
    },
    {
      id: 'five-layers-tls',
      title: `${mb(750) / megabyte} MB in 5 layers over TLS`,
      content: fiveLayers,
      contestants: copiers,
      tag: 'latest',
      tls: true,
      bars: [wall('crane', 0.85), cpu('crane', 0.9)],
    },
    {
      id: 'multi-architecture',
      title: '40 MB, 4 platforms, 16 blobs',
      content: () => [multiArchitecture('bench/multi', 40 * megabyte)],
      contestants: copiers,
      tag: 'latest',
      bars: [wall('crane', 1.6), readOnce],
    },
    {
      id: 'three-destinations',
      title: `${mb(750) / megabyte} MB in 5 layers to three destinations`,
      content: fiveLayers,
      contestants: copiers,
      tag: 'latest',
      destinations: 3,
      bars: [wall('crane', 0.75), readOnce],
    },
    {
      id: 'many-tags',
      title: `${Math.round(1000 * share)} small tags, all new`,
      content: many,
      contestants: copiers,
      bars: [],
    },
    {
      id: 'many-tags-again',
      title: `${Math.round(1000 * share)} small tags, all there already`,
      content: many,
      contestants: copiers,
      again: true,
      bars: [],
    },
  ];
}
