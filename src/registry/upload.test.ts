import { describe, expect, it } from 'vitest';
import {
  blobOf,
  HurriedClock,
  openTestClient,
  repositoryName,
  someBytes,
  sourceOf,
  type TestClientOptions,
  withPassword,
} from '../../test/kit/client.ts';
import { errorReply, type Personality, startScripted } from '../../test/kit/scripted-registry.ts';
import { tokenService } from '../../test/kit/token-service.ts';
import { digestOf } from '../oci/digest.ts';
import { TranshipError } from '../oci/errors.ts';
import type { ByteStream, CallOptions } from '../oci/ports.ts';
import type { Capabilities } from './capabilities.ts';

const app = repositoryName('apps/api');
const KiB = 1024;
const MiB = 1024 * KiB;
const small = someBytes(200 * KiB);
const large = someBytes(9 * MiB, 7);
/** Large enough to go by PATCH where {@link patching} says so. */
const medium = someBytes(1 * MiB, 11);
function startPatching(personality: Personality, capabilities: Partial<Capabilities> = {}) {
  return start(personality, { registry: { capabilities: { singlePutLimit: 512 * KiB, ...capabilities } } });
}

async function start(personality: Personality, options: TestClientOptions = {}) {
  const server = await startScripted(personality);
  const client = openTestClient(server.host, options);
  const repository = client.registry.repository(app);
  return {
    server,
    client,
    async push(bytes: Buffer) {
      const source = sourceOf(bytes);
      await repository.pushBlob(blobOf(bytes), source);
      expect(source.held).toBe(0);
      return source;
    },
    holds: (bytes: Buffer) => server.store.blobs.get(blobOf(bytes).digest)?.equals(bytes) === true,
    verbs: () => server.log.map((line) => line.split(' ')[0]).join(' '),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const plain: Personality = (_seen, next) => next();

/** Does `act` to the first request of a verb, then is plain. */
function once(method: string, act: Personality): Personality {
  let done = false;
  return (seen, next, store) => {
    if (done || seen.method !== method) return next();
    done = true;
    return act(seen, next, store);
  };
}

/** Answers, but the answer gets lost. */
const losing = (method: string) =>
  once(method, async (seen, next) => {
    await next();
    return seen.cut();
  });

/** What 2.8, ACR and others do to a session whose PATCH was cut: it is gone. */
const forgetful: Personality = async (seen, next) => {
  if (seen.method === 'GET' && seen.path.includes('/uploads/')) return errorReply(404, 'BLOB_UPLOAD_INVALID');
  return next();
};

function chain(...personalities: Personality[]): Personality {
  return (seen, next, store) =>
    personalities.reduceRight<() => ReturnType<Personality>>(
      (inner, personality) => () => personality(seen, async () => inner(), store),
      next,
    )();
}

/** Takes the first `keep` bytes of the first PATCH and then cuts the connection. */
function cutting(keep: number): Personality {
  return once('PATCH', async (seen, _next, store) => {
    const part = await seen.body(keep);
    store.uploads.set(seen.path.split('/').at(-1) ?? '', part);
    return seen.cut();
  });
}

describe('a blob that goes up well', () => {
  it('goes in two requests when it is small', async () => {
    await using test = await start(plain);
    await test.push(small);

    expect(test.holds(small)).toBe(true);
    expect(test.verbs()).toBe('POST PUT');
  });

  it('goes in three when it is large, its bytes in one PATCH without a range', async () => {
    const ranges: unknown[] = [];
    await using test = await start((seen, next) => {
      if (seen.method === 'PATCH') ranges.push(seen.headers['content-range']);
      return next();
    });
    const source = await test.push(large);

    expect(test.holds(large)).toBe(true);
    expect(test.verbs()).toBe('POST PATCH PUT');
    expect(ranges).toEqual([undefined]);
    expect(source.offsets).toEqual([0]);
  });

  it('may be empty', async () => {
    await using test = await start(plain);
    await test.push(Buffer.alloc(0));
    expect(test.holds(Buffer.alloc(0))).toBe(true);
  });

  it('keeps the query of the location, which holds the registry’s state', async () => {
    const queries: string[] = [];
    await using test = await start(async (seen, next) => {
      if (seen.method === 'PUT') queries.push(seen.query.toString());
      const reply = await next();
      const location = String(reply.headers?.['location']);
      return seen.method === 'POST' ? { ...reply, headers: { location: `${location}?_state=a%2Fb==&x` } } : reply;
    });
    await test.push(small);

    expect(queries).toEqual([expect.stringMatching(/^_state=a%2Fb%3D%3D&x=&digest=sha256%3A/)]);
  });
});

describe('a registry that wants it otherwise', () => {
  it.each([400, 405, 415])('gets small blobs by PATCH once it refused a PUT with body: %d', async (status) => {
    await using test = await start(async (seen, next) => {
      if (seen.method !== 'PUT' || seen.headers['content-length'] === '0') return next();
      await seen.body();
      return errorReply(status, 'UNSUPPORTED');
    });
    await test.push(small);
    await test.push(someBytes(300 * KiB, 3));

    expect(test.holds(small)).toBe(true);
    expect(test.server.seen('PUT')).toHaveLength(3);
    expect(test.client.registry.learned).toMatchObject({ singlePutLimit: -1 });
    expect(test.server.store.uploads.size).toBe(0);
  });

  it.each([
    ['says so by its failure', errorReply(500, '', 'feature not supported: a body'), 2],
    ['just fails with it', { status: 500, body: 'oops' }, 3],
  ])('gets a small blob by PATCH where it %s', async (_how, reply, puts) => {
    await using test = await start(async (seen, next) => {
      if (seen.method !== 'PUT' || seen.headers['content-length'] === '0') return next();
      await seen.body();
      return reply;
    });
    await test.push(small);
    expect(test.holds(small)).toBe(true);
    await test.push(someBytes(300 * KiB, 3));
    expect(test.server.seen('PUT')).toHaveLength(puts + 1);
  });

  it('learns how large one PUT may be, as ACR’s proxies tell by 413', async () => {
    const limit = 1 * MiB;
    await using test = await start((seen, next) =>
      seen.method === 'PUT' && Number(seen.headers['content-length']) > limit
        ? { status: 413, body: '<html>too large' }
        : next(),
    );
    const two = someBytes(2 * MiB, 5);
    await test.push(two);
    await test.push(small);

    expect(test.holds(two)).toBe(true);
    expect(test.server.seen('PATCH')).toHaveLength(1);
    expect(test.client.registry.learned).toMatchObject({ singlePutLimit: two.length - 1 });
  });

  it.each([413, 416])('gets chunks of 4 MiB where a whole PATCH is answered with %d', async (status) => {
    const ranges: unknown[] = [];
    await using test = await start(async (seen, next) => {
      if (seen.method !== 'PATCH') return next();
      if (Number(seen.headers['content-length']) > 4 * MiB) {
        await seen.body();
        return errorReply(status, 'SIZE_INVALID', 'exceeds the maximum permissible limit of 4.00MiB');
      }
      ranges.push(seen.headers['content-range']);
      return next();
    });
    const source = await test.push(large);

    expect(test.holds(large)).toBe(true);
    expect(ranges).toEqual([`0-${4 * MiB - 1}`, `${4 * MiB}-${8 * MiB - 1}`, `${8 * MiB}-${9 * MiB - 1}`]);
    expect(source.offsets).toEqual([0, 0]);
    expect(test.server.store.uploads.size).toBe(0);
  });

  it('gets chunks of 1 MB where 4 MiB are too large as well, as for nginx as it comes', async () => {
    const sizes: number[] = [];
    const limited: Personality = async (seen, next) => {
      const length = Number(seen.headers['content-length'] ?? 0);
      if (length <= 1 * MiB) return next();
      sizes.push(length);
      await seen.body();
      return { status: 413, body: '<html>413 Request Entity Too Large</html>' };
    };
    await using test = await start(limited);
    const [five, nine] = [someBytes(5 * MiB, 5), large];
    await Promise.all([test.push(five), test.push(nine)]);

    expect([test.holds(five), test.holds(nine)]).toEqual([true, true]);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(4 * MiB);
    expect(test.client.registry.learned).toMatchObject({ patchChunk: 1_000_000 });
  });

  it.each([4 * MiB, 1_000_000])('gets smaller chunks where a proxy fails with more than %d bytes', async (limit) => {
    const failing: Personality = async (seen, next) => {
      if (Number(seen.headers['content-length'] ?? 0) <= limit) return next();
      await seen.body();
      return { status: 504, body: '<html>504 Gateway Time-out</html>' };
    };
    await using test = await start(failing);
    await test.push(large);

    expect(test.holds(large)).toBe(true);
    expect(test.client.registry.learned.patchChunk).toBeUndefined();
  });

  it('gets chunks at least as large as it says', async () => {
    await using test = await start(
      async (seen, next) => {
        const reply = await next();
        return seen.method === 'POST'
          ? { ...reply, headers: { ...reply.headers, 'oci-chunk-min-length': String(6 * MiB) } }
          : reply;
      },
      { registry: { capabilities: { patchChunk: 2 * MiB } } },
    );
    await test.push(large);

    expect(test.holds(large)).toBe(true);
    expect(test.server.seen('PATCH')).toHaveLength(2);
  });

  it('may answer a PATCH with 201 and a range that stands still, as ECR does', async () => {
    await using test = await start(
      async (seen, next) => {
        const reply = await next();
        return seen.method === 'PATCH'
          ? { ...reply, status: 201, headers: { ...reply.headers, range: '0-1048575' } }
          : reply;
      },
      { registry: { capabilities: { patchChunk: 2 * MiB, resume: false } } },
    );
    await test.push(large);
    expect(test.holds(large)).toBe(true);
  });
});

describe('a registry that asks for pauses in the middle of uploads', () => {
  const pausing = (times: number): Personality => {
    let left = times;
    return async (seen, next) => {
      if (seen.method !== 'PUT' || left === 0) return next();
      left -= 1;
      await seen.body();
      return { status: 429, headers: { 'retry-after': '5' } };
    };
  };

  it('gets the blob when it is ready for it, by the upload that stands open', async () => {
    await using test = await start(pausing(7));
    await test.push(small);
    expect(test.holds(small)).toBe(true);
    expect(test.server.store.uploads.size).toBe(0);
    expect(test.server.seen('POST')).toHaveLength(1);
    expect(test.server.seen('DELETE')).toHaveLength(0);
  });

  it.each([
    ['before the first byte', 'PATCH', 0],
    ['after some', 'PATCH', 300 * KiB],
    ['at the commit', 'PUT', 0],
  ])('also %s of a blob that goes up in a PATCH', async (_when, verb, taken) => {
    const pause = once(verb, async (seen, _next, store) => {
      const id = seen.path.split('/').at(-1) ?? '';
      if (taken > 0) store.uploads.set(id, await seen.body(taken));
      return { status: 503, headers: { 'retry-after': '1' } };
    });
    await using test = await startPatching(pause);
    const source = await test.push(medium);
    expect(test.holds(medium)).toBe(true);
    expect(test.server.seen('POST')).toHaveLength(1);
    expect(test.server.seen('DELETE')).toHaveLength(0);
    expect(source.offsets).toEqual(verb === 'PUT' ? [0] : [0, taken]);
  });

  it('and took some of the bytes all the same, gets them once more in another upload', async () => {
    const half = once('PUT', async (seen, _next, store) => {
      store.uploads.set(seen.path.split('/').at(-1) ?? '', await seen.body(100 * KiB));
      return { status: 429 };
    });
    await using test = await start(half);
    await test.push(small);
    expect(test.holds(small)).toBe(true);
    expect(test.server.store.uploads.size).toBe(0);
  });

  it('and does not tell where an upload stands, gets the blob by another', async () => {
    await using test = await startPatching(
      once('PATCH', () => ({ status: 429 })),
      { resume: false },
    );
    await test.push(medium);
    expect(test.holds(medium)).toBe(true);
    expect(test.server.seen('POST')).toHaveLength(2);
    expect(test.server.store.uploads.size).toBe(0);
  });

  it('for ever is given up after some minutes, at once by all that follow', async () => {
    await using test = await start(pausing(Number.POSITIVE_INFINITY));
    let last: unknown;
    for (let index = 0; index < 6; index += 1) {
      last = await test.push(someBytes(1000, index)).catch((error: unknown) => error);
    }
    expect(last).toMatchObject({ code: 'E_THROTTLED', message: expect.stringContaining('PUT uploads') });
    const asked = test.server.seen('PUT').length;
    await expect(test.push(someBytes(1000, 99))).rejects.toMatchObject({ code: 'E_THROTTLED' });
    expect(test.server.seen('PUT')).toHaveLength(asked);
  });
});

describe('a PATCH that is cut', () => {
  it.each(Array.from({ length: 20 }, (_, index) => [1 + ((index * 7_919) % 90) * 11 * KiB]))(
    'goes on from the offset that the registry has: %d',
    async (keep) => {
      await using test = await startPatching(cutting(keep));
      const source = await test.push(medium);

      expect(test.holds(medium)).toBe(true);
      expect(test.server.seen('POST')).toHaveLength(keep === 1 ? 2 : 1);
      expect(source.offsets).toEqual(keep === 1 ? [0, 0] : [0, keep]);
      expect(test.server.store.uploads.size).toBe(0);
    },
  );

  it('starts over where the registry forgot the upload, and leaves none behind', async () => {
    await using test = await startPatching(chain(forgetful, cutting(300 * KiB)));
    const source = await test.push(medium);

    expect(test.holds(medium)).toBe(true);
    expect(source.offsets).toEqual([0, 0]);
    expect(test.server.seen('POST')).toHaveLength(2);
    expect(test.server.store.uploads.size).toBe(0);
  });

  it('is not believed where the offset comes in Quay’s form, off by one', async () => {
    const quay: Personality = async (seen, next, store) => {
      const reply = await next();
      if (seen.method !== 'GET' || !seen.path.includes('/uploads/')) return reply;
      const held = store.uploads.get(seen.path.split('/').at(-1) ?? '') ?? Buffer.alloc(0);
      return { status: 204, headers: { range: `bytes=0-${held.length}` } };
    };
    await using test = await startPatching(chain(quay, cutting(300 * KiB)));
    await test.push(medium);

    expect(test.holds(medium)).toBe(true);
    expect(test.server.seen('POST')).toHaveLength(2);
    expect(test.server.store.uploads.size).toBe(0);
  });

  it('is not asked about at a registry known for telling wrong', async () => {
    await using test = await startPatching(cutting(300 * KiB), { resume: false });
    await test.push(medium);

    expect(test.holds(medium)).toBe(true);
    expect(test.server.seen('GET')).toHaveLength(0);
  });

  it('starts over where the offset is more than was sent', async () => {
    const boasting: Personality = (seen, next) =>
      seen.method === 'GET' && seen.path.includes('/uploads/')
        ? { status: 204, headers: { range: `0-${medium.length + 5}` } }
        : next();
    await using test = await startPatching(chain(boasting, cutting(300 * KiB)));
    await test.push(medium);

    expect(test.holds(medium)).toBe(true);
    expect(test.server.seen('POST')).toHaveLength(2);
  });

  it('is never sent again blindly: a PATCH that was taken but whose answer got lost is not appended twice', async () => {
    const appending: Personality = async (seen, next) => next();
    await using test = await startPatching(chain(appending, losing('PATCH')));
    const source = await test.push(medium);

    expect(test.holds(medium)).toBe(true);
    expect(test.server.seen('PATCH')).toHaveLength(1);
    expect(source.offsets).toEqual([0]);
  });

  it('is asked about after a 5xx as well', async () => {
    await using test = await startPatching(
      once('PATCH', async (_seen, next) => {
        await next();
        return { status: 502, body: 'bad gateway' };
      }),
    );
    await test.push(medium);

    expect(test.holds(medium)).toBe(true);
    expect(test.server.seen('PATCH')).toHaveLength(1);
  });

  it('fails for this pass after three uploads, and leaves none behind', async () => {
    const always: Personality = async (seen, next) => {
      if (seen.method !== 'PATCH') return next();
      await seen.body(100 * KiB);
      return seen.cut();
    };
    await using test = await startPatching(chain(forgetful, always));

    await expect(test.push(medium)).rejects.toMatchObject({ failure: 'temporary' });
    expect(test.server.seen('POST')).toHaveLength(3);
    expect(test.server.store.uploads.size).toBe(0);
  });
});

describe('a commit without a clear answer', () => {
  it.each([
    ['small', small],
    ['large', large],
  ])('is done when the blob is there: lost answer, %s blob', async (_size, bytes) => {
    await using test = await start(losing('PUT'));
    const source = await test.push(bytes);

    expect(test.holds(bytes)).toBe(true);
    expect(source.offsets).toEqual([0]);
    expect(test.server.seen('POST')).toHaveLength(1);
    expect(test.server.seen('HEAD')).toHaveLength(1);
  });

  it.each([500, 502, 504, 202, 404])(
    'is done when the blob is there: %d after the registry stored it',
    async (status) => {
      await using test = await start(
        once('PUT', async (_seen, next) => {
          await next();
          return errorReply(status, 'UNKNOWN');
        }),
      );
      const source = await test.push(large);

      expect(test.holds(large)).toBe(true);
      expect(source.offsets).toEqual([0]);
    },
  );

  it.each([500, 404])('starts over when the blob is not there: %d before the registry stored it', async (status) => {
    await using test = await start(
      once('PUT', async (seen) => {
        await seen.body();
        return errorReply(status, 'BLOB_UPLOAD_UNKNOWN');
      }),
    );
    const source = await test.push(large);

    expect(test.holds(large)).toBe(true);
    expect(source.offsets).toEqual([0, 0]);
    expect(test.server.seen('HEAD')).toHaveLength(3);
    expect(test.server.store.uploads.size).toBe(0);
  });

  it('waits for a registry that shows the blob late', async () => {
    let looks = 0;
    await using test = await start(async (seen, next) => {
      if (seen.method === 'HEAD') return looks++ < 2 ? { status: 404 } : next();
      if (seen.method !== 'PUT') return next();
      await next();
      return seen.cut();
    });
    await test.push(small);

    expect(test.server.seen('POST')).toHaveLength(1);
    expect(test.client.clock.waits).toEqual([1000, 3000]);
  });

  it('starts over when the registry hashed something else', async () => {
    await using test = await start(once('PUT', () => errorReply(400, 'DIGEST_INVALID')));
    await test.push(large);
    expect(test.holds(large)).toBe(true);
    expect(test.server.seen('HEAD')).toHaveLength(0);
  });

  it('fails where the registry keeps the blob under another name and does not find it by its own', async () => {
    const bytes = someBytes(100, 9);
    const renaming: Personality = async (seen) => {
      if (seen.method === 'POST') return { status: 202, headers: { location: '/v2/apps/api/blobs/uploads/1' } };
      if (seen.method !== 'PUT') return { status: 404 };
      return { status: 201, headers: { 'docker-content-digest': blobOf(await seen.body()).digest } };
    };
    await using test = await start(renaming);
    const push = test.client.registry.repository(app).pushBlob(blobOf(bytes, 'sha512'), sourceOf(bytes));

    await expect(push).rejects.toMatchObject({ code: 'E_DIGEST_ALGORITHM', failure: 'failed' });
  });

  it('that takes no sha512, as Gitea, is told from bytes that were damaged on the way', async () => {
    const bytes = someBytes(1000);
    const wrong: Personality = (seen, next) => (seen.method === 'PUT' ? errorReply(400, 'DIGEST_INVALID') : next());
    await using test = await start(wrong);
    const push = (digest: Parameters<typeof blobOf>[1]) =>
      test.client.registry.repository(app).pushBlob(blobOf(bytes, digest), sourceOf(bytes));

    await expect(push('sha512')).rejects.toMatchObject({ code: 'E_DIGEST_ALGORITHM', failure: 'failed' });
    await expect(push('sha256')).rejects.toMatchObject({ code: 'E_DIGEST_MISMATCH', failure: 'temporary' });
  });
});

describe('tokens that end in the middle', () => {
  const credentials = withPassword('alice', 'canary');

  it('are renewed before the commit when they would not last', async () => {
    const service = tokenService({ expiresIn: 40 });
    const clock = new HurriedClock();
    const slow: Personality = (seen, next) => {
      if (seen.method === 'PATCH') clock.skip(20_000);
      return next();
    };
    await using test = await start(chain(service.personality, slow), { credentials, clock });
    await test.push(large);

    expect(test.holds(large)).toBe(true);
    expect(service.requests).toHaveLength(2);
    expect(test.server.seen('PUT')).toHaveLength(1);
  });

  it('are renewed once the commit is refused, and the commit is sent again', async () => {
    const service = tokenService({ expiresIn: 3600 });
    const clock = new HurriedClock();
    const revoking: Personality = (seen, next) => {
      if (seen.method === 'PATCH') {
        service.revoke();
        clock.skip(60_000);
      }
      return next();
    };
    await using test = await start(chain(service.personality, revoking), { credentials, clock });
    const source = await test.push(large);

    expect(test.holds(large)).toBe(true);
    expect(source.offsets).toEqual([0]);
    expect(test.server.seen('PUT')).toHaveLength(2);
  });

  it('are renewed when the upload’s bytes were refused, and the bytes go again', async () => {
    const service = tokenService({ expiresIn: 3600 });
    const clock = new HurriedClock();
    const revoking = once('POST', async (_seen, next) => {
      const reply = await next();
      service.revoke();
      clock.skip(60_000);
      return reply;
    });
    await using test = await start(chain(service.personality, revoking), { credentials, clock });
    await test.push(small);

    expect(test.holds(small)).toBe(true);
    expect(service.requests).toHaveLength(2);
    expect(test.server.store.uploads.size).toBe(0);
  });
});

describe('a destination that says no for good', () => {
  it.each([
    ['a right that is missing', 403, errorReply(403, 'DENIED', 'requires push'), 'E_DENIED', 'auth'],
    ['Quay’s quota', 403, errorReply(403, 'DENIED', 'Quota has been exceeded on namespace'), 'E_QUOTA', 'unwritable'],
    ['a full disk', 507, { status: 507, body: 'Insufficient Storage' }, 'E_QUOTA', 'unwritable'],
    [
      'a disk that is full, as distribution tells it',
      500,
      errorReply(500, 'UNKNOWN', 'unknown error', 'write /data: no space left on device'),
      'E_QUOTA',
      'unwritable',
    ],
    [
      'a disk that is full in its own words',
      500,
      errorReply(500, 'UNKNOWN', 'write /data: no space left on device'),
      'E_QUOTA',
      'unwritable',
    ],
    [
      'read-only Quay',
      405,
      errorReply(405, 'DENIED', 'System is currently read-only', { is_readonly: true }),
      'E_READ_ONLY',
      'unwritable',
    ],
    ['a pull-through cache', 405, errorReply(405, 'UNSUPPORTED'), 'E_READ_ONLY', 'unwritable'],
    ['a repository that must exist', 404, errorReply(404, 'NAME_UNKNOWN'), 'E_REPOSITORY_UNKNOWN', 'failed'],
  ])('is asked once: %s (%d)', async (_what, _status, reply, code, failure) => {
    await using test = await start((seen, next) => (seen.method === 'POST' ? reply : next()));

    await expect(test.push(small)).rejects.toMatchObject({
      code,
      failure,
      serverSaid: expect.stringContaining('HTTP'),
    });
    expect(test.server.seen('PUT')).toHaveLength(0);
  });

  it('is told by its words when it says so after the bytes, and no upload stays open', async () => {
    await using test = await start(async (seen, next) => {
      if (seen.method !== 'PUT') return next();
      await seen.body();
      return errorReply(403, 'DENIED', 'Quota has been exceeded');
    });

    await expect(test.push(large)).rejects.toMatchObject({ code: 'E_QUOTA' });
    expect(test.server.seen('DELETE')).toHaveLength(1);
    expect(test.server.store.uploads.size).toBe(0);
  });
});

/**
 * Distribution 2: every request names in `_state` how much it has, and is refused where that is wrong. It notes what it gets at once, and
 * what a PUT brought with a wrong digest it keeps for good ("error canceling upload after error: already closed" in its log).
 */
function counting(onBytes: () => void = () => {}): Personality {
  return async (seen, next, store) => {
    if (!seen.path.includes('/blobs/uploads/')) return next();
    const id = seen.path.split('/').at(-1) ?? '';
    const held = store.uploads.get(id);
    if (held && seen.query.get('_state') !== `${held.length}`) return errorReply(404, 'BLOB_UPLOAD_INVALID');
    if (seen.method === 'PATCH' || seen.method === 'PUT') {
      store.uploads.set(id, await seen.body(64 * KiB));
      onBytes();
      store.uploads.set(id, Buffer.concat([store.uploads.get(id) ?? Buffer.alloc(0), await seen.body()]));
    }
    if (seen.method === 'PUT') {
      const bytes = store.uploads.get(id) ?? Buffer.alloc(0);
      const digest = digestOf(bytes);
      if (digest !== seen.query.get('digest')) return errorReply(400, 'DIGEST_INVALID');
      store.uploads.delete(id);
      store.blobs.set(digest, bytes);
      return { status: 201 };
    }
    const reply = seen.method === 'PATCH' ? { status: 202, headers: { location: seen.path } } : await next();
    const { location } = reply.headers ?? {};
    if (typeof location !== 'string' || reply.status !== 202) return reply;
    const size = store.uploads.get(location.split('/').at(-1) ?? '')?.length;
    const uuid = '3f2b8d3e-8a6f-4c1d-9b7e-0a1b2c3d4e5f';
    const headers = { ...reply.headers, location: `${location}?_state=${size}`, 'docker-upload-uuid': uuid };
    return { ...reply, headers };
  };
}

/** A source that `signal` stops: it gives half of its bytes and waits for `moment`. */
async function* endingWith(stream: ByteStream, signal: AbortSignal, moment: AbortSignal = signal): ByteStream {
  let given = 0;
  for await (const chunk of stream) {
    given += chunk.bytes.length;
    yield chunk;
    if (given < 3 * MiB) continue;
    if (!moment.aborted) await new Promise((resolve) => moment.addEventListener('abort', resolve));
    signal.throwIfAborted();
  }
}

describe('a registry that deletes no upload whose size it was not told', () => {
  it('gets the rest of a small blob when a run is cancelled, because nothing else would end its upload', async () => {
    const abort = new AbortController();
    const small = someBytes(7 * MiB, 5);
    await using test = await start(counting(() => abort.abort(new Error('stopped by the user'))));
    const { open } = sourceOf(small);
    const obedient = {
      open: async (offset: number, { signal = abort.signal }: CallOptions = {}) =>
        endingWith(await open(offset), signal, AbortSignal.any([signal, abort.signal])),
    };
    await test.client.registry.repository(app).pushBlob(blobOf(small), obedient, { signal: abort.signal });
    expect(test.server.store.uploads.size).toBe(0);
    expect(test.server.store.blobs.has(digestOf(small))).toBe(true);
  });

  it('is told, when a run is cancelled, by a body that ends instead of breaking off', async () => {
    const abort = new AbortController();
    const reason = new Error('stopped by the user');
    await using test = await start(counting(() => abort.abort(reason)));
    const { open } = sourceOf(large);
    const slow = { open: async (offset: number) => endingWith(await open(offset), abort.signal) };
    const push = test.client.registry.repository(app).pushBlob(blobOf(large), slow, { signal: abort.signal });

    await expect(push).rejects.toBe(reason);
    expect(test.server.store.uploads.size).toBe(0);
  });

  it('is told when the source fails', async () => {
    const failure = new TranshipError('E_CUT', 'temporary', 'The source broke.');
    await using test = await start(counting());
    const source = {
      open: async () =>
        (async function* () {
          yield { bytes: large.subarray(0, 100 * KiB), release: () => {} };
          throw failure;
        })(),
    };

    await expect(test.client.registry.repository(app).pushBlob(blobOf(large), source)).rejects.toBe(failure);
    expect(test.server.store.uploads.size).toBe(0);
  });

  it('gets two seconds to answer, and no more', async () => {
    const abort = new AbortController();
    const silent: Personality = async (seen, next) => {
      if (seen.method !== 'PATCH') return next();
      await seen.body(64 * KiB);
      abort.abort(new Error('stopped by the user'));
      return new Promise(() => {});
    };
    await using test = await start(chain(silent, counting()));
    const push = test.client.registry
      .repository(app)
      .pushBlob(blobOf(large), sourceOf(large), { signal: abort.signal });
    await expect(push).rejects.toThrow('stopped by the user');
  });
});

describe('a source that fails', () => {
  it.each([
    ['at its opening', 0],
    ['in the middle', 100 * KiB],
  ])('is blamed, not the destination, and no upload stays open: %s', async (_when, at) => {
    const failure = new TranshipError('E_CUT', 'temporary', 'The source broke.');
    await using test = await start(plain);
    const source = {
      async open() {
        if (at === 0) throw failure;
        return (async function* () {
          yield { bytes: small.subarray(0, at), release: () => {} };
          throw failure;
        })();
      },
    };

    await expect(test.client.registry.repository(app).pushBlob(blobOf(small), source)).rejects.toBe(failure);
    expect(test.server.seen('POST')).toHaveLength(1);
    expect(test.server.seen('DELETE')).toHaveLength(1);
    expect(test.server.store.uploads.size).toBe(0);
  });
});

describe('a run that is cancelled', () => {
  it('waits for the answer that opens an upload, to cancel it', async () => {
    const abort = new AbortController();
    await using test = await start(async (seen, next) => {
      if (seen.method === 'POST') abort.abort(new Error('stopped by the user'));
      return next();
    });
    const push = test.client.registry
      .repository(app)
      .pushBlob(blobOf(small), sourceOf(small), { signal: abort.signal });

    await expect(push).rejects.toThrow('stopped by the user');
    expect(test.verbs()).toBe('POST DELETE');
    expect(test.server.store.uploads.size).toBe(0);
  });

  it('cancels the upload at the registry', async () => {
    const abort = new AbortController();
    const reason = new Error('stopped by the user');
    await using test = await start(async (seen, next) => {
      if (seen.method !== 'PATCH') return next();
      await seen.body(64 * KiB);
      abort.abort(reason);
      await seen.body();
      return { status: 202 };
    });
    const push = test.client.registry
      .repository(app)
      .pushBlob(blobOf(large), sourceOf(large), { signal: abort.signal });

    await expect(push).rejects.toBe(reason);
    expect(test.server.seen('DELETE')).toHaveLength(1);
    expect(test.server.store.uploads.size).toBe(0);
  });
});

describe('a registry that deletes an upload only when its size is named, and tells the size', () => {
  /** Distribution 3, which still writes while the upload is asked for: each look finds more. */
  function growing(looks: number, onBytes: () => void): Personality {
    let grown = 0;
    return async (seen, next, store) => {
      const [id] = store.uploads.keys();
      const size = grown;
      if (seen.method === 'PATCH') {
        await seen.body(64 * KiB);
        grown++;
        onBytes();
        return new Promise(() => {});
      }
      if (seen.method === 'GET') {
        if (grown < looks) grown++;
        return { status: 204, headers: { location: `${seen.path}?_state=${size}`, range: `0-${size}` } };
      }
      if (seen.method !== 'DELETE') return next();
      const named = Number(seen.query.get('_state') ?? 0);
      if (id && named === size) return next();
      return errorReply(416, 'RANGE_INVALID');
    };
  }

  it.each([
    ['once more', 1, 2, 0],
    ['until it has stopped to grow', 3, 4, 0],
    ['and not for ever', 100, 5, 1],
  ])('is asked and told %s', async (_how, looks, deletes, left) => {
    const abort = new AbortController();
    await using test = await start(growing(looks, () => abort.abort(new Error('stopped by the user'))));
    const push = test.client.registry
      .repository(app)
      .pushBlob(blobOf(large), sourceOf(large), { signal: abort.signal });

    await expect(push).rejects.toThrow('stopped by the user');
    expect(test.server.seen('DELETE')).toHaveLength(deletes);
    expect(test.server.store.uploads.size).toBe(left);
  });
});

describe('where an upload goes on', () => {
  it.each([
    ['a metadata service', 'http://169.254.169.254/upload'],
    ['a file', 'file:///etc/passwd'],
    ['a user name', 'http://a:b@127.0.0.1/upload'],
  ])('never at %s', async (_what, location) => {
    await using test = await start((seen, next) =>
      seen.method === 'POST' ? { status: 202, headers: { location } } : next(),
    );
    await expect(test.push(small)).rejects.toMatchObject({ code: 'E_URL_REFUSED' });
  });

  it('may be another host that the user allows, which gets the bytes and no credentials', async () => {
    const seenThere: unknown[] = [];
    await using storage = await startScripted(async (seen) => {
      seenThere.push(seen.headers['authorization'], (await seen.body()).length);
      return { status: 201 };
    });
    const service = tokenService();
    await using test = await start(
      chain(service.personality, (seen, next) =>
        seen.method === 'POST' ? { status: 202, headers: { location: `${storage.url}/put?sig=x` } } : next(),
      ),
      {
        credentials: withPassword('alice', 'canary'),
        registry: { settings: { allowedHosts: [storage.host] } },
        http: { settings: () => ({ allowedHosts: [storage.host] }) },
      },
    );
    await test.push(small);

    expect(seenThere).toEqual([undefined, small.length]);
  });
});
