/** Destinations that say no, or do what they should not: one clear error in bounded time, and nothing left there. */
import { describe } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { errorReply, type Reply } from '../../kit/scripted-registry.ts';
import { ends } from './check.ts';
import {
  always,
  blobs,
  by,
  manifests,
  on,
  relabelled,
  signIn,
  silence,
  tagList,
  uploads,
  wantingToken,
} from './replies.ts';

const pushManifest = by('PUT', manifests);
const pushBytes = (seen: Parameters<typeof uploads>[0]) => uploads(seen) && /^P(UT|ATCH)$/.test(seen.method);
const openUpload = by('POST', uploads);
const commit = by('PUT', uploads);
const patch = by('PATCH', uploads);

describe('a destination whose tag is immutable, in the words of', () => {
  const refusing = (status: number, code: string, message: string) => ({
    destination: on(pushManifest, errorReply(status, code, message)),
    says: /immutab|already exists/,
  });
  ends('E_TAG_IMMUTABLE 6', 'Quay', refusing(409, 'TAG_IMMUTABLE', 'tag is immutable'));
  ends(
    'E_TAG_IMMUTABLE 6',
    'Harbor',
    refusing(412, 'PRECONDITION', "Failed to process request due to 'app:v1' configured as immutable."),
  );
  ends(
    'E_TAG_IMMUTABLE 6',
    'ECR',
    refusing(
      400,
      'TAG_INVALID',
      "The image tag 'v1' already exists in the 'app' repository and cannot be overwritten because the tag is immutable.",
    ),
  );
  ends(
    'E_TAG_IMMUTABLE 6',
    'Google',
    refusing(400, 'MANIFEST_INVALID', 'cannot update tag v1. The repository has enabled tag immutability'),
  );
});

describe('a destination without room, told', () => {
  const upperLimit =
    'adding 29.0 MiB of storage resource, which when updated to current usage of 152.4 MiB will exceed the configured upper limit of 10.0 MiB.';
  const full = errorReply(500, 'UNKNOWN', 'unknown error', 'filesystem: write /data: no space left on device');
  ends('E_QUOTA 7', 'by Harbor at the commit', {
    destination: on(commit, errorReply(403, 'DENIED', upperLimit)),
    says: /10\.0 MiB/,
  });
  ends('E_QUOTA 7', 'by Harbor at the manifest', {
    destination: on(pushManifest, errorReply(403, 'DENIED', upperLimit)),
    says: /10\.0 MiB/,
  });
  ends('E_QUOTA 7', 'by Quay', {
    destination: on(openUpload, errorReply(403, 'DENIED', 'Quota has been exceeded on namespace')),
  });
  ends('E_QUOTA 7', 'by distribution, while bytes come', { destination: on(pushBytes, full), says: /no space left/ });
  ends('E_QUOTA 7', 'by distribution, at the manifest', { destination: on(pushManifest, full), says: /no space left/ });
  ends('E_QUOTA 7', 'by a status alone', { destination: on(pushBytes, { status: 507 }) });
});

describe('a destination that takes no writes', () => {
  ends('E_READ_ONLY 7', 'because it is read-only', {
    destination: on(openUpload, errorReply(405, 'DENIED', 'System is currently read-only', { is_readonly: true })),
  });
  ends('E_READ_ONLY 7', 'because it is a cache', { destination: on(openUpload, errorReply(405, 'UNSUPPORTED')) });
  ends('E_READ_ONLY 7', 'because its repository is locked', {
    destination: on(
      pushManifest,
      errorReply(
        405,
        'REGISTRY_DISALLOWED_OPERATION',
        'The operation is disallowed on this registry, repository or image.',
      ),
    ),
  });
  ends('E_DENIED 4', 'from this account', {
    destination: on(openUpload, errorReply(403, 'DENIED', 'requested access to the resource is denied')),
  });
  ends('E_REPOSITORY_UNKNOWN 1', 'where nobody made the repository', {
    destination: on(openUpload, errorReply(404, 'NAME_UNKNOWN', 'repository name not known to registry')),
  });
  ends('E_UNAUTHORIZED 4', 'without credentials', { destination: always({ status: 401 }) });
  ends('E_UNAUTHORIZED 4', 'although it gave a token', {
    destination: wantingToken({ status: 200, body: '{"token":"refused"}' }),
  });
  ends('E_TOO_LARGE 1', 'of this size, for blobs', {
    destination: on(pushBytes, { status: 413, body: '<html><h1>413 Request Entity Too Large</h1></html>' }),
    says: /413 Request Entity/,
  });
  ends('E_TOO_LARGE 1', 'of this size, for manifests', { destination: on(pushManifest, { status: 413 }) });
  ends('E_MANIFEST_REFUSED 1', 'of this kind', {
    destination: on(pushManifest, errorReply(415, 'MANIFEST_INVALID', 'media type not allowed')),
    says: /media type not allowed/,
  });
});

describe('a destination that loses what it got', () => {
  ends('E_BLOB_MISSING 75', 'says that blobs are missing, for ever', {
    destination: on(pushManifest, errorReply(404, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry')),
  });
  ends('E_UPLOAD_LOST 75', 'knows no upload any more', {
    destination: on(pushBytes, errorReply(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry')),
  });
  ends('E_DIGEST_MISMATCH 75', 'always hashes something else', {
    destination: on(commit, errorReply(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')),
  });
  ends('E_SERVER 75', 'fails at every commit', { destination: on(commit, { status: 500, body: 'panic: no' }) });
  ends('E_SERVER 75', 'fails at every manifest', {
    destination: on(pushManifest, { status: 500, body: 'panic: no' }),
    says: /panic: no/,
  });
  ends('E_DIGEST_MISMATCH 1', 'stores another manifest than it got', {
    destination: on(pushManifest, {
      status: 201,
      headers: { 'docker-content-digest': digestOf(Buffer.from('other')) },
    }),
  });
  ends('E_NOT_VERIFIED 1', 'takes the manifest and forgets it', { destination: on(pushManifest, { status: 201 }) });
  ends('E_DIGEST_MISMATCH 75', 'answers a commit with the digest of something else', {
    destination: on(commit, { status: 201, headers: { 'docker-content-digest': digestOf(Buffer.from('other')) } }),
  });
});

describe('a destination that answers oddly', () => {
  ends('E_REFUSED 1', 'opens an upload and does not say where', { destination: on(openUpload, { status: 202 }) });
  ends('E_REFUSED 1', 'answers with a page to sign in', { destination: on(openUpload, signIn) });
  describe.each([
    'http://169.254.169.254/upload',
    'file:///tmp/upload',
    'http://user:pass@127.0.0.1/upload',
    'gopher://127.0.0.1/',
  ])('wants the bytes at %s', (location) => {
    ends('E_URL_REFUSED 6', 'from the beginning', {
      destination: on(openUpload, { status: 202, headers: { location } }),
    });
    ends('E_URL_REFUSED 6', 'at the end', { destination: on(patch, relabelled({ location })) });
  });
  ends('E_UPLOAD_LOST 75', 'says that nothing of a PATCH came', {
    destination: on(patch, { status: 416, headers: { range: '0-0' } }),
  });
  // Three blobs, six times each, in three passes.
  ends('E_THROTTLED 75', 'wants fewer requests for ever', {
    destination: on(uploads, { status: 429 }),
    patienceMs: 30 * 60_000,
  });
  ends('E_TIMEOUT 75', 'takes all bytes and never answers', { destination: on(patch, silence) });
  ends('E_HOST_DOWN 75', 'never opens an upload', {
    destination: on(openUpload, silence),
    quietMs: 400,
    atOnce: 3,
  });
  ends('E_TIMEOUT 75', 'never answers a manifest', { destination: on(pushManifest, silence) });
  ends('E_CUT 75', 'cuts every upload', { destination: on(pushBytes, (seen) => seen.cut()) });
  ends('E_CUT 75', 'cuts every upload in its middle', {
    destination: on(pushBytes, async (seen): Promise<Reply> => {
      await seen.body(100_000);
      return seen.cut();
    }),
  });
  ends('E_SERVER 75', 'is never available', { destination: always({ status: 503 }), says: /HTTP 503/ });
});

describe('a destination that lies about what it has', () => {
  ends('E_NOT_VERIFIED 1', 'has every blob, it says, and takes nothing', {
    destination: (seen, next) => {
      if (tagList(seen)) return { status: 200, body: '{"tags":["old"]}' };
      if (by('HEAD', blobs)(seen)) return { status: 200 };
      return pushManifest(seen) ? { status: 201 } : next();
    },
  });
});
