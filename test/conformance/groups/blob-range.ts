import { strict as assert } from 'node:assert';
import { type Case, type CaseFunction, group } from '../case.ts';
import { type Algorithm, algorithms, freshBlob } from '../content.ts';
import { expectBytes, expectStatus, header } from '../expect.ts';
import { pushBlob } from '../steps.ts';

const size = 2000;

interface RangeForm {
  readonly range: string;
  /** The bytes that must come; `undefined` = 416. */
  readonly slice: readonly [number, number] | undefined;
}

/** Distribution specification, "Pulling blobs" (Range, RFC 9110 section 14). */
const forms: readonly RangeForm[] = [
  { range: 'bytes=0-0', slice: [0, 1] },
  { range: 'bytes=500-1499', slice: [500, 1500] },
  { range: 'bytes=500-', slice: [500, size] },
  { range: 'bytes=-500', slice: [size - 500, size] },
  { range: 'bytes=500-9999', slice: [500, size] },
  { range: 'bytes=-9999', slice: [0, size] },
  { range: `bytes=${size - 1}-`, slice: [size - 1, size] },
  { range: `bytes=${size}-`, slice: undefined },
  { range: 'bytes=9000-9999', slice: undefined },
];

export const blobRange: readonly Case[] = algorithms.flatMap((algorithm) =>
  group(`${algorithm} range`, {
    ...Object.fromEntries(forms.map((form) => [form.range, ask(algorithm, form)])),
    ...odd(algorithm),
  }),
);

function ask(algorithm: Algorithm, form: RangeForm): CaseFunction {
  return async (registry) => {
    const [repository, blob] = [registry.repository(), freshBlob(size, algorithm)];
    await pushBlob(registry, repository, blob);
    const answer = await registry.send({
      method: 'GET',
      path: `/v2/${repository}/blobs/${blob.digest}`,
      headers: { range: form.range },
    });
    if (form.slice === undefined) return expectStatus(answer, 416);
    expectStatus(answer, 206);
    expectBytes(answer, blob.bytes.subarray(...form.slice));
    assert.equal(header(answer, 'content-range'), `bytes ${form.slice[0]}-${form.slice[1] - 1}/${size}`);
  };
}

function odd(algorithm: Algorithm): Record<string, CaseFunction> {
  return {
    async 'an inverted range is 416, or ignored'(registry) {
      const [repository, blob] = [registry.repository(), freshBlob(size, algorithm)];
      await pushBlob(registry, repository, blob);
      const path = `/v2/${repository}/blobs/${blob.digest}`;
      const answer = await registry.send({ method: 'GET', path, headers: { range: 'bytes=1499-500' } });
      expectStatus(answer, 416, 200);
      if (answer.status === 200) expectBytes(answer, blob.bytes);
    },
    async 'a range in another unit is ignored'(registry) {
      const [repository, blob] = [registry.repository(), freshBlob(size, algorithm)];
      await pushBlob(registry, repository, blob);
      const path = `/v2/${repository}/blobs/${blob.digest}`;
      const answer = await registry.send({ method: 'GET', path, headers: { range: 'lines=1-2' } });
      expectStatus(answer, 416, 200);
      if (answer.status === 200) expectBytes(answer, blob.bytes);
    },
    async 'a range of an absent blob is 404'(registry) {
      const path = `/v2/${registry.repository()}/blobs/${freshBlob(8, algorithm).digest}`;
      expectStatus(await registry.send({ method: 'GET', path, headers: { range: 'bytes=0-1' } }), 404);
    },
    async 'two halves make the whole'(registry) {
      const [repository, blob] = [registry.repository(), freshBlob(size, algorithm)];
      await pushBlob(registry, repository, blob);
      const path = `/v2/${repository}/blobs/${blob.digest}`;
      const first = await registry.send({ method: 'GET', path, headers: { range: 'bytes=0-999' } });
      const second = await registry.send({ method: 'GET', path, headers: { range: 'bytes=1000-' } });
      assert.ok(Buffer.concat([first.body, second.body]).equals(blob.bytes));
    },
  };
}
