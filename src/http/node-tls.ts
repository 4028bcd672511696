import type * as NodeTls from 'node:tls';

/**
 * Node's TLS, loaded when the first secure connection is made: with its authorities, which a thread of its own reads, it
 * costs a run that speaks plain HTTP twenty milliseconds.
 */
export function nodeTls(): typeof NodeTls {
  return process.getBuiltinModule('node:tls');
}
