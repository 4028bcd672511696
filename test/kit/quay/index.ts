export { standingClock } from './clock.ts';
export { type FakeQuay, startFakeQuay } from './fake-quay.ts';
export type { FakeQuayOptions } from './settings.ts';
