/** The fake's time in epoch milliseconds. Stands still unless moved, so that a test decides what "an hour later" is. */
export interface FakeClock {
  now(): number;
  set(milliseconds: number): void;
  advance(milliseconds: number): void;
}

/** A clock that stands at `start` until it is moved. */
export function standingClock(start: number): FakeClock {
  let time = start;
  return {
    now: () => time,
    set: (milliseconds) => {
      time = milliseconds;
    },
    advance: (milliseconds) => {
      time += milliseconds;
    },
  };
}

/** The machine's clock, moved by an offset. */
export function runningClock(): FakeClock {
  let offset = 0;
  const now = () => Date.now() + offset;
  return {
    now,
    set: (milliseconds) => {
      offset = milliseconds - Date.now();
    },
    advance: (milliseconds) => {
      offset += milliseconds;
    },
  };
}
