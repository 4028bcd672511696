import { type ErrorEntries, entry } from './entry.ts';

/** Errors of keeping registries in step. */
export const syncErrors: ErrorEntries = {
  E_PLAN: entry('usage', 'the file is no plan', 'Make one with `tranship plan --save FILE`.'),
  E_PLAN_MOVED: entry(
    'refused',
    'a tag names something else than when the plan was made',
    'What moved was left alone and the rest of the plan was carried out. Make a new plan for what is left.',
  ),
  E_NOT_REACHED: entry(
    ['failed', 'auth', 'unwritable', 'temporary'],
    'something was planned and not begun',
    'The reason stands beside it. Run the same command again once it is gone: what is done stays done.',
  ),
  E_NOT_REPAIRED: entry(
    'failed',
    'something of an image is missing or wrong, and sending it again did not help',
    'Delete the image at the destination and let the registry collect its garbage, then run `tranship sync`.',
  ),
  E_NO_STAGE: entry(
    'usage',
    'no stage of the configuration reads from the repository',
    'Name the repository with its registry’s host as the configuration does; `tranship config show` lists the stages.',
  ),
  E_NO_PRUNE: entry(
    'usage',
    'nothing is to be removed, because the configuration has no `prune`',
    'Write `prune: {after: 7d, max: 10%}` into the stages that may remove tags.',
  ),
  E_STATE: entry(
    'failed',
    'locks and listings could not be kept',
    'Check the folder in the message; XDG_STATE_HOME names another one.',
  ),
  E_NOT_WRITTEN: entry('usage', 'a file could not be written', 'Check the path, or give --force where one is there.'),
  E_CLIENT_CERTIFICATE: entry(
    'usage',
    'the client certificate or its key cannot be read',
    'Correct the paths under `tls`; they are meant from the folder of the configuration.',
  ),
};
