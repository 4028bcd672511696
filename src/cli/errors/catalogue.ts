import { accessErrors } from './access.ts';
import { compatErrors } from './compat.ts';
import { configErrors } from './config.ts';
import { connectionErrors } from './connection.ts';
import { contentErrors } from './content.ts';
import { destinationErrors } from './destination.ts';
import type { ErrorEntry } from './entry.ts';
import { quayErrors } from './quay.ts';
import { syncErrors } from './sync.ts';
import { usageErrors } from './usage.ts';

/** The chapters of the reference, in its order. */
export const errorChapters = [
  { title: 'What was typed or configured', errors: usageErrors },
  { title: 'Configuration and selection', errors: configErrors },
  { title: 'Credentials and rights', errors: accessErrors },
  { title: 'Between here and the server', errors: connectionErrors },
  { title: 'What is read', errors: contentErrors },
  { title: 'Where it is written', errors: destinationErrors },
  { title: 'Keeping registries in step', errors: syncErrors },
  { title: 'Quay', errors: quayErrors },
  { title: 'Other tools', errors: compatErrors },
] as const;

/** Every code with what it means: `tranship explain`, and docs/reference/errors.md. */
export const errorCatalogue: ReadonlyMap<string, ErrorEntry> = new Map(
  errorChapters.flatMap(({ errors }) => Object.entries(errors)),
);
