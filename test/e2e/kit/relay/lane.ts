/** One direction of a connection as a long line: what goes in comes out later, and not faster than the line allows. */
import type { Socket } from 'node:net';

export interface LaneShape {
  readonly delayMs: number;
  /** Before anything goes at all, as a handshake takes it. Default 0. */
  readonly openingMs?: number;
  /** Default: as fast as it goes. */
  readonly bytesPerSecond?: number;
}

/** What may be under way at once, as a TCP window bounds it; well above what 60 MB/s fill in 30 ms. */
const windowBytes = 4 << 20;

interface Parcel {
  readonly due: number;
  /** Absent: the end of what is sent. */
  readonly bytes?: Buffer;
}

export function lane(from: Socket, to: Socket, shape: LaneShape): void {
  const { delayMs, openingMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY } = shape;
  const parcels: Parcel[] = [];
  let underWay = 0;
  let lineFree = performance.now() + openingMs;
  let timer: NodeJS.Timeout | undefined;
  let full = false;

  from.on('data', (bytes: Buffer) => {
    lineFree = Math.max(performance.now(), lineFree) + (bytes.length / bytesPerSecond) * 1000;
    send({ due: lineFree + delayMs, bytes });
    underWay += bytes.length;
    if (underWay > windowBytes) from.pause();
  });
  from.once('end', () => send({ due: Math.max(performance.now(), lineFree) + delayMs }));
  to.on('drain', () => {
    full = false;
    deliver();
  });

  function send(parcel: Parcel): void {
    parcels.push(parcel);
    if (timer === undefined && !full) deliver();
  }

  function deliver(): void {
    timer = undefined;
    if (to.destroyed) return;
    for (let next = parcels[0]; next !== undefined && !full; next = parcels[0]) {
      const wait = next.due - performance.now();
      if (wait > 0) {
        timer = setTimeout(deliver, wait);
        return;
      }
      parcels.shift();
      handOver(next.bytes);
    }
  }

  function handOver(bytes: Buffer | undefined): void {
    if (bytes === undefined) {
      to.end();
      return;
    }
    underWay -= bytes.length;
    full = !to.write(bytes);
    if (underWay <= windowBytes) from.resume();
  }
}
