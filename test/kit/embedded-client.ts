import { connect, type Socket } from 'node:net';
import type { SampleBlob, SampleManifest } from './embedded-samples.ts';

/** The few requests that tests of the embedded registry are made of, through nothing but `fetch`. */
export class RawClient {
  readonly url: string;
  readonly headers: Record<string, string>;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.url = url;
    this.headers = headers;
  }

  send(
    method: string,
    path: string,
    init: { body?: Uint8Array; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const { body, headers } = init;
    return fetch(this.url + path, {
      method,
      headers: { ...this.headers, ...headers },
      redirect: 'manual',
      ...(body !== undefined && { body: Buffer.from(body) }),
    });
  }

  /** Opens an upload; the path of its location. */
  async begin(repository: string, query = ''): Promise<string> {
    const answer = await this.send('POST', `/v2/${repository}/blobs/uploads/${query}`);
    if (answer.status !== 202) throw new Error(`the upload began with ${answer.status}: ${await answer.text()}`);
    return answer.headers.get('location') ?? '';
  }

  async pushBlob(repository: string, { descriptor, bytes }: SampleBlob): Promise<Response> {
    const location = await this.begin(repository);
    return this.send('PUT', `${location}?digest=${descriptor.digest}`, { body: bytes });
  }

  async pushManifest(
    repository: string,
    reference: string,
    image: { bytes: Uint8Array; descriptor: { mediaType: string } },
  ) {
    const headers = { 'content-type': image.descriptor.mediaType };
    return this.send('PUT', `/v2/${repository}/manifests/${reference}`, { body: image.bytes, headers });
  }

  async pushImage(repository: string, tag: string, image: SampleManifest): Promise<void> {
    for (const blob of image.blobs) await expectStatus(201, this.pushBlob(repository, blob));
    await expectStatus(201, this.pushManifest(repository, tag, image));
  }

  async tags(repository: string): Promise<readonly string[]> {
    const answer = await this.send('GET', `/v2/${repository}/tags/list`);
    return answer.status === 200 ? ((await answer.json()) as { tags: string[] }).tags : [];
  }

  async digest(repository: string, reference: string): Promise<string | undefined> {
    const answer = await this.send('HEAD', `/v2/${repository}/manifests/${reference}`);
    return answer.status === 200 ? (answer.headers.get('docker-content-digest') ?? '') : undefined;
  }

  async status(method: string, path: string): Promise<number> {
    const answer = await this.send(method, path);
    await answer.arrayBuffer();
    return answer.status;
  }

  /** How many bytes an upload has: what its `Range` says, or `undefined` where it is over. */
  async received(location: string): Promise<string | undefined> {
    const answer = await this.send('GET', location);
    return answer.status === 204 ? (answer.headers.get('range') ?? '') : undefined;
  }
}

export async function expectStatus(status: number, answering: Promise<Response>): Promise<Response> {
  const answer = await answering;
  if (answer.status === status) return answer;
  throw new Error(`${answer.status} instead of ${status}: ${await answer.text()}`);
}

/** The codes of an answer's error document. */
export async function codesOf(answer: Response): Promise<readonly string[]> {
  const { errors } = (await answer.json()) as { errors: { code: string }[] };
  return errors.map(({ code }) => code);
}

/** Begins a PATCH of `promised` bytes, sends fewer, and leaves the connection to the caller. */
export async function hangingPatch(url: string, location: string, promised: number, sent: Uint8Array): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined).resume();
  socket.write(`PATCH ${location} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: ${promised}\r\n\r\n`);
  await new Promise((done) => socket.write(sent, done));
  return socket;
}

/** Resolves once a connection is gone, by whichever end. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((done) => socket.once('close', () => done()));
}

/** Asks again until the answer is right; for what a server learns by itself, such as that a connection is gone. */
export async function until<T>(ask: () => Promise<T>, right: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (right(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(answer)}`);
    await new Promise((done) => setImmediate(done));
  }
}
