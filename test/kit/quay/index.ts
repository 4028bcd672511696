export { type FakeClock, runningClock, standingClock } from './clock.ts';
export { type FakeQuay, startFakeQuay } from './fake-quay.ts';
export type { LoggedRequest } from './server.ts';
export { allFeatures, type FakeQuayOptions, type QuayVersion } from './settings.ts';
