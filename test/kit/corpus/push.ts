/**
 * The plainest way to fill a registry, on purpose apart from the program under test: a fault in its uploads must not hide
 * in what it is tested with. One request after another, no retries.
 */

import { once } from 'node:events';
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { TestBlob, TestDescriptor, TestManifest } from './content.ts';
import type { TestRepository } from './repository.ts';

export interface Target {
  /** `http://127.0.0.1:5000` */
  readonly url: string;
  /** The value of `Authorization`. */
  readonly authorization?: string;
  /** PEM text. */
  readonly ca?: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Buffer | TestBlob;
}

export async function pushRepository(target: Target, repository: TestRepository): Promise<void> {
  for (const blob of repository.blobs) await pushBlob(target, repository.name, blob);
  for (const { manifest, tags } of repository.manifests) await pushManifest(target, repository.name, manifest, tags);
}

async function pushBlob(target: Target, repository: string, blob: TestBlob): Promise<void> {
  const there = await send(target, `/v2/${repository}/blobs/${blob.digest}`, { method: 'HEAD' });
  if (there.status === 200) return;
  const opened = await expectStatus(send(target, `/v2/${repository}/blobs/uploads/`, { method: 'POST' }), 202);
  const location = new URL(opened.headers.location ?? '', target.url);
  location.searchParams.set('digest', blob.digest);
  const headers = { 'content-type': 'application/octet-stream', 'content-length': blob.size };
  if (blob.size < 1 << 20) {
    // The oldest registry wants the bytes in a PATCH of their own or in this PUT; both are in the specification.
    await expectStatus(send(target, location, { method: 'PUT', headers, body: blob }), 201);
    return;
  }
  location.searchParams.delete('digest');
  const patched = await expectStatus(send(target, location, { method: 'PATCH', headers, body: blob }), 202);
  const last = new URL(patched.headers.location ?? '', target.url);
  last.searchParams.set('digest', blob.digest);
  await expectStatus(send(target, last, { method: 'PUT', headers: { 'content-length': 0 } }), 201);
}

async function pushManifest(
  target: Target,
  repository: string,
  manifest: TestManifest,
  tags: readonly string[],
): Promise<void> {
  let understood = true;
  for (const reference of tags.length > 0 ? tags : [manifest.descriptor.digest]) {
    const put = { method: 'PUT', headers: { 'content-type': manifest.descriptor.mediaType }, body: manifest.bytes };
    const answer = await expectStatus(send(target, `/v2/${repository}/manifests/${reference}`, put), 201);
    understood = answer.headers['oci-subject'] !== undefined;
  }
  const subject = subjectOf(manifest);
  if (subject !== undefined && !understood) await noteReferrer(target, repository, subject, manifest);
}

/** The tag schema of the distribution specification, for a registry that does not know what a subject is. */
async function noteReferrer(
  target: Target,
  repository: string,
  subject: string,
  manifest: TestManifest,
): Promise<void> {
  const path = `/v2/${repository}/manifests/${subject.replace(':', '-')}`;
  const accept = 'application/vnd.oci.image.index.v1+json';
  const before = await send(target, path, { headers: { accept } });
  const known =
    before.status === 200 ? (JSON.parse(before.body.toString()) as { manifests: TestDescriptor[] }).manifests : [];
  const { artifactType, annotations } = JSON.parse(manifest.bytes.toString()) as Record<string, unknown>;
  const entry = {
    ...manifest.descriptor,
    ...(artifactType ? { artifactType } : {}),
    ...(annotations ? { annotations } : {}),
  };
  const index = { schemaVersion: 2, mediaType: accept, manifests: [...known, entry] };
  const put = { method: 'PUT', headers: { 'content-type': accept }, body: Buffer.from(JSON.stringify(index)) };
  await expectStatus(send(target, path, put), 201);
}

function subjectOf(manifest: TestManifest): string | undefined {
  return (JSON.parse(manifest.bytes.toString()) as { subject?: TestDescriptor }).subject?.digest;
}

async function expectStatus(sent: Promise<RawAnswer>, status: number): Promise<RawAnswer> {
  const answer = await sent;
  if (answer.status === status) return answer;
  throw new Error(`expected ${status}, got ${answer.status}: ${answer.body.toString()}`);
}

/** One request as it is, the answer whole. */
export async function send(
  target: Target,
  path: string | URL,
  { method = 'GET', headers = {}, body }: RawRequest = {},
): Promise<RawAnswer> {
  const url = new URL(path, target.url);
  const authorization = target.authorization === undefined ? {} : { authorization: target.authorization };
  const length = Buffer.isBuffer(body) ? { 'content-length': body.length } : {};
  const outgoing = (url.protocol === 'https:' ? secureRequest : request)(url, {
    method,
    headers: { ...authorization, ...length, ...headers },
    ...(target.ca === undefined ? {} : { ca: target.ca }),
  });
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  await Promise.race([writeBody(outgoing, body), answered]);
  const [answer] = await answered;
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) };
}

async function writeBody(outgoing: ReturnType<typeof request>, body: Buffer | TestBlob | undefined): Promise<void> {
  const pieces = body === undefined ? [] : Buffer.isBuffer(body) ? [body] : body.read();
  for (const piece of pieces) if (!outgoing.write(piece)) await once(outgoing, 'drain');
  outgoing.end();
}
