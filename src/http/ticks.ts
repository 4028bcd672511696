import { Slots } from '../kit/slots.ts';

interface Tick {
  readonly looks: Slots<() => void>;
  readonly timer: NodeJS.Timeout;
}

const ticks = new Map<number, Tick>();

/**
 * Calls `look` every `milliseconds`, the first time perhaps sooner, until the returned function is called; Node stays for it
 * so long. All who want the same share one timer, because of thousands of exchanges few are there when it goes off.
 */
export function everyTick(milliseconds: number, look: () => void): () => void {
  const tick = ticks.get(milliseconds) ?? begin(milliseconds);
  const leave = tick.looks.add(look);
  if (tick.looks.size === 1) tick.timer.ref();
  return () => {
    leave();
    if (tick.looks.size === 0) tick.timer.unref();
  };
}

function begin(milliseconds: number): Tick {
  const looks = new Slots<() => void>();
  const look = () => {
    for (const one of looks) one();
    if (looks.size > 0) return;
    clearInterval(timer);
    ticks.delete(milliseconds);
  };
  // After what has come meanwhile was read: a program that was suspended, or busy, finds it all late at once.
  const timer = setInterval(() => setImmediate(look), milliseconds);
  const tick = { looks, timer };
  ticks.set(milliseconds, tick);
  return tick;
}
