/** The same work away from loopback, where what is in flight decides. */
import type { Shape } from '../test/e2e/kit/relay/relay.ts';
import { megabyte, oneImage } from './content.ts';
import { copiers } from './copiers.ts';
import { coldSync } from './rows-sync.ts';
import type { Scenario } from './scenarios.ts';
import { skopeoSync } from './syncers.ts';

const network: Shape = { roundTripMs: 30, handshake: true, fromServer: 40 * megabyte, toServer: 60 * megabyte };
const place = 'over a network';
const note = `A relay before each registry: ${network.roundTripMs} ms a request and for opening a connection, ${
  (network.fromServer ?? 0) / megabyte
} MB/s a download and ${(network.toServer ?? 0) / megabyte} MB/s an upload connection.`;

export function networkRows(share: number): readonly Scenario[] {
  const cold = coldSync(share);
  const mb = Math.round(750 * share);
  return [
    {
      id: 'five-layers-network',
      title: `${mb} MB in 5 layers ${place}`,
      note,
      content: () => [oneImage('bench/five-layers', mb * megabyte, 5)],
      contestants: copiers,
      tag: 'latest',
      network,
      mostRounds: 3,
      bars: [],
    },
    {
      ...cold,
      id: 'cold-sync-network',
      title: `${cold.title}, ${place}`,
      note: `${note} ${cold.note} skopeo ran once.`,
      network,
      mostRounds: 3,
      onlyOnce: [skopeoSync.name],
      bars: [],
    },
  ];
}
