/// <reference types="node" preserve="true" />
/**
 * `tranship/testing`: what the project's own tests stand on, for the tests of others. An embedded registry on a free port, a
 * proxy that makes things go wrong with a seed, and content of every odd kind.
 */
export { type CorpusOptions, makeCorpus } from './corpus/corpus.ts';
export { type Observed, observe } from './corpus/observe.ts';
export { pushRepository, type Target } from './corpus/push.ts';
export { RepositoryBuilder, type TestRepository } from './corpus/repository.ts';
export { type EmbeddedOptions, type EmbeddedRegistry, startEmbedded } from './embedded.ts';
export { type Fault, type FaultProxy, type FaultProxyOptions, faultProxy } from './fault-proxy.ts';
