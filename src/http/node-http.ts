/**
 * Node's own HTTP client, without its face as an ES module: that evaluates every export of `node:http`, and with them loads
 * undici, HTTP/2, zlib and web streams, for 40 of the 60 milliseconds that a short run's start costs.
 */
import type * as NodeHttp from 'node:http';

const http: typeof NodeHttp = process.getBuiltinModule('node:http');

export const { Agent, request } = http;
