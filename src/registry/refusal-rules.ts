/** What a registry's refusal means: rules for what registries and their storages say, each with the servers that say it. */
import { type Digest, isDigest } from '../oci/digest.ts';
import type { FailureClass } from '../oci/errors.ts';
import type { AnswerWords } from './answer-words.ts';

/** What was being done when a registry refused. */
export type Act =
  | 'read-manifest'
  | 'read-blob'
  | 'list-tags'
  | 'list-repositories'
  | 'list-referrers'
  | 'push-blob'
  | 'push-manifest'
  | 'delete'
  | 'ping';

export interface Verdict {
  readonly code: `E_${string}`;
  readonly failure: FailureClass;
  readonly message: string;
  readonly hint?: string;
  readonly digests?: readonly Digest[];
}

/** A refusal seen from all sides, for the rules below. */
export interface Refusal {
  readonly act: Act;
  readonly status: number;
  readonly isThrottled: boolean;
  readonly words: AnswerWords;
  /** Codes and texts in one, for what servers say in words only. */
  readonly all: string;
  readonly writes: boolean;
}

/** The first rule that knows the refusal has it; words go before the bare status, because statuses differ most. */
export function judge(seen: Refusal): Verdict {
  return (
    ofScheme(seen) ??
    ofCertificate(seen) ??
    ofTag(seen) ??
    ofSpace(seen) ??
    ofContent(seen) ??
    ofName(seen) ??
    ofRights(seen) ??
    ofStatus(seen)
  );
}

/** Go's servers and nginx say so in words when plain HTTP comes to a port that speaks TLS. */
function ofScheme({ status, words }: Refusal): Verdict | undefined {
  if (status !== 400 || !/HTTP request (was sent )?to (an )?HTTPS/i.test(words.text)) return undefined;
  return {
    code: 'E_TLS_NEEDED',
    failure: 'failed',
    message: 'The registry speaks HTTPS, and was spoken to by plain HTTP.',
    hint: 'Leave out --plain-http, or write its url with https://.',
  };
}

/** nginx lets the connection come about without a client certificate, and answers in the place of the registry. */
function ofCertificate({ status, words }: Refusal): Verdict | undefined {
  if (status !== 400 || !/no required SSL certificate was sent|the SSL certificate error/i.test(words.text))
    return undefined;
  return {
    code: 'E_TLS',
    failure: 'failed',
    message: 'The registry wants a client certificate, and got none that it trusts.',
    hint: 'Name one and its key as tls.cert and tls.key of the registry in the configuration, or put them in a folder of docker’s certs.d.',
  };
}

/** Immutable tags: Quay 409, Harbor 412, ECR 400 with its own exception. */
function ofTag({ all, writes }: Refusal): Verdict | undefined {
  if (!writes || !/TAG_IMMUTABLE|ImageTagAlreadyExists|immutab/i.test(all)) return undefined;
  return {
    code: 'E_TAG_IMMUTABLE',
    failure: 'refused',
    message: 'The tag is immutable and names something else.',
    hint: 'Delete the tag or lift its protection at the registry, or copy to another tag.',
  };
}

function ofSpace({ status, all, writes, act, words }: Refusal): Verdict | undefined {
  if (!writes) return undefined;
  const failedWith = systemErrors.exec(words.details)?.[1];
  if (status === 507 || fullWords.test(all) || failedWith === '28' || failedWith === '122') {
    return {
      code: 'E_QUOTA',
      failure: 'unwritable',
      message: 'The registry has no room: its quota or its disk is full.',
      hint: 'Raise the quota or remove images there, then run again; what was copied stays.',
    };
  }
  const closed =
    /"is_readonly":true/.test(words.details) ||
    failedWith === '30' ||
    /read[- ]only|maintenance|proxy cache/i.test(all);
  if (closed || (status === 405 && act !== 'delete')) {
    return {
      code: 'E_READ_ONLY',
      failure: 'unwritable',
      message: 'The registry takes no writes here.',
      hint: 'It may be in maintenance, a mirror or a pull-through cache. Try again later or name another destination.',
    };
  }
  if (status !== 413) return undefined;
  return {
    code: 'E_TOO_LARGE',
    failure: 'failed',
    message: 'The registry, or a proxy before it, does not take so large a body.',
    hint: 'Raise the body limit of the proxy before the registry (nginx: client_max_body_size).',
  };
}

/** The words of registries and of their storages; Harbor's name no quota, and Azure's write it together. */
const fullWords =
  /(?:\b|over)quota\b|no space left|disk full|insufficient storage|exceed the configured upper limit|storage ?full|minimum free drive/i;

/** distribution 2 passes on the number of the system's error: 28 no space, 122 over quota, 30 read-only file system. */
const systemErrors = /"Err":(\d+)\b/;

/** Quay names the unknown blob in the words of a 400 MANIFEST_INVALID; distribution 2.8 says 400, 3 says 404. */
function ofContent({ act, status, words, all }: Refusal): Verdict | undefined {
  if (act === 'push-manifest') {
    if (/MANIFEST_BLOB_UNKNOWN|BLOB_UNKNOWN|unknown blob|LayersNotFound|ReferencedImagesNotFound/i.test(all)) {
      return {
        code: 'E_BLOB_MISSING',
        failure: 'temporary',
        message: 'The registry says that contents which the manifest names are not there.',
        hint: 'Run again: the missing contents are sent anew.',
        digests: missingBlobs(words),
      };
    }
    if (status === 415 || (status === 400 && /MANIFEST_INVALID|UNSUPPORTED|media type/i.test(all))) {
      return {
        code: 'E_MANIFEST_REFUSED',
        failure: 'failed',
        message: 'The registry does not take this kind of manifest.',
        hint: 'Its configuration may allow only certain media types or artifact types.',
      };
    }
  }
  if (act.startsWith('push') && /DIGEST_INVALID|SIZE_INVALID/.test(all)) {
    return {
      code: 'E_DIGEST_MISMATCH',
      failure: 'temporary',
      message: 'The registry received other bytes than the digest names.',
    };
  }
  return undefined;
}

/** The blobs that a refused manifest lacks, as far as the server names them. */
function missingBlobs(words: AnswerWords): readonly Digest[] {
  const found = `${words.details} ${words.text}`.match(/\bsha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})\b/g) ?? [];
  return [...new Set(found)].filter(isDigest);
}

function ofName({ act, status, all }: Refusal): Verdict | undefined {
  if (status === 404 || /NAME_UNKNOWN|MANIFEST_UNKNOWN|TAG_EXPIRED|BLOB_UNKNOWN|RepositoryNotFound/.test(all)) {
    if (/NAME_UNKNOWN|RepositoryNotFound|repository .*not.*found/i.test(all)) return repositoryUnknown;
    if (act === 'read-manifest' || act === 'delete') {
      return {
        code: 'E_MANIFEST_UNKNOWN',
        failure: 'failed',
        message: 'There is no such tag or manifest.',
        hint: 'List what there is with `tranship tags REPOSITORY`.',
      };
    }
    if (act === 'read-blob') {
      return {
        code: 'E_BLOB_UNKNOWN',
        failure: 'failed',
        message: 'The registry does not have a blob that its manifest names.',
        hint: 'The image is damaged at the registry: push it there again from where it was built.',
      };
    }
    return act === 'list-repositories' ? noCatalog : repositoryUnknown;
  }
  if (!/NAME_INVALID/.test(all)) return undefined;
  return {
    code: 'E_NAME_REFUSED',
    failure: 'failed',
    message: 'The registry does not take this repository name.',
    hint: 'Some take two levels only, some want a project in front.',
  };
}

const repositoryUnknown: Verdict = {
  code: 'E_REPOSITORY_UNKNOWN',
  failure: 'failed',
  message: 'There is no such repository, or it may not be seen.',
  hint: 'Check the name; some registries want a repository or project to be created before the first push.',
};

const noCatalog: Verdict = {
  code: 'E_UNSUPPORTED',
  failure: 'failed',
  message: 'The registry does not list its repositories.',
  hint: 'Name the repositories in the configuration.',
};

const noDeletion: Verdict = {
  code: 'E_UNSUPPORTED',
  failure: 'failed',
  message: 'The registry does not delete this, or its deletion is switched off.',
  hint: 'Switch deletion on at the registry, or delete by its own means.',
};

/** Distribution before its version 3 takes a tag in this place for a digest that is none; Pulp says it in words. */
const noTagDeletion: Verdict = {
  code: 'E_UNSUPPORTED',
  failure: 'failed',
  message: 'The registry does not delete a tag alone.',
  hint: 'Delete the manifest by its digest, and with it every tag on it: `tranship delete REPOSITORY@DIGEST`.',
};

const noTagList: Verdict = {
  code: 'E_UNSUPPORTED',
  failure: 'failed',
  message: 'The registry does not list the tags of a repository.',
  hint: 'Name the tags in the configuration.',
};

const giveRight = 'Give the account (or robot) the right, or use another one: `tranship login HOST`.';

/** Gitea's words are none, whichever of the two it is. */
const orLimit = 'Where it may push, a limit for its packages may be reached.';

function ofRights({ status, act, all, words }: Refusal): Verdict | undefined {
  if (status === 401) {
    return {
      code: 'E_UNAUTHORIZED',
      failure: 'auth',
      message: 'The registry wants credentials that open this, and got none that do.',
      hint: 'Run `tranship login HOST`, or check that the account may do this.',
    };
  }
  if (status === 403 || /\bDENIED\b/.test(all)) {
    return {
      code: 'E_DENIED',
      failure: 'auth',
      message: act.startsWith('push') ? 'The account may not push here.' : 'The account may not do this.',
      hint: act === 'push-blob' && words.text === '' ? `${giveRight} ${orLimit}` : giveRight,
    };
  }
  if (act === 'delete' && (status === 405 || status === 400)) {
    return /DIGEST_INVALID|deleted by digest/i.test(all) ? noTagDeletion : noDeletion;
  }
  if (status !== 405) return undefined;
  if (act === 'list-tags') return noTagList;
  return act === 'list-repositories' ? noCatalog : undefined;
}

function ofStatus({ status, isThrottled }: Refusal): Verdict {
  if (status === 429 || isThrottled) {
    return {
      code: 'E_THROTTLED',
      failure: 'temporary',
      message: 'The registry asked for fewer requests.',
      hint: 'Try again later, or set a lower rate for this registry.',
    };
  }
  if (status >= 500) {
    return { code: 'E_SERVER', failure: 'temporary', message: 'The registry failed.', hint: 'Try again later.' };
  }
  return { code: 'E_REFUSED', failure: 'failed', message: 'The registry refused.' };
}
