import { type ErrorEntries, entry } from './entry.ts';

/** Errors of what was typed or configured. */
export const usageErrors: ErrorEntries = {
  E_USAGE: entry(
    'usage',
    'the command line is not one that tranship understands',
    'Compare it with `tranship <command> --help`; the examples at the top show the usual forms.',
  ),
  E_REFERENCE: entry(
    'usage',
    'the name of an image, repository or registry is malformed',
    'Write host/repository:tag, host/repository@sha256:…, oci:DIR[:TAG] or oci-archive:FILE[:TAG]. The message points at the place where it stops being one.',
  ),
  E_SCHEME: entry(
    'usage',
    'the reference begins with a scheme that tranship does not know',
    'Leave out https://; for a registry without TLS write --plain-http. Images of a local daemon have to be saved first (docker save, then load into an OCI layout).',
  ),
  E_PLATFORM: entry(
    ['usage', 'failed'],
    'a platform is malformed, or the index has none such',
    'Write os/architecture[/variant], such as linux/amd64 or linux/arm/v7. `tranship inspect` shows the platforms of an image.',
  ),
  E_DIGEST_ALGORITHM: entry(
    ['usage', 'failed'],
    'a digest is of an algorithm that is not supported, here or by the registry',
    'Only sha256 and sha512 can be verified, and many registries take sha256 alone. Nothing else is copied.',
  ),
  E_CA_FILE: entry('usage', 'the file of certificate authorities cannot be used', 'Give a readable file in PEM form.'),
  E_NOT_A_TERMINAL: entry(
    'usage',
    'a question would have to be asked, and nobody is there to answer',
    'Give the answer as an option: --yes for a confirmation, --username and --password-stdin for a login.',
  ),
  E_NOT_CONFIRMED: entry('cancelled', 'the question was answered with no', 'Nothing was done.'),
  E_LISTEN: entry(
    ['usage', 'failed'],
    'the embedded registry cannot listen at this address',
    'Choose another port with --listen (port 0 takes any free one), or stop what listens there.',
  ),
  E_SERVE: entry(
    'usage',
    'options of `tranship serve` contradict each other or name files that cannot be used',
    'A certificate needs its key, a user needs a password from a file or a variable.',
  ),
  E_CANCELLED: entry(
    'cancelled',
    'the run was stopped',
    'Run the same command again: what has arrived at the destination is not sent twice.',
  ),
  E_STDOUT: entry(
    'failed',
    'the answer could not be written to standard output',
    'Look whether the disk is full that the output goes to. What the command had to do is done; run it again for the answer.',
  ),
  E_INTERNAL: entry(
    'failed',
    'something happened that tranship does not expect',
    'This is a fault of tranship. Run again with --debug and report what it prints; secrets are taken out of it.',
  ),
};
